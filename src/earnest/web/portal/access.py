"""Which reservations a browser may open: a signed cookie of its own, apart from the operators' session.

It was let in as one holder; once the reservation has gone to somebody else, it opens nothing.
"""

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from earnest.book import holders

COOKIE: Final = "earnest_portal"
SALT: Final = "earnest.portal"
DAYS: Final = 30
MOST: Final = 20


def let_into(request: HttpRequest) -> list[str]:
    """What this browser was let into: `NUMBER`, or `NUMBER~HOLDER` for a later holder than the first."""
    written = request.COOKIES.get(COOKIE, "")
    try:
        found = signing.loads(written, salt=SALT, max_age=DAYS * 86_400) if written else []
    except signing.BadSignature:
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def may_open(request: HttpRequest, number: str) -> bool:
    """Whether the browser was let in as whoever holds the reservation now."""
    holder = holders.current(number)
    return holder is not None and _name(number, holder) in let_into(request)


def let_in_as(request: HttpRequest, number: str) -> int:
    """As which holder the browser was let in; the latest, where it was several."""
    names = [each.partition("~") for each in let_into(request)]
    return max((int(n or 0) for name, _, n in names if name == number), default=0)


def let_in(request: HttpRequest, response: HttpResponse, number: str) -> HttpResponse:
    """From now on this browser may open the reservation."""
    name = _name(number, holders.current(number) or 0)
    held = [name, *(each for each in let_into(request) if each != name)][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(held, salt=SALT),
        max_age=DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _name(number: str, holder: int) -> str:
    return f"{number}~{holder}" if holder else number
