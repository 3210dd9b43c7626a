"""Double entry: what an act did to the money, one row a movement, balanced by construction.

A row debits one account and credits another by the same amount, so no sum can be off. Assets (`card-clearing`,
`bank`) grow by debit; what we owe (`customer/…/deposit`, `customer/…/refund`, `refund-in-transit`,
`unclaimed`) and `sales` grow by credit. An entry holds no personal data: a customer's account is the key of
the reservation and a class.
"""

from collections.abc import Iterable
from typing import NamedTuple

DEPOSIT = "deposit"
REFUND = "refund"
IN_TRANSIT = "refund-in-transit"
UNCLAIMED = "unclaimed"
SALES = "sales"

#: Where a rail's money stands on our side.
CLEARING = {"card": "card-clearing", "transfer": "bank", "hand": "bank"}


class Entry(NamedTuple):
    """`amount_minor` (> 0) of `currency` moves out of what `credit` gives and into what `debit` takes."""

    debit: str
    credit: str
    amount_minor: int
    currency: str


def customer(key: str, cls: str) -> str:
    """The account of one reservation: `cls` is `deposit` or `refund`; never below zero."""
    return f"customer/{key}/{cls}"


def customer_class(account: str) -> tuple[str, str] | None:
    """(subject key, class) of a customer's account, or None for one of ours."""
    parts = account.split("/")
    return (parts[1], parts[2]) if parts[0] == "customer" and len(parts) == 3 else None


def to_text(entries: Iterable[Entry]) -> str:
    """The exact text that an act carries for ever: `debit credit amount currency`, one a line."""
    return "\n".join(f"{e.debit} {e.credit} {e.amount_minor} {e.currency}" for e in entries)


def from_text(written: str) -> tuple[Entry, ...]:
    """The rows of an act's field `entries`. Raises ValueError for anything that `to_text` would not write."""
    rows = []
    for line in written.split("\n") if written else []:
        debit, credit, amount, currency = line.split(" ")
        entry = Entry(debit, credit, int(amount), currency)
        if entry.amount_minor <= 0 or debit == credit or str(entry.amount_minor) != amount:
            raise ValueError(f"not an entry: {line!r}")
        rows.append(entry)
    return tuple(rows)


def received(key: str, rail: str, amount_minor: int, currency: str) -> str:
    """A deposit came in over a rail."""
    return _one(CLEARING[rail], customer(key, DEPOSIT), amount_minor, currency)


def owed(key: str, source: str, amount_minor: int, currency: str) -> str:
    """What was a deposit (or a sale, or unclaimed) is now owed back."""
    account = customer(key, DEPOSIT) if source == DEPOSIT else source
    return _one(account, customer(key, REFUND), amount_minor, currency)


def no_longer_owed(key: str, parts: Iterable[tuple[str, int, str]]) -> str:
    """Takes back `owed`: (source, amount_minor, currency) for each refund that had not left."""
    return to_text(
        Entry(customer(key, REFUND), customer(key, DEPOSIT) if source == DEPOSIT else source, minor, currency)
        for source, minor, currency in parts
    )


def requested(key: str, amount_minor: int, currency: str) -> str:
    """A refund is being sent: it leaves the customer's account, so it cannot be asked for twice."""
    return _one(customer(key, REFUND), IN_TRANSIT, amount_minor, currency)


def not_sent(key: str, amount_minor: int, currency: str) -> str:
    """The provider refused: it is owed again."""
    return _one(IN_TRANSIT, customer(key, REFUND), amount_minor, currency)


def sent(route: str, amount_minor: int, currency: str) -> str:
    """The money has left by the route."""
    return _one(IN_TRANSIT, CLEARING[route], amount_minor, currency)


def returned(key: str, route: str, amount_minor: int, currency: str) -> str:
    """It had left and came back: it is owed again."""
    return _one(CLEARING[route], customer(key, REFUND), amount_minor, currency)


def unclaimed(key: str, amount_minor: int, currency: str) -> str:
    """Nobody could be paid: it stays a liability, and is never income."""
    return _one(customer(key, REFUND), UNCLAIMED, amount_minor, currency)


def sold(key: str, parts: Iterable[tuple[int, str]]) -> str:
    """The reservation became a sale: the deposits count as its price."""
    return to_text(Entry(customer(key, DEPOSIT), SALES, minor, currency) for minor, currency in parts)


def _one(debit: str, credit: str, amount_minor: int, currency: str) -> str:
    return to_text([Entry(debit, credit, amount_minor, currency)])
