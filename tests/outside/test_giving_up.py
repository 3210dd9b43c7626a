"""Giving up an offer whose deposits lie at Stripe: the fund check, and every card refunded once after a death."""

from datetime import timedelta

import pytest
from django.db import transaction

from earnest.book import clock, door, duties, giving_up, reads, rebuild
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.giveup import Scope
from earnest.rails import giving_up as rails
from earnest.rails.outward import InsideTransaction
from earnest.rails.stripe import checkout
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
