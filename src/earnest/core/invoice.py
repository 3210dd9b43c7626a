"""One invoice or credit note, as its act left it. Its number is its place in a yearly series without a gap."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from earnest.core.acts import Act
from earnest.core.instants import day

DEPOSIT_INVOICE, INVOICE, CREDIT_NOTE = "deposit-invoice", "invoice", "credit-note"
#: Series -> what its numbers begin with.
PREFIXES: Final = {DEPOSIT_INVOICE: "DEP", INVOICE: "INV", CREDIT_NOTE: "CRN"}


@dataclass(frozen=True)
class Invoice:
    """`gross_minor` includes `tax_minor`; both are positive, also on a credit note.

    `payment` is that of a deposit invoice or of its credit note, None for the sale itself. `sales_tax_minor` is what
    its entries took out of `sales` (below zero: brought back).
    """

    seq: int
    series: str
    year: int
    no: int
    on: date
    gross_minor: int
    tax_minor: int
    currency: str
    tax_rate_bp: int
    payment: int | None = None
    sales_tax_minor: int = 0

    @property
    def number(self) -> str:
        """What it is called: `DEP-2026-000017`."""
        return number(self.series, self.year, self.no)

    @property
    def sign(self) -> int:
        """Whether it adds to what was invoiced, or takes from it."""
        return -1 if self.series == CREDIT_NOTE else 1


def number(series: str, year: int, no: int) -> str:
    """The number of a document as people read it."""
    return f"{PREFIXES[series]}-{year}-{no:06d}"


def series_name(series: str, year: int) -> str:
    """The yearly series that a number is taken from."""
    return f"{series}/{year}"


def issued(act: Act) -> Invoice:
    """The document that an act issued."""
    payment, sales_tax = act.get("payment"), act.get("sales_tax_minor")
    return Invoice(
        seq=act.seq,
        series=act.text("series"),
        year=act.int("year"),
        no=act.int("no"),
        on=day(act.text("on")),
        gross_minor=act.int("gross_minor"),
        tax_minor=act.int("tax_minor"),
        currency=act.text("currency"),
        tax_rate_bp=act.int("tax_rate_bp"),
        payment=payment if isinstance(payment, int) else None,
        sales_tax_minor=sales_tax if isinstance(sales_tax, int) else 0,
    )
