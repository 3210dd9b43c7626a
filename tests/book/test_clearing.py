"""What stands on a clearing account longer than its term is an alarm with an owner."""

from datetime import timedelta

import pytest

from earnest.book import clearing, clock, door, ledger, slices
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from tests import scene
from tests.scene import pay, place

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
