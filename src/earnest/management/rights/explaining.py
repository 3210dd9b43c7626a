"""`./earnest rights explain NUMBER [--on DATE]`: what the law gives for one reservation, each figure with its text."""

from datetime import date
from typing import Any

from earnest.book import clock, facts, law
from earnest.core.instants import day
from earnest.core.money import major
from earnest.core.rights.answers import Ground, Rights
from earnest.core.rights.words import SENTENCES, say
from earnest.management.base import BadUsage, Command

NOT_ADVICE = (
    "Not legal advice. V: the text was read word for word, P: in part, Q: in others’ words, R: from memory."
)


def add(asked: Any) -> None:
    """The arguments."""
    parser = asked.add_parser("explain", help="what the law gives for one reservation, and why")
    parser.add_argument("number", help="the reservation's number")
    parser.add_argument("--on", metavar="DATE", help="on which day, 2026-03-31 (default: today)")
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")


def run(command: Command, options: dict[str, Any]) -> None:
    """Raises Missing for a number that there is not."""
    try:
        on: Any = day(options["on"]) if options["on"] else clock.now()
    except ValueError:
        raise BadUsage("A day is written as 2026-03-31.") from None
    known, found = facts.rights(options["number"], on)
    command.answer(options, plain(found), "\n".join(_told(found, known.currency)))


def plain(found: Rights) -> dict[str, Any]:
    """For programs."""
    return {
        "on": found.on.isoformat(),
        "jurisdiction": found.jurisdiction,
        "law": found.digest,
        "may_cancel": found.may_cancel,
        "rights": [
            {
                "right": each.kind,
                "open": each.open,
                "until": _day(each.until),
                "open_from": _day(each.open_from),
                **_ground(each.ground, ""),
            }
            for each in found.rights
        ],
        "sums": [
            {
                "sum": each.kind,
                "amount_minor": each.amount_minor,
                "paid_minor": each.paid_minor,
                "currency": each.currency,
                "per_day_minor": float(each.per_day),
                "missing": each.missing
                and {
                    "what": each.missing.code,
                    "name": each.missing.name,
                    "first_missing_day": _day(each.missing.first_missing_day),
                },
                **_ground(each.ground, each.currency),
            }
            for each in found.sums
        ],
        "refund": found.refund
        and {
            "by": found.refund.by_day.isoformat(),
            "means": found.refund.means,
            **_ground(found.refund.ground, ""),
        },
        "slips": [
            {
                "slip": each.slip,
                "choices": list(each.choices),
                "silence": each.silence,
                "decided_on": _day(each.decided_on),
                **_ground(each.ground, ""),
            }
            for each in found.choices
        ],
        "notices": [
            {
                "notice": each.code,
                "due_on": _day(each.due_on),
                "must_say": list(each.must_say),
                **_ground(each.ground, ""),
            }
            for each in found.notices
        ],
        "warnings": [{"warning": each.code, **_ground(each.ground, "")} for each in found.warnings],
        "ask_again_by": _day(found.ask_again_by),
        "cancel_unasked_on": _day(found.cancel_unasked_on),
        "suspend_payment_from": _day(found.suspend_from),
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _ground(ground: Ground, currency: str) -> dict[str, Any]:
    return {
        "rule": ground.rule,
        "citation": ground.citation,
        "mark": ground.mark,
        "readings": dict(ground.readings),
        "computation": [say(line, currency or "EUR") for line in ground.lines],
        "would_change_it": [say(line, currency or "EUR") for line in ground.changes],
    }


def _told(found: Rights, currency: str) -> list[str]:
    lines = [f"On {found.on}, by the law of {found.jurisdiction} ({found.digest[:12]}):", ""]
    for right in found.rights:
        state = "open" if right.open else f"from {right.open_from}" if right.open_from else "not open"
        until = f", until {right.until}" if right.until else ""
        lines += [f"Right to {right.kind}: {state}{until}", *_why(right.ground, currency), ""]
    for each in found.sums:
        missing = each.missing
        lines.append(
            f"{each.kind.capitalize():<12}{major(each.amount_minor, each.currency):>16} {each.currency}"
        )
        if missing:
            lines.append(
                f"  from {missing.first_missing_day} on: {missing.code} “{missing.name}” not yet entered"
            )
        if each.per_day:
            lines.append(f"  and {major(int(each.per_day), each.currency)} {each.currency} for the next day")
        lines += [*_why(each.ground, each.currency), ""]
    if found.refund:
        lines += [f"Money is back by {found.refund.by_day}, means: {found.refund.means}",
                  *_why(found.refund.ground, currency), ""]  # fmt: skip
    for choice in found.choices:
        when = f" on {choice.decided_on}" if choice.decided_on else ""
        lines += [f"Slip {choice.slip}: {', '.join(choice.choices)}; silence means {choice.silence}{when}",
                  *_why(choice.ground, currency), ""]  # fmt: skip
    for notice in found.notices:
        due = f", due on {notice.due_on}" if notice.due_on else ""
        lines.append(f"Notice {notice.code}{due}, which says:")
        lines += [f"  - {SENTENCES[code]}" for code in notice.must_say]
        lines += [*_why(notice.ground, currency), ""]
    lines += [f"Warning: {each.code} ({each.ground.citation}, {each.ground.mark})" for each in found.warnings]
    for label, day_ in (("Ask again by", found.ask_again_by), ("Cancel and refund unasked on", found.cancel_unasked_on),
                        ("Payments may be kept back from", found.suspend_from)):  # fmt: skip
        lines += [f"{label} {day_}"] if day_ else []
    return [*lines, NOT_ADVICE]


def _why(ground: Ground, currency: str) -> list[str]:
    rule = law.current().rule(ground.rule)
    title = f"{rule.title['en']}: " if rule else ""
    lines = [f"  {title}{ground.citation} [{ground.mark}]"]
    lines += [f"    {say(line, currency)}" for line in ground.lines]
    lines += [f"    reading taken of {name}: {taken}" for name, taken in ground.readings.items()]
    return [*lines, *(f"    would change it: {say(line, currency)}" for line in ground.changes)]
