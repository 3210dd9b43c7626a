"""Is my money counted? The newest statement of reserves, and the holder's own part in it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from earnest.book import reserves
from earnest.core.instants import instant
from earnest.record.canonical import b64
from earnest.web.policy import policy
from earnest.web.portal.views import frame, the
from earnest.web.reserves import views


@require_safe
@policy("holder")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One plain sentence, the figures behind it, and the proof to take away."""
    state = the(number)
    context = frame(state)
    found = reserves.stated()
    if found:
        made = found[0].statement
        yours = reserves.owed_to(state.number, made)
        context |= {
            "stated_at": instant(made.at),
            "seal": made.seal,
            "tree": b64(made.tree),
            "counted": views(made.sums, yours),
        }
    return render(request, "portal/reserves.html", context)


@require_safe
@policy("holder")
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """The file that `./earnest verify --reserves` takes."""
    state = the(number)
    found = reserves.stated()
    made = reserves.proof(state.number, found[0]) if found else None
    if made is None:
        raise Http404
    response = HttpResponse(made, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{state.number}.reserves.json"'
    return response
