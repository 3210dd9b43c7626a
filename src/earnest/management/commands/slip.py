"""`./earnest slip OFFER --from DAY --until DAY --why …`: the promised window moves, and every holder is told.

`--no-date` where there is no new one; `--dry-run` says whom it touches and what they could claim, and writes nothing.
"""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from earnest.book import reach, reads
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.instants import day
from earnest.core.money import major
from earnest.core.offer import Window
from earnest.core.slipping import EVIDENCE
from earnest.management.acting import done, operator, told
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base


class Command(Base):
    help = "Move the promised window later; the worker writes to every holder."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offer", help="the offer's name in addresses")
        parser.add_argument("--from", dest="start", metavar="DAY", help="first day, 2027-01-01")
        parser.add_argument("--until", metavar="DAY", help="last day")
        parser.add_argument("--no-date", action="store_true", help="there is no new date")
        parser.add_argument("--why", required=True, help="the reason, as holders will read it")
        parser.add_argument("--evidence", default="none", choices=EVIDENCE, help="what proves it")
        parser.add_argument("--dry-run", action="store_true", help="say whom it touches, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        command = SlipPromise(
            **operator(),
            slug=options["offer"],
            window=_window(options),
            why=options["why"],
            evidence=options["evidence"],
        )
        if options["dry_run"]:
            self.answer(options, *_preview(options["offer"], command.window))
            return
        data = done(command)
        self.answer(options, data, told(data))


def _window(options: dict[str, Any]) -> Window | None:
    """The days that were given, or None where it was said that there are none."""
    given = (options["start"], options["until"])
    if options["no_date"]:
        if any(given):
            raise BadUsage("Give a new window, or --no-date; not both.")
        return None
    if not all(given):
        raise BadUsage("Give --from and --until, or --no-date.")
    try:
        return Window(day(options["start"]), day(options["until"]))
    except ValueError:
        raise BadUsage("A day is written as 2027-01-31.") from None


def _preview(slug: str, window: Window | None) -> tuple[dict[str, Any], str]:
    """Whom it would touch, what they could claim back, and whether what is held covers what is owed."""
    reads.offer(slug)
    touched = reach.touched(slug, window)
    covers = reach.cover(touched)
    lines = [f"{sum(each.reservations for each in touched)} holders would be told."]
    for each in touched:
        kind = "" if each.consumer else " (companies)"
        rights = ", ".join(
            f"{kind} {ground.citation} [{ground.mark}]" for kind, (ground, _) in each.rights.items()
        )
        lines.append(
            f"  {each.residence}{kind}: {each.reservations}, could claim {_spoken(each.total)}; {rights}"
        )
        lines += [
            f"    silence: {what}{f' on {until}' if until else ''}, {n}"
            for (what, until), n in each.silence.items()
        ]
    for cover in covers:
        verdict = (
            "covered" if not cover.short_minor else f"{major(cover.short_minor, cover.currency)} missing"
        )
        sums = (cover.claimable_minor, cover.owed_minor, cover.held_minor)
        claim, owed, held = (major(minor, cover.currency) for minor in sums)
        lines.append(
            f"  {cover.currency}: could be claimed {claim}, owed to all {owed}, held {held}: {verdict}"
        )
    data = {
        "touched": [_data(each) for each in touched],
        "covers": [{**asdict(each), "short_minor": each.short_minor} for each in covers],
    }
    return data, "\n".join(lines)


def _spoken(sums: dict[str, int]) -> str:
    return ", ".join(f"{major(minor, code)} {code}" for code, minor in sorted(sums.items())) or "nothing"


def _data(each: reach.Reach) -> dict[str, Any]:
    return {
        "residence": each.residence,
        "consumer": each.consumer,
        "reservations": each.reservations,
        "paid": each.paid,
        "total": each.total,
        "added": each.added,
        "incomplete": each.incomplete,
        "rights": [
            {
                "kind": kind,
                "rule": ground.rule,
                "citation": ground.citation,
                "mark": ground.mark,
                "reservations": n,
            }
            for kind, (ground, n) in each.rights.items()
        ],
        "silence": [
            {"comes_to": what, "on": until.isoformat() if until else None, "reservations": n}
            for (what, until), n in each.silence.items()
        ],
    }
