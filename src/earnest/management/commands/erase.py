"""`./earnest erase NUMBER --class CLASS`: one class of a person's data is erased, and the record still verifies."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import door, preview, reads
from earnest.core.acts import CLASSES, Act
from earnest.core.commands.erase import GROUNDS, Erase
from earnest.management.acting import operator
from earnest.management.base import Command as Base


class Command(Base):
    help = (
        "Destroy the key of one class of a reservation's data. Its values are gone for ever, the acts stay, and "
        "every story still verifies. Refused with the reason and the date while the data is needed."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--class", dest="cls", required=True, choices=CLASSES, help="what is erased")
        parser.add_argument(
            "--ground",
            choices=GROUNDS,
            default="asked",
            help="why: the person asked (default), or it is needed no longer",
        )
        parser.add_argument(
            "--holder",
            type=int,
            metavar="N",
            help="whose: 1 is who reserved, 2 who took it over … (default: who has it now)",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        number, cls = reads.reservation(options["number"]).number, options["cls"]
        holder = None if options["holder"] is None else options["holder"] - 1
        command = Erase(**operator(), number=number, cls=cls, ground=options["ground"], holder=holder)
        receipt = ""
        if options["dry_run"]:
            acts: tuple[Act, ...] = tuple(draft.act for draft in preview.decide(command).acts)
        else:
            outcome = door.do_one(command)
            acts = outcome.acts if isinstance(outcome, door.Done) else ()
            receipt = reads.receipt("reservation", number)
        data = {
            "number": number,
            "class": cls,
            "ground": options["ground"],
            "dry_run": options["dry_run"],
            "done": bool(acts) and not options["dry_run"],
            "erased": _gone(number, acts),
            "receipt": receipt,
        }
        self.answer(options, data, _told(data, bool(acts)))


def _gone(number: str, acts: tuple[Act, ...]) -> list[dict[str, Any]]:
    """What went, act by act: its number as people count (from 1), its type, its fields."""
    types = [read.act.type for read in reads.acts("reservation", number)]
    said = {int(seq): names for act in acts for seq, names in _erased(act).items()}
    return [{"act": seq + 1, "type": types[seq], "fields": names} for seq, names in sorted(said.items())]


def _erased(act: Act) -> dict[str, Any]:
    said = act.fields["erased"]
    return said if isinstance(said, dict) else {}


def _told(data: dict[str, Any], anything: bool) -> str:
    if not anything:
        return f"{data['number']}: nothing to do, {data['class']} was erased already."
    verb = "would be erased" if data["dry_run"] else "is erased"
    lines = [f"{data['number']}: {data['class']} {verb} ({data['ground']})."]
    lines += [f"  act {row['act']:>4}  {row['type']}: {', '.join(row['fields'])}" for row in data["erased"]]
    lines += [] if data["erased"] else ["  There was no such field; the key goes all the same."]
    return "\n".join([*lines, *(["Nothing was written."] if data["dry_run"] else ["", data["receipt"]])])
