"""The one question to the law: what may this holder do on this day, what comes back, and what must the maker do.

`answer(law, facts, on)` is pure: the same law, facts and day give the same answer, in whatever order facts came.
"""

from dataclasses import replace
from datetime import date

from earnest.core.rights.answers import (
    REFUSE_DELAY,
    RESOLVE,
    WITHDRAW,
    Ground,
    Line,
    Notice,
    Right,
    Rights,
    Warned,
)
from earnest.core.rights.evaluate import ground
from earnest.core.rights.facts import (
    FIRM,
    INDICATIVE,
    OFF_PREMISES,
    RESOLUTION,
    UNASKED,
    WITHDRAWAL,
    Facts,
    Today,
)
from earnest.core.rights.law import Law
from earnest.core.rights.openings import ENDS, openings, refund_limit, resolution, withdrawal
from earnest.core.rights.standing import Standing, ask_alike, base, firm_day, rule_for, standing, told
from earnest.core.rights.sums import Basis, sums


def answer(law: Law, facts: Facts, on: date | Today) -> Rights:
    """Everything the law and the offer's terms give for one reservation on a day.

    Where it has ended, sums and limits are those of its end; else those if it ended on that day by the best right.
    """
    today = on if isinstance(on, Today) else Today(on, on)
    at = standing(law, facts, today.duties)
    found = () if facts.ended else openings(law, facts, at, today.rights)
    basis = basis_of(law, facts, at, found, today)
    limit = refund_limit(law, facts, basis.ended_by, basis.ended_on)
    suspend = rule_for(law, "resolution", facts, today.duties)
    suspend_from = None
    if suspend and at.due and facts.delivered_on is None:
        suspend_from = told(
            ask_alike(law, suspend, {**base(facts), "latest_delivery": at.due}), "suspend_from"
        )
    return Rights(
        on=today.rights,
        jurisdiction=law.jurisdictions(facts.residence)[0],
        digest=law.digest,
        rights=found,
        sums=sums(law, facts, at, basis),
        refund=limit,
        choices=() if facts.ended else at.choices,
        notices=() if facts.ended else (*at.notices, *_notices(law, facts, at, today.duties)),
        warnings=warnings(law, facts, today.duties),
        ask_again_by=_ask_again_by(law, facts, at, today.duties),
        cancel_unasked_on=None if facts.ended else at.ended_by_silence,
        suspend_from=suspend_from,
    )


def basis_of(law: Law, facts: Facts, at: Standing, found: tuple[Right, ...], today: Today) -> Basis:
    """How it ended or would end today, and whether a right gives everything back."""
    if facts.ended:
        by, since = facts.ended.by, facts.ended.known_on
        everything = _everything(law, facts, at, by, since)
    else:
        best = next((right for right in found if right.open), None)
        by, since = ENDS[best.kind] if best else WITHDRAWAL, today.rights
        gives_all = best is not None and best.kind in (WITHDRAW, RESOLVE, REFUSE_DELAY)
        everything = best.ground if best and gives_all else None
    limit = refund_limit(law, facts, by, since)
    return Basis(by, since, everything, limit.by_day if limit else None, today.duties)


def _everything(law: Law, facts: Facts, at: Standing, by: str, since: date) -> Ground | None:
    """Under which right an ended reservation gives everything back; None: only the offer's terms can."""
    if by == UNASKED:
        return at.why or (at.choices[-1].ground if at.choices else None)
    before = replace(facts, ended=None)
    if by == WITHDRAWAL:
        right = withdrawal(law, before, since)
        if right and right.open:
            return right.ground
    if by in (WITHDRAWAL, RESOLUTION):
        # Whoever names no reason loses nothing by it where the date was missed.
        right = resolution(law, before, standing(law, before, since), since)
        return right.ground if right and (right.open or by == RESOLUTION) else None
    return None


def _ask_again_by(law: Law, facts: Facts, at: Standing, on: date) -> date | None:
    """The last day to write again before a consented date is missed; only where the law wants consent."""
    consents = rule_for(law, "delay-first", facts, on)
    waiting = facts.delivered_on is None and not facts.shipped and facts.ended is None
    return at.due if consents and waiting and at.ended_by_silence is None else None


def _notices(law: Law, facts: Facts, at: Standing, on: date) -> list[Notice]:
    """What must be written besides the slips: a delay nobody was told of, the notice that opens a resolution."""
    found: list[Notice] = []
    if facts.ended or facts.delivered_on or not at.late:
        return found
    delay = rule_for(law, "delay-later" if at.delay else "delay-first", facts, on)
    if delay and not at.ended_by_silence and not at.notices and at.due:
        work = ask_alike(law, delay, {**base(facts), "due_day": at.due})
        found.append(Notice(delay.role, at.due, delay.says, ground(work)))
    resolve = rule_for(law, "resolution", facts, on)
    if resolve and at.due and facts.notice is None:
        work = ask_alike(law, resolve, {**base(facts), "latest_delivery": at.due})
        if told(work, "notice_needed"):
            found.append(Notice("formal-notice", None, resolve.says, ground(work)))
    return found


def warnings(law: Law, facts: Facts, on: date) -> tuple[Warned, ...]:
    """What of the offer a text forbids or presumes unfair."""
    found: list[Warned] = []
    worth = facts.promised.date
    # Words that name no day promise none, and the text that gives a day then is the one that speaks.
    dated = rule_for(law, "indicative-date" if worth == INDICATIVE else "default-delivery", facts, on)
    if dated and worth != FIRM:
        known = {**base(facts), "promised_day": firm_day(facts.promised)}
        found.append(Warned(f"date-{worth}", ground(ask_alike(law, dated, known))))
    early = rule_for(law, "no-money-before", facts, on)
    if early and facts.channel == OFF_PREMISES:
        work = ask_alike(law, early, {**base(facts), "today": on})
        first = told(work, "from")
        if any(payment.paid_on < first for payment in facts.payments):
            found.append(Warned("money-too-early", ground(work, Line("first-day", {"day": first}))))
        elif on < first:
            found.append(Warned("no-money-yet", ground(work, Line("first-day", {"day": first}))))
    return tuple(found)


def money_may_be_taken_from(law: Law, facts: Facts) -> date:
    """The first day on which money may be taken: at once, but not off business premises in France (L221-10)."""
    rule = rule_for(law, "no-money-before", facts, facts.contract_on)
    if rule is None:
        return facts.contract_on
    work = ask_alike(law, rule, {**base(facts), "today": facts.contract_on})
    return told(work, "from") or facts.contract_on
