"""Numbers of documents: no gap and no double, whatever is refused, dies or races; shown with the guards off first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from earnest.book import crash, door, guards, models, numbering, policy, rebuild, writing
from earnest.book.clock import ManualClock
from earnest.core.commands.base import Decision, World
from earnest.core.commands.convert import Convert
from earnest.core.commands.issue_invoices import IssueInvoices
from earnest.core.refusals import Refused
from tests import scene
from tests.book.test_group_commit import together
from tests.book.test_races import KEPT_AWAY_SECONDS, bare_door, lock_off, meet, own_door

WORKER: dict[str, Any] = {"by": "system", "via": "worker", "person": "worker"}
#: What makes the series' UPDATE a compare-and-set.
COMPARED = " AND last = %s"


def known_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A French maker of whom enough is known to write invoices."""
    known = replace(policy.current(), seller_country="FR")
    monkeypatch.setattr(policy, "current", lambda: known)


@pytest.fixture
def book(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManualClock]:
    known_maker(monkeypatch)
    yield scene.begin()
    scene.finish()


@pytest.fixture
def real_book(real_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManualClock]:
    """In a database where commits are commits, with two paid places."""
    known_maker(monkeypatch)
    manual = scene.begin()
    for n in range(2):
        scene.pay(scene.place(name=f"Person{n} Ode"))
    yield manual
    scene.finish()


def issue(number: str) -> IssueInvoices:
    return IssueInvoices(**WORKER, number=number)


def numbers(series: str = "deposit-invoice/2026") -> list[int]:
    return list(models.Invoice.objects.filter(series=series).order_by("no").values_list("no", flat=True))


def waiting() -> list[str]:
    return list(models.Reservation.objects.order_by("queue_no").values_list("number", flat=True))


@pytest.mark.django_db
def test_documents_are_issued_by_the_worker_and_the_book_holds(book: ManualClock) -> None:
    one, two = scene.place(), scene.place(name="Bo Lind")
    for number in (one, two):
        scene.pay(number)
    scene.work()
    assert [scene.state(each).invoices[0].number for each in (one, two)] == [
        "DEP-2026-000001",
        "DEP-2026-000002",
    ]
    scene.cancel(one)
    scene.work()
    assert len(scene.state(one).invoices) == 1, "it can still be taken back"
    book.advance(timedelta(hours=1, minutes=1))
    scene.work()
    assert scene.state(one).invoices[-1].number == "CRN-2026-000001"
    door.do_one(Convert(**scene.MAKER, number=two, sale="S-1"))
    scene.work()
    assert scene.state(two).invoices[-1].number == "INV-2026-000001"
    assert list(rebuild.differences()) == []
    assert guards.missing(connection) == []


@pytest.mark.django_db
def test_each_year_begins_at_one(book: ManualClock) -> None:
    for _ in range(2):
        number = scene.place()
        scene.pay(number)
        scene.work()
        assert scene.state(number).invoices[0].no == 1
        book.advance(timedelta(days=365))
    assert [each.name for each in models.Series.objects.filter(last=1)] == [
        "deposit-invoice/2026",
        "deposit-invoice/2027",
    ]


@dataclass(frozen=True, kw_only=True)
class Hesitant(IssueInvoices):
    """Takes a number and is refused after all."""

    def decide(self, world: World) -> Decision:
        super().decide(world)
        raise Refused("hesitant", "No.")


@pytest.mark.django_db
def test_who_is_refused_took_no_number_not_even_within_a_batch(book: ManualClock) -> None:
    made = [scene.place(name=f"Person{n} Ode") for n in range(3)]
    for number in made:
        scene.pay(number)
    commands = [issue(made[0]), Hesitant(**WORKER, number=made[1]), issue(made[2]), issue(made[1])]
    door.do([door.Request(command) for command in commands])
    assert [scene.state(each).invoices[0].no for each in made] == [1, 3, 2]
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize(("where", "given"), [("before-commit", [1]), ("after-commit", [1, 2])])
def test_a_process_that_dies_leaves_no_gap(real_book: ManualClock, where: str, given: list[int]) -> None:
    one, two = waiting()
    door.do_one(issue(one))

    def dies(place: str) -> None:
        if place == where:
            raise crash.Crash(place)

    crash.use(dies)
    with pytest.raises(crash.Crash):
        own_door(issue(two))
    crash.use(None)
    assert numbers() == given
    door.do_one(issue(two))
    assert numbers() == [1, 2] and len(scene.state(two).invoices) == 1
    assert list(rebuild.differences()) == []


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compare-and-set off: a series is written over."""
    update = writing._update_each

    def over(statement: str, rows: list[tuple[Any, ...]]) -> None:
        if statement.startswith("UPDATE series") and statement.endswith(COMPARED):
            statement, rows = statement.removesuffix(COMPARED), [row[:-1] for row in rows]
        update(statement, rows)

    monkeypatch.setattr(writing, "_update_each", over)


def unique_off() -> None:
    """A number may be given twice; the primary key of the copied table is gone."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE invoice DROP CONSTRAINT invoice_pkey")
            return
        for trigger in ("invoice_no_update", "invoice_no_delete", "invoice_no_replace"):
            cursor.execute(f"DROP TRIGGER {trigger}")
        cursor.execute("CREATE TABLE loose AS SELECT * FROM invoice")
        cursor.execute("DROP TABLE invoice")
        cursor.execute("ALTER TABLE loose RENAME TO invoice")


