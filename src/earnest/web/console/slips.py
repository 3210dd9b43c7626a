"""Slip the promised window: what it will say to whom, then the act, then how far the telling has come."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import lists, reach, reads
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Offer
from earnest.core.refusals import Missing, Refusal
from earnest.web.console import acting, exposures, previews
from earnest.web.console.access import operator
from earnest.web.console.forms.slip import EVIDENCE, SlipForm


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
    given = request.GET if "why" in request.GET else None
    form = SlipForm(given, offer=offer)
    if given is None or "change" in request.GET or not form.is_valid():
        return _form_page(request, offer, form)
    touched = reach.touched(slug, form.window())
    context = _context(offer) | {
        "form": form,
        "window": form.window(),
        "why": form.cleaned_data["why"],
        "evidence": dict(EVIDENCE)[form.kind_of_evidence],
        "mails": previews.slip_mails(offer, form.window(), form.cleaned_data["why"]),
        "touched": exposures.lines(touched),
        "covers": reach.cover(touched),
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
    form = SlipForm(request.POST, offer=offer)
    if not form.is_valid():
        return _form_page(request, offer, form)
    window = form.window()
    command = SlipPromise(
        slug=offer.slug,
        window=window,
        why=form.cleaned_data["why"],
        evidence=form.kind_of_evidence,
        **acting.who(request),
    )
    # The slip is the act after its own version; without a date there is no such version.
    seq = offer.n + 1 if window else offer.n
    return acting.act(
        request,
        command,
        _("The window has slipped; every holder is being told."),
        acting.address("console:slip-told", offer.slug, seq),
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
    return {"offer": offer, "was": offer.expected, "waiting": lists.waiting(offer.slug)}
