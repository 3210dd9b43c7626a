"""By which rights a reservation can be ended on a day, and by when the money must then be back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from earnest.core.rights.answers import REFUSE_DELAY, RESOLVE, TERMS, WITHDRAW, Line, RefundLimit, Right
from earnest.core.rights.evaluate import ground
from earnest.core.rights.facts import MAKER, RESOLUTION, SHOP, UNASKED, WITHDRAWAL, Facts
from earnest.core.rights.law import Law
from earnest.core.rights.standing import HOUSE, Standing, ask_alike, base, rule_for, told

#: Which limit holds for what ends it: the first of these that the holder's law has.
LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    WITHDRAWAL: ("withdrawal-refund", "prompt-refund", "resolution-refund", "house-refund"),
    RESOLUTION: ("resolution-refund", "prompt-refund", "withdrawal-refund", "house-refund"),
    MAKER: ("resolution-refund", "prompt-refund", "withdrawal-refund", "house-refund"),
    UNASKED: ("prompt-refund", "resolution-refund", "withdrawal-refund", "house-refund"),
}
#: What a right ends it by.
ENDS: Final = {WITHDRAW: WITHDRAWAL, RESOLVE: RESOLUTION, REFUSE_DELAY: UNASKED, TERMS: WITHDRAWAL}


def openings(law: Law, facts: Facts, at: Standing, on: date) -> tuple[Right, ...]:
    """Every right, open or to come: those that give everything first, the offer's own terms last."""
    found = (
        withdrawal(law, facts, on),
        resolution(law, facts, at, on),
        _refusal(facts, at),
        _terms(facts),
    )
    return tuple(right for right in found if right)


def withdrawal(law: Law, facts: Facts, on: date) -> Right | None:
    """To withdraw without a reason."""
    rule = rule_for(law, "withdrawal", facts, on)
    if rule is None:
        return None
    work = ask_alike(law, rule, {**base(facts), "ended_on": on, "sums_paid": 0})
    changes = [Line("delivery-starts-fourteen-days")] if facts.delivered_on is None else []
    is_open, until = bool(told(work, "open")), told(work, "until")
    longer = None if facts.informed or until is None else rule_for(law, "withdrawal-uninformed", facts, on)
    if longer and _excluded(facts) is False:
        work = ask_alike(law, longer, base(facts))
        until = told(work, "until")
        is_open = until is not None and on <= until
    return Right(WITHDRAW, is_open, until, ground(work, *changes))


def _excluded(facts: Facts) -> bool:
    return facts.channel == SHOP or facts.made_to_specification


def resolution(law: Law, facts: Facts, at: Standing, on: date) -> Right | None:
    """To end it because the promised day was missed."""
    rule = rule_for(law, "resolution", facts, on)
    if rule is None or facts.delivered_on is not None or at.due is None:
        return None
    work = ask_alike(law, rule, {**base(facts), "latest_delivery": at.due})
    start = told(work, "from")
    needed = told(work, "notice_needed") and facts.notice is None
    changes = [Line("formal-notice-opens-it", {"after": at.due})] if needed else []
    if not at.late:
        changes.append(Line("date-missed-opens-it", {"day": at.due + timedelta(days=1)}))
    opened = start is not None and start <= on
    return Right(RESOLVE, opened, None, ground(work, *changes), None if opened else start)


def _refusal(facts: Facts, at: Standing) -> Right | None:
    """To refuse a delay that was told, or one that nobody was told of."""
    if at.why is not None:
        return Right(REFUSE_DELAY, True, None, at.why)
    if not at.choices or facts.delivered_on is not None or facts.shipped:
        return None
    newest = at.choices[-1]
    if newest.silence == "nothing":
        return None
    return Right(REFUSE_DELAY, at.due is None or at.late, newest.decided_on, newest.ground)


def _terms(facts: Facts) -> Right | None:
    """What the offer itself allows."""
    if facts.delivered_on is not None or facts.terms.back_bp <= 0:
        return None
    return Right(TERMS, True, None, HOUSE)


def refund_limit(law: Law, facts: Facts, ended_by: str, ended_on: date) -> RefundLimit | None:
    """By when the money must be back that is owed since a day, and by which means."""
    known: dict[str, Any] = {**base(facts), "ended_on": ended_on, "sums_paid": 0}
    if facts.ended and facts.ended.failed_on:
        known["failed_on"] = facts.ended.failed_on
    for role in LIMITS[ended_by]:
        rule = rule_for(law, role, facts, ended_on)
        if rule is None:
            continue
        work = ask_alike(law, rule, known)
        by = told(work, "by")
        if by is not None:
            return RefundLimit(by, rule.means, ground(work))
    return None
