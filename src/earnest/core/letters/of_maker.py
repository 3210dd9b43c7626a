"""The letters that a maker writes: a delay with its choices, a renewed notice, a request for consent, confirmation."""

from collections.abc import Callable
from datetime import date
from typing import Final

from earnest.core.letters.content import Amount, Case, Content, line, made
from earnest.core.letters.kinds import Kind
from earnest.core.refusals import Refused
from earnest.core.rights.answers import CANCELLED, CONSENT, Choices, Ground, Line, Notice
from earnest.core.rights.facts import Slip
from earnest.core.slipping import ACCEPT, CANCEL, WAIT

#: What a delay notice says where no text lists it.
USUAL: Final = ("new-date-or-none", "reason-of-delay", "may-cancel-until-shipment", "free-means-to-answer")
_CHOICES: Final = {ACCEPT: "may-accept", WAIT: "may-wait", CANCEL: "may-cancel"}
#: Notices by which a move of the date is told.
_OF_SLIP: Final = ("tell-slip", "delay-first", "delay-indefinite", "delay-later")


def _told(case: Case) -> tuple[Slip, Ground, tuple[str, ...], Choices | None]:
    """The move, its rule, what that wants said, and the choices where it was told. Raises Refused."""
    slip, choices = case.slip, case.choices
    if case.facts.ended:
        raise Refused(
            "letter-over",
            "This reservation ended on %(day)s; a confirmation is what is left to write.",
            day=case.facts.ended.known_on.isoformat(),
        )
    if slip is None:
        raise Refused("letter-no-move", "The promised date has not moved: move it first, and say why.")
    if choices and choices.slip == slip.n:
        return slip, choices.ground, _says(case, choices.ground), choices
    notice = _notice(case)
    if notice is None:
        raise Refused("letter-no-delay", "No text asks for a notice of this delay on this day.")
    return slip, notice.ground, notice.must_say or USUAL, None


def _notice(case: Case) -> Notice | None:
    return next((each for each in case.rights.notices if each.code in _OF_SLIP), None)


def _says(case: Case, ground: Ground) -> tuple[str, ...]:
    rule = case.law.rule(ground.rule)
    return rule.says if rule and rule.says else USUAL


def _delay(case: Case, slip: Slip, says: tuple[str, ...], choices: Choices | None) -> list[Line | None]:
    """Everything that a notice of delay must say, in the order of its rule; then the choices and what silence means."""
    silence = _silence(choices)
    sentences: dict[str, Callable[[], Line | None]] = {
        "new-date-or-none": lambda: _new_date(slip),
        "reason-of-delay": lambda: line("reason", reason=case.reason) if case.reason else None,
        "cancel-full-prompt-refund": lambda: line("full-refund", paid=case.paid),
        "free-means-to-answer": lambda: line("answer-free"),
        "silence-agrees-to-thirty-days": lambda: None if silence else line("silence-agrees"),
        "may-cancel-until-shipment": lambda: line("until-shipment"),
        "ends-unless-agreed": lambda: None if silence else line("ends-unless"),
    }
    found: list[Line | None] = [
        line("you-reserved", day=case.facts.contract_on, title=case.title, number=case.number)
    ]
    # A reason is owed to people, whether or not a text lists it.
    found += [sentences[each]() for each in says if each in sentences]
    if "reason-of-delay" not in says and case.reason:
        found.insert(2, line("reason", reason=case.reason))
    given = choices.choices if choices else (ACCEPT, WAIT, CANCEL)
    found += [line(_CHOICES[each]) for each in given if slip.now.last_day or each != ACCEPT]
    return [*found, silence or line("silence-nothing") if choices else silence]


def _new_date(slip: Slip) -> Line:
    if slip.now.last_day:
        return line("moves-to", was=slip.was.last_day, now=slip.now.last_day)
    return line("moves-to-none", was=slip.was.last_day)


def _silence(choices: Choices | None) -> Line | None:
    if choices is None or choices.decided_on is None:
        return None
    code = {CONSENT: "silence-consent", CANCELLED: "silence-ends"}.get(choices.silence)
    return line(code, until=choices.decided_on) if code else None


def delay_notice(kind: Kind, case: Case) -> Content:
    """The date moves, with what the law gives the holder."""
    slip, ground, says, choices = _told(case)
    return made(kind, case, _delay(case, slip, says, choices), [ground])


def renewed_notice(kind: Kind, case: Case) -> Content:
    """A delay that was agreed to is not kept either: silence agrees to nothing any more."""
    rule = case.rule("delay-later")
    if rule is None:
        raise Refused(
            "letter-no-renewal",
            "The law of %(place)s knows no renewed notice; a notice of delay is enough.",
            place=case.rights.jurisdiction,
        )
    slip, ground, says, choices = _told(case)
    if ground.rule != rule.id:
        raise Refused(
            "letter-first-delay",
            "%(rule)s is about a further delay: it is possible when the promise has moved again, and must then be sent "
            "by %(day)s.",
            rule=rule.citation,
            day=case.due.isoformat() if case.due else "–",
        )
    return made(kind, case, [line("again"), *_delay(case, slip, says, choices)], [ground])


def consent_request(kind: Kind, case: Case) -> Content:
    """The holder is asked to agree to the new date in so many words."""
    slip, ground, says, choices = _told(case)
    if slip.answer:
        raise Refused(
            "letter-has-answered",
            "The holder answered on %(day)s already.",
            day=slip.answered_on.isoformat() if slip.answered_on else "–",
        )
    if slip.now.last_day is None:
        raise Refused("letter-nothing-to-agree", "There is no new date to agree to.")
    asked = line("do-you-agree", day=slip.now.last_day)
    return made(kind, case, [*_delay(case, slip, says, choices), asked], [ground])


def confirmation(kind: Kind, case: Case) -> Content:
    """That it has ended, what comes back, by when, and what has gone back already."""
    ended, limit = case.facts.ended, case.rights.refund
    if ended is None:
        raise Refused("letter-goes-on", "The reservation has not ended, so there is no end to confirm.")
    gone = sum(each.amount_minor for each in case.facts.refunded)
    paragraphs: list[Line | None] = [
        line("you-reserved", day=case.facts.contract_on, title=case.title, number=case.number),
        line(f"we-confirm-{ended.by}", day=ended.known_on),
        *(_went(each.refunded_on, each.amount_minor, each.currency) for each in sorted(case.facts.refunded)),
    ]
    if case.total:
        paragraphs.append(
            line("we-owe-by", total=case.total, day=limit.by_day)
            if limit
            else line("we-owe", total=case.total)
        )
    else:
        paragraphs.append(line("all-is-back") if gone else line("nothing-was-paid"))
    return made(kind, case, paragraphs, [limit.ground if limit else None], sums=True)


def _went(on: date, amount_minor: int, currency: str) -> Line:
    return line("went-back", day=on, sum=(Amount(amount_minor, currency),))
