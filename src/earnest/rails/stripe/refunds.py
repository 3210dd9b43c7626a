"""A refund goes back to its card: written down, asked for once, and then only asked about.

The idempotency key is made of the refund and its attempt. An answer that never came is *unknown*: `asking` asks
about it on a written schedule, and it is never sent again.
"""

import logging
from datetime import datetime
from typing import Final

import stripe

from earnest.book import clock, door, duties, mode, reads
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ELSEWHERE, SHORT, ReportRefund
from earnest.core.numbers import parse
from earnest.core.refund import ARRIVED, OWED, REQUESTED, SENT, UNKNOWN, WAITING, Refund
from earnest.core.refusals import Refused
from earnest.core.reservation import Payment
from earnest.rails.outward import outward
from earnest.rails.stripe import disputes, schedule, shortage, standing
from earnest.rails.stripe.client import Astray, client, plain, when

log = logging.getLogger(__name__)

_STATUS: Final = {
    "succeeded": "sent",
    "pending": "pending",
    "requires_action": "action",
    "failed": "refused",
    "canceled": "refused",
}
#: With these Stripe holds the money, or has let it go.
_MOVING: Final = ("sent", "pending", "action")
#: Errors with which Stripe says that no refund was made and none will be: the next route is tried.
_FINAL: Final = (stripe.InvalidRequestError, stripe.CardError)
#: Among them those that mean that the money has gone back already, by a hand or a bank that is not ours.
_GONE: Final = ("charge_already_refunded", "charge_disputed")
#: Errors that mean that there is too little money at Stripe: it is owed on, and asked again when there is enough.
_TOO_LITTLE: Final = ("balance_insufficient", "insufficient_funds")


@duties.handles("refund")
def refund_is_due(duty: duties.Leased) -> None:
    """The duty to pay one refund that goes to a card."""
    number, n = duty.payload["number"], duty.payload["refund"]
    refund = _refund(number, n)
    if refund is None or refund.route != "card":
        return
    if refund.status == OWED:
        client()  # where cards are not set up it stays owed, and the duty says so
        standing.look(number, refund)
        refund = _refund(number, n)
        if refund is None or refund.status != OWED:
            return
        shortage.wait_for_funds(number, refund)
        try:
            door.do_one(RequestRefund(by="system", via="worker", person="worker", number=number, refund=n))
        except Refused as refusal:
            if refusal.code == "refund-too-early":
                raise duties.Later(refund.from_at) from None
            raise
        send(number, n)
    elif refund.status in (REQUESTED, UNKNOWN):
        # A worker died between writing it down and hearing the answer: whether it was sent, only Stripe knows.
        _unknown(number, refund, "worker-died")


def send_now(number: str, n: int, person: str) -> None:
    """An operator sends a refund before its pause is over. Raises Refusal."""
    client()
    refund = _refund(number, n)
    if refund and refund.status == OWED:
        standing.look(number, refund)
    door.do_one(RequestRefund(by="maker", via="console", person=person, number=number, refund=n))
    send(number, n)


def send(number: str, n: int) -> None:
    """Ask Stripe, once, for a refund that is written down as requested, and report what it says."""
    refund, payment = _with_payment(number, n)
    try:
        with outward():
            answer = client().v1.refunds.create(
                {
                    "payment_intent": payment.reference,
                    "amount": refund.amount_minor,
                    "reason": "requested_by_customer",
                    "metadata": about(number, refund),
                },
                {"idempotency_key": f"{mode.origin()}/{number}/refund/{n}/{refund.attempt}"},
            )
    except _FINAL as error:
        if error.code in _GONE or error.param == "amount":
            _unknown(number, refund, ELSEWHERE)
            elsewhere(number, n)
        elif error.code in _TOO_LITTLE:
            tell(number, refund, "refused", why=SHORT)
            shortage.warn(number, refund)
        else:
            tell(number, refund, "refused", why=_word(error.code or "refused"))
        return
    except Exception as error:  # whatever went wrong, the money may be on its way
        log.warning("refund %s/%s: no answer: %s", number, n, error)
        _unknown(number, refund, "no-answer")
        return
    report(number, n, answer)


def elsewhere(number: str, n: int) -> bool:
    """Stripe refused, because the money has gone by another hand: by whose, it is asked. False where it cannot say.

    A dispute holds what is owed; refunds that others made have been imported, and what they left is owed on.
    """
    refund, payment = _with_payment(number, n)
    disputes.of_payment(payment.reference)
    found = standing.imported(number, payment.reference)
    refund = _refund(number, n) or refund
    if refund.status not in (REQUESTED, UNKNOWN):
        return True
    if reads.reservation(number).disputed(payment.seq):
        tell(number, refund, "refused", why="charge-disputed")
    elif found:
        tell(number, refund, "refused", why=ELSEWHERE)
    else:
        return False
    return True


