"""What Stripe did with the money that it holds for us, line by line of its balance: fees, payouts, conversions.

Each line is booked once, by a claim of its id, whoever meets it first.
"""

from datetime import datetime
from typing import Final

import stripe

from earnest.book import door
from earnest.core.commands.provider_movement import (
    ADDED,
    EXCHANGE,
    FEE,
    PAYOUT,
    RETURNED,
    BookMovement,
    Movement,
)
from earnest.rails.stripe.client import when

_PAYOUTS: Final = {
    "payout": PAYOUT,
    "payout_failure": RETURNED,
    "payout_cancel": RETURNED,
    "topup": ADDED,
    "topup_reversal": PAYOUT,
}
#: Lines that are nothing but a fee: what they changed is what Stripe kept.
_FEES: Final = ("stripe_fee", "stripe_fx_fee", "tax_fee")


def book(line: stripe.BalanceTransaction, original: tuple[int, str] | None = None) -> bool:
    """What a line moved on our side; `original` is what its source is of, in another currency. False: nothing known."""
    kind = _PAYOUTS.get(line.type)
    if kind:
        _book(Movement(kind, line.id, abs(line.amount), *_common(line), what=_source(line)))
    elif line.type in _FEES:
        _book(Movement(FEE, line.id, -line.amount, *_common(line), what=line.type.replace("_", "-")))
    elif original and original[1] != line.currency.upper():
        currency, happened_at = _common(line)
        given, was = original
        # Ours says what was paid, in the currency in which it was paid; Stripe holds another one instead.
        _book(Movement(EXCHANGE, line.id, -given, was, happened_at, got_minor=line.amount, got=currency))
    fee_of(line)
    return bool(kind or line.type in _FEES)


def fee_of(line: stripe.BalanceTransaction) -> None:
    """The fee that a line carries, once."""
    if line.fee:
        what = line.reporting_category.replace("_", "-")
        _book(Movement(FEE, line.id, line.fee, *_common(line), what=what))


def _common(line: stripe.BalanceTransaction) -> tuple[str, datetime]:
    return line.currency.upper(), when(line.created)


def _source(line: stripe.BalanceTransaction) -> str:
    source = line.source
    return source if isinstance(source, str) else str(getattr(source, "id", ""))


def _book(movement: Movement) -> None:
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=movement))
