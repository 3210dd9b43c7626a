"""Which reservations a browser may open: a signed cookie of its own, apart from the operators' session."""

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "earnest_portal"
SALT: Final = "earnest.portal"
DAYS: Final = 30
MOST: Final = 20


def numbers(request: HttpRequest) -> list[str]:
    """The reservations that this browser was let into."""
    written = request.COOKIES.get(COOKIE, "")
    try:
        found = signing.loads(written, salt=SALT, max_age=DAYS * 86_400) if written else []
    except signing.BadSignature:
        return []
    return [str(number) for number in found] if isinstance(found, list) else []


def may_open(request: HttpRequest, number: str) -> bool:
    """Whether the browser holds the link of a reservation."""
    return number in numbers(request)


def let_in(request: HttpRequest, response: HttpResponse, number: str) -> HttpResponse:
    """From now on this browser may open the reservation."""
    held = [number, *(each for each in numbers(request) if each != number)][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(held, salt=SALT),
        max_age=DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
