"""Card money through the official SDK against the double over HTTP: paid once, refunded once, whatever happens."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from earnest.book import clock, duties, models, reads, rebuild
from earnest.core.numbers import check_symbol
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.rails.outward import InsideTransaction, outward
from earnest.rails.stripe import asking, checkout, events, refunds, standing
from earnest.rails.stripe import client as stripe_client
from earnest.rails.stripe.client import Unreachable
from earnest.stripe_double.params import Refusal as DoubleRefusal
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


def work_on(kind: str) -> None:
    """Do what is due of one kind."""
    for duty in duties.claim(clock.now(), "tests"):
        if duty.kind == kind:
            duties.run(duty)
        else:
            duties.release(duty)


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


@pytest.mark.parametrize("how", ["429", "drop_before", "timeout_after", "garbage"])
def test_unreachable_is_a_sentence_and_nothing_is_lost(world: World, how: str) -> None:
    number = place()
    world.double.faults.fail_next("POST /v1/checkout/sessions", how)
    with pytest.raises(Unreachable):
        checkout.start_checkout(number)
    assert state(number).status == "placed"
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    assert len(world.double.store.all("session")) == 1
    world.double.pay(session, GOOD)
    assert checkout.collect(session) == number


def test_an_answer_that_stripe_stumbled_over_is_asked_for_under_another_key(world: World) -> None:
    for _ in range(checkout.TRIES):
        world.double.faults.fail_next("POST /v1/checkout/sessions", "500")
    number = place()
    with pytest.raises(Unreachable):
        checkout.start_checkout(number)
    world.double.faults.fail_next("POST /v1/checkout/sessions", "500")
    first = checkout.start_checkout(number)
    world.double.faults.fail_next("POST /v1/checkout/sessions", "500")
    assert checkout.start_checkout(number) == first


@pytest.mark.parametrize("id", ["", "cs_test_unknown", "../refunds", "pi_1", "cs_" + "a" * 300, "cs_é"])
def test_a_session_that_is_none_is_said_to_be_none(world: World, id: str) -> None:
    with pytest.raises(Missing):
        checkout.collect(id)


@pytest.mark.parametrize("changed", [{"amount_received": 123_456}, {"currency": "usd"}])
def test_another_amount_or_currency_than_was_asked_is_an_alarm_and_nothing_is_booked(
    world: World, changed: dict[str, Any]
) -> None:
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    intent = world.double.pay(session, GOOD)["payment_intent"]
    stored = world.double.store.get("intent", intent)
    assert stored is not None
    world.double.store.put("intent", stored | changed)
    before = models.Act.objects.count()
    with pytest.raises(checkout.Mismatch, match=r"5000\.00 EUR was asked for"):
        checkout.collect(session)
    deliver(world, world.events[0])
    work()
    assert models.Duty.objects.get(kind="stripe_event").state == "parked"
    assert models.Act.objects.exclude(type="mail.sent").count() == before and state(number).payments == ()


def test_a_payment_that_was_made_in_stripes_own_pages_is_imported(world: World) -> None:
    number = place()
    about = {"number": number, "origin": scene.ORIGIN}
    method = {"confirm": "true", "payment_method": "pm_card_visa"}
    given = {"amount": "500000", "currency": "eur", "metadata": about}
    world.double.payments.create_intent({**given, **method})
    for event in world.events:
        deliver(world, event)
    work()
    assert state(number).status == "confirmed"
    [received] = [
        read.act for read in reads.acts("reservation", number) if read.act.type == "deposit.received"
    ]
    assert received.get("imported") is True


def test_two_pages_that_are_both_paid_pay_one_instalment_and_the_rest_goes_back(world: World) -> None:
    number = place()
    first = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.clock.advance(timedelta(minutes=40))
    second = checkout.start_checkout(number).rsplit("/", 1)[1]
    assert first != second
    # Stripe closes the first page at its time; that it were open still is what this is about.
    stored = world.double.store.get("session", first)
    assert stored is not None
    world.double.store.put("session", stored | {"status": "open"})
    for session in (first, second):
        world.double.store.take_due(0)
        world.double.payments.double.store.db.execute("DELETE FROM due WHERE what = 'expire session'")
        world.double.pay(session, GOOD)
        checkout.collect(session)
    assert state(number).paid_minor() == 500_000 and state(number).owed_back() == {"EUR": 500_000}


def test_a_new_question_closes_the_page_of_the_older_one(world: World) -> None:
    number = place()
    first = checkout.start_checkout(number).rsplit("/", 1)[1]
    pay(number, 100_000, rail="transfer")
    second = checkout.start_checkout(number).rsplit("/", 1)[1]
    statuses = {each["id"]: each["status"] for each in world.double.store.all("session")}
    assert statuses == {first: "expired", second: "open"}
    with pytest.raises(DoubleRefusal):
        world.double.pay(first, GOOD)


def test_money_for_a_reservation_that_is_not_here_is_an_alarm_and_writes_nothing(world: World) -> None:
    _, session = paid(world)
    unknown = "ZZZZ-ZZZZ-" + check_symbol("ZZZZZZZZ")
    for kind in ("session", "intent"):
        for body in world.double.store.all(kind):
            body["metadata"]["number"] = unknown
            world.double.store.put(kind, body)
    before = models.Act.objects.count()
    with pytest.raises(checkout.Mismatch):
        checkout.collect(session)
    deliver(world, world.events[0])
    work_on("stripe_event")
    duty = models.Duty.objects.get(kind="stripe_event")
    assert duty.state == "parked" and unknown in duty.last_error
    assert models.Act.objects.count() == before


def test_live_money_in_a_book_of_trials_is_an_alarm(world: World) -> None:
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    intent = world.double.store.get("intent", world.double.pay(session, GOOD)["payment_intent"])
    assert intent is not None
    world.double.store.put("intent", intent | {"livemode": True})
    with pytest.raises(checkout.Mismatch):
        checkout.collect(session)
    assert state(number).payments == ()


def test_a_live_key_never_meets_a_book_that_is_not_live(world: World) -> None:
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


def test_a_refund_that_fails_days_later_is_found_out_also_where_no_event_tells(world: World) -> None:
    number = cancelled(world, LATER)
    work()
    assert state(number).refunds[0].status == "sent"
    for _ in range(8):
        world.clock.advance(timedelta(days=1))
        world.double.run_due()
        work()
    assert (state(number).refunds[0].status, state(number).refunds[0].why) == ("waiting", "account")
    assert types(number).count("refund.corrected") == 1


def test_what_has_left_is_watched_for_a_month_and_then_no_more(world: World) -> None:
    number = cancelled(world)
    work()
    for _ in range(5):
        world.clock.advance(timedelta(days=8))
        work()
    watch = models.Duty.objects.get(key=f"ask_refund/{number}/1/1/watch")
    assert watch.state == "done" and state(number).refunds[0].status == "sent"


def test_a_pending_refund_is_asked_about_until_it_has_left(world: World) -> None:
    number = cancelled(world, SLOW)
    work()
    assert state(number).refunds[0].status == "requested"
    world.clock.advance(timedelta(hours=2))
    work()
    refund = state(number).refunds[0]
    # Not when it was made, which was before it left.
    assert (refund.status, refund.sent_at) == ("sent", world.clock.now())
    assert made(world)[0]["created"] < world.clock.now().timestamp()


def test_a_refund_that_stays_pending_is_asked_about_every_day(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    number = cancelled(world, STUCK)
    for _ in range(10):
        world.clock.advance(timedelta(hours=12))
        work()
    assert state(number).refunds[0].status == "requested"
    duty = models.Duty.objects.get(kind="ask_refund")
    assert duty.state == "waiting" and duty.attempts == 0
    assert duty.due_at <= world.clock.now() + timedelta(days=1)
    assert "no answer for more than a day" in caplog.text


def test_a_refund_that_waits_for_the_customer_is_waiting_and_goes_on(world: World) -> None:
    number = cancelled(world, ACTION)
    work()
    assert state(number).refunds[0].why == "action"
    world.double.set_refund(made(world)[0]["id"], "succeeded")
    deliver(world, world.events[-1])
    work()
    assert state(number).refunds[0].status == "sent"


def test_a_refund_that_waited_for_the_customer_is_asked_about_where_no_event_tells(world: World) -> None:
    number = cancelled(world, ACTION)
    work()
    world.double.set_refund(made(world)[0]["id"], "canceled")
    world.clock.advance(timedelta(days=1))
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.why) == ("waiting", "account")


def test_where_cards_are_not_set_up_any_more_it_stays_owed_and_says_so(world: World) -> None:
    number = cancelled(world)
    settings.EARNEST = replace(settings.EARNEST, stripe_secret_key="")
    work()
    duty = models.Duty.objects.get(kind="refund")
    assert state(number).refunds[0].status == "owed"
    assert (duty.state, duty.attempts) == ("waiting", 1) and "not set up" in duty.last_error


def test_none_is_believed_only_when_it_is_said_twice(world: World) -> None:
    number = cancelled(world)
    world.double.faults.fail_next("POST /v1/refunds", "drop_before")
    work()
    # Nobody asked for half a day; the first asking alone settles nothing.
    world.clock.advance(timedelta(hours=12))
    work()
    assert state(number).refunds[0].status == "unknown"
    world.clock.advance(timedelta(days=1))
    work()
    # It never began, so the card is asked anew, once.
    assert (state(number).refunds[0].status, state(number).refunds[0].attempt) == ("sent", 2)
    assert "refund.refused" in types(number) and len(made(world)) == 1


# --- money that went back by another hand is never paid a second time by ours


def outside(world: World, number: str, minor: int = 500_000) -> None:
    """Somebody refunds in Stripe's own pages."""
    intent = state(number).payments[0].reference
    world.double.create_refund({"payment_intent": intent, "amount": str(minor)})


