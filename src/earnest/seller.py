"""Whose books these are: the table `[seller]` of the file of accounts (docs/accounts.md)."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from earnest.core.money import check_currency
from earnest.core.refusals import Invalid


@dataclass(frozen=True)
class Seller:
    """What is empty is asked for where a document needs it.

    `country` is ISO 3166-1; `year_begins` month and day of the financial year, `01-01` for the calendar's; `currency`
    that of the accounts.
    """

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    siren: str = ""
    vat_number: str = ""
    currency: str = "EUR"
    year_begins: str = "01-01"

    @property
    def invoices(self) -> bool:
        """Whether enough is known to write invoices (CGI annexe II, art. 242 nonies A, I, 1° and 2°)."""
        return bool(self.name and self.address and self.country and self.vat_number)

    def year_of(self, day: date) -> tuple[date, date]:
        """First and last day of the financial year that a day is in."""
        month, first = (int(part) for part in self.year_begins.split("-"))
        begins = date(day.year, month, first)
        begins = begins if begins <= day else date(day.year - 1, month, first)
        return begins, date(begins.year + 1, month, first) - timedelta(days=1)


def load(file: Path) -> Seller:
    """The seller of a file of accounts; one of whom nothing is known where there is no file. Raises Invalid."""
    return seller(read(file).get("seller", {})) if file.exists() else Seller()


def read(file: Path) -> dict[str, Any]:
    """The tables of a file. Raises Invalid."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(
            "accounts-file", "%(file)s cannot be read: %(why)s.", file=file.name, why=error
        ) from None


def seller(table: Any) -> Seller:
    """The table `[seller]`. Raises Invalid."""
    given = table if isinstance(table, dict) else {"": ""}
    if unknown := sorted(set(given) - set(Seller.__dataclass_fields__)):
        raise Invalid("accounts-file", "“%(name)s” is nothing that [seller] has.", name=unknown[0][:40])
    address = given.get("address", [])
    lines = [*address, *(value for name, value in given.items() if name != "address")]
    if not isinstance(address, list) or not all(
        isinstance(each, str) and each.isprintable() for each in lines
    ):
        raise Invalid("accounts-file", "what [seller] has is text, and its address a list of lines.")
    made = Seller(**{**given, "address": tuple(address)})
    _check(made)
    return made


def _check(made: Seller) -> None:
    check_currency(made.currency)
    if made.country and not re.fullmatch(r"[A-Z]{2}", made.country):
        raise Invalid("accounts-file", "a country is two capital letters, such as FR.")
    if made.siren and not is_siren(made.siren):
        raise Invalid(
            "accounts-file", "“%(siren)s” is no SIREN: nine digits with their check.", siren=made.siren
        )
    if made.vat_number and not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", made.vat_number):
        raise Invalid("accounts-file", "a VAT number begins with its country and has no spaces.")
    try:
        made.year_of(date(2025, 6, 1))  # of a year without a 29 February
    except ValueError:
        raise Invalid("accounts-file", "year_begins is a month and a day, such as 01-01.") from None


def is_siren(digits: str) -> bool:
    """Nine digits of which the last checks the others (ISO/IEC 7812-1, Luhn)."""
    if not re.fullmatch(r"[0-9]{9}", digits):
        return False
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
