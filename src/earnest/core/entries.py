"""Double entry: what an act did to the money, one row a movement, balanced by construction.

A row debits one account and credits another by the same amount, so no sum can be off. `CHART` lists every account,
on which side it grows, and whether it must come back to zero. An entry holds no personal data: a customer's account
is the key of the reservation and a class. `docs/ledger.md` says which act moves what.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

DEPOSIT = "deposit"
REFUND = "refund"
RECEIVABLE = "receivable"
BANK = "bank"
CARD_CLEARING = "card-clearing"
PAYOUTS = "payout-in-transit"
UNMATCHED = "bank-unmatched"
IN_TRANSIT = "refund-in-transit"
UNCLAIMED = "unclaimed"
SALES = "sales"
INTEREST = "interest"
FEES = "provider-fees"
DISPUTES = "disputes"
EXCHANGE = "exchange-differences"
OWN_FUNDS = "own-funds"
TAX = "tax"
TAX_ON_DEPOSITS = "tax-on-deposits"

DEBIT, CREDIT = "debit", "credit"


class Account(NamedTuple):
    """One line of the chart: the side on which it grows, what it is, and, for a clearing account, after how many
    days what still stands on it is an alarm, and whose (a role of the console)."""

    side: str
    kind: str
    clears_in_days: int = 0
    owner: str = ""


#: Every account of a book; the first three exist once for each reservation, named by `customer`.
CHART: Final = {
    DEPOSIT: Account(CREDIT, "liability"),
    REFUND: Account(CREDIT, "liability"),
    RECEIVABLE: Account(DEBIT, "asset"),
    BANK: Account(DEBIT, "asset"),
    CARD_CLEARING: Account(DEBIT, "asset", 14, "finance"),
    PAYOUTS: Account(DEBIT, "asset", 7, "finance"),
    UNMATCHED: Account(CREDIT, "liability", 5, "finance"),
    IN_TRANSIT: Account(CREDIT, "liability", 10, "finance"),
    UNCLAIMED: Account(CREDIT, "liability"),
    DISPUTES: Account(DEBIT, "asset", 120, "finance"),
    SALES: Account(CREDIT, "income"),
    INTEREST: Account(DEBIT, "expense"),
    FEES: Account(DEBIT, "expense"),
    EXCHANGE: Account(DEBIT, "expense"),
    OWN_FUNDS: Account(CREDIT, "equity"),
    TAX: Account(CREDIT, "liability"),
    TAX_ON_DEPOSITS: Account(DEBIT, "asset"),
}

#: Classes of the accounts that each reservation has; none of them is ever below zero on its own side.
CUSTOMER: Final = (DEPOSIT, REFUND, RECEIVABLE)

#: What is owed to customers, whatever became of it: each reservation's part is moved by its own acts alone.
OWED: Final = (DEPOSIT, REFUND, IN_TRANSIT, UNCLAIMED)
#: Where money stands that is really there, or on its way from the provider to our bank.
HELD: Final = (BANK, CARD_CLEARING, PAYOUTS)

#: Where a rail's money stands on our side.
CLEARING = {"card": CARD_CLEARING, "transfer": BANK, "hand": BANK}


class Entry(NamedTuple):
    """`amount_minor` (> 0) of `currency` moves out of what `credit` gives and into what `debit` takes."""

    debit: str
    credit: str
    amount_minor: int
    currency: str


def customer(key: str, cls: str) -> str:
    """The account of one reservation: `cls` is one of `CUSTOMER`; never below zero on its own side."""
    return f"customer/{key}/{cls}"


def customer_class(account: str) -> tuple[str, str] | None:
    """(subject key, class) of a customer's account, or None for one of ours."""
    parts = account.split("/")
    return (parts[1], parts[2]) if parts[0] == "customer" and len(parts) == 3 else None


def class_of(account: str) -> str:
    """The account's name in the chart. Raises ValueError for one that is in no chart."""
    owner = customer_class(account)
    name = owner[1] if owner else account
    if name not in CHART or (owner is None) == (name in CUSTOMER):
        raise ValueError(f"{account} is no account")
    return name


def signed(account: str, side: str, amount_minor: int) -> int:
    """By how much a row changes an account, counted on the side on which it grows."""
    return amount_minor if CHART[class_of(account)].side == side else -amount_minor


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


def received(key: str, rail: str, amount_minor: int, currency: str, source: str = "") -> str:
    """A deposit came in over a rail, or out of `source`, where it stood before anybody knew whose it is."""
    return _one(source or CLEARING[rail], customer(key, DEPOSIT), amount_minor, currency)


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


def disputed(amount_minor: int, currency: str) -> str:
    """A card network took the money of a payment back while its holder's bank asks about it."""
    return _one(DISPUTES, CARD_CLEARING, amount_minor, currency)


def undisputed(amount_minor: int, currency: str) -> str:
    """The dispute was won: the network gave it back."""
    return _one(CARD_CLEARING, DISPUTES, amount_minor, currency)


