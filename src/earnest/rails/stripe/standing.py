"""How a payment stands at Stripe, asked before money is sent: the book alone does not know what others did there.

A refund that somebody made in Stripe's own pages is imported as a refund of the reservation, once.
"""

import logging

import stripe

from earnest.book import door, reads
from earnest.core.commands.import_refund import ImportRefund
from earnest.core.refund import Refund
from earnest.core.refusals import Refusal
from earnest.rails.outward import outward
from earnest.rails.stripe import disputes
from earnest.rails.stripe.client import Astray, client, number_of, plain

log = logging.getLogger(__name__)


def look(number: str, refund: Refund) -> None:
    """Ask Stripe about a refund's payment, and tell what is news: disputes, and refunds made by others."""
    payment = reads.reservation(number).payment(refund.payment)
    if payment is None:
        return
    with outward():
        intent = client().v1.payment_intents.retrieve(payment.reference, {"expand": ["latest_charge"]})
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge):
        return
    if charge.disputed:
        disputes.of_payment(payment.reference)
    if charge.amount_refunded:
        imported(number, payment.reference)


def imported(number: str, intent: str) -> int:
    """Import what others refunded of a payment; how many such refunds there are."""
    from earnest.rails.stripe.asking import made_of

    found = [each for each in made_of(intent) if not plain(each.metadata).get("refund")]
    for each in found:
        made_outside(each)
    return len([each for each in found if each.status not in ("failed", "canceled")])


def made_outside(answer: stripe.Refund) -> None:
    """A refund without our words on it: of a payment of ours, it becomes one of the reservation. Raises Astray."""
    from earnest.rails.stripe import refunds

    intent = getattr(answer, "payment_intent", None)
    paid = intent if isinstance(intent, str) else getattr(intent, "id", "")
    number = number_of(paid)
    if number is None:
        return  # a payment of somebody else's
    known = _known(number, answer.id)
    if known is None and answer.status in ("failed", "canceled"):
        return  # it never was anything to us
    if known is None:
        command = ImportRefund(
            by="provider",
            via="stripe",
            number=number,
            paid_reference=paid,
            reference=answer.id,
            amount_minor=answer.amount,
            currency=answer.currency.upper(),
        )
        try:
            door.do_one(command)
        except Refusal as refusal:
            log.error("refund %s of %s: %s", answer.id, number, refusal)
            raise Astray(
                f"{answer.id} pays back a payment of {number}, and does not fit: {refusal}"
            ) from None
        log.warning("%s was made in Stripe's own pages; it is imported into %s", answer.id, number)
        known = _known(number, answer.id)
    if known is not None:
        refunds.report(number, known.n, answer)


def _known(number: str, reference: str) -> Refund | None:
    found = reads.reservation(number).refunds
    return next((each for each in found if each.external and each.reference == reference), None)
