"""What stands on a clearing account longer than its term is an alarm with an owner."""

from datetime import timedelta

import pytest

from earnest.book import clearing, clock, door, ledger, lists, models, slices
from earnest.core.commands.provider_movement import BookMovement, Movement
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.post import clearing_alarms
from tests import scene
from tests.scene import pay, place, work

book = scene.book

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("closed", [False, True])
def test_what_stands_longer_than_its_term_is_told_and_newer_money_is_not(
    book: clock.ManualClock, closed: bool
) -> None:
    pay(place())
    book.advance(timedelta(days=14))
    pay(place(name="Ben Ode"), 700_000)
    if closed:
        slices.close(book.now())
    assert clearing.overdue(book.now()) == []
    book.advance(timedelta(days=1))
    assert clearing.overdue(book.now()) == [clearing.Overdue("card-clearing", "EUR", 500_000, 14, "finance")]


def test_what_went_out_was_what_came_in_first(book: clock.ManualClock) -> None:
    """Of two payments the older one went back; what is left is the younger one's, and late when that is."""
    first = place()
    pay(first)
    book.advance(timedelta(days=10))
    scene.cancel(first)
    pay(place(name="Ben Ode"), 700_000)
    door.do_one(RequestRefund(by="maker", via="console", person="operator:ana", number=first, refund=1))
    door.do_one(
        ReportRefund(
            by="provider",
            via="stripe",
            number=first,
            refund=1,
            attempt=1,
            outcome="sent",
            reference="re_1",
            happened_at=book.now(),
        )
    )
    assert ledger.balances()["card-clearing", "EUR"] == 700_000
    book.advance(timedelta(days=14))
    assert clearing.overdue(book.now()) == []
    book.advance(timedelta(days=1))
    assert clearing.overdue(book.now()) == [clearing.Overdue("card-clearing", "EUR", 700_000, 14, "finance")]


def paid_out(n: int, minor: int, kind: str = "payout") -> None:
    """A payout, or one that came back."""
    movement = Movement(kind, f"txn_{kind}_{n}", minor, "EUR", scene.START, f"po_{n}")
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=movement))


def refund_under_way(book: clock.ManualClock, name: str) -> str:
    """A refund that was asked for today."""
    number = place(name=name, slug="many")
    pay(number)
    scene.cancel(number)
    door.do_one(RequestRefund(by="maker", via="console", person="operator:ana", number=number, refund=1))
    return number


def answer(book: clock.ManualClock, number: str) -> None:
    door.do_one(
        ReportRefund(
            by="provider",
            via="stripe",
            number=number,
            refund=1,
            attempt=1,
            outcome="sent",
            reference=f"re_{number}",
            happened_at=book.now(),
        )
    )


def test_one_refund_that_is_stuck_is_seen_behind_a_steady_flow(book: clock.ManualClock) -> None:
    """Each day one is asked for and answered; first in, first out would take the stuck one for the newest."""
    scene.offer("many", capacity=50)
    stuck = refund_under_way(book, "Ada Moreau")
    for n in range(12):
        under_way = refund_under_way(book, f"N{n} Nom")
        book.advance(timedelta(days=1))
        answer(book, under_way)
    late = [each for each in clearing.overdue(book.now()) if each.account == "refund-in-transit"]
    assert late == [clearing.Overdue("refund-in-transit", "EUR", 500_000, 10, "finance", stuck)]
    answer(book, stuck)
    assert [each for each in clearing.overdue(book.now()) if each.account == "refund-in-transit"] == []


def test_a_payout_is_an_item_by_its_name_and_what_names_none_takes_the_oldest(
    book: clock.ManualClock,
) -> None:
    pay(place(), 500_000)
    for n, minor in ((1, 10_000), (2, 20_000), (3, 30_000)):
        paid_out(n, minor)
        book.advance(timedelta(days=3))
    paid_out(2, 20_000, "returned")
    book.advance(timedelta(days=2))
    late = [each for each in clearing.overdue(book.now()) if each.account == "payout-in-transit"]
    assert [(each.item, each.amount_minor) for each in late] == [("po_1", 10_000)]
    book.advance(timedelta(days=3))
    late = [each for each in clearing.overdue(book.now()) if each.account == "payout-in-transit"]
    assert [(each.item, each.amount_minor) for each in late] == [("po_1", 10_000), ("po_3", 30_000)]
    items = [
        clearing._Item("a", "EUR", book.now() - timedelta(days=2), 5),
        clearing._Item("b", "EUR", book.now() - timedelta(days=9), 7),
    ]
    clearing._spread(9, items)
    assert [(each.name, each.minor) for each in items] == [("a", 3), ("b", 0)]


def test_each_night_it_becomes_an_alarm_and_when_it_has_left_it_is_over(book: clock.ManualClock) -> None:
    scene.offer("many", capacity=50)
    stuck = refund_under_way(book, "Ada Moreau")
    models.Duty.objects.exclude(kind__startswith="clearing").update(state="done")
    clearing_alarms.arm()
    clearing_alarms.arm()
    assert models.Duty.objects.filter(kind="clearing_sweep", state="waiting").count() == 1
    work()
    assert lists.alarms() == []
    book.advance(timedelta(days=11))
    work()
    assert [(each.number, each.kind) for each in lists.alarms()] == [(stuck, "clearing_late")]
    assert "5000.00 EUR has stood on refund-in-transit for more than 10 days" in lists.alarms()[0].error
    answer(book, stuck)
    models.Duty.objects.exclude(kind__startswith="clearing").update(state="done")
    book.advance(timedelta(days=1))
    work()
    assert lists.alarms() == []
