"""Documents of a reservation for the maker's own people: the same files that its holder has."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.accounting import documents
from earnest.book import clock, reads
from earnest.core.refusals import Missing
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.portal import papers
from earnest.web.telling import sheets


@operator
@require_safe
def document(request: HttpRequest, number: str, called: str) -> HttpResponse:
    """One invoice or credit note as PDF, or as JSON (`?as=json`)."""
    try:
        found = documents.one(acting.number(number), called, papers.spoken())
    except Missing:
        raise Http404 from None
    made = papers.handed(found, request.GET.get("as", "pdf"), papers.spoken())
    return acting.looked(request, found.reservation, "document", made)


@operator
@require_safe
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """Deposits, refunds, and what is held, as of now."""
    try:
        state = reads.reservation(number)
    except Missing:
        raise Http404 from None
    made = sheets.statement_of(state, clock.now(), papers.spoken())
    answer = papers.file(made, f"{state.number}.pdf", "application/pdf")
    return acting.looked(request, state.number, "statement", answer)
