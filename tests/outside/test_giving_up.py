"""Giving up an offer whose deposits lie at Stripe: the fund check, and every card refunded once after a death."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction

from earnest.book import clock, door, duties, giving_up, reads, rebuild
from earnest.core.commands.book_entry import BookStatement, Statement
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.giveup import Scope
from earnest.rails import giving_up as rails
from earnest.rails.bank.fingerprint import account_name
from earnest.rails.outward import InsideTransaction
from earnest.rails.stripe import checkout
from tests import scene
from tests.outside import orders
from tests.outside.conftest import World
from tests.scene import MAKER, OTHER, pay, place, state, work

GOOD = "4242424242424242"


def paid(world: World, name: str) -> str:
    """A reservation whose first deposit was paid on the Checkout page."""
    number = place(name=name)
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.double.pay(session, GOOD)
    checkout.collect(session)
    return number


@pytest.fixture
def people(world: World) -> list[str]:
    found = [paid(world, name) for name in ("Ada Moreau", "Ben Roux", "Cleo Faure")]
    pay(found[2], 4_500_000, "transfer")
    return found


def test_the_fund_check_asks_stripe_and_the_ledger(world: World, people: list[str]) -> None:
    there = {each.route: each for each in rails.funds(giving_up.preview("boat"))}
    assert there["account"].ledger_minor == 4_500_000 and there["account"].short_minor == 0
    card = there["card"]
    assert (card.needed_minor, card.ledger_minor) == (1_500_000, 1_500_000)
    assert card.provider_minor is not None and card.provider_minor > 1_500_000 and card.short_minor == 0
    # Stripe pays nothing back out of what has not settled yet.
    world.double.balance.drain("eur", left=400_000)
    card = next(each for each in rails.funds(giving_up.preview("boat")) if each.route == "card")
    assert (card.provider_minor, card.short_minor) == (400_000, 1_100_000)
    assert card.pending_minor == world.double.balance.pending("eur") > 0


def by_bank() -> rails.Funds:
    return next(each for each in rails.funds(giving_up.preview("boat")) if each.route == "account")


def test_what_is_under_way_is_there_no_more_and_the_banks_own_word_counts(
    world: World, people: list[str]
) -> None:
    # The world puts back what was there before it.
    settings.EARNEST = replace(settings.EARNEST, bank_account=orders.ACCOUNT)
    number = orders.paid(300_000)
    orders.due(world.clock, number)
    assert (by_bank().ledger_minor, by_bank().provider_minor, by_bank().short_minor) == (4_800_000, None, 0)
    orders.make()
    assert (by_bank().ledger_minor, by_bank().short_minor) == (4_500_000, 0)
    told = Statement("0" * 64, 1, "camt.053", "S1", "", 0, 0, None, 4_000_000, "EUR", scene.START.date())
    name = account_name(orders.ACCOUNT.split("IBAN ")[1].split(",")[0].replace(" ", ""))
    door.do_one(BookStatement(by="bank", via="statement", account=name, statement=told))
    # 4,000,000 less the order that has not left yet.
    assert (by_bank().provider_minor, by_bank().short_minor) == (3_700_000, 800_000)


def test_stripe_is_never_asked_inside_a_transaction(
    world: World, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.rails.outward._is_test_case", lambda: False)
    with transaction.atomic(), pytest.raises(InsideTransaction):
        rails.funds(giving_up.preview("boat"))


def test_where_cards_are_not_set_up_the_ledger_alone_is_asked(
    world: World, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rails, "configured", lambda: False)
    card = next(each for each in rails.funds(giving_up.preview("boat")) if each.route == "card")
    assert (card.provider_minor, card.pending_minor, card.short_minor) == (None, None, 0)


def test_every_card_gets_its_money_once(world: World, people: list[str]) -> None:
    door.do_one(ProposeGiveUp(**MAKER, slug="boat", why="The yard has burnt down."))
    seq = reads.offer("boat").offer.giveups[-1].seq
    door.do_one(ConfirmGiveUp(**OTHER, slug="boat", giveup=seq))
    duty = next(each for each in duties.claim(clock.now(), "dead", 99) if each.kind == "give_up")
    rails.give_up(duty)
    # It had ended all of them, and died before it could say so: another worker does it all again.
    world.clock.advance(timedelta(minutes=3))
    work()
    for _ in range(4):
        world.clock.advance(timedelta(hours=1))
        work()
    made = world.double.store.all("refund")
    assert sorted(each["amount"] for each in made) == [500_000] * 3
    found = giving_up.progress("boat", seq, Scope((), 99))
    assert found is not None and found.state == "done"
    assert found.totals == {"EUR": (1_500_000, 6_000_000)}
    assert {slot: each.payments for slot, each in found.refunds.items()} == {
        ("sent", "EUR"): 3,
        ("waiting", "EUR"): 1,
    }
    assert [each.status for each in state(people[2]).refunds] == ["sent", "waiting"]
    assert list(rebuild.differences()) == []