def gone(key: str, to: str, from_deposit: int, receivable: int, currency: str) -> str:
    """A payment was reversed: out of the deposit, and what of it had been paid back is owed by the holder.

    `to` is the account that the money went out of: `disputes`, `bank` or `card-clearing`.
    """
    parts = ((DEPOSIT, from_deposit), (RECEIVABLE, receivable))
    return to_text(Entry(customer(key, cls), to, minor, currency) for cls, minor in parts if minor)


def corrected(key: str, from_deposit: int, receivable: int, not_there: int, currency: str) -> str:
    """A deposit was booked wrongly: it is nobody's, and so much of it (below zero: more) is not at the bank at all."""
    parts = [
        Entry(customer(key, DEPOSIT), UNMATCHED, from_deposit, currency),
        Entry(customer(key, RECEIVABLE), UNMATCHED, receivable, currency),
        Entry(UNMATCHED, BANK, not_there, currency)
        if not_there > 0
        else Entry(BANK, UNMATCHED, -not_there, currency),
    ]
    return to_text(each for each in parts if each.amount_minor)


def settled(key: str, against: str, amount_minor: int, currency: str) -> str:
    """A refund that need not be paid any more: the network has paid it, or it is set off."""
    other = customer(key, RECEIVABLE) if against == RECEIVABLE else against
    return _one(customer(key, REFUND), other, amount_minor, currency)


def paid_outside(key: str, source: str, from_deposit: int, receivable: int, currency: str) -> str:
    """A refund that somebody made in the provider's own pages: what of it nothing covers is owed by the holder."""
    account = customer(key, DEPOSIT) if source == DEPOSIT else source
    parts = ((account, from_deposit), (customer(key, RECEIVABLE), receivable))
    return to_text(Entry(each, customer(key, REFUND), minor, currency) for each, minor in parts if minor)


def fee(amount_minor: int, currency: str) -> str:
    """A provider kept a fee; below zero it gave one back."""
    if amount_minor < 0:
        return _one(CARD_CLEARING, FEES, -amount_minor, currency)
    return _one(FEES, CARD_CLEARING, amount_minor, currency)


def paid_out(amount_minor: int, currency: str) -> str:
    """A provider sent money to our bank; below zero it came back, or we sent it some."""
    if amount_minor < 0:
        return _one(CARD_CLEARING, PAYOUTS, -amount_minor, currency)
    return _one(PAYOUTS, CARD_CLEARING, amount_minor, currency)


def exchanged(given_minor: int, given: str, got_minor: int, got: str) -> str:
    """A provider changed what it held for us; both signs are those of the change of what it holds."""
    rows = []
    for minor, currency in ((given_minor, given), (got_minor, got)):
        debit, credit = (CARD_CLEARING, EXCHANGE) if minor > 0 else (EXCHANGE, CARD_CLEARING)
        rows.append(Entry(debit, credit, abs(minor), currency))
    return to_text(rows)


def unmatched(amount_minor: int, currency: str) -> str:
    """A credit on our account at a bank that names no reservation."""
    return _one(BANK, UNMATCHED, amount_minor, currency)


def explained(account: str, amount_minor: int, currency: str) -> str:
    """Such a credit was the maker's own money, out of an account of the chart."""
    return _one(UNMATCHED, account, amount_minor, currency)


def sending_back(amount_minor: int, currency: str) -> str:
    """Such a credit goes back to where it came from."""
    return _one(UNMATCHED, IN_TRANSIT, amount_minor, currency)


def sent_back(amount_minor: int, currency: str) -> str:
    """It has left."""
    return _one(IN_TRANSIT, BANK, amount_minor, currency)


def not_sent_back(amount_minor: int, currency: str) -> str:
    """It has not, and will not: it is unmatched again."""
    return _one(IN_TRANSIT, UNMATCHED, amount_minor, currency)


def sold(key: str, parts: Iterable[tuple[int, str]]) -> str:
    """The reservation became a sale: the deposits count as its price."""
    return to_text(Entry(customer(key, DEPOSIT), SALES, minor, currency) for minor, currency in parts)


def deposit_taxed(tax_minor: int, currency: str) -> str:
    """Tax is due on a deposit that was received; below zero, on so much it is due no more."""
    if tax_minor < 0:
        return _one(TAX, TAX_ON_DEPOSITS, -tax_minor, currency)
    return _one(TAX_ON_DEPOSITS, TAX, tax_minor, currency) if tax_minor else ""


def sale_taxed(tax_minor: int, of_deposits_minor: int, currency: str) -> str:
    """The tax in what became sales leaves them; of it, what was due on the deposits already is settled with that."""
    rows = [(SALES, TAX_ON_DEPOSITS, of_deposits_minor), (SALES, TAX, tax_minor - of_deposits_minor)]
    return to_text(
        Entry(debit, credit, minor, currency) if minor > 0 else Entry(credit, debit, -minor, currency)
        for debit, credit, minor in rows
        if minor
    )


def _one(debit: str, credit: str, amount_minor: int, currency: str) -> str:
    return to_text([Entry(debit, credit, amount_minor, currency)])
