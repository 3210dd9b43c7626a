"""A customer pays by card on Stripe's Checkout page, and what came of it is fetched and matched."""

import logging
import re
from typing import Final

import stripe
from django.conf import settings

from earnest.book import clock, door, duties, mode, reads
from earnest.core.commands.ask_deposit import AskDeposit
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.instants import instant, text
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import Ask, Contact, Reservation
from earnest.rails.outward import outward
from earnest.rails.stripe.client import UNREACHABLE, Unreachable, client, plain, when

log = logging.getLogger(__name__)


#: Stripe keeps an answer under its key, also that it stumbled; a page whose address nobody got is never paid.
TRIES: Final = 3
_SESSION: Final = re.compile(r"cs_[A-Za-z0-9_]{1,250}")


class Mismatch(duties.Park):
    """Stripe holds a payment that is none of this book's; a person must look."""


def start_checkout(number: str) -> str:
    """The address of the page on which the next deposit is paid. Raises Refusal.

    What is asked is written first; asked again while the page is open, the same idempotency key gives the same page.
    """
    client()
    door.do_one(AskDeposit(by="customer", via="portal", person="holder:0", number=number))
    state = reads.reservation(number)
    wanted = _session(state, state.asks[-1])
    for n in range(TRIES):
        try:
            url = _created(wanted, f"{mode.origin()}/{number}/ask/{state.asks[-1].n}/{n}")
        except stripe.StripeError as error:
            log.warning("checkout for %s: %s", number, error)
            if error.http_status is None or error.http_status < 500:
                break
        else:
            if url:
                return url
    raise Unreachable("stripe-unreachable", UNREACHABLE)


def _created(wanted: stripe.params.checkout.SessionCreateParams, key: str) -> str | None:
    with outward():
        return client().v1.checkout.sessions.create(wanted, {"idempotency_key": key}).url


def _session(state: Reservation, ask: Ask) -> stripe.params.checkout.SessionCreateParams:
    number, contact = state.number, state.contact
    if not isinstance(contact, Contact):
        raise Refused("erased", "Personal data of this reservation was erased; please reserve again.")
    about = {"number": number, "origin": mode.origin(), "ask": str(ask.n), "instalment": str(ask.instalment)}
    portal = f"{settings.EARNEST.base_url}/my/{number}"
    title = reads.offer(state.offer).offer.version(state.version).text(contact.language).title
    return {
        "mode": "payment",
        "line_items": [_line(ask, f"{title}, {number}")],
        "success_url": f"{portal}/paid/?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{portal}/",
        "client_reference_id": number,
        "metadata": about,
        "payment_intent_data": {"metadata": about},
        "customer_email": contact.email,
        "expires_at": int(ask.due_at.timestamp()),
        "locale": "fr" if contact.language == "fr" else "en",
    }


def collect(session_id: str) -> str:
    """Fetch a session and record what was paid; the reservation's number. Said twice, it came once.

    Raises Mismatch where the session is not this book's, Unreachable where Stripe cannot be asked, Invalid where
    it is not paid.
    """
    session = _fetched(session_id)
    intent = session.payment_intent
    if session.payment_status != "paid" or intent is None or isinstance(intent, str):
        _ours(plain(session.metadata), session_id)
        raise Invalid("not-paid-yet", "This payment has not gone through.")
    return _received(_ours(plain(session.metadata), session_id), intent)


def collect_if_paid(session_id: str) -> None:
    """As `collect`, where a session that is complete may be paid later, by a bank that takes its time."""
    try:
        collect(session_id)
    except Invalid as refusal:
        if refusal.code != "not-paid-yet":
            raise


def collect_intent(intent_id: str) -> None:
    """As `collect`, from a payment intent."""
    with outward():
        intent = client().v1.payment_intents.retrieve(intent_id)
    number = _ours(plain(intent.metadata), intent_id)
    if intent.status == "succeeded":
        _received(number, intent)


def _fetched(session_id: str) -> stripe.checkout.Session:
    if not _SESSION.fullmatch(session_id):
        raise Missing("no-session", "There is no such payment.")
    try:
        with outward():
            return client().v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    except stripe.InvalidRequestError:
        raise Missing("no-session", "There is no such payment.") from None
    except stripe.StripeError as error:
        log.warning("checkout %s: %s", session_id, error)
        raise Unreachable("stripe-unreachable", UNREACHABLE) from None


def _ours(about: dict[str, str], id: str) -> str:
    """The reservation that a payment names. Raises Mismatch."""
    number = parse(about.get("number", ""))
    if about.get("origin") != mode.origin() or number is None:
        raise _mismatch(f"{id} belongs to another book")
    return number


def _received(number: str, intent: stripe.PaymentIntent) -> str:
    """What came is recorded as what it is: another amount or currency than was asked is still owed to somebody."""
    is_live = mode.current().mode == "live"
    if bool(intent.livemode) != is_live:
        raise _mismatch(f"payment {intent.id} is {'live' if intent.livemode else 'test'} money")
    # A provider's clock may be ahead of ours by a little; nothing is recorded as happening in the future.
    happened_at = min(instant(text(when(intent.created))), clock.now())
    paid = Paid("card", intent.amount_received, intent.currency.upper(), intent.id, happened_at)
    try:
        door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))
    except Missing:
        raise _mismatch(f"payment {intent.id} is for {number}, which this book does not know") from None
    return number


def _mismatch(what: str) -> Mismatch:
    log.error("money that a person must look at: %s", what)
    return Mismatch(what)


def _line(ask: Ask, name: str) -> stripe.params.checkout.SessionCreateParamsLineItem:
    return {
        "quantity": 1,
        "price_data": {
            "currency": ask.currency.lower(),
            "unit_amount": ask.amount_minor,
            "product_data": {"name": name},
        },
    }
