"""What comes back: the principal, and what a text adds to it. The greater of the offer's terms and the law."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from earnest.core.rights.answers import (
    DOUBLE,
    INTEREST,
    PRINCIPAL,
    SURCHARGE,
    Ground,
    Line,
    NotComputable,
    Sum,
)
from earnest.core.rights.evaluate import ground
from earnest.core.rights.facts import MAKER, RESOLUTION, WITHDRAWAL, Facts, Payment
from earnest.core.rights.forms import Work
from earnest.core.rights.interest import half_up
from earnest.core.rights.law import Law, Rule
from earnest.core.rights.standing import HOUSE, Standing, ask, base, rule_for, told

_ONE_DAY: Final = timedelta(days=1)
#: Which scale of surcharges follows what ended it.
LATE: Final = {WITHDRAWAL: "withdrawal-late", RESOLUTION: "resolution-late", MAKER: "resolution-late"}


@dataclass(frozen=True)
class Basis:
    """Of what the sums are: how it ended (or would, today), under which ground everything comes back, by when."""

    ended_by: str
    ended_on: date
    everything: Ground | None
    refund_by: date | None
    on: date


@dataclass(frozen=True)
class Part:
    """So much of a payment, from the day it came to the day it left again (None: it is still here)."""

    amount_minor: int
    paid_on: date
    until: date | None


def sums(law: Law, facts: Facts, at: Standing, basis: Basis, *, lines: bool = True) -> tuple[Sum, ...]:
    """Every sum, by currency in the order of their names: principal, double, interest, surcharge.

    Without `lines`, only the amounts: how each came about and what a day more adds is left out.
    """
    found: list[Sum] = []
    for currency in sorted({payment.currency for payment in facts.payments}):
        paid = [each for each in facts.payments if each.currency == currency]
        total = sum(each.amount_minor for each in paid)
        principal = _principal(law, facts, at, basis, currency, total)
        found += principal
        if principal[0].amount_minor or facts.refunded:
            found += _interest(law, facts, basis, paid, lines)
            found += _surcharge(law, facts, basis, currency, total)
    return tuple(_less_paid(each, facts) for each in found)


def _less_paid(of: Sum, facts: Facts) -> Sum:
    """What a text adds and is still owed; what of it has been paid is said beside it."""
    paid = sum(
        each.amount_minor for each in facts.added if (each.head, each.currency) == (of.kind, of.currency)
    )
    if not paid:
        return of
    line = Line("added-paid", {"paid": paid, "currency": of.currency})
    why = replace(of.ground, lines=(*of.ground.lines, line))
    return replace(of, amount_minor=max(0, of.amount_minor - paid), paid_minor=paid, ground=why)


def _principal(law: Law, facts: Facts, at: Standing, basis: Basis, currency: str, total: int) -> list[Sum]:
    """What was paid and is to come back, less what has: the greater of terms and law."""
    by_terms = half_up(Fraction(total * facts.terms.back_bp, 10_000))
    gone = sum(each.amount_minor for each in facts.refunded if each.currency == currency)
    why, by_law, double = basis.everything, total if basis.everything else 0, 0
    rule = rule_for(law, "earnest", facts, basis.on)
    if rule and (facts.deposit_kind != "deposit" or basis.ended_by == MAKER) and not basis.everything:
        work = _forfeit(law, rule, facts, at, basis, total)
        due = told(work, "due") or 0
        by_law, double, why = min(due, total), max(0, due - total), ground(work)
    if basis.ended_by == MAKER:
        by_law = total
    back = max(by_law, by_terms)
    if by_terms > by_law and why:
        # The terms give more than the text: it is by them that it is owed, and the text's computation says so.
        why = Ground(HOUSE.rule, HOUSE.citation, HOUSE.mark, why.lines, why.changes, why.readings)
    left = max(0, back - gone)
    lines = Line("principal", {"paid": total, "back": back, "gone": gone, "left": left, "currency": currency})
    why = why or HOUSE
    whole = Ground(why.rule, why.citation, why.mark, (*why.lines, lines), why.changes, why.readings)
    found = [Sum(PRINCIPAL, currency, left, whole)]
    return [*found, Sum(DOUBLE, currency, double, why)] if double else found


def _forfeit(law: Law, rule: Rule, facts: Facts, at: Standing, basis: Basis, total: int) -> Work:
    who = "professional" if basis.ended_by == MAKER else "consumer"
    known = {**base(facts), "sums_paid": total, "who": who, "late": at.late, "withdrawable": False}
    return ask(law, rule, known)


# --- interest


def parts(facts: Facts, paid: list[Payment]) -> Iterator[Part]:
    """The payments of one currency, cut where refunds have taken them: the oldest first."""
    gone = [(each.refunded_on, each.amount_minor) for each in sorted(facts.refunded, reverse=True)
            if paid and each.currency == paid[0].currency]  # fmt: skip
    for payment in sorted(paid):
        left = payment.amount_minor
        while left and gone:
            day, amount = gone.pop()
            taken = min(left, amount)
            yield Part(taken, payment.paid_on, day)
            left -= taken
            if amount > taken:
                gone.append((day, amount - taken))
        if left:
            yield Part(left, payment.paid_on, None)


def _interest(law: Law, facts: Facts, basis: Basis, paid: list[Payment], lines: bool) -> list[Sum]:
    """Interest on what was paid ahead; where no text gives that, default interest once the refund is late."""
    rule = rule_for(law, "advance-interest", facts, basis.on)
    if rule and not facts.made_to_specification and _on_refund(rule, facts):
        of: list[tuple[Part, dict[str, Any]]] = [
            (part, {"paid_on": part.paid_on}) for part in parts(facts, paid)
        ]
    else:
        rule = rule_for(law, "late-interest", facts, basis.on)
        since = basis.refund_by or basis.ended_on
        has_scale = rule_for(law, LATE.get(basis.ended_by, "withdrawal-late"), facts, basis.on)
        if rule is None or has_scale or basis.on <= since:
            return []
        of = [(part, {"since": since, "good_faith": True}) for part in parts(facts, paid)]
    currency = paid[0].currency
    if not lines:
        return [_amount_only(law, rule, facts, basis, currency, of)] if of else []
    return [_interest_on(law, rule, facts, basis, currency, of)] if of else []


def _on_refund(rule: Rule, facts: Facts) -> bool:
    reading = rule.readings.get("on_refund")
    return reading is None or reading.default == "paid" or facts.delivered_on is not None


def _interest_on(
    law: Law, rule: Rule, facts: Facts, basis: Basis, currency: str, of: list[tuple[Part, dict[str, Any]]]
) -> Sum:
    """Each part is worked out and rounded for itself, then added."""
    known = {**base(facts), "currency": currency}
    total, tomorrow, missing, lines = 0, 0, None, []
    for part, since in of:
        until = part.until or facts.delivered_on or basis.on
        work = ask(law, rule, {**known, **since, "principal": part.amount_minor, "until": until})
        amount, lack = _amount(work, "interest", "known")
        missing = missing or lack
        total += amount
        lines += work.lines
        later = until if part.until or facts.delivered_on else until + _ONE_DAY
        next_day = ask(law, rule, {**known, **since, "principal": part.amount_minor, "until": later})
        tomorrow += _amount(next_day, "interest", "known")[0]
    lines.append(Line("interest-total", {"result": total, "currency": currency}))
    head = ground(work)
    why = Ground(head.rule, head.citation, head.mark, tuple(lines), _interest_changes(missing), head.readings)
    return Sum(INTEREST, currency, total, why, Fraction(tomorrow - total), missing)


def _amount_only(
    law: Law, rule: Rule, facts: Facts, basis: Basis, currency: str, of: list[tuple[Part, dict[str, Any]]]
) -> Sum:
    total, missing = 0, None
    known = {**base(facts), "currency": currency}
    for part, since in of:
        until = part.until or facts.delivered_on or basis.on
        work = ask(law, rule, {**known, **since, "principal": part.amount_minor, "until": until}, lines=False)
        amount, lack = _amount(work, "interest", "known")
        total, missing = total + amount, missing or lack
    return Sum(INTEREST, currency, total, Ground(rule.id, rule.citation, rule.mark), Fraction(0), missing)


def _interest_changes(missing: NotComputable | None) -> tuple[Line, ...]:
    day = Line("grows-until-paid")
    return (
        (Line("rate-entered", {"table": missing.name, "day": missing.first_missing_day}), day)
        if missing
        else (day,)
    )


def _amount(work: Work, name: str, known: str) -> tuple[int, NotComputable | None]:
    """What a rule tells, or what of it is known and what lacks."""
    whole = told(work, name)
    if whole is not None:
        return int(whole), None
    lack = work.lacking.get(work.rule.tells.get(name, ""))
    return int(told(work, known) or 0), lack


# --- what a late refund costs


def _surcharge(law: Law, facts: Facts, basis: Basis, currency: str, total: int) -> list[Sum]:
    """What is added for a refund that is late: the highest amount the scale has reached, never less later."""
    role = LATE.get(basis.ended_by)
    rule = rule_for(law, role, facts, basis.on) if role else None
    if rule is None or basis.refund_by is None or facts.ended is None:
        return []
    late, until = _late_base(facts, basis, currency, total)
    if not late or until <= basis.refund_by:
        return []
    total_late = total if _taken(rule, "base") == "all sums paid" else late
    known = {**base(facts), "currency": currency, "sums_paid": total_late, "refund_by": basis.refund_by}
    best, missing = _highest(law, rule, known, basis.refund_by, until)
    after = _highest(law, rule, known, basis.refund_by, until + _ONE_DAY)[0] if until == basis.on else best
    amount, work = best
    grows = Fraction(after[0] - amount)
    why = ground(work, Line("grows-until-paid")) if until == basis.on else ground(work)
    return [Sum(SURCHARGE, currency, amount, why, grows, missing)]


def _taken(rule: Rule, name: str) -> str:
    """Which reading of an open point is taken; empty where the rule has none of that name."""
    return rule.readings[name].default if name in rule.readings else ""


def _late_base(facts: Facts, basis: Basis, currency: str, total: int) -> tuple[int, date]:
    """What was still owed when the term ended, and until when: the day the last of it left, or today."""
    assert basis.refund_by is not None
    of = [each for each in facts.refunded if each.currency == currency]
    late = total - sum(each.amount_minor for each in of if each.refunded_on <= basis.refund_by)
    if sum(each.amount_minor for each in of) >= total:
        return late, max((each.refunded_on for each in of), default=basis.on)
    return late, basis.on


def _highest(
    law: Law, rule: Rule, known: Mapping[str, Any], by: date, until: date
) -> tuple[tuple[int, Work], NotComputable | None]:
    """The highest of what the scale gives at the end of each of its tiers so far, and on the day itself."""
    ends = {by + timedelta(days=each) for each in _tier_ends(rule)}
    days = [*sorted(day for day in ends if day < until), until]
    wordings = ("surcharge",) if _taken(rule, "wording_paid") == "of the contract" else ("surcharge", "also")
    best: tuple[int, Work] | None = None
    missing: NotComputable | None = None
    for day in days:
        work = ask(law, rule, {**known, "until": day})
        amount = max((told(work, name) or 0 for name in wordings), default=0)
        if told(work, "surcharge") is None:
            missing = work.lacking.get(rule.tells["surcharge"])
        if best is None or amount > best[0]:
            best = amount, work
    assert best is not None
    return best, missing


def _tier_ends(rule: Rule) -> list[int]:
    return [
        tier["until"]
        for step in rule.steps
        if step.form == "tiers"
        for tier in step.arguments.get("tiers", ())
        if tier["until"] is not None
    ]
