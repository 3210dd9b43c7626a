"""Who asks: a key with scopes, or the holder of one reservation with the token of their link."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer

from earnest.api import keys
from earnest.api.gate import PerMinute, count
from earnest.book import links
from earnest.core.refusals import Forbidden, Missing

#: Wrong keys from one address, and requests of one holder; a program with a good key is not slowed down.
WRONG: Final = PerMinute("wrong", 30)
HOLDERS_MOST: Final = 120


@dataclass(frozen=True)
class Caller:
    """`actor` scopes idempotency; `scopes` are a key's, `number` is the one reservation of a holder."""

    actor: str
    scopes: frozenset[str] = frozenset()
    number: str = ""
    holder: int = 0

    @property
    def is_holder(self) -> bool:
        """Whether this is a customer with the link to their own reservation."""
        return bool(self.number)

    def need(self, scope: str) -> None:
        """Raises Forbidden unless the key has the scope."""
        if scope not in self.scopes:
            raise Forbidden("scope", "This key lacks the scope %(scope)s.", scope=scope)

    def may(self, scope: str, number: str) -> None:
        """Raises unless a key has the scope, or it is the holder's own; another's does not exist for them."""
        if not self.is_holder:
            self.need(scope)
        elif self.number != number:
            raise Missing("no-reservation", "There is no reservation of that number.")


class Bearer(HttpBearer):
    """`Authorization: Bearer ek_…`, or the token of a portal link."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The caller, or None for 401. Raises Throttled."""
        row = keys.find(token)
        if row is not None:
            return Caller(f"key:{row.prefix}", frozenset(row.scopes))
        link = links.read("portal", token)
        if link is None:
            if not WRONG.allow_request(request):
                raise Throttled(wait=None)
            return None
        if count(f"api/holder/{link.number}") > HOLDERS_MOST:
            raise Throttled(wait=None)
        return Caller(f"holder:{link.number}", number=link.number, holder=link.holder)


def caller(request: HttpRequest) -> Caller:
    """Who was authenticated."""
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found
