"""Invoices and credit notes as they are handed over: what the act says, with seller and buyer beside it.

Amounts come from the act alone, so a document never changes. It is made out to whoever held the reservation when it
was issued, as the acts before it say; whose identity was erased is called so. The seller is that of the file of
accounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings

from earnest import seller as sellers
from earnest.book import models, reads
from earnest.core import vat
from earnest.core.acts import Act, Erased
from earnest.core.invoice import CREDIT_NOTE, PREFIXES, issued
from earnest.core.refusals import Missing
from earnest.core.reservation import Address, Identity, Reservation, address_of, identity_of
from earnest.seller import Seller

#: Rule -> what an invoice names as its source.
SOURCES: Final = {rule.id: rule.source for rule in (vat.FRANCE, vat.ELSEWHERE)}
_ERASED: Final = "—"
_NOWHERE: Final = Address("", "", "", "")


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
    buyer_street: str
    buyer_street_more: str
    buyer_postcode: str
    buyer_city: str
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

    @property
    def buyer_lines(self) -> list[str]:
        """The buyer's address without name and country, as it stands on a letter."""
        given = (self.buyer_street, self.buyer_street_more, self.buyer_postcode, self.buyer_city)
        return Address(*given).lines(self.buyer_country)

    def data(self) -> dict[str, Any]:
        """As JSON: flat but for the seller, days as text."""
        given = asdict(self) | {"net_minor": self.net_minor, "due_minor": self.due_minor}
        given["on"] = self.on.isoformat()
        given["paid_on"] = self.paid_on.isoformat() if self.paid_on else ""
        return given


def of_reservation(number: str, language: str = "en", holder: int | None = None) -> list[Document]:
    """The documents of a reservation in the order in which they were issued, or those made out to a holder of it.

    Raises Missing where there is no such reservation.
    """
    state = reads.reservation(number)
    wanted = {each.seq for each in (state.invoices if holder is None else state.invoices_of(holder))}
    if not wanted:
        return []
    told = [read.act for read in reads.acts("reservation", state.number, holder)]
    maker = sellers.load(settings.EARNEST.accounts)
    offer = reads.offer(state.offer).offer
    made = []
    for act in told:
        if act.seq in wanted:
            title = offer.version(_version_at(told, act.seq)).text(language).title
            made.append(_document(act, state, told[: act.seq], maker, title))
    return made


def one(number: str, called: str, language: str = "en", holder: int | None = None) -> Document:
    """The document of a reservation that is called so, of those made out to `holder` where one is given.

    Raises Missing.
    """
    found = (each for each in of_reservation(number, language, holder) if each.number == called)
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


def _version_at(told: Sequence[Act], seq: int) -> int:
    """The version of the offer that bound the reservation at an act: a document goes on calling a thing the same."""
    binding = ("reservation.placed", "reservation.amended")
    return next(act.int("version") for act in reversed(told[:seq]) if act.type in binding)


def _buyer(before: Sequence[Act]) -> tuple[Identity | Erased, Address]:
    """Who held the reservation after these acts, and the newest address that they had given by then."""
    taking = ("reservation.placed", "reservation.holder_changed")
    given: Address | Erased | None = None
    for act in reversed(before):
        if act.type == "address.given" and given is None:
            given = address_of(act)
        if act.type in taking:
            return identity_of(act), given if isinstance(given, Address) else _NOWHERE
    raise AssertionError("a reservation begins with its holder")


def _document(act: Act, state: Reservation, before: Sequence[Act], maker: Seller, title: str) -> Document:
    """The document that an act issued, made out to the buyer of the acts `before` it."""
    invoice, buyer = issued(act), state.buyer_at(act.seq)
    identity, address = _buyer(before)
    sale = next((each.text("sale") for each in before if each.type == "reservation.converted"), "")
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
        buyer_street=address.street,
        buyer_street_more=address.street_more,
        buyer_postcode=address.postcode,
        buyer_city=address.city,
        buyer_country=buyer.residence,
        consumer=buyer.consumer,
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
