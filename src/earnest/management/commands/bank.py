"""`./earnest bank read FILE…` says what a bank's files hold and writes nothing; `bank import FILE…` books it.

`./earnest bank pay` is in `earnest.management.bank_pay`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from earnest.book import credits, mode
from earnest.book.credits import Credit
from earnest.cli import BAD_USAGE
from earnest.core import matching
from earnest.core.instants import text
from earnest.core.matching import Proposal
from earnest.management import bank_pay
from earnest.management.acting import amount
from earnest.management.bank_import import Import, refuse
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.rails.bank import lists, proposals, reading
from earnest.rails.bank.fingerprint import Seen
from earnest.rails.bank.judging import MATCHED, RETURN, Known, Verdict, judge
from earnest.rails.bank.statement import Unreadable


class Command(Base):
    help = (
        "Read or book camt.052, camt.053, camt.054 and MT940 files: each entry once, with its match, and why."
    )

    def run_from_argv(self, argv: list[str]) -> None:
        """`bank pay` has arguments of its own."""
        if argv[2:3] == ["pay"]:
            bank_pay.Command().run_from_argv([argv[0], "bank pay", *argv[3:]])
        else:
            super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        whats = parser.add_subparsers(dest="what", required=True, metavar="read|import|unmatched|pay")
        read = whats.add_parser("read", help="each entry with its proposed match, and why; writes nothing")
        read.add_argument("files", nargs="+", metavar="FILE")
        read.add_argument(
            "--against",
            type=Path,
            metavar="CSV",
            help="match a list instead of the book: columns " + ", ".join(lists.COLUMNS),
        )
        read.add_argument("--json", action="store_true", help="one JSON object a line for each transaction")
        book = whats.add_parser("import", help="book each entry, once for ever")
        book.add_argument("files", nargs="+", metavar="FILE")
        book.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
        book.add_argument("--json", action="store_true", help="one JSON object a line for each file")
        tray = whats.add_parser("unmatched", help="credits that nobody has settled, each with its proposals")
        tray.add_argument("--json", action="store_true", help="one JSON object a line for each credit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "unmatched":
            self._unmatched(options["json"])
            return
        importing = options["what"] == "import"
        refused = Import(self.stdout, self.stderr, options).run() if importing else self._read(options)
        if refused:
            self.stdout.flush()
            sys.exit(BAD_USAGE)

    def _read(self, options: dict[str, Any]) -> int:
        known = self._known(options["against"])
        seen, refused = Seen(), 0
        for name in options["files"]:
            try:
                read = reading.read(Path(name), name)
            except Unreadable as error:
                refused += 1
                refuse(self.stdout, self.stderr, name, str(error), options["json"])
                continue
            for verdict in judge(read.transactions, known, seen):
                said = json.dumps(_object(verdict), ensure_ascii=False) if options["json"] else _line(verdict)
                self.stdout.write(said)
        return refused

    def _unmatched(self, as_json: bool) -> None:
        mode.current()
        page, alike, told = credits.unmatched(), proposals.alike(), 0
        while page.rows:
            for credit, proposed in zip(page.rows, proposals.of(page.rows, alike), strict=True):
                said = _credit_object(credit, proposed) if as_json else None
                self.stdout.write(json.dumps(said, ensure_ascii=False) if said else _credit(credit, proposed))
            told += len(page.rows)
            page = credits.unmatched(page.more) if page.more else credits.Credits((), 0)
        if not told and not as_json:
            self.stdout.write("Every credit is settled.")

    def _known(self, against: Path | None) -> Known:
        if against is None:
            mode.current()
            return lists.from_book()
        try:
            return lists.from_csv(against)
        except Unreadable as error:
            raise BadUsage(f"{against}: {error}.") from None


def _credit_object(credit: Credit, proposed: Sequence[Proposal]) -> dict[str, Any]:
    return {
        "credit": credit.id,
        "amount_minor": credit.amount_minor,
        "currency": credit.currency,
        "happened_at": text(credit.happened_at),
        "reference": credit.reference,
        "name": credit.name,
        "iban": credit.iban,
        "words": list(credit.words),
        "returned": credit.returned,
        "proposals": [each._asdict() for each in proposed],
    }


def _credit(credit: Credit, proposed: Sequence[Proposal]) -> str:
    money = amount(credit.amount_minor, credit.currency)
    who = " ".join(filter(None, (credit.name, credit.iban))) or "nobody named"
    lines = [f"{credit.id}  {credit.happened_at:%Y-%m-%d}  {money:>16}  {who}  {' '.join(credit.words)!r}"]
    lines += [f"    perhaps {each.number}: {matching.WHYS[each.why]}" for each in proposed]
    return "\n".join(lines)


def _object(verdict: Verdict) -> dict[str, Any]:
    each = verdict.transaction
    day = each.value_date or each.booking_date
    return {
        "file": each.file,
        "entry": each.entry,
        "booked": verdict.booked,
        "amount_minor": each.amount_minor,
        "currency": each.currency,
        "value_date": day.isoformat() if day else None,
        "match": list(verdict.numbers) if verdict.kind == MATCHED else verdict.kind,
        "end_to_end_id": (each.references.end_to_end or None) if verdict.kind == RETURN else None,
        "why": verdict.why,
    }


def _line(verdict: Verdict) -> str:
    each = verdict.transaction
    what = ", ".join(verdict.numbers) if verdict.kind == MATCHED else verdict.kind
    day = str(each.value_date or each.booking_date or "")
    money = amount(each.amount_minor, each.currency)
    return f"{each.file} {each.entry:>4}  {day:10}  {money:>16}  {what}: {verdict.why}"
