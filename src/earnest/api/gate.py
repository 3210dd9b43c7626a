"""What stands before every route of the API: how much it takes, how often, and that it answers in one shape."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.parser import Parser
from ninja.throttling import BaseThrottle

from earnest.api import errors

#: The largest body that any route has a use for.
MAX_BODY: Final = 64 * 1024
MINUTE_SECONDS: Final = 60

View = Callable[..., HttpResponse]


class Strict(Parser):
    """JSON as RFC 8259 means it to be used: no member twice, no number that is none."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body. Raises ValueError."""
        return json.loads(request.body, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


class PerMinute(BaseThrottle):
    """At most so many requests a minute from one address, counted from its first."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most = name, most

    def allow_request(self, request: HttpRequest) -> bool:
        """Count this request, and say whether it is one too many."""
        return count(self._key(request)) <= self.most

    def wait(self) -> float:
        """Seconds after which it may be tried again."""
        return MINUTE_SECONDS

    def _key(self, request: HttpRequest) -> str:
        return f"api/{self.name}/{request.META.get('REMOTE_ADDR', '')}"


def count(key: str) -> int:
    """Count one more within the minute that its first began; how many there are."""
    if cache.add(key, 1, MINUTE_SECONDS):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it ran out in between
        cache.set(key, 1, MINUTE_SECONDS)
        return 1


def gated(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same routes, behind the gate."""
    for each in patterns:
        if isinstance(each, URLPattern):
            each.callback = _gate(each.callback)
    return patterns


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Every address of the API that is none."""
    return errors.error("not-found", _("There is nothing here"), 404)


def _gate(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            return errors.error("too-large", _("The request is larger than anything it could need."), 413)
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.get("Allow", "")
            response = errors.error(
                "method", _("This address takes %(methods)s.") % {"methods": allowed}, 405
            )
            response["Allow"] = allowed
        if request.headers.get("Authorization"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    guarded.policy = "api"  # type: ignore[attr-defined]
    return guarded
