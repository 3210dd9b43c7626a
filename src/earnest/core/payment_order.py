"""A payment order: refunds that go to a bank together in one file, each transfer with an end-to-end id of its own.

Its number is made of what it pays, and each asking of a refund is in one order only, so no two orders that were
released have the same number, and the same refunds are the same order however often it is made.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from earnest.core import end_to_end
from earnest.core.acts import Act
from earnest.core.changing import replace
from earnest.core.money import exponent

PREPARED, RELEASED, WITHDRAWN = "prepared", "released", "withdrawn"
#: What one file holds at most; a file of more is refused by some banks.
TRANSFERS_MAX: Final = 5000


class Transfer(NamedTuple):
    """One asking of one refund, to one account of its holder (by its number); minor units."""

    number: str
    refund: int
    attempt: int
    account: int
    amount_minor: int

    @property
    def end_to_end(self) -> str:
        """The id that the bank gives back."""
        return end_to_end.of(self.number, self.refund, self.attempt)


@dataclass(frozen=True)
class Payer:
    """Our own account: who has it, its IBAN, and the BIC of its bank (may be empty)."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True)
class Order:
    """An order as its acts left it. `execute_on` is the day on which the bank is asked to pay."""

    number: str
    status: str
    payer: Payer
    currency: str
    execute_on: date
    transfers: tuple[Transfer, ...]
    prepared_by: str
    prepared_at: datetime
    released_by: str = ""
    released_at: datetime | None = None
    #: What the bank said last of the whole file (ISO 20022 status), and when we read it.
    answer: str = ""
    answered_at: datetime | None = None

    @property
    def is_void(self) -> bool:
        """Whether it was withdrawn before it asked for anything: the same may be prepared again."""
        return self.status == WITHDRAWN and not self.released_by

    @property
    def total_minor(self) -> int:
        """What all transfers come to."""
        return total(self.transfers)


def total(transfers: Iterable[Transfer]) -> int:
    """What transfers come to, minor units."""
    return sum(each.amount_minor for each in transfers)


def number_of(transfers: Iterable[Transfer], currency: str) -> str:
    """`PAY-` and twelve hexadecimal digits of the SHA-256 of the lines `id account amount currency`, sorted."""
    lines = sorted(f"{each.end_to_end} {each.account} {each.amount_minor} {currency}" for each in transfers)
    return f"PAY-{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:12].upper()}"


def needs_second(transfers: Sequence[Transfer], currency: str, limit_major: int, changed_major: int) -> str:
    """Why another operator must release an order, or nothing.

    `total` is over `limit_major`; or `changed`: over `changed_major` goes to an account that replaced another.
    Both limits are in whole units of the currency.
    """
    unit = 10 ** exponent(currency)
    if total(transfers) > limit_major * unit:
        return "total"
    changed = any(each.account > 1 and each.amount_minor > changed_major * unit for each in transfers)
    return "changed" if changed else ""


def fold(order: Order | None, act: Act, number: str) -> Order:
    """The order after one more act. Raises ValueError for what has no place here."""
    if order is None:
        if act.type != "order.prepared":
            raise ValueError(f"an order cannot begin with {act.type}")
        return _prepared(act, number)
    if act.type == "order.prepared" and order.is_void:
        return _prepared(act, number)
    if act.type == "order.released" and order.status == PREPARED:
        return replace(order, status=RELEASED, released_by=str(act.get("person") or ""), released_at=act.at)
    if act.type == "order.withdrawn" and order.status in (PREPARED, RELEASED):
        return replace(order, status=WITHDRAWN)
    if act.type == "order.answered" and order.status != PREPARED:
        return replace(order, answer=str(act.get("status") or ""), answered_at=act.at)
    raise ValueError(f"an order that is {order.status} cannot have {act.type}")


def folded(acts: Iterable[Act], number: str) -> Order | None:
    """The order that acts left, or None where there are none."""
    order = None
    for act in acts:
        order = fold(order, act, number)
    return order


def _prepared(act: Act, number: str) -> Order:
    rows = act.fields["transfers"]
    if not isinstance(rows, list):
        raise ValueError("an order has transfers")
    transfers = []
    for row in rows:
        asked = end_to_end.read(str(row[0])) if isinstance(row, list) and len(row) == 3 else None
        if asked is None or not isinstance(row, list):
            raise ValueError(f"not a transfer: {row!r}")
        transfers.append(Transfer(*asked, int(str(row[1])), int(str(row[2]))))
    bic = act.get("bic")
    return Order(
        number=number,
        status=PREPARED,
        payer=Payer(act.text("name"), act.text("iban"), bic if isinstance(bic, str) else ""),
        currency=act.text("currency"),
        execute_on=date.fromisoformat(act.text("execute_on")),
        transfers=tuple(transfers),
        prepared_by=str(act.get("person") or ""),
        prepared_at=act.at,
    )
