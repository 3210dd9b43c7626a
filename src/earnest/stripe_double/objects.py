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
        "automatic_tax": {"enabled": False},
        "cancel_url": given["cancel_url"],
        "client_reference_id": given["client_reference_id"],
        "created": now,
        "currency": given["currency"],
        "custom_fields": [],
        "custom_text": {},
        "customer_email": given["customer_email"],
        "expires_at": given["expires_at"],
        "livemode": False,
        "locale": given["locale"],
        "metadata": given["metadata"],
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
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
        "amount_capturable": 0,
        "amount_received": given["amount"] if charge else 0,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": now,
        "currency": given["currency"],
        "description": given.get("description"),
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
        "amount_captured": of["amount"],
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {},
        "captured": True,
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
        "_brand": card.brand,
    }


def refund(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    """A refund as it is made; its status is set by the card."""
    return {
        "id": id,
        "object": "refund",
        "amount": given["amount"],
        "balance_transaction": None,
        "charge": given["charge"],
        "created": now,
        "currency": given["currency"],
        "metadata": given["metadata"],
        "payment_intent": given["payment_intent"],
        "reason": given["reason"],
        "status": "pending",
        "destination_details": {"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
    }


def transaction(id: str, now: int, given: dict[str, Any]) -> dict[str, Any]:
    """One line of the account's balance: `net` is what it changed."""
    fees = [{"amount": given["fee"], "currency": given["currency"], "type": "stripe_fee"}]
    return {
        "id": id,
        "object": "balance_transaction",
        "amount": given["amount"],
        "available_on": given["available_on"],
        "balance_type": "payments",
        "created": now,
        "currency": given["currency"],
        "description": given.get("description"),
        "exchange_rate": given.get("exchange_rate"),
        "fee": given["fee"],
        "fee_details": fees if given["fee"] else [],
        "net": given["amount"] - given["fee"],
        "reporting_category": given["category"],
        "source": given["source"],
        "status": "available" if given["available_on"] <= now else "pending",
        "type": given["type"],
    }


def dispute(id: str, now: int, of: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A dispute, or an inquiry, about a charge; `given` has status, reason, amount and until when evidence is taken."""
    inquiry = given["status"].startswith("warning")
    return {
        "id": id,
        "object": "dispute",
        "amount": given["amount"],
        "balance_transactions": [],
        "charge": of["id"],
        "created": now,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": given["due_by"],
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4" if given["reason"] == "fraudulent" else "13.1",
        "payment_intent": of["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": of["_brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": of["_brand"],
                "network_reason_code": "10.4" if given["reason"] == "fraudulent" else "13.1",
            },
        },
        "reason": given["reason"],
        "status": given["status"],
    }


def warning(id: str, now: int, of: dict[str, Any]) -> dict[str, Any]:
    """An early fraud warning about a charge."""
    return {
        "id": id,
        "object": "radar.early_fraud_warning",
        "actionable": not of["refunded"],
        "charge": of["id"],
        "created": now,
        "fraud_type": "unauthorized_use_of_card",
        "livemode": False,
        "payment_intent": of["payment_intent"],
    }


def payout(id: str, now: int, amount: int, currency: str, arrival: int) -> dict[str, Any]:
    """Money on its way to the account's bank."""
    return {
        "id": id,
        "object": "payout",
        "amount": amount,
        "arrival_date": arrival,
        "automatic": False,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": None,
        "destination": "ba_double",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "type": "bank_account",
    }


def topup(id: str, now: int, amount: int, currency: str) -> dict[str, Any]:
    """Money that the account's owner sent to Stripe."""
    return {
        "id": id,
        "object": "topup",
        "amount": amount,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "status": "succeeded",
    }


def file(id: str, now: int, purpose: str, name: str, size: int) -> dict[str, Any]:
    """A file that was handed in."""
    return {
        "id": id,
        "object": "file",
        "created": now,
        "filename": name,
        "purpose": purpose,
        "size": size,
        "type": name.rsplit(".", 1)[-1] or None,
    }


def account() -> dict[str, Any]:
    """The account that all of it belongs to."""
    return {
        "id": "acct_double",
        "object": "account",
        "charges_enabled": True,
        "country": "FR",
        "default_currency": "eur",
        "details_submitted": True,
        "payouts_enabled": True,
        "type": "standard",
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
