"""Two people reach for the last place at one moment: shown with the guards off, then stopped by each alone.

SQLite keeps writers apart by itself, twice: IMMEDIATE lets one in at a time, and a DEFERRED transaction that has
read may not write over what was written since. To see the race there, DEFERRED has to let go of what it read.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from earnest.book import door, guards, ids, models, reads, writing
from earnest.book.batch import Committer
from earnest.book.clock import ManualClock
from earnest.book.writing import Writer
from earnest.core.commands.base import Command
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.place import Place
from earnest.core.commands.refund import RequestRefund
from earnest.core.refusals import Refusal
from tests import scene
from tests.book.test_group_commit import together

#: How long all wait for each other where all can come; more than any machine needs.
ALL_COME_SECONDS = 30
#: The same where one is kept away and never comes.
KEPT_AWAY_SECONDS = 2
#: What makes the offer's UPDATE a compare-and-set.
COMPARED = " AND taken = %s AND queue_last = %s"

PORTAL = scene.HOLDER
API: dict[str, Any] = {"by": "customer", "via": "api", "person": "holder:0"}
CONSOLE = scene.MAKER
WORKER: dict[str, Any] = {"by": "system", "via": "worker", "person": "worker"}
ENDINGS = ("cancellation.requested", "maker.gave_up", "reservation.lapsed")

Ask = Callable[..., Any]


@pytest.fixture
def last_place(real_database: str) -> Iterator[ManualClock]:
    """Offers with one place, with three and with many, in a database where commits are commits; its clock."""
    clock = scene.begin()
    for slug, capacity in (("last", 1), ("few", 3), ("many", 50)):
        scene.offer(slug, capacity=capacity, variants=(scene.TERMS["variants"][0],))
    yield clock
    scene.finish()


def own_door(command: Command, once: door.Idempotency | None = None) -> door.Done | door.Nothing:
    """The door with a committer of its own, as each server process has: nobody is put into one batch."""
    outcome = Committer(door.write).submit([door.Request(command, once)])[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome.sign() if isinstance(outcome, door._Pending) else outcome


def bare_door(command: Command) -> Any:
    """One transaction and no second try: a race that was lost is seen."""
    outcome = door.write([door.Request(command)])[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def meet(monkeypatch: pytest.MonkeyPatch, seconds: float = ALL_COME_SECONDS, many: int = 2) -> Barrier:
    """All have read before any writes, unless something keeps one of them away."""
    barrier, save = Barrier(many), Writer.save

    def after_all_have_read(self: Writer) -> None:
        try:
            barrier.wait(seconds)
        except BrokenBarrierError:
            assert seconds == KEPT_AWAY_SECONDS, "somebody did not come"
        save(self)

    monkeypatch.setattr(Writer, "save", after_all_have_read)
    return barrier


def deferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite alone: a transaction waits for no other at its start. For connections opened from now on."""
    monkeypatch.setitem(connections["default"].settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")


def lock_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is kept from reading what another is about to change. To be called before `meet`, which wraps it."""
    if connection.vendor == "postgresql":
        monkeypatch.setattr(type(connection.features), "has_select_for_update", False)
        return
    deferred(monkeypatch)
    save = Writer.save

    def with_what_was_read_let_go(self: Writer) -> None:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
            cursor.execute("BEGIN IMMEDIATE")
        save(self)

    monkeypatch.setattr(Writer, "save", with_what_was_read_let_go)


def counters_written(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The compare-and-set off: the counters are written `over`, or one place is `added` to what is there."""
    update = writing._update_each

    def careless(statement: str, rows: list[tuple[Any, ...]]) -> None:
        if statement.endswith(COMPARED):
            statement, rows = statement.removesuffix(COMPARED), [row[:-2] for row in rows]
            if how == "added":
                statement = statement.replace(" taken = %s,", " taken = taken + 1,")
                rows = [row[:3] + row[4:] for row in rows]
        update(statement, rows)

    monkeypatch.setattr(writing, "_update_each", careless)


def drop(monkeypatch: pytest.MonkeyPatch, model: Any, name: str) -> None:
    """A constraint of the copied database is gone; on SQLite the triggers on its table, too."""
    gone = next(each for each in model._meta.constraints if each.name == name)
    left = [each for each in model._meta.constraints if each is not gone]
    with monkeypatch.context() as patch, connection.schema_editor() as editor:
        patch.setattr(model._meta, "constraints", left)
        editor.remove_constraint(model, gone)
    with connection.cursor() as cursor:
        assert name not in connection.introspection.get_constraints(cursor, model._meta.db_table)


def place(slug: str = "last") -> Place:
    return Place(
        **PORTAL,
        number=ids.number(),
        slug=slug,
        variant="one",
        quantity=1,
        name="Ada Moreau",
        email="ada@example.org",
        residence="FR",
        language="en",
    )


def reach(ask: Ask = bare_door) -> tuple[int, list[Exception]]:
    """Two people, two connections, one place: how many have it now, and what the others met."""
    answers = together(lambda n: ask(place()), 2)
    return sold("last"), [answer for answer in answers if isinstance(answer, Exception)]


def sold(slug: str) -> int:
    return models.Reservation.objects.filter(offer__slug=slug).count()


def row(slug: str = "last") -> tuple[int, int, int]:
    found = models.Offer.objects.get(slug=slug)
    return found.capacity, found.taken, found.queue_last


# The last place: every guard off.


def test_without_guards_the_last_place_is_sold_twice_and_the_book_says_once(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_off(monkeypatch)
    counters_written(monkeypatch, "over")
    drop(monkeypatch, models.Reservation, "queue_once")
    meet(monkeypatch)
    assert reach() == (2, [])
    assert row() == (1, 1, 1)
    queue = models.Reservation.objects.filter(offer__slug="last").values_list("queue_no", flat=True)
    assert list(queue) == [1, 1]


def test_without_guards_counters_that_are_added_to_go_over_the_capacity(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_off(monkeypatch)
    counters_written(monkeypatch, "added")
    drop(monkeypatch, models.Reservation, "queue_once")
    drop(monkeypatch, models.Offer, "offer_capacity")
    meet(monkeypatch)
    assert reach() == (2, [])
    assert row() == (1, 2, 1)


# The last place: one guard on.


def test_the_lock_alone_stops_it(last_place: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    counters_written(monkeypatch, "over")
    drop(monkeypatch, models.Reservation, "queue_once")
    drop(monkeypatch, models.Offer, "offer_capacity")
    met = meet(monkeypatch, KEPT_AWAY_SECONDS)
    count, errors = reach()
    # Broken: the one that had read waited in vain, for the other was not let in to read.
    assert met.broken
    assert count == 1 and [getattr(error, "code", error) for error in errors] == ["sold-out"]


def test_the_compare_and_set_alone_stops_it(last_place: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    lock_off(monkeypatch)
    drop(monkeypatch, models.Reservation, "queue_once")
    drop(monkeypatch, models.Offer, "offer_capacity")
    meet(monkeypatch)
    count, errors = reach()
    assert count == 1 and [type(error) for error in errors] == [writing.Lost]
    assert str(errors[0]).endswith(COMPARED)


def test_unique_queue_numbers_alone_stop_it(last_place: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    lock_off(monkeypatch)
    counters_written(monkeypatch, "over")
    drop(monkeypatch, models.Offer, "offer_capacity")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER reservation_no_replace")
    meet(monkeypatch)
    count, errors = reach()
    assert count == 1 and [type(error) for error in errors] == [IntegrityError]
    assert "queue_no" in str(errors[0])


def test_the_check_of_the_capacity_alone_stops_it(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_off(monkeypatch)
    counters_written(monkeypatch, "added")
    drop(monkeypatch, models.Reservation, "queue_once")
    meet(monkeypatch)
    count, errors = reach()
    assert count == 1 and [type(error) for error in errors] == [IntegrityError]
    assert "offer_capacity" in str(errors[0])


def test_on_sqlite_the_trigger_alone_stops_it(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE and no trigger against it")
    lock_off(monkeypatch)
    counters_written(monkeypatch, "over")
    drop(monkeypatch, models.Reservation, "queue_once")
    drop(monkeypatch, models.Offer, "offer_capacity")
    guards.install(connection)
    meet(monkeypatch)
    count, errors = reach()
    assert count == 1 and [str(error) for error in errors] == ["it is there already"]


def test_on_sqlite_deferred_alone_does_not_sell_it_twice(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one transaction has read, it may not write over once it is old: SQLITE_BUSY_SNAPSHOT."""
    if connection.vendor != "sqlite":
        pytest.skip("the transactions of SQLite")
    deferred(monkeypatch)
    counters_written(monkeypatch, "over")
    drop(monkeypatch, models.Reservation, "queue_once")
    meet(monkeypatch)
    count, errors = reach()
    assert count == 1 and [type(error) for error in errors] == [OperationalError]
    assert "database is locked" in str(errors[0])


# All of it together.


@pytest.mark.parametrize("ask", [door.do_one, own_door])
def test_twenty_for_three_places_are_three_in_a_queue(last_place: ManualClock, ask: Ask) -> None:
    answers = together(lambda n: ask(place("few")), 20)
    won = [answer for answer in answers if isinstance(answer, door.Done)]
    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert (len(won), refused) == (3, ["sold-out"] * 17)
    assert row("few") == (3, 3, 3)
    kept = models.Reservation.objects.filter(offer__slug="few")
    assert sorted(kept.values_list("queue_no", "number")) == sorted(
        (reads.reservation(done.number).queue, done.number) for done in won
    )
    assert sorted(kept.values_list("queue_no", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("ask", [door.do_one, own_door])
def test_one_key_from_ten_threads_is_one_reservation_and_ten_equal_receipts(
    last_place: ManualClock, ask: Ask
) -> None:
    """Each draws a number of its own, as each request does; there is room for all, so only the key stops them."""
    once = door.Idempotency("tests", "POST /reservations", "the-same-key", "the-same-body")
    answers = together(lambda n: ask(place("many"), once), 10)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sold("many") == 1 and row("many") == (50, 1, 1)
    assert len({(answer.number, answer.seq, answer.receipt) for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 9


# One reservation, four hands.


def partly_paid(clock: ManualClock) -> str:
    """Two payments, together less than the deposit, and the time for it is over: all four may end it."""
    number = scene.place(slug="many")
    scene.pay(number, 200_000, reference="pi_one")
    scene.pay(number, 200_000, reference="pi_two")
    clock.set(scene.state(number).hold_until + timedelta(seconds=1))
    return number


def endings(number: str) -> list[Command]:
    return [
        Cancel(**PORTAL, number=number),
        Cancel(**API, number=number),
        Cancel(**CONSOLE, number=number, gives_up=True),
        Lapse(**WORKER, number=number),
    ]


def assert_ended_once(number: str) -> None:
    state = scene.state(number)
    told = [kind for kind in scene.types(number) if kind in ENDINGS]
    assert len(told) == len(state.endings) == 1
    assert [refund.payment for refund in state.refunds] == [payment.seq for payment in state.payments]
    assert [refund.amount_minor for refund in state.refunds] == [200_000, 200_000]
    owed = models.Balance.objects.filter(subject__number=number, cls="refund")
    assert sum(owed.values_list("amount_minor", flat=True)) == 400_000


@pytest.mark.parametrize("ask", [door.do_one, own_door])
def test_four_hands_end_it_once_and_each_payment_is_owed_back_once(last_place: ManualClock, ask: Ask) -> None:
    number = partly_paid(last_place)
    hands = endings(number)
    answers = together(lambda n: ask(hands[n]), 4)
    assert sum(isinstance(answer, door.Done) for answer in answers) == 1
    late = [answer for answer in answers if not isinstance(answer, door.Done | door.Nothing)]
    # Nothing is left to do after a cancellation; who cancels what the worker let lapse is told so.
    assert all(isinstance(each, Refusal) and each.code == "lapsed-already" for each in late), late
    assert_ended_once(number)


def test_without_the_lock_the_length_of_the_chain_stops_the_second_ending(
    last_place: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = partly_paid(last_place)
    hands = endings(number)
    lock_off(monkeypatch)
    meet(monkeypatch, many=4)
    answers = together(lambda n: bare_door(hands[n]), 4)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in errors] == [writing.Lost] * 3
    assert {str(error) for error in errors} == {"a row of subject is not as it was"}
    assert_ended_once(number)


@pytest.mark.parametrize("ask", [door.do_one, own_door])
def test_four_hands_send_each_refund_once(last_place: ManualClock, ask: Ask) -> None:
    number = partly_paid(last_place)
    scene.cancel(number)
    last_place.advance(timedelta(hours=2))
    who: Sequence[dict[str, Any]] = (WORKER, WORKER, CONSOLE, scene.OTHER)
    asked = [RequestRefund(**each, number=number, refund=n) for each in who for n in (1, 2)]
    answers = together(lambda n: ask(asked[n]), len(asked))
    assert sum(isinstance(answer, door.Done) for answer in answers) == 2
    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert refused == ["refund-not-owed"] * 6
    assert scene.types(number).count("refund.requested") == 2
    assert [(each.status, each.attempt) for each in scene.state(number).refunds] == [("requested", 1)] * 2
