"""Pages of the storefront."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from earnest.book import ids, reads
from earnest.core.offer import CLOSED, OPEN
from earnest.core.refusals import Missing, Refusal
from earnest.web.acting import fresh_key, incomplete, run
from earnest.web.policy import policy
from earnest.web.portal.access import let_in
from earnest.web.sentences import sentence, status
from earnest.web.storefront.forms import ReserveForm

#: Refusals after which the same form, looked at again, may be sent as it is.
RENEWED: Final = ("offer-changed", "form-incomplete")


@require_safe
@policy("public")
def offers(request: HttpRequest) -> HttpResponse:
    """What can be reserved here."""
    context: dict[str, list[object]] = {"offers": [], "past": []}
    for read in reads.offers():
        shelf = "past" if read.offer.status == CLOSED else "offers"
        context[shelf].append({"read": read, "text": read.offer.current.text(_language())})
    return render(request, "storefront/offers.html", context)


@require_safe
@policy("public")
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """One offer: what it is, what was promised and when, and what it takes."""
    read = _read(slug)
    return render(request, "storefront/offer.html", _about(read))


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and placing what it says."""
    read = _read(slug)
    refusal: Refusal | None = None
    if request.method == "POST":
        form = ReserveForm(read, request.POST)
        if form.is_valid():
            try:
                done = run(request, form.command(ids.number()), actor="visitor")
            except Refusal as error:
                refusal = error
            else:
                return let_in(request, redirect("reservation", number=done.number), done.number)
        elif form.lost_something():
            refusal = incomplete()
        if refusal and refusal.code in RENEWED:
            form.renew(fresh_key())
    else:
        first = {"version": read.offer.current.version, "once": fresh_key(), "language": _language()}
        free = [each.code for each in read.offer.current.variants if read.left_of(each.code)]
        wanted = request.GET.get("variant", free[0] if free else "")
        form = ReserveForm(read, initial={**first, "variant": wanted})
    context = _about(read) | {"form": form, "refusal": sentence(refusal) if refusal else ""}
    code = status(refusal) if refusal else 422 if form.is_bound else 200
    return render(request, "storefront/reserve.html", context, status=code)


def _about(read: reads.OfferRead) -> dict[str, object]:
    version = read.offer.current
    total = version.capacity
    return {
        "read": read,
        "offer": read.offer,
        "version": version,
        "text": version.text(_language()),
        "first_window": read.offer.first_window,
        "variants": [{"variant": each, "left": read.left_of(each.code)} for each in version.variants],
        "taken": read.counters.total,
        "total": total,
        "can_reserve": read.offer.status == OPEN and read.left > 0 and not read.offer.undated,
        "deposit_minor": sum(part.amount_minor for part in version.plan),
    }


def _read(slug: str) -> reads.OfferRead:
    try:
        return reads.offer(slug)
    except Missing:
        raise Http404 from None


def _language() -> str:
    return (get_language() or "en")[:2]
