"""Worked cases: a rule, inputs and what is expected, compared with what the engine gives.

A case is plain data as `rights check` reads it: `id`, `rule`, `inputs`, `expected`. Days are ISO 8601, sums are text in
units of the currency. Which keys a rule has, and of which kind, stands in the rule itself (`asks`, `gives`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from earnest.core.money import exponent
from earnest.core.rights.answers import NotComputable
from earnest.core.rights.evaluate import evaluate
from earnest.core.rights.forms import LACKING, Work
from earnest.core.rights.law import Law, Rule

PROSE: Final = "prose"
#: How deep parts may have parts.
_DEEPEST: Final = 5


class BadCase(ValueError):
    """A case cannot be worked out: one sentence says why."""


class NotCases(ValueError):
    """The data is not a file of cases: one sentence says why."""


@dataclass(frozen=True)
class Compared:
    """One expected key: both values as text; `agreed` None where it is prose, which is not compared."""

    key: str
    expected: Any
    given: Any
    agreed: bool | None


@dataclass(frozen=True)
class Checked:
    """One case: what was compared, or why it could not be worked out."""

    id: str
    rule: str
    compared: tuple[Compared, ...] = ()
    trouble: str = ""
    work: Work | None = None

    @property
    def agreed(self) -> bool:
        """Whether every key that is compared agrees."""
        return not self.trouble and all(each.agreed is not False for each in self.compared)


def check(law: Law, plain: Any) -> tuple[Checked, ...]:
    """Every case of a file. Raises NotCases for data that is no list of cases."""
    cases = plain.get("cases") if isinstance(plain, Mapping) else None
    if not isinstance(cases, Sequence) or isinstance(cases, str):
        raise NotCases("it has no list “cases”")
    by_id: dict[str, Mapping[str, Any]] = {}
    for number, case in enumerate(cases, 1):
        for name, kind in (("id", str), ("rule", str), ("inputs", Mapping), ("expected", Mapping)):
            if not isinstance(case, Mapping) or not isinstance(case.get(name), kind):
                raise NotCases(f"case {number} has no “{name}” of the right kind")
        if case["id"] in by_id:
            raise NotCases(f"there are two cases {case['id']}")
        by_id[case["id"]] = case
    return tuple(_check(law, case, by_id) for case in cases)


def _check(law: Law, case: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Checked:
    try:
        work = _work(law, case, by_id, 0)
        compared = tuple(
            _compare(work, str(key), expected, currency_of(case["inputs"]))
            for key, expected in case["expected"].items()
        )
    except BadCase as trouble:
        return Checked(case["id"], case["rule"], trouble=str(trouble))
    return Checked(case["id"], case["rule"], compared, work=work)


def _work(law: Law, case: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], depth: int) -> Work:
    rule = law.rule(case["rule"])
    if rule is None:
        raise BadCase(f"There is no rule “{case['rule']}”.")
    if not rule.steps:
        raise BadCase(f"The rule {rule.id} computes nothing: it is there to be cited.")
    facts: dict[str, Any] = {}
    for name, written in case["inputs"].items():
        kind = rule.asks.get(name)
        if kind is None:
            raise BadCase(f"The rule {rule.id} asks for no “{name}”; it asks for {', '.join(rule.asks)}.")
        if kind == "list":
            facts[name] = [_part(law, rule, each, by_id, depth) for each in _listed(name, written)]
        else:
            facts[name] = read(name, kind, written, currency_of(case["inputs"]))
    return evaluate(law, rule, facts)


def _listed(name: str, written: Any) -> Sequence[Any]:
    if not isinstance(written, Sequence) or isinstance(written, str):
        raise BadCase(f"“{name}” is not a list.")
    return written


def _part(
    law: Law, rule: Rule, part: Any, by_id: Mapping[str, Mapping[str, Any]], depth: int
) -> dict[str, Any]:
    """A part is the name of another case of the file, or inputs of the same rule."""
    case = by_id.get(part) if isinstance(part, str) else {"rule": rule.id, "inputs": part}
    if case is None or not isinstance(case["inputs"], Mapping):
        raise BadCase(f"There is no case “{part}” to be a part of this one.")
    if depth >= _DEEPEST:
        raise BadCase("Its parts have parts without end.")
    work = _work(law, case, by_id, depth + 1)
    lacking = next(iter(work.lacking.values()), None)
    return {**work.values, LACKING: lacking}


def currency_of(inputs: Mapping[str, Any]) -> str:
    """The currency of a case's sums: the euro where it names none."""
    named = inputs.get("currency")
    return named if isinstance(named, str) else "EUR"


