"""What stands on a clearing account longer than its term is an alarm with an owner."""

from datetime import timedelta

import pytest

from earnest.book import clearing, clock, ledger, slices
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
    first = place()
    pay(first)
    book.advance(timedelta(days=10))
    scene.cancel(first)
    pay(place(name="Ben Ode"), 500_000)
    scene.work()
    book.advance(timedelta(days=6))
    late = {each.account: each.amount_minor for each in clearing.overdue(book.now())}
    balance = {line.account: line.balance_minor for line in ledger.trial()}
    assert late.get("card-clearing", 0) == max(0, balance["card-clearing"] - 500_000)
