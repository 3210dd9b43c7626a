"""How our accounts are called elsewhere, and whose books these are: the packaged plan, and the file that overrides it.

The packaged `plan-comptable.toml` names the source of every number. A file of the same form, `accounts.toml` in the
data folder or wherever EARNEST_ACCOUNTS says, may replace any table of it and adds `[seller]` and `[rates]`; every
key is explained in `docs/accounts.md`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings

from earnest.book.ledger import Span
from earnest.core.entries import CHART
from earnest.core.money import check_currency
from earnest.core.refusals import Invalid, Refusal
from earnest.seller import Seller, read, seller

PACKAGED: Final = Path(__file__).parent / "plan-comptable.toml"
#: In which the FEC is written (LPF art. A47 A-1, XII); labels must fit it.
CHARSET: Final = "iso-8859-15"


class Named(NamedTuple):
    """An account as the plan calls it."""

    number: str
    label: str


@dataclass(frozen=True)
class Journal:
    """One book of original entry: a writing goes into the first whose accounts it touches."""

    code: str
    label: str
    accounts: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """What one installation calls its accounts. `rates` has, by currency and month (`2026-11`), the worth of one unit
    in the currency of the accounts."""

    accounts: Mapping[str, Named]
    result: Named
    journals: tuple[Journal, ...]
    opening: Journal
    acts: Mapping[str, str]
    seller: Seller = field(default_factory=Seller)
    rates: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def year_of(self, day: date) -> Span:
        """The financial year that a day is in."""
        return Span(*self.seller.year_of(day))

    def journal(self, accounts: set[str]) -> Journal:
        """Where a writing that touches these accounts belongs."""
        return next((each for each in self.journals if each.accounts & accounts), self.journals[-1])


def load(file: Path | None = None) -> Plan:
    """The packaged plan with what `file`, or else the installation's own, replaces. Raises Invalid."""
    own: Path = file or settings.EARNEST.accounts
    given = read(PACKAGED)
    replaced = read(own) if file is not None or own.exists() else {}
    try:
        return _plan(_merged(given, replaced))
    except Refusal as refusal:
        raise Invalid("accounts-file", "%(file)s: %(why)s", file=own.name, why=str(refusal)) from None


def _merged(packaged: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(packaged)
    for name, table in own.items():
        if name not in ("plan", "result", "journal", "acts", "seller", "rates") or not isinstance(
            table, dict
        ):
            raise Invalid(
                "accounts-file", "there is no table [%(name)s] in a file of accounts.", name=name[:40]
            )
        merged[name] = {**packaged.get(name, {}), **table}
    return merged


def _plan(given: dict[str, Any]) -> Plan:
    if unknown := sorted(set(given["plan"]) - set(CHART)):
        raise Invalid("accounts-file", "“%(name)s” is no account of the ledger.", name=unknown[0][:40])
    journals = {name: _journal(table) for name, table in given["journal"].items()}
    opening, other = journals.pop("opening"), journals.pop("other")
    return Plan(
        {name: _account(given["plan"][name]) for name in CHART},
        _account(given["result"]),
        (*journals.values(), other),
        opening,
        {act: _text(label) for act, label in given["acts"].items()},
        seller(given.get("seller", {})),
        {check_currency(code): _rates(table) for code, table in given.get("rates", {}).items()},
    )


def _text(value: Any) -> str:
    """One line that every format can carry."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Invalid("accounts-file", "a label is one line of text.")
    try:
        value.encode(CHARSET)
    except UnicodeEncodeError:
        raise Invalid(
            "accounts-file", "“%(label)s” has a letter that ISO 8859-15 lacks.", label=value
        ) from None
    return value.strip()


def _account(table: Any) -> Named:
    number = table.get("number") if isinstance(table, dict) else None
    if not isinstance(number, str) or not re.fullmatch(r"[1-8]\d{2}[0-9A-Z]{0,17}", number):
        raise Invalid("accounts-file", "an account's number begins with three digits of the plan comptable.")
    return Named(number, _text(table.get("label")))


def _journal(table: Any) -> Journal:
    code = table.get("code") if isinstance(table, dict) else None
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z0-9]{1,8}", code):
        raise Invalid("accounts-file", "a journal's code is of capital letters and digits.")
    return Journal(code, _text(table.get("label")), frozenset(table.get("accounts", ())))


def _rates(table: Any) -> dict[str, Decimal]:
    try:
        rates = {month: Decimal(rate) for month, rate in table.items() if re.fullmatch(r"\d{4}-\d{2}", month)}
        if len(rates) != len(table) or any(not rate.is_finite() or rate <= 0 for rate in rates.values()):
            raise ValueError
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        raise Invalid("accounts-file", 'a rate is written as "2026-11" = "0.8621".') from None
    return rates
