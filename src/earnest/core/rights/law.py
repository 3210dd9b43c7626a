"""The law as frozen values: rules, tables of rates and calendars. Made from plain data, which `book.law` reads.

A rule is a citation, a mark of how far it was confirmed, open readings with their defaults, and steps. A step names one
of the forms in `forms.py` and gives a value a name. There are no expressions: a step takes values by name, or numbers.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from earnest.core.rights.answers import MARKS, NotComputable

#: Kinds of value that a rule asks for or gives. `money` is a sum in minor units, written in units of its currency.
KINDS: Final = ("date", "instant", "money", "decimal", "integer", "boolean", "word", "list", "prose")
#: What a rule can be for; `answer.py` asks for each of these where it needs it.
ROLES: Final = (
    "advance-interest", "default-delivery", "delay-first", "delay-indefinite", "delay-later", "earnest",
    "indicative-date", "late-interest", "no-money-before", "prompt-refund", "resolution", "resolution-late",
    "resolution-refund", "house-refund", "withdrawal", "withdrawal-function", "withdrawal-late", "withdrawal-refund",
    "withdrawal-uninformed",
)  # fmt: skip


class BadLaw(ValueError):
    """The data is not of the form: one sentence says where."""


class Missing(Exception):
    """Something cannot be computed; `what` names it."""

    def __init__(self, what: NotComputable) -> None:
        super().__init__(what.name)
        self.what = what


@dataclass(frozen=True)
class Step:
    """One step: the form, its arguments, and which names its results get; only where all of `when` holds."""

    form: str
    gives: Mapping[str, str]
    arguments: Mapping[str, Any]
    when: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A point that the text does not settle: the reading taken, and those one could take."""

    default: str
    choices: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule. `since` and `until` (not included) are days of the contract, or of the event where `dated` says so.

    `takes` maps what the rule asks for to the facts of `answer.py`; `tells` what that asks for to what it gives.
    """

    id: str
    jurisdiction: str
    title: Mapping[str, str]
    citation: str
    confirmed: str
    asks: Mapping[str, str]
    gives: Mapping[str, str]
    steps: tuple[Step, ...]
    readings: Mapping[str, Reading] = field(default_factory=dict)
    role: str = ""
    since: date | None = None
    until: date | None = None
    dated: str = "contract"
    #: The citation as it is written in other languages, where it differs: `fr`.
    citations: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    tells: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    means: str = ""
    business: bool = True

    def cited_in(self, language: str) -> str:
        """The citation as people of a language write it."""
        return self.citations.get(language, self.citation)

    @property
    def mark(self) -> str:
        """V, P, Q or R."""
        return MARKS[self.confirmed]

    def holds(self, contract_on: date, on: date) -> bool:
        """Whether it is in force for a contract of that day, on the day it is asked about."""
        day = contract_on if self.dated == "contract" else on
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, eq=False)
class Period:
    """Rates in per cent a year by category, from the first day to the last, both included."""

    since: date
    until: date
    percent: Mapping[str, Fraction]
    source: str = ""


@dataclass(frozen=True, eq=False)
class Rates:
    """A table of rates, in the order of its periods; days between them have none."""

    name: str
    categories: tuple[str, ...]
    periods: tuple[Period, ...]

    def period(self, day: date) -> Period | None:
        """The period that a day is in."""
        at = bisect_right(self._begins, day) - 1
        return self.periods[at] if at >= 0 and day <= self.periods[at].until else None

    def percent(self, day: date, category: str) -> Fraction:
        """The rate on a day. Raises Missing with that day."""
        period = self.period(day)
        if period is None or category not in period.percent:
            raise Missing(NotComputable("rate", self.name, day))
        return period.percent[category]

    def with_period(self, period: Period) -> "Rates":
        """The table with one more period. Raises BadLaw where a day would have two rates."""
        if any(period.since <= each.until and each.since <= period.until for each in self.periods):
            raise BadLaw(f"{self.name}: days from {period.since} to {period.until} have a rate already.")
        return Rates(
            self.name, self.categories, tuple(sorted((*self.periods, period), key=lambda each: each.since))
        )

    @cached_property
    def _begins(self) -> list[date]:
        return [period.since for period in self.periods]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Days on which nobody works, from the first day of a year to the last of another. `weekend`: Monday is 0."""

    name: str
    first_year: int
    last_year: int
    weekend: frozenset[int]
    holidays: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether it is a working day. Raises Missing for a day outside the calendar."""
        if not self.first_year <= day.year <= self.last_year:
            raise Missing(NotComputable("calendar", self.name, day))
        return day.weekday() not in self.weekend and day not in self.holidays

    def roll(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.works(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True, eq=False)
class Law:
    """All of it. `places` names the jurisdictions that a residence looks in, the nearest first."""

    rules: Mapping[str, Rule]
    rates: Mapping[str, Rates]
    calendars: Mapping[str, Calendar]
    places: Mapping[str, tuple[str, ...]]
    digest: str

    def rule(self, id: str) -> Rule | None:
        """A rule by its name."""
        return self.rules.get(id)

    def jurisdictions(self, residence: str) -> tuple[str, ...]:
        """Where rules for a residence (ISO 3166) are looked for: its own, then what it is a part of."""
        found = self.places.get(residence) or self.places.get(residence[:2]) or ()
        return (*found, "elsewhere")

    def all_for(self, role: str, residence: str) -> tuple[Rule, ...]:
        """Every rule for a role that a residence may have, those of the nearest jurisdiction in front."""
        slot = (role, residence)
        if slot not in self._found:
            of_role = self._by_role.get(role, ())
            self._found[slot] = tuple(
                rule
                for jurisdiction in self.jurisdictions(residence)
                for rule in of_role
                if rule.jurisdiction == jurisdiction
            )
        return self._found[slot]

    def find(self, role: str, residence: str, contract_on: date, on: date) -> Rule | None:
        """The nearest rule for a role that is in force for a contract of that day, on the day asked about."""
        return next((each for each in self.all_for(role, residence) if each.holds(contract_on, on)), None)

    @cached_property
    def _by_role(self) -> dict[str, list[Rule]]:
        by_role: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            by_role.setdefault(rule.role, []).append(rule)
        return by_role

    @cached_property
    def _found(self) -> dict[tuple[str, str], tuple[Rule, ...]]:
        return {}


def digest_of(plain: Mapping[str, Any]) -> str:
    """SHA-256, hex, of the data as JSON with sorted keys: the same rules, rates and calendars have the same."""
    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def with_readings(plain: Mapping[str, Any], chosen: Mapping[str, str]) -> Mapping[str, Any]:
    """The data with other defaults for open readings: `chosen` by rule and name, as `fr-l242-4.first_tier`.

    Raises BadLaw with the rest of a sentence that begins with where it was chosen.
    """
    rules = {row["id"]: dict(row) for row in plain["rules"]}
    for name, choice in chosen.items():
        id, _, reading = name.rpartition(".")
        readings = rules.get(id, {}).get("readings", {})
        if reading not in readings:
            known = [
                f"{of}.{each}"
                for of in ([id] if readings else rules)
                for each in rules[of].get("readings", {})
            ]
            raise BadLaw(f"names {name or 'nothing'}, and open readings are {', '.join(known)}")
        if choice not in readings[reading]["choices"]:
            choices = ", ".join(readings[reading]["choices"])
            raise BadLaw(f"has {choice or 'nothing'} for {name}, and its readings are {choices}")
        rules[id]["readings"] = {**readings, reading: {**readings[reading], "default": choice}}
    return {**plain, "rules": list(rules.values())}


def law_of(plain: Mapping[str, Any]) -> Law:
    """The law from plain data: `rules`, `rates`, `calendars`, `places`. Raises BadLaw."""
    rules: dict[str, Rule] = {}
    for row in plain["rules"]:
        rule = _rule(row)
        if rule.id in rules:
            raise BadLaw(f"There are two rules {rule.id}.")
        rules[rule.id] = rule
    rates = {row["name"]: _rates(row) for row in plain["rates"]}
    calendars = {row["name"]: _calendar(row) for row in plain["calendars"]}
    places = {name: tuple(chain) for name, chain in plain["places"].items()}
    return Law(rules, rates, calendars, places, digest_of(plain))


def _rule(row: Mapping[str, Any]) -> Rule:
    id = str(row.get("id", "?"))
    lacking = [name for name in ("id", "jurisdiction", "title", "citation", "confirmed") if name not in row]
    if lacking:
        raise BadLaw(f"The rule {id} lacks {', '.join(lacking)}.")
    if row["confirmed"] not in MARKS:
        raise BadLaw(f"The rule {id} is confirmed “{row['confirmed']}”, which is none of {', '.join(MARKS)}.")
    asks, gives = dict(row.get("asks", {})), dict(row.get("gives", {}))
    for name, kind in (*asks.items(), *gives.items()):
        if kind not in KINDS:
            raise BadLaw(f"{id}: {name} is of the unknown kind “{kind}”.")
    if row.get("role", "") not in ("", *ROLES):
        raise BadLaw(f"{id} has the unknown role “{row['role']}”.")
    # A text whose name is the same in every language is written once.
    written = row["citation"]
    citations = dict(written) if isinstance(written, Mapping) else {"en": str(written)}
    if not citations.get("en"):
        raise BadLaw(f"The citation of {id} lacks its English.")
    readings = {
        name: Reading(str(each["default"]), tuple(map(str, each["choices"])))
        for name, each in row.get("readings", {}).items()
    }
    return Rule(
        id=id,
        jurisdiction=str(row["jurisdiction"]),
        title=dict(row["title"]),
        citation=citations["en"],
        citations=citations,
        confirmed=str(row["confirmed"]),
        asks=asks,
        gives=gives,
        steps=tuple(_step(id, each) for each in row.get("steps", ())),
        readings=readings,
        role=str(row.get("role", "")),
        since=_day(row.get("since")),
        until=_day(row.get("until")),
        dated=str(row.get("dated", "contract")),
        takes=dict(row.get("takes", {})),
        tells=dict(row.get("tells", {})),
        says=tuple(row.get("says", ())),
        means=str(row.get("means", "")),
        business=bool(row.get("business", True)),
    )


def _step(id: str, row: Mapping[str, Any]) -> Step:
    if not isinstance(row.get("form"), str):
        raise BadLaw(f"{id}: a step names no form.")
    gives = row.get("gives", {})
    known = ("form", "gives", "when", "given", "absent")
    return Step(
        form=row["form"],
        gives={"": gives} if isinstance(gives, str) else dict(gives),
        arguments={name: value for name, value in row.items() if name not in known},
        when=dict(row.get("when", {})),
        given=tuple(row.get("given", ())),
        absent=tuple(row.get("absent", ())),
    )


def _rates(row: Mapping[str, Any]) -> Rates:
    rates = Rates(str(row["name"]), tuple(row["categories"]), ())
    for each in row["periods"]:
        percent = {name: Fraction(str(value)) for name, value in each["percent"].items()}
        since, until = _day(each["since"]), _day(each["until"])
        if since is None or until is None or until < since:
            raise BadLaw(f"{rates.name}: a period ends before it begins.")
        rates = rates.with_period(Period(since, until, percent, str(each.get("source", ""))))
    return rates


def _calendar(row: Mapping[str, Any]) -> Calendar:
    return Calendar(
        str(row["name"]),
        int(row["first_year"]),
        int(row["last_year"]),
        frozenset(int(each) for each in row["weekend"]),
        frozenset(date.fromisoformat(each) for each in row["holidays"]),
    )


def _day(written: Any) -> date | None:
    return date.fromisoformat(str(written)) if written is not None else None
