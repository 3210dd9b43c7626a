"""Every error in one shape, with the status that fits and a sentence in the caller's language."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from earnest.core.refusals import Refusal
from earnest.web.sentences import sentence, status

log = logging.getLogger(__name__)


def error(code: str, message: str, http: int, field: str | None = None) -> HttpResponse:
    """One error."""
    body: dict[str, Any] = {"code": code, "message": message}
    if field:
        body["field"] = field
    return JsonResponse({"error": body}, status=http)


def install(api: NinjaAPI) -> None:
    """Hang the handlers on an API."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return error(refusal.code, sentence(refusal), status(refusal))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
        first = fault.errors[0]
        place = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "given")]
        field = ".".join(place) or None
        return error(
            "invalid", _("The request is not well formed: %(why)s") % {"why": first["msg"]}, 422, field
        )

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
        return error("unauthorized", _("A valid key or token is needed: Authorization: Bearer …"), 401)

    @api.exception_handler(HttpError)
    def plain(request: HttpRequest, fault: HttpError) -> HttpResponse:
        return error("bad-request", _("The request cannot be read as JSON."), fault.status_code)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, fault: Http404) -> HttpResponse:
        return error("not-found", _("There is nothing here"), 404)
