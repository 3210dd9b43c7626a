"""`./earnest erase NUMBER --class CLASS`: one class of a person's data is erased, and the record still verifies."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import door, preview, reads, withdrawals
from earnest.core.acts import CLASSES, Act
from earnest.core.commands.base import Ref
from earnest.core.commands.erase import GROUNDS, Erase
from earnest.core.commands.withdraw import EraseStatement
from earnest.core.numbers import parse
from earnest.management.acting import operator
from earnest.management.base import Command as Base


class Command(Base):
    help = (
        "Destroy the key of one class of the data of a reservation, or of a statement of withdrawal. Its values are "
        "gone for ever, the acts stay, and every story still verifies. Refused with the reason and the date while the "
        "data is needed."
    )
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the number of the reservation, or of the statement of withdrawal")
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
        command, (kind, number), cls = *_command(options), options["cls"]
        receipt = ""
        if options["dry_run"]:
            acts: tuple[Act, ...] = tuple(draft.act for draft in preview.decide(command).acts)
        else:
            outcome = door.do_one(command)
            acts = outcome.acts if isinstance(outcome, door.Done) else ()
            receipt = reads.receipt(kind, number)
        data = {
            "number": number,
            "class": cls,
            "ground": options["ground"],
            "dry_run": options["dry_run"],
            "done": bool(acts) and not options["dry_run"],
            "erased": _gone(kind, number, acts),
            "receipt": receipt,
        }
        self.answer(options, data, _told(data, bool(acts)))


def _command(options: dict[str, Any]) -> tuple[Erase | EraseStatement, Ref]:
    """What is wished, and about what: a number is a reservation's, or else a statement's."""
    stated = withdrawals.statement(parse(options["number"]) or "")
    if stated is not None:
        wish = EraseStatement(
            **operator(), statement=stated.number, classes=(options["cls"],), ground=options["ground"]
        )
        return wish, wish.ref()
    number = reads.reservation(options["number"]).number
    holder = None if options["holder"] is None else options["holder"] - 1
    wanted = Erase(**operator(), number=number, cls=options["cls"], ground=options["ground"], holder=holder)
    return wanted, wanted.ref()


def _gone(kind: str, number: str, acts: tuple[Act, ...]) -> list[dict[str, Any]]:
    """What went, act by act: its number as people count (from 1), its type, its fields."""
    types = [read.act.type for read in reads.acts(kind, number)]
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
