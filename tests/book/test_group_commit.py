"""Group commit on a real database: fewer commits than requests, and no answer before its commit."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import clock, door, ids, keys, mode, models
from earnest.book.batch import Committer
from earnest.core.commands.base import Command
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.place import Place
from earnest.core.offer import Instalment, Sale, Text, Variant, Window
from earnest.core.refusals import Refusal
from tests.book.rows import AT

THREADS = 16


def together(ask: Callable[[int], Any], many: int = THREADS) -> list[Any]:
    """Ask from as many threads at one moment; what each got, errors too, in order."""
    barrier = Barrier(many)

    def one(n: int) -> Any:
        try:
            barrier.wait(30)
            return ask(n)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as threads:
        return list(threads.map(one, range(many)))


class Table:
    """Writes keys of duties, one transaction a batch, and counts its commits."""

    def __init__(self) -> None:
        self.commits: list[int] = []

    def write(self, requests: Sequence[str]) -> list[str]:
        with transaction.atomic(durable=True):
            for key in requests:
                models.Duty.objects.create(kind="knock", key=key, due_at=AT)
        self.commits.append(len(requests))
        return [f"{key} written" for key in requests]


def kept() -> set[str]:
    return set(models.Duty.objects.values_list("key", flat=True))


def test_many_threads_share_commits_and_each_gets_its_own_answer(real_database: str) -> None:
    table = Table()
    group: Committer[str, str] = Committer(table.write)
    answers = together(lambda n: [group.submit([f"{n}/{turn}"])[0] for turn in range(5)])
    assert answers == [[f"{n}/{turn} written" for turn in range(5)] for n in range(THREADS)]
    assert len(kept()) == sum(table.commits) == THREADS * 5
    assert len(table.commits) < THREADS * 5


def test_what_is_acknowledged_is_durable_for_everybody_else(real_database: str) -> None:
    group: Committer[str, str] = Committer(Table().write)

    def ask(n: int) -> bool:
        group.submit([str(n)])
        # Another connection than the one that wrote it, most of the time; it sees commits only.
        return models.Duty.objects.filter(key=str(n)).exists()

    assert together(ask) == [True] * THREADS


def test_one_row_that_the_database_refuses_fails_alone(real_database: str) -> None:
    models.Duty.objects.create(kind="knock", key="7", due_at=AT)
    table = Table()
    group: Committer[str, str] = Committer(table.write)
    answers = together(lambda n: group.submit([str(n)])[0])
    assert isinstance(answers.pop(7), IntegrityError)
    assert answers == [f"{n} written" for n in range(THREADS) if n != 7]
    assert kept() == {str(n) for n in range(THREADS)}


def test_a_lock_held_by_another_process_is_waited_for(real_database: str) -> None:
    """Another writer holds the table; the batch meets the lock, and is tried again when it is gone."""
    table, waits = Table(), []
    other = connection.copy()
    other.ensure_connection()
    other.set_autocommit(False)
    lock = "LOCK TABLE duty IN ACCESS EXCLUSIVE MODE" if other.vendor == "postgresql" else "BEGIN IMMEDIATE"
    with other.cursor() as cursor:
        cursor.execute(lock)

    def let_go(seconds: float) -> None:
        waits.append(seconds)
        other.rollback()

    with connection.cursor() as cursor:
        short = "SET lock_timeout = 50" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 50"
        cursor.execute(short)
    try:
        assert Committer(table.write, pause=let_go).submit(["a", "b"]) == ["a written", "b written"]
    finally:
        other.close()
    assert len(waits) == 1
    assert table.commits == [2]


@pytest.fixture
def offer(real_database: str) -> Iterator[None]:
    """An open offer with five places, in a book of its own."""
    mode.forget()
    with clock.using(clock.ManualClock(AT)), ids.using(ids.SeededIds("group")):
        mode.open_book("group.example", "test", AT)
        keys.use(keys.from_seed("group.example", "group"))
        terms = Terms(
            currency="EUR",
            variants=(Variant("one", "One", 100_000),),
            plan=(Instalment(1, 10_000, "card", 0),),
            capacity=5,
            window=Window(date(2027, 1, 1), date(2027, 12, 31)),
            sale=Sale("distance", "acompte", False, 2000),
            texts={"en": Text("Boat", "A boat.", "Terms.")},
        )
        door.do_one(OpenOffer(slug="boat", terms=terms, by="maker", via="console", person="operator:ana"))
        yield
    keys.use(None)
    mode.forget()


def place() -> Command:
    return Place(
        number=ids.number(),
        slug="boat",
        variant="one",
        quantity=1,
        name="Ada Moreau",
        email="ada@example.org",
        residence="FR",
        language="fr",
        by="customer",
        via="web",
        person="holder:0",
    )


@pytest.mark.parametrize("again", range(3))
def test_the_last_places_raced_for_go_to_as_many_as_there_are(offer: None, again: int) -> None:
    answers = together(lambda n: door.do_one(place()))
    won = [each for each in answers if isinstance(each, door.Done)]
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert (len(won), len(refused)) == (5, THREADS - 5)
    assert {each.code for each in refused} == {"sold-out"}
    row = models.Offer.objects.get()
    assert (row.taken, row.queue_last) == (5, 5)
    assert sorted(models.Reservation.objects.values_list("queue_no", flat=True)) == [1, 2, 3, 4, 5]


def test_a_second_committer_as_another_process_has_takes_no_place_twice(
    offer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two committers write at once, as two server processes on PostgreSQL do."""
    both = [Committer(door.write), Committer(door.write)]
    answers = together(lambda n: both[n % 2].submit([door.Request(place())])[0])
    assert sum(not isinstance(each, Refusal) for each in answers) == 5
    assert sum(isinstance(each, Refusal) for each in answers) == THREADS - 5
    row = models.Offer.objects.get()
    assert (row.taken, row.queue_last) == (5, 5)
