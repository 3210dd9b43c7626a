"""The law as this book applies it: rules, rates and calendars of the package, and the rates that operators entered.

The files are read once; what a decision is given is a frozen value.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

import yaml

from earnest.book import chapters, keys, mode, reads, rows, sql
from earnest.core.commands.base import Ref
from earnest.core.operator import EnteredRate, Register, fold
from earnest.core.rights.forms import check_forms
from earnest.core.rights.law import BadLaw, Law, law_of

LAW: Final = Ref("law", "book")


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML whose days stay text: what is a day, the rules say."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in each if tag != "tag:yaml.org,2002:timestamp"]
    for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(written: str) -> Any:
    """Plain data from YAML; days stay text. Raises ValueError with one sentence."""
    try:
        return yaml.load(written, Loader=_Loader)  # noqa: S506 - a safe loader without days
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"it is not YAML{where}") from None


@cache
def plain() -> Mapping[str, Any]:
    """The files of the package as plain data: `rules`, `rates`, `calendars`, `places`. Raises BadLaw."""
    found: dict[str, Any] = {"rules": [], "rates": [], "calendars": [], "places": {}}
    folder = resources.files("earnest") / "law"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".yaml"):
            continue
        try:
            data = read_yaml(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadLaw(f"{file.name}: {error}.") from None
        if file.name.startswith("rates-"):
            found["rates"].append(data)
        elif file.name.startswith("calendar-"):
            days = [day for year in data["holidays"].values() for day in year]
            found["calendars"].append({**data, "holidays": days})
        elif file.name == "places.yaml":
            found["places"] = data
        else:
            found["rules"] += data["rules"]
    return found


@cache
def packaged() -> Law:
    """The law of the package alone, without what operators of a book entered."""
    return check_forms(law_of(plain()))


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
