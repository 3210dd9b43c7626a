"""The SDK's client with our settings, and what its errors mean to us."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import stripe
from django.conf import settings

from earnest.book import duties, mode, models
from earnest.core.refusals import Refused
from earnest.rails.outward import TIMEOUT_SECONDS, outward

#: What a customer is told when Stripe cannot be reached; nothing is lost by trying again.
UNREACHABLE = "Card payments cannot be reached at the moment; please try again in a few minutes."


class Astray(duties.Park):
    """Stripe has moved money in a way that this book does not know of; a person must look before it pays twice."""


class Unreachable(Refused):
    """Stripe did not answer, or is not set up here."""


def configured() -> bool:
    """Whether card payments are set up."""
    return bool(settings.EARNEST.stripe_secret_key)


def client() -> stripe.StripeClient:
    """The client. Raises Unreachable where no key is set, and where a live key meets a book that is not live."""
    key = settings.EARNEST.stripe_secret_key
    if not key:
        raise Unreachable("cards-not-set-up", "Card payments are not set up here.")
    is_live = key.startswith(("sk_live_", "rk_live_"))
    if is_live != (mode.current().mode == "live"):
        raise Unreachable(
            "wrong-stripe-key", "The Stripe key does not fit this book: live and test never mix."
        )
    return _client(key, settings.EARNEST.stripe_api_base)


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base}
        if base.startswith("https://api.stripe")
        else {"api": base, "files": base},
        # Whether to try again is decided by the duty that asked, never blindly in between.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def plain(value: Any) -> dict[str, str]:
    """A Stripe metadata object as a plain dict."""
    if value is None:
        return {}
    return {
        str(name): str(item)
        for name, item in (value.to_dict() if hasattr(value, "to_dict") else value).items()
    }


def when(epoch: int) -> datetime:
    """Stripe's epoch seconds as an instant."""
    return datetime.fromtimestamp(epoch, UTC)


def account() -> str:
    """The id of the account that our key belongs to."""
    return _account(settings.EARNEST.stripe_secret_key, settings.EARNEST.stripe_api_base)


@cache
def _account(key: str, base: str) -> str:
    with outward():
        return str(_client(key, base).v1.accounts.retrieve_current().id)


def number_of(intent: str) -> str | None:
    """The reservation that a payment was received for, or None where it is none of ours."""
    claims = models.Claim.objects.filter(rail="card", reference=intent)
    return claims.values_list("subject__number", flat=True).first() if intent else None