def race() -> list[Any]:
    """Two processes issue for two reservations at one moment; what each met."""
    made = waiting()
    return together(lambda n: bare_door(issue(made[n])), 2)


def test_without_guards_one_number_is_given_twice(
    real_book: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.do_one(issue(waiting()[0]))  # the rows of the year are there, so nothing else keeps the two apart
    models.Series.objects.filter(last=1).get()
    lock_off(monkeypatch)
    careless(monkeypatch)
    unique_off()
    scene.pay(waiting()[0], 1_000_000, "transfer")
    meet(monkeypatch)
    assert [answer for answer in race() if isinstance(answer, Exception)] == []
    assert numbers() == [1, 2, 2]
    assert [each.kind for each in rebuild.differences()] == ["series"]


@pytest.mark.parametrize("guard", ["lock", "compare-and-set", "unique"])
def test_each_guard_alone_stops_it(
    real_book: ManualClock, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    door.do_one(issue(waiting()[0]))
    if guard != "lock":
        lock_off(monkeypatch)
    if guard != "compare-and-set":
        careless(monkeypatch)
    if guard != "unique":
        unique_off()
    scene.pay(waiting()[0], 1_000_000, "transfer")
    met: Barrier = meet(monkeypatch, KEPT_AWAY_SECONDS if guard == "lock" else 30)
    errors = [answer for answer in race() if isinstance(answer, Exception)]
    assert met.broken == (guard == "lock")
    assert len(errors) == (0 if guard == "lock" else 1), errors
    assert numbers() == ([1, 2, 3] if guard == "lock" else [1, 2])
    assert list(rebuild.differences()) == []


def test_many_processes_number_without_gap_or_double(
    real_book: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.offer("fleet", capacity=50)
    made = [scene.place(slug="fleet", name=f"Person{n} Ode") for n in range(8)]
    for number in made:
        scene.pay(number)
    answers = together(lambda n: own_door(issue(made[n])), len(made))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert numbers() == list(range(1, 9))
    assert list(rebuild.differences()) == []


@pytest.mark.django_db
def test_a_number_that_was_given_is_never_changed_taken_back_or_left_out(book: ManualClock) -> None:
    scene.pay(scene.place())
    scene.work()
    for statement in (
        "UPDATE invoice SET no = 2",
        "DELETE FROM invoice",
        "UPDATE series SET last = 0 WHERE last = 1",
    ):
        with (
            pytest.raises(Exception, match=r"stays given|only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    models.Series.objects.filter(last=1).update(last=2)
    assert [(each.number, each.what) for each in rebuild.differences()] == [
        ("deposit-invoice/2026", "the numbers are not 1 to the last one given, each once")
    ]


@pytest.mark.django_db
def test_numbers_of_acts_that_came_back_are_kept_again(book: ManualClock) -> None:
    number = scene.place()
    scene.pay(number)
    scene.work()
    row = models.Invoice.objects.get()
    issued: numbering.Issued = {}
    numbering.note(issued, bytes(row.subject_id), scene.state(number).invoices)
    numbering.remake(issued)
    assert numbers() == [1] and list(rebuild.differences()) == []
    later = {"deposit-invoice/2027": [(3, bytes(row.subject_id), 0), (1, bytes(row.subject_id), 1)]}
    for _ in range(2):
        numbering.remake(later)
        assert numbers("deposit-invoice/2027") == [1, 3]
        assert models.Series.objects.get(name="deposit-invoice/2027").last == 3
    assert ("deposit-invoice/2027", "the numbers are not 1 to the last one given, each once") in [
        (each.number, each.what) for each in rebuild.differences()
    ]
