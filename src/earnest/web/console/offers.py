"""Offers: the list, one offer, making and editing one, and whether it takes reservations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from earnest.book import clock, lists, reads
from earnest.core.commands.open_offer import OpenOffer
from earnest.core.commands.pause_offer import SetOfferStatus
from earnest.core.commands.revise_offer import ReviseOffer
from earnest.core.commands.slip_promise import terms_of
from earnest.core.doubts import doubts
from earnest.core.offer import CLOSED, OPEN, PAUSED, Offer
from earnest.core.refusals import Missing, Refusal
from earnest.web.console import acting, showing, words
from earnest.web.console.access import operator
from earnest.web.console.forms.offer import CHANNELS, DATE_WORTHS, Editor
from earnest.web.sentences import status as status_of


@dataclass(frozen=True)
class OfferLine:
    """One offer in the list, and how many reservations wait for it."""

    read: reads.OfferRead
    reservations: int
    today: date

    @property
    def offer(self) -> Offer:
        """Its state."""
        return self.read.offer

    @property
    def title(self) -> str:
        """Its name in the operator's language."""
        return title_of(self.offer)

    @property
    def taken(self) -> int:
        """Places taken."""
        return self.read.counters.total

    @property
    def badge(self) -> showing.Badge:
        """Its status."""
        return showing.badge(self.offer.status, words.OFFER_STATUSES)

    @property
    def is_broken(self) -> bool:
        """The window is over, and people still wait."""
        return bool(self.reservations) and self.offer.current.window.end < self.today


@operator
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All offers, with how much of each is taken."""
    living = lists.living_by_offer()
    today = clock.now().date()
    found = [OfferLine(read, living.get(read.offer.slug, (0, 0))[0], today) for read in reads.offers()]
    return acting.page(request, "offers.html", {"offers": found})


@operator
@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One offer: what it says now, what it said before, who waits."""
    return shown(request, slug)


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def opened(request: HttpRequest) -> HttpResponse:
    """A new offer."""
    editor = Editor(request.POST if request.method == "POST" else None)
    if request.method != "POST" or "add" in request.POST:
        return _edit_page(request, editor)
    if not editor.is_valid() or editor.terms is None:
        return _edit_page(request, editor, status=422)
    slug = editor.form.cleaned_data["slug"]
    try:
        acting.run(request, OpenOffer(slug=slug, terms=editor.terms, **acting.who(request)))
    except Refusal as refusal:
        editor.place(refusal)
        return _edit_page(request, editor, status=status_of(refusal))
    messages.success(request, _("The offer is open."))
    return redirect("console:offer", slug)


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def revised(request: HttpRequest, slug: str) -> HttpResponse:
    """An edit: a new version, which binds only those who reserve from now on."""
    try:
        offer = reads.offer(slug).offer
    except Missing as missing:
        return acting.refused(request, missing)
    editor = Editor(request.POST if request.method == "POST" else None, offer)
    if request.method != "POST" or "add" in request.POST:
        return _edit_page(request, editor)
    if not editor.is_valid() or editor.terms is None:
        return _edit_page(request, editor, status=422)
    why = editor.form.cleaned_data["why"]
    try:
        acting.run(request, ReviseOffer(slug=slug, terms=editor.terms, why=why, **acting.who(request)))
    except Refusal as refusal:
        editor.place(refusal)
        return _edit_page(request, editor, status=status_of(refusal))
    messages.success(request, _("A new version is out; who reserved before stays bound to theirs."))
    return redirect("console:offer", slug)


@operator
@require_POST
def status(request: HttpRequest, slug: str) -> HttpResponse:
    """Paused, open again, or closed for good."""
    wanted = request.POST.get("status", "")
    said = {
        PAUSED: _("The offer is paused."),
        OPEN: _("The offer takes reservations again."),
        CLOSED: _("The offer is closed for good."),
    }
    command = SetOfferStatus(
        slug=slug, status=wanted, why=request.POST.get("why", "").strip()[:2000], **acting.who(request)
    )
    return acting.act(
        request,
        command,
        said.get(wanted, ""),
        acting.address("console:offer", slug),
        lambda refusal: shown(request, slug, refusal=refusal),
    )


@operator
@require_safe
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks once more, since closing is for good."""
    try:
        read = reads.offer(slug)
    except Missing as missing:
        return acting.refused(request, missing)
    return acting.page(request, "offer_close.html", {"offer": read.offer, "waiting": lists.waiting(slug)})


def shown(request: HttpRequest, slug: str, *, refusal: Refusal | None = None) -> HttpResponse:
    """The page of one offer, with a refusal if there was one."""
    try:
        read = reads.offer(slug)
    except Missing as missing:
        return acting.refused(request, missing)
    return acting.page(request, "offer.html", _context(read), refusal=refusal)


def title_of(offer: Offer) -> str:
    """The offer's name in the operator's language, or its name in addresses."""
    return offer.current.text((get_language() or "en")[:2]).title or offer.slug


def _context(read: reads.OfferRead) -> dict[str, Any]:
    offer = read.offer
    now = offer.current
    taken = read.counters.taken
    newest = lists.reservations(offer=offer.slug, size=8).rows
    return {
        "read": read,
        "offer": offer,
        "version": now,
        "title": title_of(offer),
        "badge": showing.badge(offer.status, words.OFFER_STATUSES),
        "channel": dict(CHANNELS).get(now.sale.channel, now.sale.channel),
        "tax_percent": f"{Decimal(now.sale.tax_rate_bp) / 100:f}",
        "date_worth": dict(DATE_WORTHS).get(now.sale.date_worth, now.sale.date_worth),
        "back_percent": f"{Decimal(now.sale.back_bp) / 100:f}",
        "texts": sorted(now.texts.items()) if isinstance(now.texts, Mapping) else [],
        "variants": [(each, taken.get(each.code, 0), read.left_of(each.code)) for each in now.variants],
        "plan": [(each, words.say(words.RAILS, each.rail)) for each in now.plan],
        "versions": [(each, changes(offer, each.version)) for each in reversed(offer.versions)],
        "slips": list(reversed(offer.slips)),
        "doubts": [words.doubt(each) for each in doubts(terms_of(offer))],
        "giveups": [(each, showing.badge(each.status, words.GIVEUPS)) for each in reversed(offer.giveups)],
        "living": lists.living_by_offer().get(offer.slug),
        "statuses": showing.status_counts(lists.by_status(offer.slug)),
        "waiting": lists.waiting(offer.slug),
        "rows": showing.rows_of(newest, clock.now()),
        "acts": showing.timeline(reads.acts("offer", offer.slug)),
    }


def changes(offer: Offer, number: int) -> list[str]:
    """What a version changed against the one before, by name; nothing for the first."""
    if number == 1:
        return []
    now, was = offer.version(number), offer.version(number - 1)
    named = (
        (_("window"), now.window != was.window),
        (_("variants"), now.variants != was.variants),
        (_("deposit plan"), now.plan != was.plan),
        (_("capacity"), now.capacity != was.capacity),
        (_("sale"), now.sale != was.sale),
        (_("texts"), now.texts != was.texts),
    )
    return [name for name, differs in named if differs]


def _edit_page(request: HttpRequest, editor: Editor, status: int = 200) -> HttpResponse:
    response = acting.page(request, "offer_edit.html", {"editor": editor, "offer": editor.offer})
    response.status_code = status
    return response
