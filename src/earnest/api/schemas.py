"""Bodies of requests and answers. Amounts are whole minor units, instants UTC; unknown members are refused."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from earnest.book import reads
from earnest.core.offer import Offer, Version, Window
from earnest.core.reservation import Contact, Identity, Reservation


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters, or half of a character")
    return text


#: One line that every database and every mail can hold.
Line = Annotated[str, AfterValidator(_printable)]


class In(Schema):
    """What a request carries: exactly these members, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PaidIn(In):
    """Money that was received before this call; needs the scope `reservations:import`."""

    rail: Literal["card", "transfer"]
    amount_minor: int = Field(gt=0, le=10**15)
    reference: Line = Field(min_length=1, max_length=200)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    happened_at: str | None = Field(None, pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class PlaceIn(In):
    """A reservation to be placed."""

    offer: str = Field(max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")
    variant: Line | None = Field(None, max_length=40)
    quantity: int = Field(1, ge=1, le=100)
    name: Line = Field(min_length=1, max_length=200)
    email: Line = Field(max_length=254)
    residence: str = Field(pattern=r"^[A-Z]{2}$")
    language: Literal["en", "fr"] = "en"
    kind: Literal["person", "company"] = "person"
    vat_number: Line = Field("", max_length=20)
    version: int | None = Field(None, ge=1)
    paid: PaidIn | None = None


class CancelIn(In):
    """`quantity` of the places; all of them by default."""

    quantity: int | None = Field(None, ge=1, le=100)


class WindowOut(Schema):
    """First and last day of the promised delivery."""

    start: date
    end: date


class InstalmentOut(Schema):
    """One deposit for one place."""

    n: int
    amount_minor: int
    rail: str
    due_days: int


class VariantOut(Schema):
    """One thing to choose."""

    code: str
    name: str
    price_minor: int
    left: int


class SlipOut(Schema):
    """The promised window moved by `days`; without a new date `now` and `days` are null."""

    at: datetime
    was: WindowOut
    now: WindowOut | None
    days: int | None
    why: str
    evidence: str


class OfferOut(Schema):
    """An offer as a newcomer sees it, with the receipt of its newest act. While `undated`, `window` does not hold."""

    slug: str
    status: str
    version: int
    title: str
    summary: str
    terms: str
    currency: str
    window: WindowOut
    first_window: WindowOut
    undated: bool
    slips: list[SlipOut]
    variants: list[VariantOut]
    plan: list[InstalmentOut]
    capacity: int
    left: int
    receipt: str


class MoneyOut(Schema):
    """An amount in minor units."""

    amount_minor: int
    currency: str


class RefundOut(Schema):
    """A refund; `sent_at` is when it left, `arrived_at` when it was there."""

    n: int
    amount_minor: int
    currency: str
    status: str
    route: str
    why: str
    due_at: datetime
    held_until: datetime | None
    sent_at: datetime | None
    arrived_at: datetime | None
    reference: str


class ReservationOut(Schema):
    """A reservation as it stands, with the receipt of the newest act. While `undated`, `promised` does not hold."""

    number: str
    status: str
    offer: str
    version: int
    variant: str
    quantity: int
    queue: int
    ahead: int | None
    name: str | None
    email: str | None
    residence: str
    placed_at: datetime
    hold_until: datetime | None
    promised: WindowOut
    undated: bool
    bound: WindowOut
    currency: str
    price_minor: int
    paid: list[MoneyOut]
    owed_back: list[MoneyOut]
    refunds: list[RefundOut]
    receipt: str


class ErrorBody(Schema):
    """`code` is stable; `message` is a sentence in the caller's language; `field` where one is at fault."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(Schema):
    """Every error has this shape."""

    error: ErrorBody


def offer_out(read: reads.OfferRead, language: str) -> OfferOut:
    """An offer in a language."""
    offer: Offer = read.offer
    version: Version = offer.current
    text = version.text(language)
    return OfferOut(
        slug=offer.slug,
        status=offer.status,
        version=version.version,
        title=text.title,
        summary=text.summary,
        terms=text.terms,
        currency=version.currency,
        window=window_out(version.window),
        first_window=window_out(offer.first_window),
        undated=offer.undated,
        slips=[
            SlipOut(
                at=slip.at,
                was=window_out(slip.was),
                now=window_out(slip.now) if slip.now else None,
                days=slip.days,
                why=str(slip.why or ""),
                evidence=slip.evidence,
            )
            for slip in offer.slips
        ],
        variants=[
            VariantOut(
                code=each.code, name=each.name, price_minor=each.price_minor, left=read.left_of(each.code)
            )
            for each in version.variants
        ],
        plan=[InstalmentOut(**vars(part)) for part in version.plan],
        capacity=version.capacity,
        left=read.left,
        receipt=reads.receipt("offer", offer.slug),
    )


def window_out(window: Window) -> WindowOut:
    """A window."""
    return WindowOut(start=window.start, end=window.end)


def reservation_out(state: Reservation, receipt: str) -> ReservationOut:
    """A reservation; fields whose key was destroyed are null."""
    identity, contact = state.identity, state.contact
    living = state.status in ("placed", "confirmed", "paid up", "converted")
    return ReservationOut(
        number=state.number,
        status=state.status,
        offer=state.offer,
        version=state.version,
        variant=state.variant,
        quantity=state.quantity,
        queue=state.queue,
        ahead=reads.position(state).ahead if living else None,
        name=identity.name if isinstance(identity, Identity) else None,
        email=contact.email if isinstance(contact, Contact) else None,
        residence=state.residence,
        placed_at=state.placed_at,
        hold_until=state.hold_until if state.status == "placed" else None,
        promised=window_out(state.promised),
        undated=state.undated,
        bound=window_out(state.bound),
        currency=state.currency,
        price_minor=state.price_minor,
        paid=[
            MoneyOut(amount_minor=minor, currency=code) for code, minor in sorted(state.deposits().items())
        ],
        owed_back=[
            MoneyOut(amount_minor=minor, currency=code) for code, minor in sorted(state.owed_back().items())
        ],
        refunds=[
            RefundOut(
                n=each.n,
                amount_minor=each.amount_minor,
                currency=each.currency,
                status=each.status,
                route=each.route,
                why=each.why,
                due_at=each.due_at,
                held_until=each.until,
                sent_at=each.sent_at,
                arrived_at=each.arrived_at,
                reference=each.reference,
            )
            for each in state.refunds
        ],
        receipt=receipt,
    )
