"""What every page knows: the maker, the book's mode, the time it lives in, the languages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from django.utils.translation import get_language

from earnest.book import clock, mode
from earnest.core.labels import labels


def book(request: HttpRequest) -> dict[str, Any]:
    """The words of the frame around each page."""
    legal = labels(get_language() or "en")
    if not mode.exists():
        return {"languages": settings.LANGUAGES, "maker": "Earnest", "labels": legal}
    return {
        "maker": mode.data().get("maker", mode.origin()),
        "book_mode": mode.current().mode,
        "now": clock.now(),
        "languages": settings.LANGUAGES,
        "this_page": this_page(request),
        "labels": legal,
    }


def this_page(request: HttpRequest) -> str:
    """Where to come back to after another language was chosen: here, without the language in the address."""
    query = request.GET.copy()
    query.pop("lang", None)
    return escape_uri_path(request.path) + (f"?{query.urlencode()}" if query else "")
