"""What a bank is shown when it disputes a payment: the story on paper, and the same in the fields that Stripe asks for.

Nothing is said here that the story does not say; a field whose value was erased is left out.
"""

from typing import Final, NamedTuple

from django.utils import translation

from earnest.book import export, reads
from earnest.core.acts import Act
from earnest.core.dispute import Dispute
from earnest.core.offer import Offer
from earnest.core.refund import ARRIVED, SENT
from earnest.core.reservation import Contact, Identity, Reservation, contact_of, identity_of
from earnest.post.words import day, moment, money, window
from earnest.rails.stripe.disputes import the
from earnest.web.telling.forms import written
from earnest.web.telling.narrative import sentence

#: Banks read English; so many characters of each field, of the 150,000 that Stripe takes for all.
LANGUAGE: Final = "en"
MOST: Final = 20_000


class Evidence(NamedTuple):
    """The document as PDF, and Stripe's text fields by their names."""

    document: bytes
    texts: dict[str, str]


def evidence(number: str, n: int) -> Evidence:
    """For dispute `n` of a reservation, with what its payer said of themselves and no other holder. Raises Missing."""
    state, dispute = reads.reservation(number), the(number, n)
    payer = state.holder_at(dispute.payment)
    document = written(export.story(state.number, "all", payer), "pdf", LANGUAGE)
    acts = [read.act for read in reads.acts("reservation", state.number, payer)]
    with translation.override(LANGUAGE):
        texts = _texts(state, dispute, reads.offer(state.offer).offer, acts, acts[state.span(payer)[0]])
    return Evidence(document, {name: text[:MOST] for name, text in texts.items() if text})


def _texts(state: Reservation, dispute: Dispute, offer: Offer, acts: list[Act], came: Act) -> dict[str, str]:
    """`came`: the act by which the payer came to the reservation."""
    text = offer.version(state.version).text(state.terms_language)
    found = {
        "product_description": f"{text.title}: {state.quantity} reserved on {day(state.placed_at.date())}, "
        f"promised for {window(state.promised)}. {text.summary}",
        "refund_policy_disclosure": f"Terms shown before the reservation on {moment(state.placed_at)}, in the language "
        f"“{state.terms_language}”, SHA-256 {state.terms_hash}:\n\n{text.terms}",
        "uncategorized_text": "\n".join([*_money(state, dispute.payment), "", *_timeline(acts)]),
    }
    identity, contact = identity_of(came), contact_of(came)
    if isinstance(identity, Identity):
        found["customer_name"] = identity.name
    if isinstance(contact, Contact):
        found["customer_email_address"] = contact.email
    if not state.endings:
        found["refund_refusal_explanation"] = (
            "The customer has not cancelled the reservation; a cancellation is never refused, and is paid back."
        )
    return found


def _money(state: Reservation, seq: int) -> list[str]:
    """What of the disputed payment has gone back already: paid twice is what both sides want to see."""
    payment = state.payment(seq)
    assert payment is not None
    said = [
        f"Payment {payment.reference}: {money(payment.amount_minor, payment.currency)}, {moment(payment.at)}."
    ]
    for refund in state.refunds:
        if refund.payment == seq and refund.status in (SENT, ARRIVED) and refund.sent_at:
            amount = money(refund.amount_minor, refund.currency)
            said.append(
                f"Refunded already: {amount} on {moment(refund.sent_at)}, reference {refund.reference}."
            )
    return said


def _timeline(acts: list[Act]) -> list[str]:
    return [f"{moment(act.at)}: {sentence(act)}" for act in acts]
