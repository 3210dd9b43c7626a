"""What every page knows: the maker, the book's mode, the time it lives in, the languages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from earnest.book import clock, mode


def book(request: HttpRequest) -> dict[str, Any]:
    """The words of the frame around each page."""
    if not mode.exists():
        return {"languages": settings.LANGUAGES, "maker": "Earnest"}
    return {
        "maker": mode.data().get("maker", mode.origin()),
        "book_mode": mode.current().mode,
        "now": clock.now(),
        "languages": settings.LANGUAGES,
        "this_page": request.get_full_path(),
    }
