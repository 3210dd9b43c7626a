"""Stripe's webhooks: verified on the raw body, taken once, answered at once; what they speak of is fetched again."""

import hashlib
import hmac
import json
import logging
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from earnest.book import clock, duties, mode, models
from earnest.core.commands.base import Duty
from earnest.core.refusals import Invalid
from earnest.rails.outward import outward
from earnest.rails.stripe import asking, checkout, disputes, refunds
from earnest.rails.stripe.client import Astray, account, client

log = logging.getLogger(__name__)

TOLERANCE_SECONDS: Final = 300
MAX_BODY: Final = 512 * 1024


def accept(body: bytes, signature: str) -> None:
    """Take an event: stored once, together with the duty to act on it. Raises Invalid; then nothing was written."""
    _verify(body, signature)
    try:
        event = json.loads(body)
        event_id, type = str(event["id"]), str(event["type"])
        # What has no name of its own (a balance) is taken too, or Stripe would send it for three days.
        object_id = str(event["data"]["object"].get("id") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _forged() from None
    if bool(event.get("livemode")) != (mode.current().mode == "live"):
        raise _forged()
    now = clock.now()
    row = models.Event(
        provider="stripe",
        event_id=event_id,
        type=type,
        received_at=now,
        body_hash=hashlib.sha256(body).hexdigest(),
    )
    # Only events of a connected account name one.
    payload = {"type": type, "object": object_id, "account": str(event.get("account") or "")}
    try:
        with transaction.atomic():
            row.save()
            duties.insert([Duty("stripe_event", f"stripe_event/{event_id}", now, payload)])
    except IntegrityError:
        log.info("stripe event %s came again", event_id)


@duties.handles("stripe_event")
def act_on(duty: duties.Leased) -> None:
    """Fetch what the event spoke of, as it is now, and report it; the event's own words are not relied on."""
    type, object_id = duty.payload["type"], duty.payload["object"]
    of = duty.payload.get("account")
    if of and of != account():
        raise Astray(f"{type} of {object_id} is of the account {of}, which is not ours")
    if type in ("checkout.session.completed", "checkout.session.async_payment_succeeded"):
        checkout.collect_if_paid(object_id)
    elif type == "payment_intent.succeeded":
        checkout.collect_intent(object_id)
    elif type.startswith("refund.") or type == "charge.refund.updated":
        refunds.follow(object_id)
    elif type == "charge.refunded":
        _refunds_of(object_id)
    elif type.startswith("charge.dispute."):
        disputes.follow(object_id)
    elif type.startswith("radar.early_fraud_warning."):
        disputes.follow_warning(object_id)


def _refunds_of(charge_id: str) -> None:
    with outward():
        charge = client().v1.charges.retrieve(charge_id)
    intent = charge.payment_intent
    for refund in asking.made_of(intent if isinstance(intent, str) else intent.id) if intent else []:
        refunds.heard(refund)


def _verify(body: bytes, signature: str) -> None:
    """Stripe's scheme v1: HMAC-SHA256 over `t.body`; the time is held against the book's clock."""
    secret = settings.EARNEST.stripe_webhook_secret
    if not secret or len(body) > MAX_BODY:
        raise _forged()
    parts: dict[str, list[Any]] = {}
    for part in signature.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name, []).append(value)
    at = parts.get("t", [""])[0]
    if not at.isascii() or not at.isdigit():
        raise _forged()
    expected = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), given.encode()) for given in parts.get("v1", [])):
        raise _forged()
    if abs(clock.now().timestamp() - int(at)) > TOLERANCE_SECONDS:
        raise Invalid("webhook-old", "This webhook is too old, or from another time.")


def _forged() -> Invalid:
    return Invalid("webhook-forged", "This webhook does not carry Stripe's signature.")
