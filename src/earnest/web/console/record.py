"""The record: what book this is, which key signs, how much is in it, whether its guards stand."""

from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from earnest.book import clock, export, guards, keys, lists, log, looks, mode
from earnest.core.refusals import Refused
from earnest.web.console import acting, words
from earnest.web.console.access import operator

#: Reads of leaves on the page.
_LEAVES: Final = 50


@operator
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """One page."""
    missing = guards.missing(connection)
    context = {
        "book": mode.current(),
        "vkey": keys.current().receipt_signer.vkey,
        "log_key": _log_key(),
        "point": log.latest(),
        "verify_url": f"{settings.EARNEST.base_url}/verify/",
        "acts": lists.act_count(),
        "mode_words": words.say(words.MODES, mode.current().mode),
        "missing": missing,
        "standing": len(guards.GUARDS) - len(missing),
        "guards": len(guards.GUARDS),
        "leaves": looks.leaves(_LEAVES),
        "leaves_total": looks.leaves_count(),
        "now": clock.now(),
    }
    return acting.page(request, "record.html", context)


def _log_key() -> str:
    """The key that signs seals, and by which a story is checked; "" before there is a log."""
    try:
        return export.vkeys()[0]
    except Refused:
        return ""
