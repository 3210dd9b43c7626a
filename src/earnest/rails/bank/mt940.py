"""MT940 (SWIFT customer statement), in the dialects that banks write.

Read by ourselves and not with the package `mt-940`, which was tried: it takes a third decimal of EUR, swallows
lines and fields that it does not know, names no line, leaves the slash forms of :86: unread, loses the customer's
reference where it is NONREF, and glues the payer's IBAN to the name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from earnest.core.money import check_currency
from earnest.core.refusals import Invalid
from earnest.rails.bank import information
from earnest.rails.bank.statement import (
    BOOKED,
    Balance,
    BankFile,
    References,
    Summary,
    Transaction,
    Unreadable,
    Whole,
    kept_lines,
    known,
    minor_units,
)

#: Fields of MT940 and of its sisters MT941, MT942 and MT950, and `NS`, which some banks add.
_FIELDS: Final = frozenset(
    "13 13D 20 21 25 25P 28 28C 34F 60F 60M 61 62F 62M 64 65 86 90C 90D 60 62 NS".split()
)
_FIELD: Final = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)")
#: Field 61: 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x], the subfields' lengths as banks stretch them.
_LINE: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d[\d,]{0,14})"
    r"(?P<type>[A-Z][A-Z0-9 ]{3})(?P<reference>(?:(?!//).)*)(?://(?P<bank>.*))?"
)
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]+)")
LINE_MAX: Final = 2_000
INFORMATION_LINES_MAX: Final = 200
ENTRIES_MAX: Final = 1_000_000


@dataclass
class _Field:
    tag: str
    line: int
    lines: list[str]


@dataclass
class _Open:
    """A statement of which the end has not been seen."""

    line: int
    id: str
    account: str = ""
    currency: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    booked_minor: int = 0
    entries: int = 0


class _Reading:
    def __init__(self, name: str) -> None:
        self.name = name
        self.transactions: list[Transaction] = []
        self.statements: list[Summary] = []
        self._open: _Open | None = None
        self._entry: _Field | None = None

    def field(self, field: _Field) -> None:
        """One more field. Raises Unreadable where it has no place here."""
        if field.tag == "86" and self._entry is not None:
            self._transaction(self._entry, field)
            self._entry = None
            return
        self.flush()
        if field.tag == "20":
            self.end(field.line)
            self._open = _Open(field.line, field.lines[0].strip())
            return
        statement = self._open
        if statement is None:
            raise Unreadable(f"field :{field.tag}: stands before any :20:", field.line)
        first = field.lines[0].strip()
        if field.tag in ("25", "25P"):
            statement.account = first.replace(" ", "").upper()
        elif field.tag in ("60F", "60M"):
            balance = _balance(field)
            statement.opening = statement.opening or balance
            statement.currency = balance.currency
        elif field.tag in ("62F", "62M"):
            statement.closing = _balance(field)
        elif field.tag == "61":
            if not statement.currency:
                raise Unreadable("an entry (:61:) stands before the opening balance (:60F:)", field.line)
            self._entry = field

    def flush(self) -> None:
        """An entry that no :86: followed."""
        if self._entry is not None:
            self._transaction(self._entry, None)
            self._entry = None

    def end(self, line: int) -> None:
        """A statement is over. Raises Unreadable where its closing balance is missing: it was cut off."""
        self.flush()
        statement, self._open = self._open, None
        if statement is None:
            return
        if statement.closing is None:
            raise Unreadable("the statement has no closing balance (:62F:): the file was cut off", line)
        self.statements.append(
            Summary(
                n=len(self.statements) + 1,
                kind="MT940",
                id=statement.id,
                account=statement.account,
                opening=statement.opening,
                closing=statement.closing,
                booked_minor=statement.booked_minor,
                entries=statement.entries,
            )
        )

    def _transaction(self, field: _Field, about: _Field | None) -> None:
        statement = self._open
        assert statement is not None
        found = _LINE.fullmatch(field.lines[0].rstrip())
        if not found:
            raise Unreadable("field :61: cannot be read", field.line)
        if len(self.transactions) >= ENTRIES_MAX:
            raise Unreadable(f"it has more than {ENTRIES_MAX} entries", field.line)
        minor = minor_units(found["amount"], ",", statement.currency, field.line)
        # RC takes a credit back and is a debit; RD takes a debit back and is a credit (SWIFT, field 61).
        minor = minor if found["mark"] in ("C", "RD") else -minor
        value = _date(found["value"], field.line)
        told = information.read(about.lines if about else [])
        own = known((found["bank"] or "").strip())
        customer = known(found["reference"].strip())
        statement.booked_minor += minor
        statement.entries += 1
        n = len(self.transactions) + 1
        self.transactions.append(
            Transaction(
                file=self.name,
                line=field.line,
                entry=n,
                statement=len(self.statements) + 1,
                account=statement.account,
                status=BOOKED,
                amount_minor=minor,
                currency=statement.currency,
                reversal=found["mark"].startswith("R"),
                value_date=value,
                booking_date=_entry_date(found["entry"], value, field.line),
                references=References(own, "", told.end_to_end, told.mandate, told.creditor or customer),
                party=told.party,
                lines=kept_lines([*told.lines, *field.lines[1:]]),
                whole=Whole(n, minor, own, 0, 1),
                returned=told.returned or found["type"] in ("NRTI", "FRTI", "SRTI"),
                return_code=told.return_code,
            )
        )


def read(name: str, data: bytes) -> BankFile:
    """Read one file. Raises Unreadable: then nothing of it is used."""
    reading = _Reading(name)
    last = 1
    for field in _fields(_text(data)):
        if field.tag == "-":
            reading.end(field.line)
        else:
            reading.field(field)
        last = field.line
    reading.end(last)
    if not reading.statements:
        raise Unreadable("it holds no statement")
    return BankFile(name, "MT940", tuple(reading.transactions), tuple(reading.statements))


def _text(data: bytes) -> str:
    """UTF-8 if it is that, else Windows' Latin alphabet, which holds ISO 8859-1's letters."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _fields(text: str) -> Iterator[_Field]:
    """The fields with their continuation lines; `-` ends a message. SWIFT's envelope is taken off."""
    field: _Field | None = None
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        line = re.sub(r"^(\{[123]:[^}]*\})*(\{4:)?", "", raw) if raw.startswith("{") else raw
        if len(line) > LINE_MAX:
            raise Unreadable(f"a line is longer than {LINE_MAX} letters", number)
        found = _FIELD.match(line)
        if found and found[1] not in _FIELDS:
            raise Unreadable(f"field :{found[1]}: is none of an MT940", number)
        if found or re.fullmatch(r"-\s*(\}.*)?", line):
            if field:
                yield field
            field = _Field(found[1], number, [found[2]]) if found else None
            if not found:
                yield _Field("-", number, [])
        elif field:
            field.lines.append(line)
            if len(field.lines) > INFORMATION_LINES_MAX:
                raise Unreadable(f"field :{field.tag}: has more than {INFORMATION_LINES_MAX} lines", number)
        elif line.strip() and not re.fullmatch(r"[A-Z0-9 ]{1,16}|\{.*", line.strip()):
            raise Unreadable("this line belongs to no field", number)
    if field:
        yield field


def _balance(field: _Field) -> Balance:
    found = _BALANCE.fullmatch(field.lines[0].strip())
    if not found:
        raise Unreadable(f"the balance in :{field.tag}: cannot be read", field.line)
    try:
        currency = check_currency(found[3])
    except Invalid:
        raise Unreadable(f"“{found[3]}” is not a currency", field.line) from None
    minor = minor_units(found[4], ",", currency, field.line)
    return Balance(minor if found[1] == "C" else -minor, currency, _date(found[2], field.line))


def _date(written: str, line: int) -> date:
    """YYMMDD, of this century up to 79 as SWIFT counts it."""
    year = int(written[:2])
    try:
        return date(year + (2000 if year < 80 else 1900), int(written[2:4]), int(written[4:]))
    except ValueError:
        raise Unreadable(f"“{written}” is not a date", line) from None


def _entry_date(written: str | None, value: date, line: int) -> date | None:
    """MMDD in the year that brings it nearest to the value date."""
    if not written:
        return None
    found = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            found.append(date(year, int(written[:2]), int(written[2:])))
        except ValueError:
            continue
    if not found:
        raise Unreadable(f"“{written}” is not a day", line)
    return min(found, key=lambda day: abs((day - value).days))
