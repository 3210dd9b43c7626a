"""Disputes at Stripe: what it says of one is fetched and told, in whatever order its events came.

While a dispute stands Stripe takes no refund of its charge, and neither do we send one.
"""

import hashlib
import io
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import stripe

from earnest.book import clock, door, duties, mode, reads
from earnest.core.commands.base import Command
from earnest.core.commands.dispute import AnswerDispute, Case, CloseDispute, OpenDispute, WarnOfFraud
from earnest.core.dispute import ANSWERABLE, CLOSED, LOST, WON, Dispute
from earnest.core.refusals import Missing, Refusal, Refused
from earnest.rails.outward import outward
from earnest.rails.stripe import movements
from earnest.rails.stripe.client import Astray, client, number_of, when

log = logging.getLogger(__name__)

#: How often an open dispute is looked at, in case an event got lost.
WATCH: Final = timedelta(days=1)
_OVER: Final = {"won": WON, "lost": LOST, "warning_closed": CLOSED, "prevented": CLOSED}


def follow(dispute_id: str) -> None:
    """An event spoke of a dispute: fetch it and tell what it is now. Raises Astray."""
    with outward():
        found = client().v1.disputes.retrieve(dispute_id)
    report(found)


def follow_warning(warning_id: str) -> None:
    """An early fraud warning: it is shown, and changes nothing. Raises Astray."""
    with outward():
        found = client().v1.radar.early_fraud_warnings.retrieve(warning_id, {"expand": ["charge"]})
    charge = found.charge
    assert isinstance(charge, stripe.Charge)
    intent = _id(getattr(charge, "payment_intent", None))
    number = number_of(intent)
    if number is None:
        return
    case = Case(
        found.id, intent, charge.amount, charge.currency.upper(), found.fraud_type, when(found.created)
    )
    _do(WarnOfFraud(by="provider", via="stripe", number=number, case=case), found.id)


def of_payment(intent: str) -> None:
    """All disputes that stand at a payment of ours, told as they are now. Raises Astray."""
    with outward():
        found = client().v1.disputes.list({"payment_intent": intent, "limit": 100}).data
    for each in found:
        report(each)


def report(found: stripe.Dispute) -> None:
    """Tell a dispute as Stripe has it; the same news twice is news once. Raises Astray."""
    intent = _id(getattr(found, "payment_intent", None))
    number = number_of(intent)
    if number is None:
        return  # a payment of somebody else's
    known = reads.reservation(number).dispute(found.id)
    if not (known and known.status == WON and found.status == "won"):
        _do(OpenDispute(by="provider", via="stripe", number=number, case=_case(found, intent)), found.id)
    if found.evidence_details.submission_count > 0:
        now = clock.now()
        _do(
            AnswerDispute(by="provider", via="stripe", number=number, reference=found.id, happened_at=now), ""
        )
    outcome = _OVER.get(found.status)
    if outcome:
        command = CloseDispute(
            by="provider",
            via="stripe",
            number=number,
            reference=found.id,
            outcome=outcome,
            happened_at=clock.now(),
        )
        _do(command, found.id)
        _no_longer_due(number, found.id)
    for line in found.balance_transactions:
        movements.fee_of(line)


def submit(number: str, n: int, person: str, document: bytes, texts: Mapping[str, str]) -> None:
    """Hand in the evidence, once and for good: the document and Stripe's own text fields. Raises Refusal.

    Written down first by Stripe, then by us; pressed again after a crash in between, what Stripe has is told.
    """
    found = the(number, n)
    if found.status not in ANSWERABLE or found.answered_at:
        raise Refused("dispute-answered", "This dispute takes no evidence any more.")
    sdk, digest = client().v1, hashlib.sha256(document).hexdigest()
    key = f"{mode.origin()}/{number}/dispute/{found.reference}/{digest}"
    story = io.BytesIO(document)
    story.name = f"{number}.pdf"
    with outward():
        standing = sdk.disputes.retrieve(found.reference)
        if standing.evidence_details.submission_count == 0:
            file = sdk.files.create(
                {"purpose": "dispute_evidence", "file": story}, {"idempotency_key": f"{key}/file"}
            )
            evidence: Any = {**texts, "uncategorized_file": file.id}
            standing = sdk.disputes.update(
                found.reference, {"evidence": evidence, "submit": True}, {"idempotency_key": key}
            )
    command = AnswerDispute(
        by="maker",
        via="console",
        person=person,
        number=number,
        reference=found.reference,
        happened_at=clock.now(),
        evidence=digest,
    )
    door.do_one(command)
    _no_longer_due(number, found.reference)
    report(standing)


@duties.handles("dispute_watch")
def watch(duty: duties.Leased) -> None:
    """Look at a dispute every day until it is over."""
    follow(duty.payload["reference"])
    known = reads.reservation(duty.payload["number"]).dispute(duty.payload["reference"])
    if known and known.status in ANSWERABLE:
        raise duties.Later(clock.now() + WATCH)


@duties.handles("dispute_due")
def due(duty: duties.Leased) -> None:
    """Evidence that is due in two days and was not handed in is an alarm."""
    number = duty.payload["number"]
    known = the(number, duty.payload["dispute"])
    if known.status in ANSWERABLE and not known.answered_at:
        raise duties.Park(f"the evidence about the payment of {number} is due by {duty.payload['until']}")


def _no_longer_due(number: str, reference: str) -> None:
    known = reads.reservation(number).dispute(reference)
    if known:
        duties.over(f"dispute_due/{number}/{known.n}/", clock.now())


def _case(found: stripe.Dispute, intent: str) -> Case:
    due_by = found.evidence_details.due_by
    return Case(
        reference=found.id,
        paid_reference=intent,
        amount_minor=found.amount,
        currency=found.currency.upper(),
        reason=found.reason.replace("_", "-"),
        happened_at=when(found.created),
        taken=not found.status.startswith("warning_") and found.status != "prevented",
        due_at=when(due_by) if due_by else None,
    )


def _do(command: Command, what: str) -> None:
    try:
        door.do_one(command)
    except Refusal as refusal:
        log.error("dispute %s: %s", what, refusal)
        raise Astray(f"{what} does not fit this book: {refusal}") from None


def the(number: str, n: int) -> Dispute:
    """A dispute by its number on a reservation, from 1. Raises Missing."""
    found = reads.reservation(number).disputes
    if not 1 <= n <= len(found):
        raise Missing("no-dispute", "There is no such dispute on this reservation.")
    return found[n - 1]


def _id(of: object) -> str:
    return of if isinstance(of, str) else str(getattr(of, "id", "") or "")
