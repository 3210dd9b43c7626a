"""The letters that a holder writes: notice, resolution, withdrawal, answers to a slip, and the demand for the money."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from earnest.core.letters.content import (
    Amount,
    Case,
    Content,
    line,
    made,
    names_contract,
    of_delay_ground,
)
from earnest.core.letters.kinds import Kind
from earnest.core.refusals import Invalid, Refused
from earnest.core.rights import facts
from earnest.core.rights.answers import (
    CANCELLED,
    REFUSE_DELAY,
    RESOLVE,
    WITHDRAW,
    Choices,
    Ground,
    Line,
    Right,
)
from earnest.core.rights.facts import FormalNotice, Slip
from earnest.core.rights.law import Rule
from earnest.core.rights.standing import told
from earnest.core.slipping import ACCEPT

#: The extra time that is set where nobody says another: what is reasonable depends on the thing, and a judge may see it
#: otherwise. Counted in days from the day of the letter.
USUAL_TIME: Final = timedelta(days=14)
MOST_TIME: Final = timedelta(days=366)
_ONE_DAY: Final = timedelta(days=1)


def _check_lives(case: Case) -> None:
    if case.facts.ended:
        raise Refused(
            "letter-ended",
            "This reservation ended on %(day)s, so there is nothing left to end or to ask for but the money.",
            day=case.facts.ended.known_on.isoformat(),
        )


def _late_rule(case: Case) -> tuple[Rule, date]:
    """The rule about late delivery, and the day that was promised. Raises Refused."""
    _check_lives(case)
    rule = case.rule("resolution")
    if rule is None:
        raise Refused(
            "letter-no-rule",
            "The law of %(place)s knows neither formal notice nor resolution for a late delivery; a delay that is "
            "told can be refused.",
            place=case.rights.jurisdiction,
        )
    if case.facts.delivered_on:
        raise Refused(
            "letter-delivered",
            "It was delivered on %(day)s, and %(rule)s is about what was not delivered.",
            day=case.facts.delivered_on.isoformat(),
            rule=rule.citation,
        )
    if case.due is None:
        raise Refused(
            "letter-no-day",
            "%(rule)s counts from a promised day, and there is none.",
            rule=rule.citation,
        )
    return rule, case.due


# --- late delivery


def formal_notice(kind: Kind, case: Case) -> Content:
    """The promised day has passed: an extra time is set, and what follows it is said."""
    rule, due = _late_rule(case)
    work = case.of_delay(rule)
    opens = told(work, "from")
    if not told(work, "notice_needed"):
        raise Refused(
            "letter-not-needed",
            "By %(rule)s no formal notice is needed: the contract can be ended from %(from)s.",
            rule=rule.citation,
            **{"from": (opens or due + _ONE_DAY).isoformat()},
        )
    if due >= case.on:
        raise Refused(
            "letter-not-late",
            "By %(rule)s a formal notice follows a day that was missed: it is possible from %(from)s.",
            rule=rule.citation,
            **{"from": (due + _ONE_DAY).isoformat()},
        )
    if case.facts.notice:
        raise Refused(
            "letter-noticed",
            "A formal notice was received on %(day)s already; by %(rule)s the contract can be ended from %(from)s.",
            day=case.facts.notice.received_on.isoformat(),
            rule=rule.citation,
            **{"from": opens.isoformat() if opens else "–"},
        )
    ends = _extra_time(case)
    after = replace(case, facts=replace(case.facts, notice=FormalNotice(case.on, ends)))
    resolve_from = told(after.of_delay(rule), "from")
    says = {
        "names-contract": names_contract(case),
        "names-promised-day": line("day-missed", day=due),
        "sets-extra-time": line("i-set-time", until=ends),
        "says-resolution-follows": line("then-resolution", **{"from": resolve_from}, paid=case.paid),
    }
    keeps = line("i-keep-back") if case.rights.suspend_from and _unpaid(case) else None
    return made(
        kind,
        case,
        [*(says[each] for each in rule.says or tuple(says)), keeps],
        [of_delay_ground(after, rule)],
        extra_time_ends_on=ends,
    )


def _extra_time(case: Case) -> date:
    ends = case.extra_time_ends_on or case.on + USUAL_TIME
    if not case.on < ends <= case.on + MOST_TIME:
        raise Invalid(
            "extra-time",
            "The extra time ends after %(day)s, and within a year.",
            day=case.on.isoformat(),
        )
    return ends


def _unpaid(case: Case) -> bool:
    paid = sum(each.amount_minor for each in case.paid if each.currency == case.facts.currency)
    return paid < case.facts.price_minor


def _right(case: Case, kind: str) -> Right | None:
    return next((each for each in case.rights.rights if each.kind == kind), None)


def resolution(kind: Kind, case: Case) -> Content:
    """The contract is ended because the day was missed, and the extra time where one was needed."""
    rule, due = _late_rule(case)
    right = _right(case, RESOLVE)
    if right is None or not right.open:
        _refuse_resolution(case, rule, due, right.open_from if right else None)
    assert right is not None
    notice = case.facts.notice
    noticed = (
        line("notice-passed", day=notice.received_on, until=notice.extra_time_ends_on) if notice else None
    )
    ended = case.ended_today(facts.RESOLUTION)
    paragraphs = [
        names_contract(case),
        line("day-missed", day=due),
        noticed,
        line("i-resolve"),
        *_back(ended),
    ]
    return made(kind, ended, paragraphs, [right.ground, _term(ended)], sums=True)


def _term(case: Case) -> Ground | None:
    """By which text the money is back by a day."""
    return case.rights.refund.ground if case.rights.refund else None


def _refuse_resolution(case: Case, rule: Rule, due: date, opens: date | None) -> None:
    if opens:
        raise Refused(
            "letter-resolution-later",
            "By %(rule)s the contract can be ended from %(from)s.",
            rule=rule.citation,
            **{"from": opens.isoformat()},
        )
    raise Refused(
        "letter-notice-first",
        "By %(rule)s a formal notice with an extra time comes first; it can be sent from %(from)s.",
        rule=rule.citation,
        **{"from": max(case.on, due + _ONE_DAY).isoformat()},
    )


def _back(case: Case) -> list[Line | None]:
    """That the money comes back: how much, by when, and that it grows."""
    limit = case.rights.refund
    if not case.total:
        return []
    asked = (
        line("pay-back-by", total=case.total, day=limit.by_day)
        if limit
        else line("pay-back", total=case.total)
    )
    return [asked, *_growing(case)]


def _growing(case: Case) -> list[Line]:
    """What a day more adds, and what cannot be computed yet."""
    lines: list[Line] = []
    for currency in sorted({each.currency for each in case.rights.sums}):
        grows = sum(each.per_day for each in case.rights.sums if each.currency == currency)
        if int(grows):
            lines.append(line("grows", sum=(Amount(int(grows), currency),)))
    for lack in case.rights.missing:
        if lack.first_missing_day:
            lines.append(line("rate-missing", day=lack.first_missing_day))
    return lines


# --- withdrawal


def withdrawal(kind: Kind, case: Case) -> Content:
    """The contract is ended without a reason."""
    _check_lives(case)
    right = _right(case, WITHDRAW)
    if right is None:
        raise Refused(
            "letter-no-withdrawal",
            "The law of %(place)s gives no right to withdraw without a reason.",
            place=case.rights.jurisdiction,
        )
    if not right.open and right.until:
        raise Refused(
            "letter-withdrawal-over",
            "By %(rule)s this contract could be withdrawn from until %(until)s.",
            rule=right.ground.citation,
            until=right.until.isoformat(),
        )
    if not right.open:
        raise Refused(
            "letter-withdrawal-excluded",
            "%(rule)s gives no right to withdraw from a contract like this one.",
            rule=right.ground.citation,
        )
    ended = case.ended_today(facts.WITHDRAWAL)
    paragraphs = [names_contract(case), line("i-withdraw"), *_back(ended)]
    return made(kind, ended, paragraphs, [right.ground, _term(ended)], sums=True)


# --- answers to a slip


def _waits(case: Case) -> tuple[Choices, Slip]:
    """The move that waits for an answer. Raises Refused."""
    _check_lives(case)
    choices = case.choices
    slip = next((each for each in case.facts.slips if choices and each.n == choices.slip), None)
    if choices is None or slip is None:
        raise Refused(
            "letter-no-slip", "No move of the promised date has been told, so there is none to answer."
        )
    if slip.answer:
        raise Refused(
            "letter-answered",
            "The newest move of the promised date was answered on %(day)s already.",
            day=slip.answered_on.isoformat() if slip.answered_on else "–",
        )
    return choices, slip


def _moved(case: Case, slip: Slip) -> Line:
    if slip.now.last_day:
        return line("you-told-me", day=slip.told_on, was=slip.was.last_day, now=slip.now.last_day)
    return line("you-told-me-none", day=slip.told_on, was=slip.was.last_day)


def refusal(kind: Kind, case: Case) -> Content:
    """The delay is refused, and the order with it."""
    choices, slip = _waits(case)
    right = _right(case, REFUSE_DELAY)
    # Where no text has a refusal of its own, the delay binds nobody: who ends it does so by the offer's terms.
    by_law = right is not None or choices.silence == CANCELLED
    ended = case.ended_today(facts.UNASKED if by_law else facts.WITHDRAWAL)
    says = line("i-refuse" if by_law else "i-refuse-terms")
    ground = right.ground if right else choices.ground
    paragraphs = [names_contract(case), _moved(case, slip), says, *_back(ended)]
    return made(kind, ended, paragraphs, [ground, _term(ended)], sums=True)


def consent(kind: Kind, case: Case) -> Content:
    """The new date is agreed to."""
    choices, slip = _waits(case)
    if ACCEPT not in choices.choices or slip.now.last_day is None:
        raise Refused("letter-no-date", "There is no new date to agree to.")
    paragraphs = [names_contract(case), _moved(case, slip), line("i-agree", day=slip.now.last_day)]
    return made(kind, case, paragraphs, [choices.ground])


def waiting(kind: Kind, case: Case) -> Content:
    """Nothing is agreed to, and nothing ended."""
    choices, slip = _waits(case)
    return made(kind, case, [names_contract(case), _moved(case, slip), line("i-wait")], [choices.ground])


# --- the money


def refund_demand(kind: Kind, case: Case) -> Content:
    """It has ended, the day for the money has passed, and not all of it is back."""
    ended, limit = case.facts.ended, case.rights.refund
    if ended is None:
        raise Refused("letter-not-ended", "The reservation has not ended, so no refund is late.")
    if not case.total:
        raise Refused("letter-all-back", "All of the money is back; nothing is left to demand.")
    if limit and limit.by_day >= case.on:
        raise Refused(
            "letter-refund-runs",
            "By %(rule)s the money may come until %(until)s; it can be demanded from %(from)s.",
            rule=limit.ground.citation,
            until=limit.by_day.isoformat(),
            **{"from": (limit.by_day + _ONE_DAY).isoformat()},
        )
    late = line("refund-late", day=limit.by_day, days=(case.on - limit.by_day).days) if limit else None
    paragraphs = [
        names_contract(case),
        line(f"ended-{ended.by}", day=ended.known_on),
        late,
        line("i-demand", total=case.total),
        *_growing(case),
    ]
    return made(kind, case, paragraphs, [_term(case)], sums=True)
