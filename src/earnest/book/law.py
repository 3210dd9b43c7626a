"""The law as this book applies it: rules, rates and calendars of the package, and the rates that operators entered.

Where the maker chose readings of open points (EARNEST_READINGS), they are its law. The files are read once
(`law_files`); what a decision is given is a frozen value.
"""

from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from earnest.book import chapters, keys, mode, reads, rows, sql
from earnest.book.law_files import chosen, packaged
from earnest.core.commands.base import Ref
from earnest.core.operator import EnteredRate, Register, fold
from earnest.core.rights.forms import check_forms
from earnest.core.rights.law import Law, law_of

#: The maker's choices, by rule and name.
Readings = tuple[tuple[str, str], ...]
LAW: Final = Ref("law", "book")


def current() -> Law:
    """The law as this book applies it: the package's, with what operators entered up to now."""
    key = chapters.key_of(mode.origin(), LAW)
    found = sql.one("SELECT n FROM subject WHERE key = %s", key)
    readings: Readings = settings.EARNEST.readings
    if found and found[0]:
        return _with_entered(key, found[0], readings)
    return _read(readings) if readings else packaged()


@lru_cache(maxsize=4)
def _read(readings: Readings) -> Law:
    return check_forms(law_of(chosen(readings)))


@lru_cache(maxsize=4)
def _with_entered(key: bytes, n: int, readings: Readings) -> Law:
    """`n` acts of the subject, which are never changed: so what they leave is read once."""
    register: Register | None = None
    for read in reads.acts_of(key, rows.ring(key, keys.current().unwrap))[:n]:
        register = fold(register, read.act)
    return with_rates(register.rates if register else (), readings)


def with_rates(entered: tuple[EnteredRate, ...], readings: Readings = ()) -> Law:
    """The package's law, read as chosen, and rates that were entered. Raises BadLaw where a day has two."""
    more: dict[str, list[dict[str, Any]]] = {}
    for each in entered:
        period = {
            "since": each.since.isoformat(),
            "until": each.until.isoformat(),
            "percent": dict(each.percent),
        }
        more.setdefault(each.rates, []).append({**period, "source": each.source})
    plain = chosen(readings)
    rates = [
        {**table, "periods": [*table["periods"], *more.get(table["name"], ())]} for table in plain["rates"]
    ]
    return check_forms(law_of({**plain, "rates": rates}))
