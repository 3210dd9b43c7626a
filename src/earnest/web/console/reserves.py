"""Reserves: what is owed against what is held at the newest seal, the button that states it, and what was stated."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from earnest.book import holdings, log, reserves
from earnest.core.commands.state_reserves import grouped
from earnest.core.refusals import Refusal
from earnest.web.console import acting
from earnest.web.console.access import operator
from earnest.web.reserves import views

SHOWN = 20


@operator
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The table; by POST the statement is made, once for each seal however often it is sent."""
    if request.method != "POST":
        return _shown(request)
    try:
        reserves.state(acting.who(request))
    except Refusal as refusal:
        return _shown(request, refusal)
    messages.success(request, _("The sums are signed and published."))
    return redirect("console:reserves")


def _shown(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    point, made = log.latest(), reserves.stated(SHOWN)
    newest = made[0].statement if made else None
    is_stated = bool(point and newest and newest.seal == point.no)
    context = {
        "point": point,
        "is_stated": is_stated,
        "currencies": views(grouped(holdings.up_to(point.no).balances)) if point else [],
        "statements": [(each, views(each.statement.sums)) for each in made],
    }
    return acting.page(request, "reserves.html", context, refusal=refusal)
