"""Invoices and credit notes as they are handed over: what the act says, with seller and buyer beside it.

Amounts come from the act alone, so a document never changes. Names come from the reservation and the file of accounts:
whose identity was erased is called so.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings

from earnest import seller as sellers
from earnest.book import models, reads
from earnest.core import vat
from earnest.core.acts import Act
from earnest.core.invoice import CREDIT_NOTE, PREFIXES, issued
from earnest.core.refusals import Missing
from earnest.core.reservation import Identity, Reservation
from earnest.seller import Seller

#: Rule -> what an invoice names as its source.
SOURCES: Final = {rule.id: rule.source for rule in (vat.FRANCE, vat.ELSEWHERE)}
_ERASED: Final = "—"


@dataclass(frozen=True)
class Document:
    """Amounts in minor units of `currency`, positive; `gross_minor` includes `tax_minor`.

    `of` are the documents that it corrects (a credit note) or deducts (an invoice, with `deducted_minor` and the
    `deducted_tax_minor` in it). `paid_minor` of it was paid when it was issued, and `due_minor` is still asked for.
    """

    number: str
    series: str
    on: date
    reservation: str
    sale: str
    title: str
    quantity: int
    buyer: str
    buyer_vat: str
    buyer_country: str
    consumer: bool
    seller: Seller
    currency: str
    gross_minor: int
    tax_minor: int
    tax_rate_bp: int
    of: tuple[str, ...]
    deducted_minor: int
    deducted_tax_minor: int
    paid_minor: int
    paid_on: date | None
    source: str

    @property
    def net_minor(self) -> int:
        """Without tax."""
        return self.gross_minor - self.tax_minor

    @property
    def due_minor(self) -> int:
        """What is still asked for; nothing on a credit note, whose money goes back as the refund of the reservation."""
        return 0 if self.series == CREDIT_NOTE else max(0, self.gross_minor - self.paid_minor)

    def data(self) -> dict[str, Any]:
        """As JSON: flat but for the seller, days as text."""
        given = asdict(self) | {"net_minor": self.net_minor, "due_minor": self.due_minor}
        given["on"] = self.on.isoformat()
        given["paid_on"] = self.paid_on.isoformat() if self.paid_on else ""
        return given


def of_reservation(number: str, language: str = "en") -> list[Document]:
    """Every document of a reservation, in the order in which they were issued. Raises Missing."""
    state = reads.reservation(number)
    if not state.invoices:
        return []
    told = [read.act for read in reads.acts("reservation", state.number)]
    maker = sellers.load(settings.EARNEST.accounts)
    title = reads.offer(state.offer).offer.version(state.version).text(language).title
    sale = next((act.text("sale") for act in told if act.type == "reservation.converted"), "")
    return [_document(act, state, maker, title, sale) for act in told if act.type == "invoice.issued"]


def one(number: str, called: str, language: str = "en") -> Document:
    """The document of a reservation that is called so. Raises Missing."""
    found = (each for each in of_reservation(number, language) if each.number == called)
    document = next(found, None)
    if document is None:
        raise Missing("no-document", "There is no document of that number.")
    return document


def find(called: str, language: str = "en") -> Document:
    """A document by its number alone. Raises Missing."""
    prefix, _, rest = called.partition("-")
    year, _, no = rest.partition("-")
    series = next((name for name, letters in PREFIXES.items() if letters == prefix), "")
    digits = no.isascii() and no.isdecimal() and len(no) < 10
    row = models.Invoice.objects.filter(series=f"{series}/{year}", no=int(no)) if digits else None
    number = row.values_list("subject__number", flat=True).first() if row is not None else None
    if number is None:
        raise Missing("no-document", "There is no document of that number.")
    return one(number, called, language)


def all_issued(year: int | None = None) -> Iterator[Document]:
    """Every document, series after series in the order of their numbers."""
    rows = models.Invoice.objects.order_by("series_id", "no")
    if year is not None:
        rows = rows.filter(series__name__endswith=f"/{year}")
    for number, seq in rows.values_list("subject__number", "seq").iterator(chunk_size=1000):
        found = [each for each in reads.reservation(number).invoices if each.seq == seq]
        yield one(number, found[0].number)


def _document(act: Act, state: Reservation, maker: Seller, title: str, sale: str) -> Document:
    invoice, identity = issued(act), state.identity
    payment = state.payment(invoice.payment) if invoice.payment is not None else None
    of = act.get("of")
    return Document(
        number=invoice.number,
        series=invoice.series,
        on=invoice.on,
        reservation=state.number,
        sale=sale if invoice.payment is None else "",
        title=title,
        quantity=act.int("quantity"),
        buyer=identity.name if isinstance(identity, Identity) else _ERASED,
        buyer_vat=identity.vat_number if isinstance(identity, Identity) else "",
        buyer_country=state.residence,
        consumer=state.consumer,
        seller=maker,
        currency=invoice.currency,
        gross_minor=invoice.gross_minor,
        tax_minor=invoice.tax_minor,
        tax_rate_bp=invoice.tax_rate_bp,
        of=tuple(map(str, of)) if isinstance(of, list) else (),
        deducted_minor=_int(act, "deducted_minor"),
        deducted_tax_minor=_int(act, "deducted_tax_minor"),
        paid_minor=_int(act, "paid_minor"),
        paid_on=payment.happened_at.date() if payment else None,
        source=SOURCES.get(str(act.get("rule") or ""), ""),
    )


def _int(act: Act, name: str) -> int:
    value = act.get(name)
    return value if isinstance(value, int) else 0


def unissued() -> Iterator[str]:
    """Numbers of reservations whose money moved; whoever issues looks at each, and most lack nothing."""
    rows = models.Reservation.objects.filter(subject__balances__isnull=False).order_by("placed_at").distinct()
    yield from rows.values_list("number", flat=True).iterator(chunk_size=1000)
