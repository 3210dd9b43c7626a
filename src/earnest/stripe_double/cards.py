"""Test cards and what becomes of a payment and of its refund; numbers are Stripe's own where it has one."""

from typing import Final, NamedTuple


class Card(NamedTuple):
    """`decline`: the code with which a payment is declined; `refund`: how a refund to it goes."""

    number: str
    brand: str
    says: str
    decline: str = ""
    refund: str = "succeeds"


CARDS: Final = (
    Card("4242424242424242", "visa", "paid; refunds succeed at once"),
    Card("5555555555554444", "mastercard", "paid; refunds succeed at once"),
    Card("4000000000000002", "visa", "declined", decline="card_declined"),
    Card("4000000000009995", "visa", "declined: insufficient funds", decline="insufficient_funds"),
    Card("4000000000000069", "visa", "declined: expired card", decline="expired_card"),
    Card("4000000000007726", "visa", "paid; a refund is pending, then succeeds", refund="later"),
    Card("4000000000005126", "visa", "paid; a refund succeeds and fails days later", refund="fails later"),
    # Stripe has no numbers for these three; they are this double's own.
    Card("4000000000000341", "visa", "paid; the card is dead when a refund is tried", refund="fails at once"),
    Card("4000000000003220", "visa", "paid; a refund stays pending", refund="stays pending"),
    Card("4000000000003063", "visa", "paid; a refund waits for the customer", refund="requires action"),
)

BY_NUMBER: Final = {card.number: card for card in CARDS}


def passes_luhn(number: str) -> bool:
    """ISO/IEC 7812 check digit."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return number.isdigit() and 12 <= len(number) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def behaviour(number: str) -> Card:
    """The card of a number; one that is not in the table is an ordinary card."""
    return BY_NUMBER.get(number, Card(number, "visa", "paid"))
