"""Disputes, too little money, and Stripe's own account: through the SDK against the double over HTTP."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from earnest.book import ledger, models, rebuild
from earnest.core.refusals import Refused
from earnest.management.base import BadUsage, DoesNotHold
from earnest.rails.stripe import disputes, reconcile, refunds, shortage, standing
from tests.outside.conftest import World
from tests.outside.test_card_money import GOOD, cancelled, deliver, made, paid
from tests.scene import cancel, state, types, work

DISPUTED, INQUIRY, WARNED = "4000000000000259", "4000000000001976", "4000000000005423"
EVIDENCE = {"product_description": "A small boat, reserved."}


def disputed(world: World, card: str = DISPUTED) -> str:
    """Paid, and a minute later its bank has done what the card stands for; nothing was told yet."""
    number, _ = paid(world, card)
    world.clock.advance(timedelta(minutes=2))
    world.double.run_due()
    return number


def told(world: World) -> None:
    """All events so far, whatever came before."""
    for event in world.events:
        deliver(world, event)
    work()


def opened(world: World) -> tuple[str, str]:
    """(number, dispute) of a dispute that the book knows."""
    number = disputed(world)
    told(world)
    return number, state(number).disputes[0].reference


def alarms(kind: str) -> list[str]:
    return list(models.Duty.objects.filter(kind=kind, state="parked").values_list("last_error", flat=True))


def test_a_dispute_is_told_in_any_order_and_once(world: World) -> None:
    number = disputed(world)
    for event in reversed(world.events):
        deliver(world, event)
        deliver(world, event | {"id": event["id"] + "_again"})
    work()
    assert types(number).count("dispute.opened") == 1
    assert (state(number).disputes[0].status, state(number).disputes[0].amount_minor) == ("open", 500_000)
    assert models.Mail.objects.filter(template="dispute_opened").count() == 1
    held = ledger.balances()
    assert (held["disputes", "EUR"], held["provider-fees", "EUR"]) == (500_000, 2_000)


def test_a_cancelled_payment_under_dispute_is_not_refunded(world: World) -> None:
    number, _ = opened(world)
    cancel(number)
    world.clock.advance(timedelta(hours=2))
    work()
    assert (state(number).refunds[0].status, state(number).refunds[0].why) == ("waiting", "dispute")
    assert made(world) == []
    with pytest.raises(Refused):
        refunds.send_now(number, 1, "operator:ana")


def test_a_dispute_that_no_event_told_of_is_found_before_money_is_sent(world: World) -> None:
    number = disputed(world)
    cancel(number)
    world.clock.advance(timedelta(hours=2))
    work()
    assert state(number).refunds[0].why == "dispute" and made(world) == []


def test_a_dispute_between_our_look_and_our_asking_holds_what_stripe_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cancelled(world)
    intent = world.double.store.all("intent")[0]

    def look(number: str, refund: object) -> None:
        world.double.disputes.open(intent["latest_charge"])

    monkeypatch.setattr(standing, "look", look)
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.why, made(world)) == ("waiting", "dispute", [])


@pytest.mark.parametrize("won", [True, False])
def test_when_it_is_closed_what_was_held_is_paid_by_us_or_was_by_the_network(world: World, won: bool) -> None:
    number, reference = opened(world)
    cancel(number)
    world.double.disputes.decide(reference, "won" if won else "lost")
    for event in reversed(world.events):
        deliver(world, event | {"id": event["id"] + "_late"})
    world.clock.advance(timedelta(hours=2))
    work()
    assert state(number).refunds[0].status == ("sent" if won else "settled")
    assert len(made(world)) == won
    assert ledger.balances().get(("disputes", "EUR"), 0) == 0
    assert list(rebuild.differences()) == []


def test_a_pending_refund_that_a_dispute_made_fail_is_held_and_not_sent_by_bank(world: World) -> None:
    number = cancelled(world, "4000000000003220")
    work()
    assert state(number).refunds[0].status == "requested"
    intent = world.double.store.all("intent")[0]
    world.double.disputes.open(intent["latest_charge"])
    told(world)
    refund = state(number).refunds[0]
    assert (refund.status, refund.why, refund.route) == ("waiting", "dispute", "card")


def test_a_dispute_after_the_refund_had_left_is_owed_by_its_holder_when_lost(world: World) -> None:
    number = cancelled(world)
    work()
    intent = world.double.store.all("intent")[0]
    lost = world.double.disputes.open(intent["latest_charge"])
    told(world)
    world.double.disputes.decide(lost["id"], "lost")
    told(world)
    work()
    disputes.follow(lost["id"])
    assert state(number).receivables() == {"EUR": 500_000}


def test_an_inquiry_and_a_warning_are_shown_and_hold_nothing(world: World) -> None:
    for card, status in ((INQUIRY, "asked"), (WARNED, "warned")):
        number = disputed(world, card)
        told(world)
        assert [each.status for each in state(number).disputes] == [status]
        cancel(number)
        world.clock.advance(timedelta(hours=2))
        work()
        assert state(number).refunds[0].status == "sent"


def test_an_inquiry_that_becomes_a_dispute_is_found_by_the_watch_alone(world: World) -> None:
    number = disputed(world, INQUIRY)
    told(world)
    world.double.disputes.decide(state(number).disputes[0].reference, "escalate")
    world.clock.advance(timedelta(days=1, hours=1))
    work()
    assert state(number).disputes[0].status == "open"


def test_evidence_is_handed_in_once_and_wins(world: World) -> None:
    number, reference = opened(world)
    disputes.submit(number, 1, "operator:ana", b"%PDF-1.7", {"uncategorized_text": "winning_evidence"})
    stored = world.double.need("dispute", reference)
    assert stored["status"] == "under_review" and stored["evidence"]["uncategorized_file"].startswith("file_")
    assert types(number).count("dispute.answered") == 1
    with pytest.raises(Refused):
        disputes.submit(number, 1, "operator:ana", b"%PDF-1.7", EVIDENCE)
    world.clock.advance(timedelta(days=1, hours=1))
    work()
    assert state(number).disputes[0].status == "won"


def test_evidence_whose_answer_got_lost_is_not_handed_in_twice(world: World) -> None:
    number, reference = opened(world)
    world.double.faults.fail_next(f"POST /v1/disputes/{reference}", "timeout_after")
    with pytest.raises(Exception, match=r"communicating|aborted|closed"):
        disputes.submit(number, 1, "operator:ana", b"%PDF-1.7", EVIDENCE)
    assert state(number).disputes[0].answered_at is None
    disputes.submit(number, 1, "operator:ana", b"%PDF-1.7", EVIDENCE)
    assert world.double.need("dispute", reference)["evidence_details"]["submission_count"] == 1
    assert state(number).disputes[0].answered_at


def test_evidence_that_is_due_soon_is_an_alarm_until_it_is_handed_in(world: World) -> None:
    number, _ = opened(world)
    world.clock.advance(timedelta(days=12, hours=1))
    work()
    [said] = alarms("dispute_due")
    assert number in said and "2026-03-16" in said
    disputes.submit(number, 1, "operator:ana", b"%PDF-1.7", EVIDENCE)
    assert alarms("dispute_due") == []


def test_a_dispute_of_another_amount_than_came_is_an_alarm_and_writes_nothing(world: World) -> None:
    number = disputed(world)
    for body in world.double.store.all("dispute"):
        world.double.store.put("dispute", body | {"amount": 500_001})
    told(world)
    assert not [each for each in types(number) if each.startswith("dispute")]
    assert alarms("stripe_event") and ("disputes", "EUR") not in ledger.balances()


# --- too little money at Stripe


@pytest.mark.parametrize("refuses", [False, True])
def test_too_little_money_is_owed_on_with_an_alarm_that_names_what_is_missing(
    world: World, refuses: bool
) -> None:
    number = cancelled(world)
    world.double.balance.drain("eur", left=100_000)
    world.double.refunds.refuses_short = refuses
    work()
    [said] = alarms("balance_short")
    assert "4000.00 EUR" in said and number in said
    assert state(number).refunds[0].status == ("owed" if refuses else "requested")
    assert not models.Mail.objects.filter(template="refund_sent").exists()
    for _ in range(3):
        world.clock.advance(timedelta(hours=1))
        work()
    assert "refund.sent" not in types(number) and types(number).count("refund.requested") == 1
    world.double.balance.top_up(400_000, "eur")
    for _ in range(3):
        world.clock.advance(timedelta(hours=7))
        work()
    assert state(number).refunds[0].status == "sent" and len(made(world)) == 1
    assert alarms("balance_short") == []


def test_a_short_balance_is_counted_from_what_is_available(world: World) -> None:
    number = cancelled(world)
    refund = state(number).refunds[0]
    assert shortage.missing(refund) == 0
    world.double.balance.drain("eur")
    assert shortage.missing(refund) == 500_000


# --- Stripe's own account


def reconciled(*more: str) -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("stripe", "reconcile", "--json", *more, stdout=out)
    except DoesNotHold:
        pass
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_every_line_is_booked_once_and_nothing_differs(world: World) -> None:
    number = cancelled(world)
    work()
    opened(world)
    paid(world)
    assert world.double.balance.available("eur")
    world.double.balance.fail_payout(
        world.double.balance.create_payout({"amount": "100", "currency": "eur"})["id"]
    )
    world.clock.advance(timedelta(days=4))
    work()
    first, acts = reconciled(), models.Act.objects.count()
    assert first["differences"] == first["under_way"] == []
    [total] = first["totals"]
    assert total["stripe_minor"] == total["ledger_minor"] and total["unexplained_minor"] == 0
    assert reconciled() == first and models.Act.objects.count() == acts
    assert state(number).refunds[0].status == "sent"
    assert list(rebuild.differences()) == []


def test_when_all_of_it_is_paid_out_nothing_stands_on_the_clearing_account(world: World) -> None:
    cancelled(world)
    work()
    paid(world)
    world.clock.advance(timedelta(days=4))
    world.double.run_due()
    world.double.balance.drain("eur")
    assert reconciled()["differences"] == []
    held = ledger.balances()
    assert held.get(("card-clearing", "EUR"), 0) == 0
    fees = held["provider-fees", "EUR"]
    # What came in and stayed, less what Stripe kept, is on its way to the bank; the top-up went there and back.
    assert held["payout-in-transit", "EUR"] == 500_000 - fees


def test_money_in_another_currency_leaves_its_difference_on_its_own_account(world: World) -> None:
    world.double.balance.settles["eur"] = ("usd", 11_000)
    cancelled(world)
    world.double.balance.settles["eur"] = ("usd", 11_200)
    work()
    world.clock.advance(timedelta(days=4))
    world.double.run_due()
    world.double.balance.drain("usd")
    report = reconciled()
    assert report["differences"] == []
    held = ledger.balances()
    assert held.get(("card-clearing", "EUR"), 0) == held.get(("card-clearing", "USD"), 0) == 0
    # Paid at 1.10 and given back at 1.12: 5,000 euros cost 100 dollars.
    assert (held.get(("exchange-differences", "EUR"), 0), held["exchange-differences", "USD"]) == (0, 10_000)


def test_what_our_ledger_does_not_know_is_listed_to_the_cent(world: World) -> None:
    paid(world)
    world.double.seed_paid_intent(amount=777, currency="eur", card=GOOD, created=0, metadata={})
    report = reconciled()
    [item] = report["differences"]
    [total] = report["totals"]
    fee = world.double.balance.fee_of(777)
    assert (item["stripe_minor"], item["ledger_minor"], item["number"]) == (777 - fee, 0, "")
    assert (total["explained_minor"], total["unexplained_minor"]) == (777 - fee, 0)
    with pytest.raises(DoesNotHold, match="differ"):
        call_command("stripe", "reconcile", stdout=StringIO())
    with pytest.raises(BadUsage, match="no date"):
        call_command("stripe", "reconcile", "--since", "soon", stdout=StringIO())


def test_a_refund_that_is_not_known_to_have_left_is_under_way_and_no_difference(world: World) -> None:
    cancelled(world)
    world.double.faults.fail_next("POST /v1/refunds", "timeout_after")
    work()
    report = reconciled()
    [item] = report["under_way"]
    assert (item["stripe_minor"], item["ledger_minor"]) == (-500_000, 0) and report["differences"] == []
    assert report["totals"][0]["unexplained_minor"] == 0


def test_the_hourly_sweep_alarms_of_what_stays_and_takes_it_back(world: World) -> None:
    number, _ = paid(world)
    reconcile.arm()
    reconcile.arm()
    intent = world.double.store.all("intent")[0]["id"]
    world.double.create_refund({"payment_intent": intent})
    work()
    assert alarms("stripe_differs") == []
    world.clock.advance(timedelta(hours=7))
    work()
    [said] = alarms("stripe_differs")
    assert number in said and "-5000.00 EUR" in said
    for event in world.events:
        deliver(world, event)
    world.clock.advance(timedelta(hours=1))
    work()
    work()
    world.clock.advance(timedelta(hours=1))
    work()
    assert alarms("stripe_differs") == [] and state(number).refunds[0].external
