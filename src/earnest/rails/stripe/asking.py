"""Asking Stripe what came of a refund: never sending it again, and believing “none” only when it is said twice."""

from datetime import datetime

import stripe

from earnest.book import clock, duties, reads
from earnest.core.commands.report_refund import ELSEWHERE, NEVER_BEGUN
from earnest.core.refund import ARRIVED, REQUESTED, SENT, UNKNOWN, WAITING, Refund
from earnest.rails.outward import outward
from earnest.rails.stripe import refunds, schedule
from earnest.rails.stripe.client import Astray, client, plain


@duties.handles("ask_refund")
def ask(duty: duties.Leased) -> None:
    """What came of one attempt."""
    number, n = duty.payload["number"], duty.payload["refund"]
    refund = reads.reservation(number).refund(n)
    if refund is None or refund.attempt != duty.payload["attempt"]:
        return
    asked_at = datetime.fromisoformat(duty.payload["asked_at"])
    if duty.payload.get("watch"):
        _watch(duty, refund, asked_at)
    elif _is_open(refund):
        _ask(duty, number, refund, asked_at)


def find(number: str, refund: Refund) -> stripe.Refund | None:
    """The refund of this very attempt among those that Stripe made of the payment."""
    payment = reads.reservation(number).payment(refund.payment)
    if payment is None:
        return None
    about = refunds.about(number, refund)
    return next((each for each in made_of(payment.reference) if plain(each.metadata) == about), None)


def made_of(intent: str) -> list[stripe.Refund]:
    """All refunds that Stripe made of a payment."""
    with outward():
        return list(client().v1.refunds.list({"payment_intent": intent, "limit": 100}).auto_paging_iter())


def _ask(duty: duties.Leased, number: str, refund: Refund, asked_at: datetime) -> None:
    found = find(number, refund)
    if found is not None:
        refunds.report(number, refund.n, found)
        after = reads.reservation(number).refund(refund.n)
        if after is not None and _is_open(after):
            waits = found.status in ("pending", "requires_action")
            duties.advance(duty, {**duty.payload, "pending": waits}, clock.now())
            raise duties.Later(schedule.next_ask(asked_at))
        return
    if refund.why == ELSEWHERE:
        if refunds.elsewhere(number, refund.n):
            return
        raise Astray(f"the payment behind refund {refund.n} of {number} has gone back by another hand")
    if duty.payload.get("none") and clock.now() - asked_at >= schedule.NEVER_BEGAN:
        refunds.tell(number, refund, "refused", why=NEVER_BEGUN)
        return
    duties.advance(duty, {**duty.payload, "none": True}, clock.now())
    raise duties.Later(schedule.next_ask(asked_at))


def _watch(duty: duties.Leased, refund: Refund, sent_at: datetime) -> None:
    if refund.status not in (SENT, ARRIVED):
        return
    refunds.follow(duty.payload["watch"])
    after = schedule.next_watch(sent_at)
    if after is not None:
        raise duties.Later(after)


def _is_open(refund: Refund) -> bool:
    return refund.status in (REQUESTED, UNKNOWN) or (refund.status == WAITING and refund.why == "action")
