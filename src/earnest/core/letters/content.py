"""What stands in a letter: paragraphs as codes with what is put into them, sums, and the grounds of both.

No sentence is written here; `words.py` has the English of each code. Nothing is worked out here either: sums, days and
articles are those of `core.rights.answer`, so a letter can say nothing that the engine does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from earnest.core.letters.kinds import Kind
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import Choices, Ground, Line, Rights, Sum
from earnest.core.rights.evaluate import ground
from earnest.core.rights.facts import Ended, Facts, Slip
from earnest.core.rights.forms import Work
from earnest.core.rights.law import Law, Rule
from earnest.core.rights.standing import ask, base, rule_for, standing

HOUSE_RULE: Final = "house-terms"


class Amount(NamedTuple):
    """So much money, in minor units of a currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Case:
    """All that a letter is made from: the law, what it looked at, what it answered; and what no law looks at.

    `reason` is that of the newest slip. `extra_time_ends_on`: of a formal notice; None takes the usual time.
    """

    law: Law
    facts: Facts
    rights: Rights
    number: str
    title: str
    reason: str = ""
    extra_time_ends_on: date | None = None

    @property
    def on(self) -> date:
        """The day of the letter."""
        return self.rights.on

    @property
    def due(self) -> date | None:
        """The day that counts as promised."""
        return standing(self.law, self.facts, self.on).due

    @property
    def slip(self) -> Slip | None:
        """The newest move of the promise."""
        return max(self.facts.slips, key=lambda each: each.n, default=None)

    @property
    def choices(self) -> Choices | None:
        """What the newest told move gives its holder."""
        return self.rights.choices[-1] if self.rights.choices else None

    def ended_today(self, by: str) -> "Case":
        """The same, if it ends by this letter: what comes back, by when, and by which texts are those of that end."""
        facts = replace(self.facts, ended=Ended(by, self.on))
        return replace(self, facts=facts, rights=answer(self.law, facts, self.on))

    def rule(self, role: str) -> Rule | None:
        """The rule for a role."""
        return rule_for(self.law, role, self.facts, self.on)

    def of_delay(self, rule: Rule) -> Work:
        """A rule about what was not delivered on its day, worked out."""
        return ask(self.law, rule, {**base(self.facts), "latest_delivery": self.due})

    @property
    def paid(self) -> tuple[Amount, ...]:
        """What was paid, by currency."""
        totals: dict[str, int] = {}
        for each in self.facts.payments:
            totals[each.currency] = totals.get(each.currency, 0) + each.amount_minor
        return tuple(Amount(minor, currency) for currency, minor in sorted(totals.items()))

    @property
    def total(self) -> tuple[Amount, ...]:
        """What comes back, by currency, as far as it can be computed."""
        currencies = sorted({each.currency for each in self.rights.sums})
        found = (Amount(self.rights.total_minor(each), each) for each in currencies)
        return tuple(each for each in found if each.amount_minor)


@dataclass(frozen=True)
class Content:
    """A letter of `on`. `sums` are shown as a table; `grounds` stand under it, each rule once."""

    kind: Kind
    on: date
    number: str
    paragraphs: tuple[Line, ...]
    grounds: tuple[Ground, ...]
    sums: tuple[Sum, ...] = ()
    jurisdiction: str = ""
    digest: str = ""
    extra_time_ends_on: date | None = None
    promised_on: date | None = None

    def total_minor(self, currency: str) -> int:
        """The sums of a currency together."""
        return sum(each.amount_minor for each in self.sums if each.currency == currency)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Of the sums, in the order of their names."""
        return tuple(sorted({each.currency for each in self.sums if each.amount_minor or each.missing}))


def made(
    kind: Kind,
    case: Case,
    paragraphs: Iterable[Line | None],
    grounds: Iterable[Ground | None],
    *,
    sums: bool = False,
    extra_time_ends_on: date | None = None,
) -> Content:
    """The letter; with `sums`, what comes back stands in it with its grounds."""
    shown = tuple(each for each in case.rights.sums if each.amount_minor or each.missing) if sums else ()
    found = [each for each in grounds if each] + [each.ground for each in shown]
    return Content(
        kind=kind,
        on=case.on,
        number=case.number,
        paragraphs=tuple(each for each in paragraphs if each),
        grounds=tuple(_once(found)),
        sums=shown,
        jurisdiction=case.rights.jurisdiction,
        digest=case.rights.digest,
        extra_time_ends_on=extra_time_ends_on,
        promised_on=case.due,
    )


def _once(grounds: Iterable[Ground]) -> Iterable[Ground]:
    """Each rule once; the terms of the offer are no text and are named by the sum itself."""
    kept: list[Ground] = []
    for each in grounds:
        told = any(each.rule == other.rule and each.lines in ((), other.lines) for other in kept)
        if each.rule != HOUSE_RULE and not told:
            kept.append(each)
    return kept


def of_delay_ground(case: Case, rule: Rule) -> Ground:
    """Why: the rule about a late delivery, with its lines."""
    return ground(case.of_delay(rule))


def line(code: str, **params: object) -> Line:
    """A paragraph."""
    return Line(code, params)


def names_contract(case: Case) -> Line:
    """Which contract, and what was paid for it."""
    known: Mapping[str, object] = {
        "day": case.facts.contract_on,
        "title": case.title,
        "number": case.number,
        "paid": case.paid,
    }
    return Line("i-reserved" if case.paid else "i-reserved-unpaid", known)
