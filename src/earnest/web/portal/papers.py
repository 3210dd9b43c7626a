"""What a holder takes away on paper: invoices, credit notes, and the statement of their money."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from earnest.accounting import documents
from earnest.book import clock
from earnest.core.refusals import Missing
from earnest.web.policy import policy
from earnest.web.portal.views import the
from earnest.web.telling import sheets


@require_safe
@policy("holder")
def document(request: HttpRequest, number: str, called: str) -> HttpResponse:
    """One invoice or credit note of the present holder as PDF; `?as=json` for programs."""
    state, language = the(number), spoken()
    try:
        found = documents.one(state.number, called, language, state.holder)
    except Missing:
        raise Http404 from None
    return handed(found, request.GET.get("as", "pdf"), language)


@require_safe
@policy("holder")
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """Deposits, refunds, and what is held, as of now."""
    state = the(number)
    return file(sheets.statement_of(state, clock.now(), spoken()), f"{state.number}.pdf", "application/pdf")


def handed(found: documents.Document, form: str, language: str) -> HttpResponse:
    """A document as `pdf` or `json`. Raises Http404 for another form."""
    if form == "json":
        body = json.dumps(found.data(), ensure_ascii=False, indent=2).encode()
        return file(body, f"{found.number}.json", "application/json")
    if form != "pdf":
        raise Http404
    return file(sheets.invoice(found, language), f"{found.number}.pdf", "application/pdf")


def spoken() -> str:
    """The language of the page, of those that papers speak."""
    return "fr" if (get_language() or "").startswith("fr") else "en"


def file(body: bytes, name: str, kind: str) -> HttpResponse:
    """A download that no cache keeps."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
