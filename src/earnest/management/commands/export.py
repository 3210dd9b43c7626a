"""`./earnest export FORM`: the books of a period for an accountant, in the format that their program reads."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final

from django.core.management.base import CommandParser

from earnest.accounting import fec, plaintext, plan, tables
from earnest.book import ledger, mode
from earnest.book.ledger import Span
from earnest.management.base import BadUsage
from earnest.management.base import Command as Base
from earnest.management.commands.ledger import day_given

FORMS: Final = ("fec", "beancount", "hledger", "csv", "xlsx")


class Command(Base):
    help = "Write every entry of a period: as FEC, for beancount or hledger, as CSV or as XLSX."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("form", choices=FORMS, help="fec: the French tax format, of one financial year")
        parser.add_argument("--from", dest="since", metavar="DATE", help="from this day on, 2026-01-01 (UTC)")
        parser.add_argument("--to", dest="until", metavar="DATE", help="until this day, included")
        parser.add_argument("--period", metavar="PERIOD", help="a month (2026-11) or a year (2026)")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="where to write it; a folder takes a FEC under its prescribed name; default: standard output",
        )
        parser.add_argument(
            "--accounts", type=Path, metavar="FILE", help="fec: the file of accounts, else the installation's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        span, form, output = _span(options), options["form"], options["output"]
        if options["accounts"] and form != "fec":
            raise BadUsage("A file of accounts belongs to a FEC.")
        if form == "xlsx" and output is None:
            raise BadUsage("A workbook is written to a file: give --output.")
        called = plan.load(options["accounts"]) if form == "fec" else None
        if called is not None:
            fec.check(span, called)
            if output is not None and output.is_dir():
                output = output / fec.name(span, called)
        if output is None:
            sys.stdout.flush()
            _write(form, span, called, sys.stdout.buffer)
            return
        self._whole(form, span, called, output)

    def _whole(self, form: str, span: Span, called: plan.Plan | None, output: Path) -> None:
        """Whole or not at all."""
        draft = output.with_name(f".{output.name}.{os.getpid()}")
        try:
            with draft.open("wb") as into:
                _write(form, span, called, into)
            draft.replace(output)
        except OSError as error:
            raise BadUsage(f"The export cannot be written: {error}.") from None
        finally:
            draft.unlink(missing_ok=True)
        self.stderr.write(f"Wrote {output.stat().st_size} bytes to {output}.")


def _write(form: str, span: Span, called: plan.Plan | None, into: IO[bytes]) -> None:
    if form == "xlsx":
        tables.xlsx(span, into)
        return
    if called is not None:
        into.writelines(fec.lines(span, called))
        return
    lines: Iterable[str] = {
        "beancount": plaintext.beancount,
        "hledger": plaintext.hledger,
        "csv": tables.csv_lines,
    }[form](span)
    into.writelines(line.encode() for line in lines)


def _span(options: dict[str, Any]) -> Span:
    if options["period"]:
        if options["since"] or options["until"]:
            raise BadUsage("Give --period, or --from and --to.")
        return ledger.period(options["period"])
    return Span(day_given(options["since"]), day_given(options["until"]))
