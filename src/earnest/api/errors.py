"""Every error in one shape, with the status that fits and a sentence in the caller's language."""

import logging
from typing import Any, Final

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from earnest.core.refusals import Invalid, Refusal
from earnest.web.sentences import sentence, status

log = logging.getLogger(__name__)

#: Which member a refusal of the rules is about, where its code does not say so itself.
_MEMBERS: Final = {
    "name": "name",
    "email": "email",
    "residence": "residence",
    "language": "language",
    "quantity": "quantity",
    "vat-number": "vat_number",
    "no-variant": "variant",
    "happened-at": "paid.happened_at",
    "amount": "paid.amount_minor",
    "currency": "paid.currency",
}


def error(code: str, message: str, http: int, field: str | None = None) -> HttpResponse:
    """One error."""
    body: dict[str, Any] = {"code": code, "message": message}
    if field:
        body["field"] = field
    return JsonResponse({"error": body}, status=http)


def install(api: NinjaAPI) -> None:
    """Hang the handlers on an API."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(Throttled, _too_many)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(OperationalError, _busy)
    api.add_exception_handler(Exception, _failed)


def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    field = _MEMBERS.get(refusal.code) if isinstance(refusal, Invalid) else None
    return error(refusal.code, sentence(refusal), status(refusal), field)


def _invalid(request: HttpRequest, fault: Any) -> HttpResponse:
    first = fault.errors[0]
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header", "given")]
    return error("invalid", why(first["type"], first.get("ctx") or {}), 422, ".".join(place) or None)


def why(kind: str, about: dict[str, Any]) -> str:
    """What is wrong with one member, in a sentence; `kind` and `about` are pydantic's error type and context."""
    match kind:
        case "missing":
            return _("This is missing.")
        case "extra_forbidden":
            return _("There is no member of that name.")
        case "int_type" | "int_from_float" | "int_parsing":
            return _("This is a whole number, written without quotation marks.")
        case "string_type":
            return _("This is text, in quotation marks.")
        case "literal_error":
            return _("This is one of %(known)s.") % {"known": about.get("expected", "")}
        case "greater_than" | "greater_than_equal" | "less_than_equal":
            return _("This number is too small or too large.")
        case "string_too_short" | "string_too_long":
            return _("This text is too short or too long.")
        case "string_pattern_mismatch" | "value_error":
            return _("This is not written as it has to be.")
    return _("This is not well formed.")


def _unknown(request: HttpRequest, fault: Any) -> HttpResponse:
    response = error("unauthorized", _("A valid key or token is needed: Authorization: Bearer …"), 401)
    response["WWW-Authenticate"] = "Bearer"
    return response


def _too_many(request: HttpRequest, fault: Any) -> HttpResponse:
    response = error("too-many", _("Too many requests; try again in a minute."), 429)
    response["Retry-After"] = "60"
    return response


def _unreadable(request: HttpRequest, fault: Any) -> HttpResponse:
    return error("bad-request", _("The request cannot be read as JSON."), fault.status_code)


def _missing(request: HttpRequest, fault: Any) -> HttpResponse:
    return error("not-found", _("There is nothing here"), 404)


def _busy(request: HttpRequest, fault: Any) -> HttpResponse:
    log.error("the database did not answer: %s", fault)
    response = error("busy", _("The book cannot be reached at the moment; try again shortly."), 503)
    response["Retry-After"] = "5"
    return response


def _failed(request: HttpRequest, fault: Any) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=fault)
    return error("internal", _("Something went wrong on our side; it was written down."), 500)
