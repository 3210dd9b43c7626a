"""The books as a table, one row an entry: CSV in minor units, and XLSX in major ones with the trial balance beside."""

import csv
import io
from collections.abc import Iterator
from typing import IO, Final

from earnest.accounting.xlsx import Workbook
from earnest.book import journal, ledger
from earnest.book.ledger import Span
from earnest.core.instants import text
from earnest.core.money import exponent

COLUMNS: Final = (
    "at",
    "act",
    "type",
    "kind",
    "number",
    "seq",
    "n",
    "debit",
    "credit",
    "amount_minor",
    "currency",
)


def csv_lines(span: Span) -> Iterator[str]:
    """A header and one line an entry; `seq` counts from 1, as stories do."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in journal.movements(span):
        writer.writerow(row._replace(at=text(row.at), seq=row.seq + 1))  # type: ignore[arg-type]
        if buffer.tell() > 1 << 16:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    written = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return written


def xlsx(span: Span, into: IO[bytes]) -> None:
    """Write a workbook: the trial balance, then the entries, on as many sheets as they need."""
    with Workbook(into) as book:
        book.sheet("Trial balance", ("account", "currency", "side", "opening", "debit", "credit", "balance"))
        for line in ledger.trial(span):
            amounts = (line.opening_minor, line.debit_minor, line.credit_minor, line.balance_minor)
            places = exponent(line.currency)
            book.row((line.account, line.currency, line.side, *((minor, places) for minor in amounts)))
        book.sheet("Entries", tuple("amount" if name == "amount_minor" else name for name in COLUMNS))
        for row in journal.movements(span):
            amount = (row.amount_minor, exponent(row.currency))
            head = (text(row.at), row.act, row.type, row.kind, row.number, row.seq + 1, row.n)
            book.row((*head, row.debit, row.credit, amount, row.currency))
