"""Giving up many reservations: what it would come to, the proposal, the second operator's word, the progress."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from earnest.book import giving_up, policy, reads
from earnest.book.giving_up import Preview
from earnest.core import giveup as giveups
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp, WithdrawGiveUp
from earnest.core.giveup import GiveUp
from earnest.core.offer import Offer
from earnest.core.refusals import Missing, Refusal
from earnest.rails import giving_up as rails
from earnest.rails.stripe.client import Unreachable
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.giveup import GiveUpManyForm
from earnest.web.rights import sum_words
from earnest.web.sentences import sentence


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """The form; with a reason in the address, what it would come to; by POST, the proposal."""
    try:
        offer = reads.offer(slug).offer
    except Missing as missing:
        return acting.refused(request, missing)
    if request.method == "POST":
        return _proposed(request, offer)
    given = request.GET if "why" in request.GET else None
    form = GiveUpManyForm(given)
    if given is None or "change" in request.GET or not form.is_valid():
        return _form_page(request, offer, form)
    try:
        context = _sums(giving_up.preview(offer.slug, form.cleaned_data["numbers"]))
    except Missing as missing:
        return _form_page(request, offer, form, missing)
    return acting.page(request, "giveup_preview.html", {"offer": offer, "form": form} | context)


@operator
@require_safe
def one(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """One proposal: what it comes to while it waits, how far it has come once it is confirmed."""
    return shown(request, slug, seq)


@operator
@require_POST
def confirmed(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """The second operator's word."""
    command = ConfirmGiveUp(slug=slug, giveup=seq, **acting.who(request))
    said = _("It is confirmed: one reservation after the other ends, and each holder is written to.")
    return _act(request, command, said, slug, seq)


@operator
@require_POST
def withdrawn(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """It was a mistake; nothing has happened yet."""
    command = WithdrawGiveUp(slug=slug, giveup=seq, **acting.who(request))
    return _act(request, command, _("The proposal is withdrawn; nothing has ended."), slug, seq)


def shown(request: HttpRequest, slug: str, seq: int, *, refusal: Refusal | None = None) -> HttpResponse:
    """The page of one proposal, with a refusal if there was one."""
    try:
        offer = reads.offer(slug).offer
        found = offer.giveup(seq)
        if found is None:
            raise Missing("no-giveup", "There is no such proposal for this offer.")
    except Missing as missing:
        return acting.refused(request, missing)
    context = {"offer": offer, "found": found, "badge": showing.badge(found.status, words.GIVEUPS)}
    if found.status == giveups.PROPOSED:
        context |= _waiting(request, offer, found)
    elif found.status == giveups.CONFIRMED:
        context |= _going_on(offer, found)
    return acting.page(request, "giveup.html", context, refusal=refusal)


def _act(request: HttpRequest, command: Any, said: str, slug: str, seq: int) -> HttpResponse:
    to = acting.address("console:giveup", slug, seq)
    return acting.act(request, command, said, to, lambda no: shown(request, slug, seq, refusal=no))


def _proposed(request: HttpRequest, offer: Offer) -> HttpResponse:
    form = GiveUpManyForm(request.POST)
    if not form.is_valid():
        return _form_page(request, offer, form)
    data = form.cleaned_data
    command = ProposeGiveUp(slug=offer.slug, why=data["why"], numbers=data["numbers"], **acting.who(request))
    try:
        acting.run(request, command)
    except Refusal as refusal:
        return _form_page(request, offer, form, refusal)
    messages.success(request, _("It is proposed; the page says what comes next."))
    return redirect("console:giveup", offer.slug, reads.offer(offer.slug).offer.giveups[-1].seq)


def _form_page(
    request: HttpRequest, offer: Offer, form: GiveUpManyForm, refusal: Refusal | None = None
) -> HttpResponse:
    response = acting.page(request, "giveup_form.html", {"offer": offer, "form": form}, refusal=refusal)
    if form.is_bound and form.errors:
        response.status_code = 422
    return response


def _waiting(request: HttpRequest, offer: Offer, found: GiveUp) -> dict[str, Any]:
    mine = {"by": found.by.removeprefix("operator:"), "is_mine": found.by == acting.person(request)}
    return mine | _sums(giving_up.preview(offer.slug, found.numbers, found.upto, strict=False))


def _going_on(offer: Offer, found: GiveUp) -> dict[str, Any]:
    progress = giving_up.progress(offer.slug, found.seq, found.scope)
    refunds = progress.refunds.items() if progress else ()
    return {
        "by": found.by.removeprefix("operator:"),
        "confirmed_by": found.confirmed_by.removeprefix("operator:"),
        "progress": progress,
        "refunds": [
            (showing.badge(status, words.REFUNDS), currency, each)
            for (status, currency), each in sorted(refunds)
        ],
    }


def _sums(preview: Preview) -> dict[str, Any]:
    """What it would come to now, and whether the money is there."""
    unreachable = ""
    try:
        funds = rails.funds(preview)
    except Unreachable as error:
        funds, unreachable = rails.funds(preview, ask=False), sentence(error)
    limit = policy.current().second_operator_major
    return {
        "preview": preview,
        "totals": list(preview.totals.items()),
        "ways": [
            (way, words.say(words.WAYS, way.route), words.say(words.WHYS, way.why), each)
            for way, each in preview.lines()
        ],
        "added": [
            (addition, sum_words(addition.head), each) for addition, each in sorted(preview.added.items())
        ],
        "disputed": sorted(preview.disputed.items()),
        "funds": [(each, words.say(words.WAYS, each.route)) for each in funds],
        "unreachable": unreachable,
        "over_limit": giveups.over_limit(preview.totals, limit),
    }
