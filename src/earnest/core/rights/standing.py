"""Where one reservation stands on a day: which day counts as promised now, and what each told delay came to."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from earnest.core.rights.answers import CANCELLED as SILENCE_CANCELS
from earnest.core.rights.answers import CONSENT as SILENCE_AGREES
from earnest.core.rights.answers import NOTHING, Choices, Ground, Line, Notice
from earnest.core.rights.consent import CANCELLED
from earnest.core.rights.evaluate import evaluate, ground
from earnest.core.rights.facts import (
    ACCEPT,
    CANCEL,
    FIRM,
    INDICATIVE,
    OFF_PREMISES,
    SHOP,
    WAIT,
    Facts,
    Promise,
    Slip,
)
from earnest.core.rights.forms import Work
from earnest.core.rights.law import Law, Rule

#: What a slip gives where the law names no choices: the delay binds nobody who has not accepted it.
_CHOICES: Final = (ACCEPT, WAIT, CANCEL)


@dataclass(frozen=True)
class Standing:
    """`due` is the day that counts as promised (None: to no day, as agreed); `late` whether it has passed.

    `ended_by_silence`: the day on which a delay nobody agreed to ends the order, and the ground of that.
    """

    due: date | None
    late: bool
    choices: tuple[Choices, ...]
    notices: tuple[Notice, ...]
    ended_by_silence: date | None = None
    refund_by: date | None = None
    why: Ground | None = None
    delay: bool = False


def rule_for(law: Law, role: str, facts: Facts, on: date) -> Rule | None:
    """The rule for a role; none of those that protect consumers alone for a business."""
    rule = law.find(role, facts.residence, facts.contract_on, on)
    return rule if rule and (facts.consumer or rule.business) else None


def ask(law: Law, rule: Rule, known: Mapping[str, Any], *, lines: bool = True) -> Work:
    """Work out what a rule tells from what is known, by the names in its `takes`."""
    facts = {name: known[fact] for name, fact in rule.takes.items() if fact in known}
    return evaluate(law, rule, facts, told=True, lines=lines)


def ask_alike(law: Law, rule: Rule, known: Mapping[str, Any]) -> Work:
    """As `ask`, for what is alike for many reservations: worked out once for each set of facts. Only to be read."""
    return _asked(law, rule, tuple(known.get(fact) for fact in rule.takes.values()))


@lru_cache(maxsize=20_000)
def _asked(law: Law, rule: Rule, values: tuple[Hashable, ...]) -> Work:
    return evaluate(law, rule, dict(zip(rule.takes, values, strict=True)), told=True)


def told(work: Work, name: str) -> Any:
    """What a rule tells by a name of `answer.py`; None where it tells none or it cannot be computed."""
    return work.values.get(work.rule.tells.get(name, ""))


def firm_day(promise: Promise) -> date | None:
    """The day a promise counts with: an indicative one counts as if it were firm, a vague one names none."""
    return promise.last_day if promise.date in (FIRM, INDICATIVE) else None


def base(facts: Facts) -> dict[str, Any]:
    """What every rule may take, whatever has happened since the contract."""
    return {
        "contract_on": facts.contract_on,
        "currency": facts.currency,
        "price": facts.price_minor,
        "delivered_on": facts.delivered_on,
        "delivered": facts.delivered_on is not None,
        "shipped": facts.shipped or facts.delivered_on is not None,
        "made_to_specification": facts.made_to_specification,
        "distance_contract": facts.channel != SHOP,
        "off_premises": facts.channel == OFF_PREMISES,
        "deposit_kind": facts.deposit_kind,
        "essential_date": facts.essential_date,
        "informed": facts.informed,
        "creditor": "consumer" if facts.consumer else "other",
        "notice_on": facts.notice.received_on if facts.notice else None,
        "extra_time_ends_on": facts.notice.extra_time_ends_on if facts.notice else None,
    }


def standing(law: Law, facts: Facts, on: date) -> Standing:
    """Where it stands: the promise, then each slip in its order."""
    default = rule_for(law, "default-delivery", facts, on)
    due = firm_day(facts.promised)
    first_due: Work | None = None
    if default:
        first_due = ask_alike(law, default, {**base(facts), "promised_day": due})
        due = told(first_due, "latest")
    if rule_for(law, "delay-first", facts, on):
        return _by_consent(law, facts, on, due)
    return _by_acceptance(facts, on, due, first_due)


def _late(facts: Facts, due: date | None, on: date) -> bool:
    return due is not None and due < on and facts.delivered_on is None


def _slips(facts: Facts) -> list[Slip]:
    return sorted(facts.slips, key=lambda slip: slip.n)


def _by_acceptance(facts: Facts, on: date, due: date | None, first_due: Work | None) -> Standing:
    """Where no text has a clock of consent: a slip moves the day for whoever accepted it, and for nobody else."""
    choices, notices = [], []
    why = ground(first_due, Line("slip-binds-who-accepts")) if first_due else HOUSE
    for slip in _slips(facts):
        if slip.told_on is None:
            notices.append(Notice("tell-slip", slip.slipped_on, ("new-date-or-none", "reason-of-delay"), why))
            continue
        if slip.answer == ACCEPT:
            due = firm_day(slip.now) or due
        choices.append(Choices(slip.n, _CHOICES, NOTHING, None, why))
    return Standing(due, _late(facts, due, on), tuple(choices), tuple(notices), delay=bool(facts.slips))


def _by_consent(law: Law, facts: Facts, on: date, due: date | None) -> Standing:
    """Where a delay needs consent: each notice moves the day, or ends the order."""
    choices: list[Choices] = []
    notices: list[Notice] = []
    agreed = 0
    for slip in _slips(facts):
        role = "delay-later" if agreed else "delay-first" if firm_day(slip.now) else "delay-indefinite"
        rule = rule_for(law, role, facts, on)
        if rule is None or due is None:
            continue
        if slip.told_on is None:
            asked = ask_alike(law, rule, {**base(facts), "due_day": due, "revised_day": firm_day(slip.now)})
            notices.append(Notice(role, due, rule.says, ground(asked)))
            continue
        work, silent = (_told(law, rule, facts, slip, due, answer) for answer in (slip.answer, ""))
        silence = SILENCE_CANCELS if told(silent, "status") == CANCELLED else SILENCE_AGREES
        choices.append(Choices(slip.n, _CHOICES, silence, told(silent, "vests") or due, ground(silent)))
        if told(work, "status") == CANCELLED:
            vests, by = told(work, "vests"), told(work, "refund_by")
            return Standing(
                due, _late(facts, due, on), tuple(choices), tuple(notices), vests, by, ground(work), True
            )
        agreed, due = agreed + 1, firm_day(slip.now)
    return Standing(due, _late(facts, due, on), tuple(choices), tuple(notices), delay=bool(agreed))


def _told(law: Law, rule: Rule, facts: Facts, slip: Slip, due: date, answer: str) -> Work:
    known = {
        **base(facts),
        "due_day": due,
        "told_on": slip.told_on,
        "revised_day": None if answer == WAIT else firm_day(slip.now),
        "answer": answer or None,
        "answered_on": slip.answered_on if answer else None,
    }
    return ask_alike(law, rule, known)


HOUSE: Final = Ground("house-terms", "the terms of the offer", "V")
