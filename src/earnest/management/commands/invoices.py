"""`./earnest invoices [NUMBER]`: deposit invoices, invoices and credit notes, to list, to hand over, and to issue."""

import csv
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser

from earnest.accounting import documents, facturx
from earnest.accounting.documents import Document
from earnest.book import mode, policy
from earnest.core.commands.issue_invoices import IssueInvoices
from earnest.core.numbers import parse
from earnest.management.acting import amount, done, operator
from earnest.management.base import BadUsage, Refused
from earnest.management.base import Command as Base
from earnest.web.telling import sheets

#: The columns of `--csv`; lists stand between spaces.
COLUMNS: Final = (
    *(
        "number",
        "series",
        "on",
        "reservation",
        "sale",
        "title",
        "quantity",
        "buyer",
        "buyer_vat",
        "buyer_street",
        "buyer_street_more",
        "buyer_postcode",
        "buyer_city",
        "buyer_country",
    ),
    *("currency", "gross_minor", "net_minor", "tax_minor", "tax_rate_bp", "of", "deducted_minor"),
    *("deducted_tax_minor", "paid_minor", "due_minor", "paid_on", "source"),
)
FORMS: Final = (".pdf", ".json", ".xml")


class Command(Base):
    help = (
        "List documents: of a reservation, of a year, or one by its own number; write one; issue what lacks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "number", nargs="?", help="a reservation (K7QF-2M9X-4) or a document (INV-2026-000001)"
        )
        parser.add_argument("--year", type=int, help="those numbered in this year")
        parser.add_argument("--issue", action="store_true", help="first issue every document that is lacking")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="one document, as .pdf (Factur-X for a company), .json or .xml (CII)",
        )
        parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language of a PDF")
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument(
            "--json", action="store_true", help="one JSON object a line, amounts in minor units"
        )
        forms.add_argument("--csv", action="store_true", help="the same as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        if options["issue"]:
            self._issue(options["number"])
        found = _found(options)
        if options["output"]:
            self._write(found, options)
        elif options["csv"]:
            writer = csv.writer(self.stdout, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_cells(each) for each in found)
        elif options["json"]:
            for each in found:
                self.stdout.write(json.dumps(each.data(), ensure_ascii=False))
        else:
            for each in found:
                self.stdout.write(
                    f"{each.number:<18}{each.on}  {each.reservation}  {amount(each.gross_minor, each.currency):>18}"
                    f"  tax {amount(each.tax_minor, each.currency):>16}"
                    f"  due {amount(each.due_minor, each.currency):>16}"
                )

    def _issue(self, number: str | None) -> None:
        if not policy.current().seller_country:
            raise Refused("The file of accounts must name the seller: name, address, country and vat_number.")
        for each in [number] if number else list(documents.unissued()):
            done(IssueInvoices(**operator(), number=parse(each) or each))

    def _write(self, found: Iterable[Document], options: dict[str, Any]) -> None:
        """Whole or not at all."""
        output: Path = options["output"]
        if output.suffix not in FORMS:
            raise BadUsage(
                f"A document is written as {', '.join(FORMS)}, and {output.name} is none of these."
            )
        rows = list(found)
        if len(rows) != 1:
            raise BadUsage("Say which document: `./earnest invoices INV-2026-000001 --output FILE`.")
        made = _made(rows[0], output.suffix, options["lang"])
        try:
            draft = output.with_name(f".{output.name}.{os.getpid()}")
            draft.write_bytes(made)
            draft.replace(output)
        except OSError as error:
            raise BadUsage(f"The document cannot be written: {error}.") from None
        print(f"Wrote {len(made)} bytes to {output}.", file=sys.stderr)


def _made(document: Document, form: str, language: str) -> bytes:
    if form == ".pdf":
        return sheets.invoice(document, language)
    if form == ".xml":
        return facturx.xml(document)
    return json.dumps(document.data(), ensure_ascii=False, indent=2).encode()


def _found(options: dict[str, Any]) -> Iterable[Document]:
    number, language = options["number"], options["lang"]
    if number is None:
        return documents.all_issued(options["year"])
    if options["year"]:
        raise BadUsage("Give a number or a year.")
    if parse(number):
        return documents.of_reservation(number, language)
    return [documents.find(number, language)]


def _cells(document: Document) -> list[Any]:
    data = document.data()
    return [" ".join(data[name]) if name == "of" else data[name] for name in COLUMNS]
