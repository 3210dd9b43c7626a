"""Whether the process lives, and whether it can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from earnest.book import guards, mode
from earnest.web.policy import policy


@policy("public")
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@policy("public")
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, a book is open, and its guards stand."""
    try:
        missing = guards.missing(connection)
        ok = mode.exists() and not missing
    except DatabaseError:
        ok = False
    return JsonResponse({"ok": ok}, status=200 if ok else 503)
