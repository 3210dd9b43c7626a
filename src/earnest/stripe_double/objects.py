"""The objects as Stripe answers them; every member exists in the SDK's typed classes, which a test holds."""

from typing import Any

from earnest.stripe_double.cards import Card

API_VERSION = "2026-10-28.endive"


def session(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    """A Checkout Session that is open."""
    return {
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": given["amount"],
        "amount_total": given["amount"],
        "cancel_url": given["cancel_url"],
        "client_reference_id": given["client_reference_id"],
        "created": now,
        "currency": given["currency"],
        "customer_email": given["customer_email"],
        "expires_at": given["expires_at"],
        "livemode": False,
        "locale": given["locale"],
        "metadata": given["metadata"],
        "mode": "payment",
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "success_url": given["success_url"],
        "url": given["url"],
    }


def intent(id: str, now: int, given: dict[str, Any], charge: str | None) -> dict[str, Any]:
    """A PaymentIntent, succeeded where it has a charge."""
    return {
        "id": id,
        "object": "payment_intent",
        "amount": given["amount"],
        "amount_received": given["amount"] if charge else 0,
        "created": now,
        "currency": given["currency"],
        "latest_charge": charge,
        "livemode": False,
        "metadata": given["metadata"],
        "payment_method_types": ["card"],
        "status": "succeeded" if charge else "requires_payment_method",
    }


def charge(id: str, now: int, of: dict[str, Any], card: Card) -> dict[str, Any]:
    """A charge that went through. `behaviour` is ours and never leaves: see `public`."""
    return {
        "id": id,
        "object": "charge",
        "amount": of["amount"],
        "amount_refunded": 0,
        "created": now,
        "currency": of["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": of["metadata"],
        "paid": True,
        "payment_intent": of["id"],
        "payment_method_details": {
            "type": "card",
            "card": {"brand": card.brand, "last4": card.number[-4:], "exp_month": 12, "exp_year": 2030},
        },
        "refunded": False,
        "status": "succeeded",
        "_behaviour": card.refund,
    }


def refund(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    """A refund as it is made; its status is set by the card."""
    return {
        "id": id,
        "object": "refund",
        "amount": given["amount"],
        "charge": given["charge"],
        "created": now,
        "currency": given["currency"],
        "metadata": given["metadata"],
        "payment_intent": given["payment_intent"],
        "reason": given["reason"],
        "status": "pending",
        "destination_details": {"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
    }


def event(id: str, now: int, type: str, of: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """An event about an object as it is now."""
    data: dict[str, Any] = {"object": public(of)}
    if before:
        data["previous_attributes"] = before
    return {
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type,
    }


def public(body: dict[str, Any]) -> dict[str, Any]:
    """An object without what only the double knows."""
    return {name: value for name, value in body.items() if not name.startswith("_")}


def page(found: list[dict[str, Any]], url: str) -> dict[str, Any]:
    """A list as Stripe answers it."""
    return {"object": "list", "data": [public(body) for body in found], "has_more": False, "url": url}
