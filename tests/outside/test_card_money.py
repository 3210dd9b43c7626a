"""Card money through the official SDK against the double over HTTP: paid once, refunded once, whatever happens."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from earnest.book import clock, duties, models
from earnest.core.refusals import Invalid, Refused
from earnest.rails.outward import InsideTransaction, outward
from earnest.rails.stripe import checkout, events, refunds
from earnest.rails.stripe.client import Unreachable
from earnest.stripe_double.webhooks import signature
from tests import scene
from tests.outside.conftest import WEBHOOK_SECRET, World
from tests.scene import cancel, pay, place, state, types, work

GOOD, DEAD, LATER = "4242424242424242", "4000000000000341", "4000000000005126"
SLOW, STUCK, ACTION = "4000000000007726", "4000000000003220", "4000000000003063"


def paid(world: World, card: str = GOOD) -> tuple[str, str]:
    """A reservation whose first deposit was paid on the Checkout page; (number, session)."""
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.double.pay(session, card)
    checkout.collect(session)
    return number, session


def cancelled(world: World, card: str = GOOD) -> str:
    """As `paid`, then cancelled, and the pause before the refund is over."""
    number, _ = paid(world, card)
    cancel(number)
    world.clock.advance(timedelta(hours=1))
    return number


def deliver(world: World, event: dict[str, Any], at: int | None = None, secret: str = WEBHOOK_SECRET) -> None:
    body = json.dumps(event).encode()
    moment = int(world.clock.now().timestamp()) if at is None else at
    events.accept(body, signature(body, secret, moment))


def made(world: World) -> list[dict[str, Any]]:
    """All refunds that the double has made."""
    return world.double.store.all("refund")


def test_a_deposit_is_paid_and_confirms_the_place(world: World) -> None:
    number, session = paid(world)
    assert state(number).status == "confirmed"
    assert state(number).payments[0].amount_minor == 500_000
    checkout.collect(session)
    assert len(state(number).payments) == 1


def test_the_page_asked_for_twice_is_the_same_page(world: World) -> None:
    number = place()
    assert checkout.start_checkout(number) == checkout.start_checkout(number)
    assert types(number).count("deposit.asked") == 1


def test_a_page_that_was_not_paid_is_no_deposit(world: World) -> None:
    session = checkout.start_checkout(place()).rsplit("/", 1)[1]
    with pytest.raises(Invalid):
        checkout.collect(session)


def test_a_payment_of_another_book_is_not_taken(world: World) -> None:
    _, session = paid(world)
    stored = world.double.store.get("session", session)
    assert stored is not None
    stored["metadata"]["origin"] = "other.example"
    world.double.store.put("session", stored)
    with pytest.raises(checkout.Mismatch):
        checkout.collect(session)


def test_unreachable_is_a_sentence_and_nothing_is_lost(world: World) -> None:
    number = place()
    world.double.faults.fail_next("POST /v1/checkout/sessions", "500")
    with pytest.raises(Unreachable):
        checkout.start_checkout(number)
    assert state(number).status == "placed"


def test_a_live_key_never_meets_a_book_that_is_not_live(world: World) -> None:
    from dataclasses import replace

    from django.conf import settings

    settings.EARNEST = replace(settings.EARNEST, stripe_secret_key="sk_live_x")
    with pytest.raises(Unreachable):
        checkout.start_checkout(place())


def test_a_refund_goes_back_to_the_card_after_the_pause(world: World) -> None:
    number, _ = paid(world)
    cancel(number)
    work()
    assert made(world) == []
    world.clock.advance(timedelta(hours=1))
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.route, refund.reference) == ("sent", "card", made(world)[0]["id"])
    assert "reservation.released" in types(number)


def test_a_dead_card_opens_the_bank_route(world: World) -> None:
    number, _ = paid(world, DEAD)
    scene.account(number)
    world.clock.advance(timedelta(days=4))
    cancel(number)
    world.clock.advance(timedelta(hours=1))
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.route, refund.account) == ("owed", "hand", 1)


def test_a_refund_that_fails_days_later_is_owed_again_and_corrected(world: World) -> None:
    number = cancelled(world, LATER)
    work()
    assert state(number).refunds[0].status == "sent"
    world.clock.advance(timedelta(days=4))
    world.double.run_due()
    deliver(world, world.events[-1])
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.why) == ("waiting", "account")
    assert types(number).count("refund.returned") == types(number).count("refund.corrected") == 1
    mails = models.Mail.objects.filter(subject__number=number)
    assert mails.filter(template="refund_returned").exists()


def test_a_pending_refund_is_asked_about_until_it_has_left(world: World) -> None:
    number = cancelled(world, SLOW)
    work()
    assert state(number).refunds[0].status == "requested"
    world.clock.advance(timedelta(hours=2))
    work()
    assert state(number).refunds[0].status == "sent"


def test_a_refund_that_waits_for_the_customer_is_waiting_and_goes_on(world: World) -> None:
    number = cancelled(world, ACTION)
    work()
    assert state(number).refunds[0].why == "action"
    world.double.set_refund(made(world)[0]["id"], "succeeded")
    deliver(world, world.events[-1])
    work()
    assert state(number).refunds[0].status == "sent"


@pytest.mark.parametrize("how", ["timeout_after", "garbage", "500", "429", "drop_before"])
def test_an_answer_that_never_came_is_unknown_and_settled_once(world: World, how: str) -> None:
    number = cancelled(world)
    world.double.faults.fail_next("POST /v1/refunds", how)
    work()
    assert state(number).refunds[0].status == "unknown"
    for _ in range(30):
        world.clock.advance(timedelta(hours=2))
        work()
    refund = state(number).refunds[0]
    if how == "timeout_after":
        assert refund.status == "sent"
        assert len(made(world)) == 1
    else:
        # Stripe never made it, so it is owed by bank now; nothing was sent twice.
        assert (refund.status, refund.why) == ("waiting", "account")
        assert made(world) == []


def test_a_worker_that_died_before_the_answer_asks_and_does_not_send_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cancelled(world)
    real = refunds.report

    def dies(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refunds, "report", dies)
    with pytest.raises(KeyboardInterrupt):
        work()
    monkeypatch.setattr(refunds, "report", real)
    assert state(number).refunds[0].status == "requested"
    for _ in range(5):
        world.clock.advance(timedelta(minutes=10))
        work()
    assert state(number).refunds[0].status == "sent"
    assert len(made(world)) == 1


def test_the_same_duty_done_twice_refunds_once(world: World) -> None:
    number = cancelled(world)
    leased = duties.claim(clock.now(), "one")
    refund = next(each for each in leased if each.kind == "refund")
    refunds.refund_is_due(refund)
    refunds.refund_is_due(refund)
    assert len(made(world)) == 1 and state(number).refunds[0].status == "sent"


def test_an_operator_sends_before_the_pause_is_over(world: World) -> None:
    number, _ = paid(world)
    cancel(number)
    refunds.send_now(number, 1, "operator:ana")
    assert state(number).refunds[0].status == "sent"
    with pytest.raises(Refused):
        refunds.send_now(number, 1, "operator:ana")


# --- webhooks


def test_a_webhook_confirms_without_the_browser_coming_back(world: World) -> None:
    number = place()
    world.double.pay(checkout.start_checkout(number).rsplit("/", 1)[1], GOOD)
    deliver(world, next(each for each in world.events if each["type"] == "checkout.session.completed"))
    work()
    assert state(number).status == "confirmed"


def test_webhooks_twice_and_in_any_order_come_to_the_same(world: World) -> None:
    number = cancelled(world, LATER)
    work()
    world.clock.advance(timedelta(days=4))
    world.double.run_due()
    for event in [*reversed(world.events), *world.events]:
        deliver(world, event)
    work()
    assert state(number).refunds[0].why == "account"
    assert types(number).count("refund.sent") == types(number).count("refund.returned") == 1
    assert len(state(number).payments) == 1
    assert models.Event.objects.count() == len(world.events)


def test_a_webhook_that_comes_before_our_own_answer_changes_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cancelled(world)
    real = refunds.report

    def late(number: str, n: int, answer: Any) -> None:
        for event in world.events:
            if event["type"] == "refund.created":
                refunds.follow(event["data"]["object"]["id"])
        real(number, n, answer)

    monkeypatch.setattr(refunds, "report", lambda *args: monkeypatch.undo() or late(*args))
    work()
    assert types(number).count("refund.sent") == 1


@pytest.mark.parametrize(
    "forge",
    [
        lambda body, now: "",
        lambda body, now: "t=,v1=",
        lambda body, now: signature(body, "whsec_other", now),
        lambda body, now: signature(body, "", now),
        lambda body, now: signature(body + b" ", WEBHOOK_SECRET, now),
        lambda body, now: signature(body, WEBHOOK_SECRET, now - 301),
        lambda body, now: signature(body, WEBHOOK_SECRET, now + 301),
        lambda body, now: signature(body, WEBHOOK_SECRET, now).replace("v1=", "v0="),
    ],
)
def test_a_forged_or_old_webhook_writes_nothing(world: World, forge: Any) -> None:
    paid(world)
    body = json.dumps(world.events[0]).encode()
    with pytest.raises(Invalid):
        events.accept(body, forge(body, int(world.clock.now().timestamp())))
    assert models.Event.objects.count() == 0


def test_an_empty_secret_accepts_nothing(world: World) -> None:
    from dataclasses import replace

    from django.conf import settings

    paid(world)
    settings.EARNEST = replace(settings.EARNEST, stripe_webhook_secret="")
    with pytest.raises(Invalid):
        deliver(world, world.events[0], secret="")


def test_an_event_whose_payment_is_of_another_book_is_parked(world: World) -> None:
    paid(world)
    for kind in ("session", "intent"):
        for body in world.double.store.all(kind):
            body["metadata"]["origin"] = "other.example"
            world.double.store.put(kind, body)
    deliver(world, world.events[0])
    work()
    assert models.Duty.objects.get(kind="stripe_event").state == "parked"


@pytest.mark.django_db(transaction=False)
def test_no_call_outward_inside_a_transaction(world: World) -> None:
    with pytest.raises(InsideTransaction), transaction.atomic(), outward():
        pass
    assert not connection.needs_rollback


def test_the_double_and_our_ledger_agree(world: World) -> None:
    cards = (GOOD, DEAD, LATER, SLOW, GOOD)
    numbers = [cancelled(world, card) for card in cards]
    world.double.faults.fail_next("POST /v1/refunds", "timeout_after")
    for _ in range(40):
        world.clock.advance(timedelta(hours=3))
        work()
        for event in world.events:
            deliver(world, event)
    left = sum(each["amount"] for each in made(world) if each["status"] == "succeeded")
    ours = sum(
        refund.amount_minor
        for number in numbers
        for refund in state(number).refunds
        if refund.status in ("sent", "arrived") and refund.route == "card"
    )
    assert left == ours == 3 * 500_000
    pay(place())  # the book goes on
