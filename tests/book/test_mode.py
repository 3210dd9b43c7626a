"""The row that says what book this is."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from earnest.book import mode, models

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_read() -> Iterator[None]:
    mode.forget()
    yield
    mode.forget()


def test_before_a_book_is_opened_there_is_none() -> None:
    assert not mode.exists()
    with pytest.raises(mode.NoBook, match="no book here yet"):
        mode.current()
    assert mode.clock_offset_seconds() == 0


@pytest.mark.parametrize("kind", ["test", "live"])
def test_an_opened_book_says_what_it_is(kind: str) -> None:
    mode.open_book("shop.example", kind, AT, "The Shop")
    read = mode.current()
    assert (read.origin, read.mode, read.opened_at, read.is_demo) == ("shop.example", kind, AT, False)
    assert mode.data() == {"maker": "The Shop"}


def test_a_book_is_opened_once() -> None:
    mode.open_book("shop.example", "test", AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        mode.open_book("shop.example", "live", AT)
    assert mode.current().mode == "test"


def test_there_is_one_row() -> None:
    with pytest.raises(IntegrityError, match="book_one"), transaction.atomic():
        models.Book.objects.create(id=2, origin="x", mode="test", opened_at=AT)


@pytest.mark.parametrize(
    ("origin", "kind"), [("shop.example", "demo"), ("demo.shop.example", "live"), ("shop.example", "trial")]
)
def test_only_a_demonstration_is_named_one(origin: str, kind: str) -> None:
    with pytest.raises(ValueError, match="demonstration"):
        mode.open_book(origin, kind, AT)
    assert not mode.exists()


def test_only_a_demonstration_has_a_clock_of_its_own() -> None:
    mode.open_book("shop.example", "live", AT)
    with pytest.raises(ValueError, match="clock of its own"):
        mode.set_clock_offset(60)
    assert mode.clock_offset_seconds() == 0


def test_more_that_is_known_is_added_to_what_was() -> None:
    mode.open_book("demo.shop.example", "demo", AT, "The Shop")
    mode.remember({"founding": "K7QF-2M9X-4"})
    assert mode.data() == {"maker": "The Shop", "founding": "K7QF-2M9X-4"}
