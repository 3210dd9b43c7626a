"""Test cards and what becomes of a payment and of its refund; numbers are Stripe's own where it has one."""

from typing import Final, NamedTuple


class Card(NamedTuple):
    """`decline`: the code with which a payment is declined; `refund`: how a refund to it goes.

    `after`: what comes of a payment later: a dispute (by reason), an inquiry, a fraud warning; `settles` says when its
    money is available.
    """

    number: str
    brand: str
    says: str
    decline: str = ""
    refund: str = "succeeds"
    after: str = ""
    settles: str = "later"


CARDS: Final = (
    Card("4242424242424242", "visa", "paid; refunds succeed at once"),
    Card("5555555555554444", "mastercard", "paid; refunds succeed at once"),
    Card("4000000000000002", "visa", "declined", decline="card_declined"),
    Card("4000000000009995", "visa", "declined: insufficient funds", decline="insufficient_funds"),
    Card("4000000000000069", "visa", "declined: expired card", decline="expired_card"),
    Card("4000000000007726", "visa", "paid; a refund is pending, then succeeds", refund="later"),
    Card("4000000000005126", "visa", "paid; a refund succeeds and fails days later", refund="fails later"),
    Card("4000000000000077", "visa", "paid; the money is available at once", settles="at once"),
    Card("4000000000000259", "visa", "paid; then disputed as fraudulent", after="fraudulent"),
    Card("4000000000002685", "visa", "paid; then disputed as not received", after="product_not_received"),
    Card("4000000000001976", "visa", "paid; then its bank only asks (an inquiry)", after="inquiry"),
    Card("4000000000005423", "visa", "paid; then an early fraud warning", after="warning"),
    # Stripe has no numbers for these three; they are this double's own.
    Card("4000000000000341", "visa", "paid; the card is dead when a refund is tried", refund="fails at once"),
    Card("4000000000003220", "visa", "paid; a refund stays pending", refund="stays pending"),
    Card("4000000000003063", "visa", "paid; a refund waits for the customer", refund="requires action"),
)

#: Stripe's own names for some of them.
METHODS: Final = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_createDisputeInquiry": "4000000000001976",
    "pm_card_createIssuerFraudRecord": "4000000000005423",
    "pm_card_refundFail": "4000000000005126",
    "pm_card_pendingRefund": "4000000000007726",
}
BY_NUMBER: Final = {card.number: card for card in CARDS}


def passes_luhn(number: str) -> bool:
    """ISO/IEC 7812 check digit."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return number.isdigit() and 12 <= len(number) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def behaviour(number: str) -> Card:
    """The card of a number; one that is not in the table is an ordinary card."""
    return BY_NUMBER.get(number, Card(number, "visa", "paid"))


def of_method(name: str) -> Card | None:
    """The card of one of Stripe's test payment methods, or of `pm_card_` and a number; None where it is neither."""
    number = METHODS.get(name, name.removeprefix("pm_card_"))
    return behaviour(number) if passes_luhn(number) else None
