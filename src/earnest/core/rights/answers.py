"""What the engine answers: each figure with its rule, its text, its computation line by line and what would change it.

No sentence is written here. A `Line` is a code and its parameters, and every face says it in its own language;
`core.rights.words` has the English of each code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

#: How far a rule was confirmed: read word for word, read in part, read in others' words, or only recalled.
MARKS: Final = {"verbatim": "V", "partial": "P", "quoted": "Q", "recalled": "R"}

#: Kinds of right: by which a reservation can be ended.
WITHDRAW, RESOLVE, REFUSE_DELAY, TERMS = "withdraw", "resolve", "refuse-delay", "terms"
#: Kinds of sum.
PRINCIPAL, INTEREST, SURCHARGE, DOUBLE = "principal", "interest", "surcharge", "double"
#: What silence about a slip comes to.
NOTHING, CONSENT, CANCELLED = "nothing", "consent", "cancelled"


@dataclass(frozen=True)
class Line:
    """One line of a computation, or one thing that would change an answer: a text code and what stands in it."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """Why: the rule, its citation, how far that was confirmed (V, P, Q, R), and how the answer came about.

    `readings` are the open readings that were taken, by name; `changes` what would make the answer another one.
    """

    rule: str
    citation: str
    mark: str
    lines: tuple[Line, ...] = ()
    changes: tuple[Line, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NotComputable:
    """What is missing: `code` is `rate` (with the table), `fact` or `calendar`; `first_missing_day` for tables."""

    code: str
    name: str
    first_missing_day: date | None = None


@dataclass(frozen=True)
class Right:
    """One right to end the reservation. `until` None: while nothing changes. `open_from` for one that is to come."""

    kind: str
    open: bool
    until: date | None
    ground: Ground
    open_from: date | None = None


@dataclass(frozen=True)
class Sum:
    """What comes back under one head. `amount_minor` is what can be computed: up to `missing`, where that is set.

    `per_day` is by how much it grows with a day of delay, in minor units, exactly. `paid_minor` is what of it has left
    already; it is in `amount_minor` no more.
    """

    kind: str
    currency: str
    amount_minor: int
    ground: Ground
    per_day: Fraction = Fraction(0)
    missing: NotComputable | None = None
    paid_minor: int = 0


@dataclass(frozen=True)
class RefundLimit:
    """By when money must be back at the latest (`by_day`, both included), and by which means.

    `means`: `same` (as it was paid), `agreed` (another, with express agreement and at no cost),
    `first-class` (16 CFR 435: any means as fast as first-class mail).
    """

    by_day: date
    means: str
    ground: Ground


@dataclass(frozen=True)
class Notice:
    """What the maker must say, by which day, and what must stand in it (text codes)."""

    code: str
    due_on: date | None
    must_say: tuple[str, ...]
    ground: Ground


@dataclass(frozen=True)
class Choices:
    """What a slip gives its holder. On `decided_on`, silence comes to `silence`; None: it never comes to anything.

    `choices` are `accept`, `wait` (without a date) and `cancel`, in this order.
    """

    slip: int
    choices: tuple[str, ...]
    silence: str
    decided_on: date | None
    ground: Ground


@dataclass(frozen=True)
class Warned:
    """Something in the offer that a text forbids or presumes unfair; it changes no sum."""

    code: str
    ground: Ground


@dataclass(frozen=True)
class Rights:
    """The answer for one reservation on one day, by the law of `digest`.

    `sums` is what would come back if it ended today (or is owed, where it has ended); `refund` by when, counted
    from the day it ended or from today. `cancel_unasked_on`: the day on which the maker must cancel and refund
    unasked. `ask_again_by`: the last day to ask again. `suspend_from`: from when the holder may keep back payments.
    """

    on: date
    jurisdiction: str
    digest: str
    rights: tuple[Right, ...]
    sums: tuple[Sum, ...]
    refund: RefundLimit | None
    choices: tuple[Choices, ...] = ()
    notices: tuple[Notice, ...] = ()
    warnings: tuple[Warned, ...] = ()
    ask_again_by: date | None = None
    cancel_unasked_on: date | None = None
    suspend_from: date | None = None

    @property
    def may_cancel(self) -> bool:
        """Whether the holder may end it today under any right."""
        return any(right.open for right in self.rights)

    @property
    def by(self) -> Right | None:
        """The right that gives most, of those that are open: the first."""
        return next((right for right in self.rights if right.open), None)

    def total_minor(self, currency: str) -> int:
        """All that would come back in a currency, as far as it can be computed."""
        return sum(each.amount_minor for each in self.sums if each.currency == currency)

    @property
    def missing(self) -> tuple[NotComputable, ...]:
        """What could not be computed, and for lack of what."""
        return tuple(each.missing for each in self.sums if each.missing)
