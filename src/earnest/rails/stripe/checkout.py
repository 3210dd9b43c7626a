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
from earnest.core.money import major
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
    before = reads.reservation(number)
    door.do_one(AskDeposit(by="customer", via="portal", person=f"holder:{before.holder}", number=number))
    state = reads.reservation(number)
    if before.asks and len(state.asks) > len(before.asks) and before.asks[-1].due_at > clock.now():
        _expire(before, before.asks[-1])
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


def _expire(state: Reservation, ask: Ask) -> None:
    """The page of an older question is closed, so that one page is open; paid all the same, what is too much goes back.

    Asked for by its idempotency key, Stripe says again which page that was.
    """
    key = f"{mode.origin()}/{state.number}/ask/{ask.n}/0"
    try:
        with outward():
            sessions = client().v1.checkout.sessions
            made = sessions.create(_session(state, ask), {"idempotency_key": key})
            if made.status == "open":
                sessions.expire(made.id)
    except stripe.StripeError as error:
        log.warning("the older page of %s stays open: %s", state.number, error)


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
    """What came is held against what was asked, in every respect, before anything is booked. Raises Mismatch."""
    is_live = mode.current().mode == "live"
    if bool(intent.livemode) != is_live:
        raise _mismatch(f"payment {intent.id} is {'live' if intent.livemode else 'test'} money")
    about = plain(intent.metadata)
    ask = _matched(number, intent, about.get("ask", ""))
    # A provider's clock may be ahead of ours by a little; nothing is recorded as happening in the future.
    happened_at = min(instant(text(when(intent.created))), clock.now())
    paid = Paid(
        "card",
        intent.amount_received,
        intent.currency.upper(),
        intent.id,
        happened_at,
        imported=ask is None,
        instalment=ask.instalment if ask else 0,
    )
    try:
        door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))
    except Missing:
        raise _mismatch(f"payment {intent.id} is for {number}, which this book does not know") from None
    return number


def _matched(number: str, intent: stripe.PaymentIntent, n: str) -> Ask | None:
    """What a payment was asked by; None for one that somebody made in Stripe's own pages. Raises Mismatch."""
    if not n:
        return None
    try:
        asks = reads.reservation(number).asks
    except Missing:
        raise _mismatch(f"payment {intent.id} is for {number}, which this book does not know") from None
    ask = next((each for each in asks if str(each.n) == n), None)
    came = (intent.amount_received, intent.currency.upper())
    if ask is None or came != (ask.amount_minor, ask.currency):
        wanted = f"{major(ask.amount_minor, ask.currency)} {ask.currency}" if ask else "nothing"
        raise _mismatch(
            f"payment {intent.id} for {number} is {major(came[0], came[1])} {came[1]}, and {wanted} was asked for"
        )
    return ask


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
