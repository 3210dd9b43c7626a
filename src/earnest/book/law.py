"""The law as this book applies it: rules, rates and calendars of the package, and the rates that operators entered.

The files are read once (`law_files`); what a decision is given is a frozen value.
"""

from functools import lru_cache
from typing import Any, Final

from earnest.book import chapters, keys, mode, reads, rows, sql
from earnest.book.law_files import packaged, plain
from earnest.core.commands.base import Ref
from earnest.core.operator import EnteredRate, Register, fold
from earnest.core.rights.forms import check_forms
from earnest.core.rights.law import Law, law_of

LAW: Final = Ref("law", "book")


def current() -> Law:
    """The law as this book applies it: the package's, with what operators entered up to now."""
    key = chapters.key_of(mode.origin(), LAW)
    found = sql.one("SELECT n FROM subject WHERE key = %s", key)
    return _with_entered(key, found[0]) if found and found[0] else packaged()


@lru_cache(maxsize=4)
def _with_entered(key: bytes, n: int) -> Law:
    """`n` acts of the subject, which are never changed: so what they leave is read once."""
    register: Register | None = None
    for read in reads.acts_of(key, rows.ring(key, keys.current().unwrap))[:n]:
        register = fold(register, read.act)
    return with_rates(register.rates if register else ())


def with_rates(entered: tuple[EnteredRate, ...]) -> Law:
    """The package's law and rates that were entered. Raises BadLaw where a day has two."""
    more: dict[str, list[dict[str, Any]]] = {}
    for each in entered:
        period = {
            "since": each.since.isoformat(),
            "until": each.until.isoformat(),
            "percent": dict(each.percent),
        }
        more.setdefault(each.rates, []).append({**period, "source": each.source})
    rates = [
        {**table, "periods": [*table["periods"], *more.get(table["name"], ())]} for table in plain()["rates"]
    ]
    return check_forms(law_of({**plain(), "rates": rates}))
