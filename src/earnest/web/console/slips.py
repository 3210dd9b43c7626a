"""Slip the promised window: what it will say to whom, then the act, then how far the telling has come."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import lists, reads
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Offer
from earnest.core.refusals import Missing, Refusal
from earnest.web.console import acting, previews
from earnest.web.console.access import operator
from earnest.web.console.forms.slip import SlipForm


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def slip(request: HttpRequest, slug: str) -> HttpResponse:
    """The form; with a window and a reason in the address, the preview; by POST, the act."""
    try:
        offer = reads.offer(slug).offer
    except Missing as missing:
        return acting.refused(request, missing)
    if request.method == "POST":
        return _slipped(request, offer)
    given = request.GET if "until" in request.GET else None
    form = SlipForm(given, was=offer.current.window)
    if given is None or "change" in request.GET or not form.is_valid():
        return _form_page(request, offer, form)
    context = _context(offer) | {
        "form": form,
        "window": form.window(),
        "why": form.cleaned_data["why"],
        "mails": previews.slip_mails(offer, form.window(), form.cleaned_data["why"]),
    }
    return acting.page(request, "slip_preview.html", context)


@operator
@require_safe
def telling(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """How many holders were told of a slip."""
    try:
        offer = reads.offer(slug).offer
        found = next((each for each in offer.slips if each.seq == seq), None)
        if found is None:
            raise Missing("no-slip", "There is no such slip.")
    except Missing as missing:
        return acting.refused(request, missing)
    telling_now = lists.telling(slug, seq)
    told = telling_now.told if telling_now else 0
    context = _context(offer) | {"slip": found, "telling": telling_now, "told": told}
    return acting.page(request, "slip_telling.html", context)


def _slipped(request: HttpRequest, offer: Offer) -> HttpResponse:
    form = SlipForm(request.POST, was=offer.current.window)
    if not form.is_valid():
        return _form_page(request, offer, form)
    command = SlipPromise(
        slug=offer.slug, window=form.window(), why=form.cleaned_data["why"], **acting.who(request)
    )
    return acting.act(
        request,
        command,
        _("The window has slipped; every holder is being told."),
        acting.address("console:slip-told", offer.slug, offer.n + 1),
        lambda refusal: _form_page(request, offer, form, refusal),
    )


def _form_page(
    request: HttpRequest, offer: Offer, form: SlipForm, refusal: Refusal | None = None
) -> HttpResponse:
    response = acting.page(request, "slip.html", _context(offer) | {"form": form}, refusal=refusal)
    if form.is_bound and form.errors:
        response.status_code = 422
    return response


def _context(offer: Offer) -> dict[str, Any]:
    return {"offer": offer, "was": offer.current.window, "waiting": lists.waiting(offer.slug)}
