"""`./earnest erase NUMBER --class contact`: destroy the key of one class of a reservation's personal data."""

from typing import Any

from django.core.management.base import CommandParser

from earnest.book import door, preview, reads
from earnest.core.acts import CLASSES
from earnest.core.commands.erase import GROUNDS, Erase
from earnest.core.numbers import parse
from earnest.core.refusals import Missing
from earnest.management.base import Command as Base


class Command(Base):
    help = "Destroy the key of one class of personal data, for ever. The acts stay, and every story still verifies."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--class", dest="cls", required=True, choices=CLASSES, help="which class of data")
        parser.add_argument("--ground", choices=GROUNDS, default="asked", help="why (default: %(default)s)")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        number = parse(options["number"])
        if number is None:
            raise Missing("no-reservation", "There is no reservation of that number.")
        cls, ground = options["cls"], options["ground"]
        by = "customer" if ground == "asked" else "maker"
        command = Erase(by=by, via="cli", number=number, cls=cls, ground=ground)
        planned = preview.decide(command)
        gone = planned.acts[-1].act.get("erased") if planned.acts else {}
        assert isinstance(gone, dict)
        kinds = {str(read.act.seq): read.act.type for read in reads.acts("reservation", number)}
        erased: list[dict[str, Any]] = [
            {"act": int(seq) + 1, "type": kinds[seq], "fields": names} for seq, names in gone.items()
        ]
        outcome = None if options["dry_run"] else door.do_one(command)
        done = isinstance(outcome, door.Done)
        receipt = outcome.receipt if isinstance(outcome, door.Done) else ""
        if not planned.acts:
            said = f"{number}: {cls} was erased already."
        else:
            said = f"{number}: {cls} {'is' if done else 'would be'} erased ({ground})."
            for row in erased:
                said += f"\n  act {row['act']}, {row['type']}: {', '.join(row['fields'])}"
        data = {
            "number": number,
            "class": cls,
            "ground": ground,
            "done": done,
            "erased": erased,
            "receipt": receipt,
        }
        self.answer(options, data, said)
