"""Headers that keep pages what they are: no script at all, nothing from elsewhere, no frame around them."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors {frame}; form-action 'self' https://checkout.stripe.com {pay}"
)


class SecurityHeaders:
    """Adds them to every answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        base = urlsplit(settings.EARNEST.stripe_api_base)
        # A form that leads to the payment page is a form action there too, also after a redirect.
        self.pay = f"{base.scheme}://{base.netloc}" if base.hostname != "api.stripe.com" else ""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its headers."""
        response = self.get_response(request)
        policy = _CSP.format(pay=self.pay, frame="'none'").strip()
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
