"""Counting how often something is done: by all hands at once, over processes, until its while is over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from earnest.book import clock, limits, models
from tests import scene
from tests.book.test_group_commit import together

HOUR = timedelta(hours=1)


@pytest.fixture
def book(real_database: str) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def count(whose: str = "ada@example.org") -> int:
    return limits.count("receipt", whose, HOUR)


def test_hands_at_one_moment_are_each_counted(book: clock.ManualClock) -> None:
    found = together(lambda n: count(), 12)
    assert sorted(found) == list(range(1, 13))


def test_without_the_one_statement_two_hands_are_one(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking first and writing what was seen and one more, as a cache in the database does."""
    from threading import Barrier

    count()
    barrier = Barrier(2)

    def careless(n: int) -> int:
        seen = models.LimitCount.objects.get().n
        barrier.wait(30)
        models.LimitCount.objects.update(n=seen + 1)
        return seen + 1

    assert together(careless, 2) == [2, 2] and models.LimitCount.objects.get().n == 2


def test_it_is_the_database_that_counts_and_begins_anew_when_the_while_is_over(
    book: clock.ManualClock,
) -> None:
    assert [count(), count()] == [1, 2]
    cache.clear()
    connection.close()  # as another process would come to it
    assert count("ADA@example.org ") == 3 and count("ben@example.org") == 1
    book.advance(HOUR - timedelta(seconds=1))
    assert count() == 4
    book.advance(timedelta(seconds=1))
    assert count() == 1 and models.LimitCount.objects.count() == 1


def test_the_table_names_nobody(book: clock.ManualClock) -> None:
    count()
    (name,) = models.LimitCount.objects.values_list("name", flat=True)
    assert len(name) == 64 and "ada" not in name
