"""A customer pays by card on Stripe's Checkout page, and what came of it is fetched and matched."""

import logging

import stripe
from django.conf import settings

from earnest.book import clock, door, mode, reads
from earnest.core.commands.ask_deposit import AskDeposit
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.instants import instant, text
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing
from earnest.core.reservation import Ask, Contact
from earnest.rails.outward import outward
from earnest.rails.stripe.client import UNREACHABLE, Unreachable, client, plain, when

log = logging.getLogger(__name__)


class Mismatch(Exception):
    """Stripe holds a payment that is none of this book's; a person must look."""


def start_checkout(number: str) -> str:
    """The address of the page on which the next deposit is paid. Raises Refusal.

    What is asked is written first; asked again while the page is open, the same idempotency key gives the same page.
    """
    stripe_client = client()
    door.do_one(AskDeposit(by="customer", via="portal", person="holder:0", number=number))
    state = reads.reservation(number)
    ask = state.asks[-1]
    language = state.contact.language if isinstance(state.contact, Contact) else "en"
    about = {"number": number, "origin": mode.origin(), "ask": str(ask.n), "instalment": str(ask.instalment)}
    portal = f"{settings.EARNEST.base_url}/my/{number}"
    title = reads.offer(state.offer).offer.version(state.version).text(language).title
    try:
        with outward():
            session = stripe_client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "line_items": [_line(ask, f"{title}, {number}")],
                    "success_url": f"{portal}/paid/?session={{CHECKOUT_SESSION_ID}}",
                    "cancel_url": f"{portal}/",
                    "client_reference_id": number,
                    "metadata": about,
                    "payment_intent_data": {"metadata": about},
                    "customer_email": state.contact.email if isinstance(state.contact, Contact) else "",
                    "expires_at": int(ask.due_at.timestamp()),
                    "locale": "fr" if language == "fr" else "en",
                },
                {"idempotency_key": f"{mode.origin()}/{number}/ask/{ask.n}"},
            )
    except stripe.StripeError as error:
        log.warning("checkout for %s: %s", number, error)
        raise Unreachable("stripe-unreachable", UNREACHABLE) from None
    if not session.url:
        raise Unreachable("stripe-unreachable", UNREACHABLE)
    return session.url


def collect(session_id: str) -> str:
    """Fetch a session and record what was paid; the reservation's number. Said twice, it came once.

    Raises Mismatch where the session is not this book's, Unreachable where Stripe cannot be asked, Invalid where
    it is not paid.
    """
    try:
        with outward():
            session = client().v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    except stripe.InvalidRequestError:
        raise Missing("no-session", "There is no such payment.") from None
    except stripe.StripeError:
        raise Unreachable("stripe-unreachable", UNREACHABLE) from None
    intent = session.payment_intent
    about = plain(session.metadata)
    number = parse(about.get("number", ""))
    if about.get("origin") != mode.origin() or number is None:
        raise Mismatch(f"session {session_id} belongs to another book")
    if session.payment_status != "paid" or intent is None or isinstance(intent, str):
        raise Invalid("not-paid-yet", "This payment has not gone through.")
    _received(number, intent)
    return number


def collect_intent(intent_id: str) -> None:
    """As `collect`, from a payment intent."""
    with outward():
        intent = client().v1.payment_intents.retrieve(intent_id)
    about = plain(intent.metadata)
    number = parse(about.get("number", ""))
    if about.get("origin") != mode.origin() or number is None:
        raise Mismatch(f"payment {intent_id} belongs to another book")
    if intent.status == "succeeded":
        _received(number, intent)


def _received(number: str, intent: stripe.PaymentIntent) -> None:
    """What came is recorded as what it is: another amount or currency than was asked is still owed to somebody."""
    is_live = mode.current().mode == "live"
    if bool(intent.livemode) != is_live:
        raise Mismatch(f"payment {intent.id} is {'live' if intent.livemode else 'test'} money")
    # A provider's clock may be ahead of ours by a little; nothing is recorded as happening in the future.
    happened_at = min(instant(text(when(intent.created))), clock.now())
    paid = Paid("card", intent.amount_received, intent.currency.upper(), intent.id, happened_at)
    door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))


def _line(ask: Ask, name: str) -> stripe.params.checkout.SessionCreateParamsLineItem:
    return {
        "quantity": 1,
        "price_data": {
            "currency": ask.currency.lower(),
            "unit_amount": ask.amount_minor,
            "product_data": {"name": name},
        },
    }