@pytest.mark.parametrize("minor", [500_000, 100_000])
def test_what_was_refunded_in_stripes_own_pages_is_imported_and_the_rest_is_paid_once(
    world: World, minor: int
) -> None:
    number = cancelled(world)
    outside(world, number, minor)
    for _ in range(10):
        work()
        world.clock.advance(timedelta(hours=6))
    external = next(each for each in state(number).refunds if each.external)
    assert (external.status, external.amount_minor) == ("sent", minor)
    assert state(number).owed_back() == {}
    assert sum(each["amount"] for each in made(world)) == 500_000


@pytest.mark.parametrize("minor", [500_000, 100_000])
def test_made_outside_between_our_look_and_our_asking_it_is_still_paid_once(
    world: World, minor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cancelled(world)
    monkeypatch.setattr(standing, "look", lambda number, refund: outside(world, number, minor))
    work()
    monkeypatch.undo()
    for _ in range(10):
        world.clock.advance(timedelta(hours=6))
        work()
    assert state(number).owed_back() == {} and state(number).receivables() == {}
    assert sum(each["amount"] for each in made(world)) == 500_000
    assert list(rebuild.differences()) == []


def test_an_event_of_a_refund_that_nobody_here_asked_for_imports_it_once(world: World) -> None:
    number, _ = paid(world)
    outside(world, number)
    for event in (*world.events[-2:], *world.events[-2:]):
        deliver(world, event)
    work()
    assert {duty.state for duty in models.Duty.objects.filter(kind="stripe_event")} == {"done"}
    assert [(each.external, each.status) for each in state(number).refunds] == [(True, "sent")]
    assert state(number).paid_minor() == 0


def test_a_refund_made_outside_that_fails_later_is_owed_again(world: World) -> None:
    number, _ = paid(world, LATER)
    outside(world, number)
    deliver(world, world.events[-1])
    work()
    world.clock.advance(timedelta(days=4))
    world.double.run_due()
    deliver(world, world.events[-1])
    work()
    assert state(number).owed_back() == {"EUR": 500_000}


def test_a_refund_of_somebody_elses_payment_is_none_of_our_business(world: World) -> None:
    intent = world.double.seed_paid_intent(amount=700, currency="eur", card=GOOD, created=0, metadata={})
    world.double.create_refund({"payment_intent": intent})
    for event in world.events:
        deliver(world, event)
    work()
    assert {duty.state for duty in models.Duty.objects.filter(kind="stripe_event")} == {"done"}


def test_a_refund_that_turns_up_after_it_was_held_never_to_have_begun_is_an_alarm(world: World) -> None:
    number = cancelled(world)
    refund = state(number).refunds[0]
    for _ in range(2):
        world.double.faults.fail_next("POST /v1/refunds", "drop_before")
    for minutes in (5, 55, 60):
        work()
        world.clock.advance(timedelta(minutes=minutes))
    assert (state(number).refunds[0].status, state(number).refunds[0].attempt) == ("unknown", 2)
    about = refunds.about(number, replace(refund, attempt=1))
    world.double.create_refund({"payment_intent": state(number).payments[0].reference, "metadata": about})
    before = types(number)
    deliver(world, world.events[-2])
    work()
    assert models.Duty.objects.get(kind="stripe_event").state == "parked"
    assert types(number) == before


# --- answers that never come


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
        # Stripe never made it, so the card was asked anew, with a key of its own; nothing was sent twice.
        assert (refund.status, refund.attempt) == ("sent", 2)
        assert len(made(world)) == 1


def test_a_stripe_that_never_answers_is_not_waited_for_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cancelled(world)
    before = settings.EARNEST
    monkeypatch.setattr(stripe_client, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        base = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        settings.EARNEST = replace(before, stripe_api_base=base)
        work()
    settings.EARNEST = before
    # It could not even be asked how the payment stands, so nothing was sent.
    assert state(number).refunds[0].status == "owed"
    duty = models.Duty.objects.get(kind="refund")
    assert (duty.state, duty.attempts) == ("waiting", 1) and "Read timed out" in duty.last_error


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


def test_one_attempt_that_is_sent_twice_is_one_refund_at_stripe(world: World) -> None:
    """One of two places ends, so that Stripe could pay its half once more: the same key is the same request."""
    number = place(2)
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.double.pay(session, GOOD)
    checkout.collect(session)
    cancel(number, 1)
    world.clock.advance(timedelta(hours=1))
    refunds.send_now(number, 1, "operator:ana")
    refunds.send(number, 1)
    assert [each["amount"] for each in made(world)] == [500_000]
    assert state(number).refunds[0].status == "sent"


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


@pytest.mark.parametrize("type", ["balance.available", "customer.created", "payout.paid"])
def test_an_event_that_says_nothing_to_us_is_taken_and_done(world: World, type: str) -> None:
    deliver(
        world,
        {"id": f"evt_{type}", "type": type, "livemode": False, "data": {"object": {"object": "balance"}}},
    )
    work()
    assert models.Duty.objects.get(kind="stripe_event").state == "done"


def test_an_event_of_a_connected_account_that_is_not_ours_is_an_alarm(world: World) -> None:
    place_and_pay = checkout.start_checkout(place()).rsplit("/", 1)[1]
    world.double.pay(place_and_pay, GOOD)
    for event in world.events:
        deliver(world, event | {"account": "acct_other"})
    work()
    assert {duty.state for duty in models.Duty.objects.filter(kind="stripe_event")} == {"parked"}
    assert not models.Act.objects.filter(type="deposit.received").exists()
    deliver(world, world.events[0] | {"id": "evt_ours", "account": "acct_double"})
    work()
    assert models.Act.objects.filter(type="deposit.received").count() == 1


@pytest.mark.parametrize(
    "event",
    [
        {"type": "refund.created", "data": {"object": {"id": "re_1"}}},
        {"id": "evt_1", "data": {"object": {"id": "re_1"}}},
        {"id": "evt_1", "type": "refund.created", "data": {"object": []}},
        {"id": "evt_1", "type": "refund.created", "livemode": True, "data": {"object": {"id": "re_1"}}},
        [1, 2],
        "text",
    ],
)
def test_a_signed_event_that_is_malformed_or_live_writes_nothing(world: World, event: Any) -> None:
    with pytest.raises(Invalid):
        deliver(world, event)
    assert models.Event.objects.count() == models.Duty.objects.filter(kind="stripe_event").count() == 0


def test_a_session_that_is_complete_and_not_paid_yet_waits_for_its_own_event(world: World) -> None:
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.double.pay(session, GOOD)
    stored = world.double.store.get("session", session)
    assert stored is not None
    world.double.store.put("session", stored | {"payment_status": "unpaid"})
    completed = next(each for each in world.events if each["type"] == "checkout.session.completed")
    deliver(world, completed)
    work()
    assert state(number).status == "placed"
    world.double.store.put("session", stored)
    deliver(world, completed | {"id": "evt_later", "type": "checkout.session.async_payment_succeeded"})
    work()
    assert state(number).status == "confirmed"


def test_an_event_three_days_late_is_still_true(world: World) -> None:
    number = cancelled(world, LATER)
    work()
    late = list(world.events)
    world.clock.advance(timedelta(days=6))
    world.double.run_due()
    for event in late:
        deliver(world, event)
    work()
    # What happened since is what is fetched.
    assert state(number).refunds[0].why == "account"
    assert len(state(number).payments) == 1


def test_over_http_a_webhook_is_taken_with_200_and_refused_with_400(world: World) -> None:
    paid(world)
    body = json.dumps(world.events[0])
    header = signature(body.encode(), WEBHOOK_SECRET, int(world.clock.now().timestamp()))
    anybody = Client(enforce_csrf_checks=True)

    def post(signed: str) -> int:
        headers = {"stripe-signature": signed}
        return anybody.post(
            "/hooks/stripe/", body, content_type="application/json", headers=headers
        ).status_code

    assert [post(""), post(header), post(header), post(header.replace("v1=", "v1=0"))] == [400, 200, 200, 400]
    assert models.Event.objects.count() == 1
    assert anybody.get("/hooks/stripe/").status_code == 405


def test_an_empty_secret_accepts_nothing(world: World) -> None:
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


def test_no_call_outward_inside_a_transaction(world: World) -> None:
    with pytest.raises(InsideTransaction), transaction.atomic(), outward():
        pass
    assert not connection.needs_rollback
    number, session = paid(world)
    intent = state(number).payments[0].reference
    cancel(number)
    calls: tuple[Callable[[], object], ...] = (
        lambda: checkout.collect(session),
        lambda: checkout.collect_intent(intent),
        lambda: refunds.follow("re_1"),
        lambda: asking.made_of(intent),
    )
    for call in calls:
        with pytest.raises(InsideTransaction), transaction.atomic():
            call()


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
