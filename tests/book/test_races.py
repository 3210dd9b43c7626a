"""Two people reach for the last place at one moment: shown with the guards off, then stopped by each guard alone."""

from collections.abc import Iterator, Sequence
from itertools import count
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import door, ids, models, writing
from earnest.book.loading import Loader
from earnest.book.writing import Writer
from earnest.core.commands.base import Counters
from earnest.core.commands.place import Place
from earnest.core.refusals import Refusal
from tests import scene
from tests.book.test_group_commit import together

#: How long one waits for the other between reading and writing; whoever is locked out never comes.
PATIENCE_SECONDS = 2


@pytest.fixture
def last_place(real_database: str) -> Iterator[None]:
    """An offer with one place, in a database where commits are commits."""
    scene.begin()
    scene.offer("last", capacity=1, variants=(scene.TERMS["variants"][0],))
    yield
    scene.finish()


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Barrier:
    """Both have read before either writes, unless something keeps one of them away."""
    barrier = Barrier(2)
    save = Writer.save

    def after_both_have_read(self: Writer) -> None:
        try:
            barrier.wait(PATIENCE_SECONDS)
        except BrokenBarrierError:
            pass
        save(self)

    monkeypatch.setattr(Writer, "save", after_both_have_read)
    return barrier


def without_lock(requests: Sequence[door.Request]) -> list[Any]:
    """The door with its first guard off: what is read is read before the transaction, so nobody is kept away."""
    loader = Loader([request.command for request in requests])
    loader.load()
    writer = Writer(loader)
    outcomes = [door._decide(request, loader, writer, {}) for request in requests]
    with transaction.atomic():
        writer.save()
    return list(outcomes)


def compare_and_set_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second guard off: the offer's counters are written over, whatever they have become."""
    tail = " AND taken = %s AND queue_last = %s"

    def over(statement: str, rows: list[tuple[Any, ...]]) -> None:
        with connection.cursor() as cursor:
            for row in rows:
                is_offer = statement.endswith(tail)
                cursor.execute(statement.removesuffix(tail), row[:-2] if is_offer else row)

    monkeypatch.setattr(writing, "_update_each", over)


def numbers_never_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third guard off: the constraint on queue numbers finds nothing to refuse."""
    given = count(1)
    monkeypatch.setattr(Counters, "next_queue", lambda self: Counters(self.taken, next(given)))


def reach(write: Any) -> list[Any]:
    """Two people, two connections, one place."""

    def one(n: int) -> Any:
        command = Place(
            **scene.HOLDER,
            number=ids.number(),
            slug="last",
            variant="one",
            quantity=1,
            name="Somebody Quick",
            email=f"quick{n}@example.org",
            residence="FR",
            language="en",
        )
        return write([door.Request(command)])[0]

    return together(one, 2)


def sold() -> int:
    return models.Reservation.objects.filter(offer__slug="last").count()


def test_with_all_guards_off_the_last_place_is_sold_twice(
    last_place: None, meeting: Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_and_set_off(monkeypatch)
    numbers_never_collide(monkeypatch)
    answers = reach(without_lock)
    assert not any(isinstance(answer, Exception) for answer in answers)
    assert sold() == 2 and models.Offer.objects.get(slug="last").capacity == 1


def test_the_lock_alone_stops_it(last_place: None, meeting: Barrier, monkeypatch: pytest.MonkeyPatch) -> None:
    compare_and_set_off(monkeypatch)
    numbers_never_collide(monkeypatch)
    answers = reach(door.write)
    assert sold() == 1
    assert [type(answer) for answer in answers if isinstance(answer, Refusal)] != []


def test_the_compare_and_set_alone_stops_it(
    last_place: None, meeting: Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers_never_collide(monkeypatch)
    answers = reach(without_lock)
    assert sold() == 1
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [writing.Lost]


def test_the_constraint_alone_stops_it(
    last_place: None, meeting: Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_and_set_off(monkeypatch)
    answers = reach(without_lock)
    assert sold() == 1
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [IntegrityError]


def test_all_together_the_second_is_told_that_it_is_sold_out(last_place: None, meeting: Barrier) -> None:
    answers = reach(door.do)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert sold() == 1 and [refusal.code for refusal in refused] == ["sold-out"]


def test_one_key_from_ten_threads_is_one_reservation_and_ten_equal_receipts(last_place: None) -> None:
    once = door.Idempotency("tests", "POST", "the-same-key", "the-same-body")
    number = ids.number()
    command = Place(
        **scene.HOLDER,
        number=number,
        slug="last",
        variant="one",
        quantity=1,
        name="Somebody Quick",
        email="quick@example.org",
        residence="FR",
        language="en",
    )
    answers = together(lambda n: door.do_one(command, once), 10)
    assert sold() == 1 and {answer.receipt for answer in answers} == {answers[0].receipt}


def test_four_hands_cancel_and_refund_once(last_place: None) -> None:
    number = scene.place(slug="last")
    scene.pay(number)
    together(lambda n: scene.cancel(number), 4)
    state = scene.state(number)
    assert len(state.endings) == 1 and [refund.amount_minor for refund in state.refunds] == [500_000]