def report(number: str, n: int, answer: stripe.Refund) -> None:
    """Report a refund as Stripe has it now; the same news twice is news once. Raises Astray."""
    refund, outcome = _refund(number, n), _STATUS.get(str(answer.status), "unknown")
    if refund is None or not _is_of(answer, refund):
        if outcome in _MOVING:
            raise Astray(
                f"{answer.id} of {number} is {answer.status}, and is no attempt that this book waits for"
            )
        return
    if outcome == "pending" and getattr(answer, "pending_reason", None) == "insufficient_funds":
        shortage.warn(number, refund)
    if outcome == "pending":
        schedule.ask_later(number, refund, schedule.ASK_AFTER[1], pending=True)
    elif outcome == "refused" and refund.status not in (REQUESTED, UNKNOWN):
        outcome = "returned"
    tell(
        number,
        refund,
        outcome,
        reference=answer.id,
        why=_word(str(getattr(answer, "failure_reason", None) or answer.status)),
        happened_at=_sent_at(number, refund, answer) if outcome == "sent" else clock.now(),
    )
    _look_after(number, n, answer, outcome)


def _is_of(answer: stripe.Refund, refund: Refund) -> bool:
    if refund.external:
        return refund.reference == answer.id
    return plain(answer.metadata).get("attempt") == str(refund.attempt)


def follow(refund_id: str) -> None:
    """An event spoke of a refund: fetch it again and report it. Raises Astray."""
    with outward():
        answer = client().v1.refunds.retrieve(refund_id)
    heard(answer)


def heard(answer: stripe.Refund) -> None:
    """News of a refund, whoever made it. Raises Astray."""
    said = plain(answer.metadata)
    number, n = parse(said.get("number", "")), said.get("refund", "")
    if said.get("origin") == mode.origin() and number and n.isascii() and n.isdigit():
        report(number, int(n), answer)
    else:
        standing.made_outside(answer)


def about(number: str, refund: Refund) -> dict[str, str]:
    """What a refund at Stripe says of itself, and is found by."""
    return {
        "origin": mode.origin(),
        "number": number,
        "refund": str(refund.n),
        "attempt": str(refund.attempt),
    }


def tell(
    number: str,
    refund: Refund,
    outcome: str,
    *,
    reference: str = "",
    why: str = "",
    happened_at: datetime | None = None,
) -> None:
    """Report an outcome through the door, in our own words."""
    by = "system" if outcome == "unknown" else "provider"
    door.do_one(
        ReportRefund(
            by=by,
            via="stripe",
            number=number,
            refund=refund.n,
            attempt=refund.attempt,
            outcome=outcome,
            happened_at=happened_at or clock.now(),
            reference=reference,
            why=why,
        )
    )


def _look_after(number: str, n: int, answer: stripe.Refund, outcome: str) -> None:
    """What was told has its next look; what is under way and no longer waited for is an alarm."""
    refund = _refund(number, n)
    assert refund is not None
    if outcome in ("sent", "refused", "returned"):
        duties.over(shortage.key(number, n), clock.now())
    if outcome == "sent" and refund.status == SENT:
        schedule.watch(number, refund, answer.id)
    elif outcome == "action":
        schedule.ask_later(number, refund, schedule.ASK_AFTER[-1], pending=True)
    waited_for = (REQUESTED, UNKNOWN, SENT, ARRIVED)
    if outcome in _MOVING and refund.status not in waited_for and refund.why != "action":
        raise Astray(
            f"{answer.id} of {number} is {answer.status}, and this book holds it to be {refund.status}"
        )


def _sent_at(number: str, refund: Refund, answer: stripe.Refund) -> datetime:
    """Stripe says when a refund was made. One that had not left then has left by now, and no sooner."""
    if refund.status == WAITING or schedule.was_pending(number, refund):
        return clock.now()
    return min(when(answer.created), clock.now())


def _unknown(number: str, refund: Refund, why: str) -> None:
    if refund.status == REQUESTED:
        tell(number, refund, "unknown", why=why)
    schedule.ask_later(number, refund, schedule.ASK_AFTER[0])


def _refund(number: str, n: int) -> Refund | None:
    return reads.reservation(number).refund(n)


def _with_payment(number: str, n: int) -> tuple[Refund, Payment]:
    state = reads.reservation(number)
    refund = state.refund(n)
    payment = state.payment(refund.payment) if refund else None
    if refund is None or payment is None:
        raise ValueError(f"{number} has no refund {n} with a payment")
    return refund, payment


def _word(said: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in said.lower())[:60]
