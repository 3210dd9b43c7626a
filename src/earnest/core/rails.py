"""How old a payment may be and still go back the way it came: one literal table, and what follows from it.

A figure is what the rail's own pages say. Where they say none, none is made up: the maker may set one
(`EARNEST_CARD_REFUND_DAYS`), and a card that has died shows itself by the refusal.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from earnest.core.reservation import Payment

CARD, ACCOUNT = "card", "account"
#: Why a route is as it is: no limit is known, it has one, it is over, the money came by transfer, or an earlier
#: holder paid it and the two did not agree that it goes back there.
NO_LIMIT, LIMITED, TOO_OLD, BY_TRANSFER = "no-limit", "rail-age", "rail-too-old", "by-transfer"
PASSED_ON = "passed-on"


class Limit(NamedTuple):
    """One rail: `days` after which it takes no refund (None: none stated), where that was read, and how sure it is.

    `confirmed` is `verbatim` where the source itself was read. A month is counted as 30 days.
    """

    rail: str
    days: int | None
    source: str
    confirmed: str


LIMITS: Final = {
    row.rail: row
    for row in (
        Limit("stripe-card", None, "stripe.com, docs/refunds: none stated in what was read", "verbatim"),
        Limit(
            "stripe-bank-transfer", 180, "docs.stripe.com, payments/customer-balance/refunding", "verbatim"
        ),
        Limit("stripe-ach", 90, "support.stripe.com, refunds with ACH payments (undated)", "verbatim"),
        Limit("paypal", 180, "developer.paypal.com, REFUND_TIME_LIMIT_EXCEEDED", "verbatim"),
        Limit("mangopay", 330, "docs.mangopay.com, error 001403: 11 months", "verbatim"),
        Limit("lemonway-sct", 365, "Lemonway's documentation", "verbatim"),
        Limit("omise", 365, "docs.omise.co", "verbatim"),
        Limit("omise-jcb-amex-diners", 160, "docs.omise.co", "verbatim"),
        Limit("razorpay", 180, "razorpay.com/docs: most banks, 6 months", "verbatim"),
    )
}
#: The rail behind what a payment calls its rail; a transfer to our own bank never goes back, it is paid anew.
BEHIND: Final = {"card": "stripe-card"}


class Route(NamedTuple):
    """One way back: `card` or `account`; whether it is open now, until when (None: no end is known), and why."""

    name: str
    is_open: bool
    until: datetime | None
    why: str


def routes(
    payment: Payment, now: datetime, card_days: int = 0, *, passed_on: bool = False
) -> tuple[Route, ...]:
    """The ways back for a payment, the one to be tried first in front; an account is always among them.

    `card_days` is the maker's own limit for cards, 0 for none; the shorter of it and the rail's holds.
    `passed_on` as the reservation says of the payment (`Reservation.passed_on`).
    """
    account = Route(ACCOUNT, True, None, BY_TRANSFER if payment.rail not in BEHIND else NO_LIMIT)
    if payment.rail not in BEHIND:
        return (account,)
    if passed_on:
        return (account._replace(why=PASSED_ON), Route(CARD, False, None, PASSED_ON))
    stated = LIMITS[BEHIND[payment.rail]].days
    days = min(each for each in (stated, card_days or None) if each) if stated or card_days else None
    if days is None:
        return (Route(CARD, True, None, NO_LIMIT), account)
    until = payment.happened_at + timedelta(days=days)
    if now < until:
        return (Route(CARD, True, until, LIMITED), account)
    return (account._replace(why=TOO_OLD), Route(CARD, False, until, TOO_OLD))


def first(payment: Payment, now: datetime, card_days: int = 0, *, passed_on: bool = False) -> Route:
    """The way that is tried first."""
    return routes(payment, now, card_days, passed_on=passed_on)[0]
