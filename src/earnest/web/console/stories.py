"""The story of a reservation in the console: the choice of what can be read, its preview, and the files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.core.refusals import Invalid, Missing
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.telling import choosing


@operator
@require_safe
def share(request: HttpRequest, number: str) -> HttpResponse:
    """The choice and its preview."""
    try:
        return _page(request, number)
    except Invalid as refusal:
        return _page(request, number, refusal)


@operator
@require_safe
def story(request: HttpRequest, number: str) -> HttpResponse:
    """The story as a file: `?open=` as `./earnest story --open` has it, `?as=` html, pdf or png instead of json."""
    wanted = acting.number(number)
    try:
        made = choosing.download(wanted, choosing.asked(request.GET, "all"), request.GET)
    except Missing as missing:
        raise Http404 from missing
    except Invalid as refusal:
        return _page(request, number, refusal)
    return acting.looked(request, wanted, "story", made)


def _page(request: HttpRequest, number: str, refusal: Invalid | None = None) -> HttpResponse:
    wanted = acting.number(number)
    try:
        chosen = choosing.context(wanted, request.GET, refusal)
    except Missing as missing:
        return acting.refused(request, missing)
    shown = {
        "number": wanted,
        "here": acting.address("console:share", wanted),
        "story_url": acting.address("console:story", wanted),
        **chosen,
    }
    page = acting.page(request, "share.html", shown, refusal=refusal)
    # With a refusal no act is shown, only which fields there are.
    return page if refusal else acting.looked(request, wanted, "story", page)
