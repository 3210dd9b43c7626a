"""The record: what book this is, which key signs, how much is in it, whether its guards stand."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.book import clock, guards, keys, lists, mode
from earnest.web.console import acting, words
from earnest.web.console.access import operator


@operator
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """One page."""
    missing = guards.missing(connection)
    context = {
        "book": mode.current(),
        "vkey": keys.current().receipt_signer.vkey,
        "acts": lists.act_count(),
        "mode_words": words.say(words.MODES, mode.current().mode),
        "missing": missing,
        "standing": len(guards.GUARDS) - len(missing),
        "guards": len(guards.GUARDS),
        "now": clock.now(),
    }
    return acting.page(request, "record.html", context)
