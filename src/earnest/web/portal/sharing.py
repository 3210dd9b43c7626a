"""The story of a reservation to take along: which values others may read, how it will read, and the file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from earnest.core.refusals import Invalid
from earnest.web.policy import policy
from earnest.web.portal.views import frame, the
from earnest.web.sentences import sentence, status
from earnest.web.telling import choosing


@require_safe
@policy("holder")
def share(request: HttpRequest, number: str) -> HttpResponse:
    """The choice and its preview; every choice is an address, so it works without a script."""
    try:
        return _page(request, number)
    except Invalid as refusal:
        return _page(request, number, refusal)


@require_safe
@policy("holder")
def story(request: HttpRequest, number: str) -> HttpResponse:
    """The whole story; `?open=` as `./earnest story --open` has it; `?as=` html, pdf or png to read or share it."""
    state = the(number)
    try:
        return choosing.download(state.number, choosing.asked(request.GET, "all"), request.GET, state.holder)
    except Invalid as refusal:
        return _page(request, number, refusal)


def _page(request: HttpRequest, number: str, refusal: Invalid | None = None) -> HttpResponse:
    state = the(number)
    shown = frame(state) | {
        "refusal": sentence(refusal) if refusal else "",
        "here": reverse("share", kwargs={"number": state.number}),
        "story_url": reverse("story", kwargs={"number": state.number}),
        **choosing.context(state.number, request.GET, refusal, state.holder),
    }
    return render(request, "portal/share.html", shown, status=status(refusal) if refusal else 200)
