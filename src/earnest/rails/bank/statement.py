"""What a bank's file says, whatever its format: transactions, statements, and the one way a file is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from earnest.core.money import MAX_MINOR, exponent

BOOKED, PENDING, INFORMATION = "booked", "pending", "information"

#: What banks write where a payer gave no end-to-end id (SEPA rulebook, AT-41), and MT940's word for it.
NO_REFERENCE: Final = ("NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NOTAVAILABLE")


class Unreadable(Exception):
    """A file that is refused whole: `line` (from 1; 0 where no line is to blame) and one sentence why."""

    def __init__(self, why: str, line: int = 0) -> None:
        self.why = why
        self.line = line
        super().__init__(f"line {line}: {why}" if line else why)


@dataclass(frozen=True, slots=True)
class References:
    """What a transaction can be known by again; empty where the bank or the payer gave nothing.

    `bank` is the account servicer's own (AcctSvcrRef; behind `//` in :61:), `transaction` the clearing's (TxId,
    UETR), `end_to_end` the payer's (EndToEndId, EREF), `mandate` a direct debit's, `creditor` the structured
    reference of the payee (ISO 11649 and others).
    """

    bank: str = ""
    transaction: str = ""
    end_to_end: str = ""
    mandate: str = ""
    creditor: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Whoever is on the other side: the payer of a credit, the payee of a debit."""

    name: str = ""
    iban: str = ""


NOBODY: Final = Party()


@dataclass(frozen=True, slots=True)
class Whole:
    """The entry that a transaction is a part of: its signed amount, its bank reference, and how many parts it has.

    `part` counts parts of one entry from 0; a transaction that is an entry of its own is part 0 of 1.
    """

    n: int
    amount_minor: int
    bank_reference: str
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of one account, as its bank tells it.

    `entry` numbers the transactions of a file from 1; `amount_minor` is signed and as booked, so net of charges;
    `reversal` says that the bank took back an earlier entry (its sign is still that of this movement);
    `return_code` is the reason of a return (ISO 20022 external code: AC01, AC04, MD07 …). `lines` are the lines
    of free text exactly as the bank broke them.
    """

    file: str
    line: int
    entry: int
    statement: int
    account: str
    status: str
    amount_minor: int
    currency: str
    reversal: bool
    value_date: date | None
    booking_date: date | None
    references: References
    party: Party
    lines: tuple[str, ...]
    whole: Whole
    returned: bool = False
    return_code: str = ""
    #: The file or batch of ours that an entry without further ids is about (`PmtInfId`, else `MsgId`).
    batch: str = ""
    notes: tuple[str, ...] = ()

    @property
    def booked(self) -> bool:
        """Whether money has moved: booked, and not zero."""
        return self.status == BOOKED and self.amount_minor != 0

    @property
    def text(self) -> str:
        """The free text with its lines joined by nothing: a number that was broken over two lines is whole again."""
        return "".join(self.lines)

    @property
    def spaced_text(self) -> str:
        """The free text with its lines joined by a space, as a person would read it."""
        return " ".join(line.strip() for line in self.lines if line.strip())


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account held at the end of a day, in signed minor units."""

    amount_minor: int
    currency: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One statement of a file: which account, from what balance to what balance, and what its booked entries add."""

    n: int
    kind: str
    id: str
    account: str
    opening: Balance | None
    closing: Balance | None
    booked_minor: int
    entries: int

    @property
    def gap_minor(self) -> int:
        """Closing balance less opening balance and booked entries: 0 in a statement that is complete."""
        if not self.opening or not self.closing or self.opening.currency != self.closing.currency:
            return 0
        return self.closing.amount_minor - self.opening.amount_minor - self.booked_minor


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file that was read whole."""

    name: str
    kind: str
    transactions: tuple[Transaction, ...]
    statements: tuple[Summary, ...]


def known(reference: str) -> str:
    """A reference without spaces around it; nothing where it says that there is none."""
    plain = reference.strip()
    return "" if plain.upper() in NO_REFERENCE else plain


def minor_units(written: str, point: str, currency: str, line: int) -> int:
    """Minor units of a bank's decimal text, whose decimal sign is `point`. Raises Unreadable.

    A digit behind the currency's smallest unit is refused even where it is a zero: ISO 20022 (rule CurrencyAmount)
    and SWIFT (field 15d, error C03) both forbid it, so the file was not written by a bank.
    """
    digits = exponent(currency)
    whole, _, rest = written.partition(point)
    if not (whole + rest).isascii() or not (whole + rest).isdigit() or not whole:
        raise Unreadable(f"“{written[:40]}” is not an amount", line)
    if len(rest) > digits:
        raise Unreadable(f"{currency} has {digits} decimals, and {written[:40]} has {len(rest)}", line)
    amount = int(whole + rest.ljust(digits, "0"))
    if amount > MAX_MINOR:
        raise Unreadable(f"{written[:40]} {currency} is more than can be kept", line)
    return amount


def kept_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines of free text without the empty ones."""
    return tuple(line for line in lines if line.strip())
