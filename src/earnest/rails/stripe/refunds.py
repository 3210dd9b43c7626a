"""A refund goes back to its card: written down, asked for once, and then only asked about.

The idempotency key is made of the refund and its attempt. An answer that never came is *unknown*: it is asked about
on a written schedule and never sent again. Only when Stripe has no such refund, an hour and more after it was asked
for, is it taken as never begun.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

import stripe

from earnest.book import clock, door, duties, mode, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refund import OWED, REQUESTED, UNKNOWN, Refund
from earnest.core.refusals import Refused
from earnest.core.reservation import Payment
from earnest.rails.outward import outward
from earnest.rails.stripe.client import client, plain, when

log = logging.getLogger(__name__)

#: When an answer that never came is asked about, after the request; then once a day, with an alarm.
ASK_AFTER: Final = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
#: Nothing found this long after the request: it never began.
NEVER_BEGAN: Final = timedelta(hours=1)

_STATUS: Final = {
    "succeeded": "sent",
    "pending": "pending",
    "requires_action": "action",
    "failed": "refused",
    "canceled": "refused",
}
#: Errors with which Stripe says that no refund was made and none will be: the next route is tried.
_FINAL: Final = (stripe.InvalidRequestError, stripe.CardError)


@duties.handles("refund")
def refund_is_due(duty: duties.Leased) -> None:
    """The duty to pay one refund that goes to a card."""
    number, n = duty.payload["number"], duty.payload["refund"]
    refund = _refund(number, n)
    if refund is None or refund.route != "card":
        return
    if refund.status == OWED:
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
                    "metadata": _about(number, refund),
                },
                {"idempotency_key": f"{mode.origin()}/{number}/refund/{n}/{refund.attempt}"},
            )
    except _FINAL as error:
        _report(number, refund, "refused", why=_word(error.code or "refused"))
        return
    except Refused as refusal:
        _report(number, refund, "refused", why=refusal.code)
        return
    except Exception as error:  # whatever went wrong, the money may be on its way
        log.warning("refund %s/%s: no answer: %s", number, n, error)
        _unknown(number, refund, "no-answer")
        return
    report(number, n, answer)


def report(number: str, n: int, answer: stripe.Refund) -> None:
    """Report a refund as Stripe has it now; the same news twice is news once."""
    refund = _refund(number, n)
    if refund is None or plain(answer.metadata).get("attempt") != str(refund.attempt):
        return
    outcome = _STATUS.get(str(answer.status), "unknown")
    if outcome == "refused" and refund.status not in (REQUESTED, UNKNOWN):
        outcome = "returned"
    if outcome == "pending":
        _ask_later(number, refund, clock.now() + ASK_AFTER[1])
        return
    _report(
        number,
        refund,
        outcome,
        reference=answer.id,
        why=_word(str(getattr(answer, "failure_reason", None) or answer.status)),
        happened_at=min(when(answer.created), clock.now()) if outcome == "sent" else clock.now(),
    )


@duties.handles("ask_refund")
def ask(duty: duties.Leased) -> None:
    """Ask Stripe what came of a refund; never send it again."""
    number, n = duty.payload["number"], duty.payload["refund"]
    refund = _refund(number, n)
    asked_at = datetime.fromisoformat(duty.payload["asked_at"])
    if (
        refund is None
        or refund.attempt != duty.payload["attempt"]
        or refund.status not in (REQUESTED, UNKNOWN)
    ):
        return
    found = find(number, refund)
    if found is not None:
        report(number, n, found)
        after = _refund(number, n)
        if after is not None and after.status in (REQUESTED, UNKNOWN):
            raise duties.Later(_next_ask(asked_at))
    elif clock.now() - asked_at >= NEVER_BEGAN:
        _report(number, refund, "refused", why="never-begun")
    else:
        raise duties.Later(_next_ask(asked_at))


def find(number: str, refund: Refund) -> stripe.Refund | None:
    """The refund of this very attempt among those that Stripe made of the payment."""
    payment = reads.reservation(number).payment(refund.payment)
    if payment is None:
        return None
    with outward():
        made = client().v1.refunds.list({"payment_intent": payment.reference, "limit": 100})
    about = _about(number, refund)
    return next((each for each in made.data if plain(each.metadata) == about), None)


def follow(number: str, refund_id: str) -> None:
    """An event spoke of a refund: fetch it again and report it."""
    with outward():
        answer = client().v1.refunds.retrieve(refund_id)
    n = plain(answer.metadata).get("refund", "")
    if n.isdigit():
        report(number, int(n), answer)


def _unknown(number: str, refund: Refund, why: str) -> None:
    if refund.status == REQUESTED:
        _report(number, refund, "unknown", why=why)
    _ask_later(number, refund, clock.now() + ASK_AFTER[0])


def _ask_later(number: str, refund: Refund, at: datetime) -> None:
    payload = {
        "number": number,
        "refund": refund.n,
        "attempt": refund.attempt,
        "asked_at": clock.now().isoformat(),
    }
    duties.insert([Duty("ask_refund", f"ask_refund/{number}/{refund.n}/{refund.attempt}", at, payload)])


def _next_ask(asked_at: datetime) -> datetime:
    """The next step of the schedule."""
    now = clock.now()
    step = next((asked_at + after for after in ASK_AFTER if asked_at + after > now), None)
    if step is None:
        log.error("a refund has had no answer for more than a day; asking again tomorrow")
    return step or now + timedelta(days=1)


def _report(
    number: str,
    refund: Refund,
    outcome: str,
    *,
    reference: str = "",
    why: str = "",
    happened_at: datetime | None = None,
) -> None:
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


def _about(number: str, refund: Refund) -> dict[str, str]:
    return {
        "origin": mode.origin(),
        "number": number,
        "refund": str(refund.n),
        "attempt": str(refund.attempt),
    }


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