def read(name: str, kind: str, written: Any, currency: str) -> Any:
    """A value as rules know it: a day, a sum in minor units, an exact number. Raises BadCase."""
    if written is None:
        return None
    try:
        return _READ[kind](written, currency)
    except (ValueError, TypeError, ZeroDivisionError):
        raise BadCase(f"“{name}” is “{written}”, which is no {kind}.") from None


def _day(written: Any, _: str) -> date:
    return written if type(written) is date else date.fromisoformat(str(written))


def _local_day(written: Any, _: str) -> date:
    """The day on which an instant lay where it was written down."""
    moment = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    return moment.date()


def _minor(written: Any, currency: str) -> int:
    exact = _number(written, currency) * Fraction(10 ** exponent(currency))
    if exact.denominator != 1:
        raise ValueError("smaller than the smallest unit")
    return exact.numerator


def _number(written: Any, _: str) -> Fraction:
    if isinstance(written, bool):
        raise TypeError
    return Fraction(str(written))


def _whole(written: Any, currency: str) -> int:
    exact = _number(written, currency)
    if exact.denominator != 1:
        raise ValueError("not whole")
    return exact.numerator


def _truth(written: Any, _: str) -> bool:
    if not isinstance(written, bool):
        raise TypeError
    return written


def _word(written: Any, _: str) -> str:
    if not isinstance(written, str):
        raise TypeError
    return written


_READ: Final = {
    "date": _day, "instant": _local_day, "money": _minor, "decimal": _number, "integer": _whole,
    "boolean": _truth, "word": _word,
}  # fmt: skip


def _compare(work: Work, key: str, expected: Any, currency: str) -> Compared:
    kind = work.rule.gives.get(key)
    if kind is None:
        known = ", ".join(work.rule.gives)
        raise BadCase(f"The rule {work.rule.id} gives no “{key}”; it gives {known}.")
    value = work.values.get(key)
    missing = work.lacking.get(key) if value is None else None
    shown = lacks(missing) if missing else written(value, kind, currency)
    if kind == PROSE:
        return Compared(key, expected, shown, None)
    wanted = read(key, kind, expected, currency)
    return Compared(key, expected, shown, wanted == value and not (missing and wanted is not None))


def lacks(missing: NotComputable) -> str:
    """What is missing, in words for people who check cases."""
    since = f" from {missing.first_missing_day} on" if missing.first_missing_day else ""
    return f"not computable: no {missing.code} “{missing.name}”{since}"


def written(value: Any, kind: str, currency: str) -> Any:
    """A value as a case's file writes it."""
    if value is None or isinstance(value, bool) or kind in ("word", "integer", PROSE):
        return value
    if kind in ("date", "instant"):
        return value.isoformat()
    digits = exponent(currency) if kind == "money" else None
    return decimal(Fraction(value) / 10 ** (digits or 0), digits)


def decimal(exact: Fraction, digits: int | None) -> str:
    """A plain decimal: with so many digits, or with as many as it has (at most eight)."""
    if digits is None:
        shown = f"{float(exact):.8f}".rstrip("0").rstrip(".")
        return shown or "0"
    scaled = round(exact * 10**digits)
    whole, rest = divmod(abs(scaled), 10**digits)
    return f"{'-' if scaled < 0 else ''}{whole}" + (f".{rest:0{digits}d}" if digits else "")
