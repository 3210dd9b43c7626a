"""A bank account is asked for in time: on each occasion once, and never of somebody who has confirmed one."""

from datetime import timedelta

import pytest

from earnest.book import clock, duties, models
from earnest.book import policy as policies
from earnest.core.commands.base import Policy
from tests import scene
from tests.outside.test_mail import kept, part
from tests.scene import book, cancel, pay, place, work

__all__ = ["book"]
DAY = timedelta(days=1)


def asked() -> int:
    return models.Mail.objects.filter(template="account_ask").count()


def later(book: clock.ManualClock, days: int) -> None:
    book.advance(days * DAY)
    work()


def test_once_a_year_whoever_paid_by_card_is_asked(book: clock.ManualClock) -> None:
    number = place(language="fr")
    pay(number)
    later(book, 364)
    assert asked() == 0
    later(book, 1)
    assert asked() == 1 and "les cartes expirent" in part(kept("account_ask"))
    later(book, 364)
    assert asked() == 1
    later(book, 1)
    assert asked() == 2


def test_the_same_occasion_done_twice_asks_once(book: clock.ManualClock) -> None:
    pay(place())
    later(book, 365)
    models.Duty.objects.filter(kind="ask_account").update(due_at=clock.now(), state="waiting")
    work()
    assert asked() == 1


@pytest.mark.parametrize("rail", ["transfer", "card"])
def test_nobody_is_asked_who_paid_by_transfer_or_has_confirmed_or_has_left(
    book: clock.ManualClock, rail: str
) -> None:
    number = place()
    pay(number, rail=rail)
    if rail == "card":
        scene.account(number)
        left = place(name="Bo Lind")
        pay(left)
        cancel(left)
    later(book, 800)
    assert asked() == 0


def test_an_account_that_was_given_and_not_confirmed_is_no_account(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    scene.account(number, confirmed=False)
    later(book, 365)
    assert asked() == 1


def test_before_a_payment_is_too_old_for_its_card_its_holder_is_asked(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "current", lambda: Policy(card_refund_days=180))
    pay(place())
    later(book, 149)
    assert asked() == 0
    later(book, 1)
    assert asked() == 1
    later(book, 100)
    assert asked() == 1
    assert duties.next_due() is not None
