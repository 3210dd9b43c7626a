"""`/api/v1/`."""

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language
from ninja import Header, NinjaAPI, Query, Status

from earnest.api import errors
from earnest.api.auth import Bearer, caller
from earnest.api.gate import PerMinute, Strict, gated, nothing
from earnest.api.schemas import (
    CancelIn,
    ErrorOut,
    OfferOut,
    PlaceIn,
    ReservationOut,
    offer_out,
    reservation_out,
)
from earnest.book import clock, door, export, ids, reads
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid
from earnest.core.instants import instant
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing

api = NinjaAPI(
    title="Earnest",
    version="1",
    description="Reservations, deposits and refunds. Amounts are whole minor units; every answer has a receipt.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
    parser=Strict(),
)
errors.install(api)

_PUBLIC: dict[Any, Any] = {code: ErrorOut for code in (404, 429)}
_READ: dict[Any, Any] = {code: ErrorOut for code in (401, 403, 404, 422, 429)}
_ERRORS: dict[Any, Any] = {code: ErrorOut for code in (400, 401, 403, 404, 409, 413, 422, 429)}
_LOOKING = PerMinute("public", 1200)
_KEY: Any = Header(  # type: ignore[type-arg]
    None, alias="Idempotency-Key", description="The same key and body are answered once and for all."
)
_OPEN: Any = Query(  # type: ignore[type-arg]
    "all", description="all, none, or names of fields"
)


@api.get(
    "/offers",
    response={200: list[OfferOut], 429: ErrorOut},
    operation_id="listOffers",
    summary="All offers",
    auth=None,
    throttle=_LOOKING,
)
def offers(request: HttpRequest) -> list[OfferOut]:
    """What can be reserved, in the language asked for."""
    return [offer_out(read, _language()) for read in reads.offers()]


@api.get(
    "/offers/{slug:slug}",
    response={200: OfferOut, **_PUBLIC},
    operation_id="getOffer",
    summary="One offer",
    auth=None,
    throttle=_LOOKING,
)
def offer(request: HttpRequest, slug: str) -> OfferOut:
    """One offer, with its slips."""
    return offer_out(reads.offer(slug), _language())


@api.post(
    "/reservations",
    response={201: ReservationOut, **_ERRORS},
    operation_id="placeReservation",
    summary="Place a reservation",
    auth=Bearer(),
)
def place(
    request: HttpRequest, response: HttpResponse, given: PlaceIn, key: str | None = _KEY
) -> Status[ReservationOut]:
    """Places a reservation in one call; with `paid` and the import scope also what was received for it."""
    asking = caller(request)
    asking.need("reservations:import" if given.paid else "reservations:place")
    read = reads.offer(given.offer)
    command = Place(
        by="maker" if given.paid else "customer",
        via="api",
        person=asking.actor,
        number=ids.number(),
        slug=given.offer,
        variant=given.variant or read.offer.current.variants[0].code,
        quantity=given.quantity,
        name=given.name,
        email=given.email,
        residence=given.residence,
        language=given.language,
        consumer=given.kind == "person",
        vat_number=given.vat_number,
        version=given.version or 0,
        paid=_paid(given, read.offer.current.currency),
    )
    done = door.do_one(command, _once(request, key, given.model_dump(mode="json")))
    receipt = done.receipt if isinstance(done, door.Done) else reads.receipt("reservation", done.number)
    response["Location"] = f"/api/v1/reservations/{done.number}"
    return Status(201, reservation_out(reads.reservation(done.number), receipt))


@api.get(
    "/reservations/{number}",
    response={200: ReservationOut, **_READ},
    operation_id="getReservation",
    summary="One reservation",
    auth=Bearer(),
)
def reservation(request: HttpRequest, number: str) -> ReservationOut:
    """A reservation as it stands."""
    wanted = _number(number)
    caller(request).may("reservations:read", wanted)
    return reservation_out(reads.reservation(wanted), reads.receipt("reservation", wanted))


@api.post(
    "/reservations/{number}/cancel",
    response={200: ReservationOut, **_ERRORS},
    operation_id="cancelReservation",
    summary="Cancel",
    auth=Bearer(),
)
def cancel(
    request: HttpRequest, number: str, given: CancelIn | None = None, key: str | None = _KEY
) -> ReservationOut:
    """Cancels all places, or some. Never refused while the reservation lives; asked twice, it is cancelled once."""
    asking, wanted = caller(request), _number(number)
    asking.may("reservations:cancel", wanted)
    body = given or CancelIn(quantity=None)
    command = Cancel(
        by="customer",
        via="api",
        person=f"holder:{asking.holder}" if asking.is_holder else asking.actor,
        number=wanted,
        quantity=body.quantity or 0,
    )
    done = door.do_one(command, _once(request, key, body.model_dump(mode="json")))
    receipt = done.receipt if isinstance(done, door.Done) else reads.receipt("reservation", wanted)
    return reservation_out(reads.reservation(wanted), receipt)


@api.get(
    "/reservations/{number}/story",
    operation_id="getStory",
    summary="The story",
    auth=Bearer(),
    response={200: Any, **_READ},
)
def story(request: HttpRequest, number: str, open: str = _OPEN) -> HttpResponse:
    """Every act in one signed file; `open` hides values, never an act."""
    wanted = _number(number)
    asking = caller(request)
    asking.may("reservations:read", wanted)
    made = export.story(wanted, export.kept_from(open), asking.holder if asking.is_holder else None)
    return HttpResponse(made, content_type="application/json")


def _number(written: str) -> str:
    number = parse(written)
    if number is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    return number


def _paid(given: PlaceIn, currency: str) -> Paid | None:
    if given.paid is None:
        return None
    try:
        happened_at = instant(given.paid.happened_at) if given.paid.happened_at else clock.now()
    except ValueError:
        raise Invalid("happened-at", "A time is written as 2018-06-15T09:30:00Z.") from None
    paid = given.paid
    return Paid(
        paid.rail, paid.amount_minor, paid.currency or currency, paid.reference, happened_at, imported=True
    )


def _once(request: HttpRequest, key: str | None, body: dict[str, Any]) -> door.Idempotency | None:
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Invalid("idempotency-key", "An idempotency key has 1 to 255 ASCII characters.")
    hashed = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return door.Idempotency(caller(request).actor, f"POST {request.path}", key, hashed)


def _language() -> str:
    return (get_language() or "en")[:2]


_routes, _app, _name = api.urls
urlpatterns = [path("", (gated(_routes), _app, _name)), path("<path:rest>", nothing)]
