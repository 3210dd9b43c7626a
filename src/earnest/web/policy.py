"""Who may use a route: declared on every view, and a view that declares nothing fails the test-suite."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from earnest.core.numbers import parse
from earnest.web.portal.access import may_open

View = TypeVar("View", bound=Callable[..., HttpResponse])

#: public: anybody. holder: the browser holds the reservation's link. operator: logged in to the console.
#: provider: a machine whose signature the view checks. api: a bearer key, checked by the API.
POLICIES: Final = ("public", "holder", "operator", "provider", "api")

#: What these show is one person's: no cache on the way and no shared computer keeps it.
PRIVATE: Final = ("holder", "operator")


def policy(name: str) -> Callable[[View], View]:
    """Declare who may use a view, and see to it. Raises ValueError for an unknown or empty policy."""
    if name not in POLICIES:
        raise ValueError(f"no policy {name!r}")

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = _GUARDS[name](request, kwargs) or view(request, *args, **kwargs)
            if name in PRIVATE:
                response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        guarded.policy = name  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def _anybody(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    return None


def _holder(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    """What is somebody else's does not exist: the answer is the same as for a number that was never given."""
    number = parse(kwargs.get("number", ""))
    if number is None or not may_open(request, number):
        raise Http404
    return None


def _operator(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    user = request.user
    if user.is_authenticated and user.is_active and user.is_staff:
        return None
    return redirect_to_login(request.get_full_path(), "/console/login/")


_GUARDS: Final = {
    "public": _anybody,
    "holder": _holder,
    "operator": _operator,
    "provider": _anybody,
    "api": _anybody,
}
