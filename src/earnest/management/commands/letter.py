"""`./earnest letter KIND NUMBER`: one of the letters that either side may write today, as PDF or text."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from earnest.book import reads
from earnest.core.instants import day
from earnest.core.letters import kinds
from earnest.core.refusals import Refusal
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.post import legal_letters, paper_letter


class Command(Base):
    help = "Write a letter with its articles and figures: a PDF, or text. It is written and not sent."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=f"list, or one of {', '.join(kinds.KINDS)}")
        parser.add_argument("number", help="the reservation's number")
        parser.add_argument("--language", choices=legal_letters.LANGUAGES, default="en")
        parser.add_argument("--on", metavar="DATE", help="as of which day, 2026-03-31 (default: today)")
        parser.add_argument(
            "--extra-time-until", metavar="DATE", help="the last day that a formal notice gives"
        )
        parser.add_argument("--out", metavar="FILE", help="the PDF; default: NUMBER-KIND.pdf")
        parser.add_argument("--text", action="store_true", help="print it instead")

    def handle(self, *args: Any, **options: Any) -> None:
        number = reads.reservation(options["number"]).number
        if options["kind"] == "list":
            self._list(number, options)
            return
        on, until = (_day(options[name]) for name in ("on", "extra_time_until"))
        said = legal_letters.letter(
            number, options["kind"], options["language"], on=on, extra_time_ends_on=until
        )
        data = legal_letters.plain(said)
        if options["text"]:
            self.answer(options, data, said.text())
            return
        file = Path(options["out"] or f"{number}-{said.code}.pdf")
        try:
            file.write_bytes(paper_letter.pdf(said))
        except OSError as error:
            raise BadUsage(f"{file} cannot be written: {error.strerror or error}.") from None
        self.answer(options, data | {"file": str(file)}, f"{said.title}: {file}")

    def _list(self, number: str, options: dict[str, Any]) -> None:
        found = {
            sender: legal_letters.possible(number, sender, options["language"])
            for sender in (kinds.HOLDER, kinds.MAKER)
        }
        data = {
            sender: [
                {"letter": code, "title": title, "why_not": str(why) if why else None}
                for code, title, why in each
            ]
            for sender, each in found.items()
        }
        lines = []
        for sender, each in found.items():
            lines.append(f"The {sender} may write:")
            lines += [f"  {code:<16}{_status(title, why)}" for code, title, why in each]
        self.answer(options, data, "\n".join(lines))


def _status(title: str, why: Refusal | None) -> str:
    return f"not today: {why}" if why else title


def _day(written: str | None) -> Any:
    try:
        return day(written) if written else None
    except ValueError:
        raise BadUsage("A day is written as 2026-03-31.") from None
