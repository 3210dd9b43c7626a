"""The double itself: sessions, payments, refunds and events, with a clock that is given and faults on demand."""

from collections.abc import Callable
from typing import Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.cards import Card, behaviour, passes_luhn
from earnest.stripe_double.faults import Faults
from earnest.stripe_double.params import Refusal, invalid, only, whole
from earnest.stripe_double.store import Store

DAY: Final = 86_400
#: After how long a refund that "succeeded" to a bad card fails (Stripe: up to 30 days).
FAILS_AFTER: Final = 3 * DAY
SETTLES_AFTER: Final = 3_600
MOST_MINOR: Final = 99_999_999


class StripeDouble:
    """One account in test mode. `now` gives epoch seconds; `seed` makes ids repeat."""

    def __init__(
        self, path: str, *, secret_key: str, webhook_secret: str, seed: str, now: Callable[[], int]
    ) -> None:
        if not secret_key.startswith("sk_test_") or not webhook_secret:
            raise ValueError("the double takes test keys only, and a webhook secret")
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self.now = now
        self.store = Store(path, seed)
        self.faults = Faults(seed)
        self.public_url = "http://127.0.0.1"
        self.on_event: Callable[[dict[str, Any]], None] = lambda event: None

    # --- Checkout

    def create_session(self, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/checkout/sessions, mode payment."""
        only(
            params,
            *(
                "mode line_items success_url cancel_url client_reference_id metadata payment_intent_data".split()
            ),
            *("customer_email expires_at locale payment_method_types expand".split()),
        )
        if params.get("mode") != "payment":
            raise invalid("This double knows only mode=payment.", "mode")
        amount, currency = _total(params.get("line_items"))
        expires_at = whole(params, "expires_at") if "expires_at" in params else self.now() + DAY
        if not self.now() + 1800 - 60 <= expires_at <= self.now() + DAY + 60:
            raise invalid("The expires_at must be between 30 minutes and 24 hours from now.", "expires_at")
        inner = params.get("payment_intent_data") or {}
        only(inner, "metadata", "description")
        if not str(params.get("success_url", "")).startswith("http"):
            raise invalid("Not a valid URL", "success_url", "url_invalid")
        id = self.store.new_id("cs_test_")
        given = {
            "amount": amount,
            "currency": currency,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "customer_email": params.get("customer_email"),
            "expires_at": expires_at,
            "locale": params.get("locale"),
            "metadata": params.get("metadata") or {},
            "success_url": params["success_url"],
            "url": f"{self.public_url}/c/pay/{id}",
        }
        session = objects.session(id, self.now(), given)
        session["_intent_metadata"] = inner.get("metadata") or {}
        session["_description"] = params["line_items"][0]["price_data"]["product_data"]["name"]
        self.store.put("session", session)
        self.store.when(expires_at, "expire session", id)
        return session

    def pay(self, session_id: str, card_number: str) -> dict[str, Any]:
        """The customer pays on the Checkout page. Raises Refusal with the reason where the card is declined."""
        with self.store.lock:
            self.run_due()
            session = self._need("session", session_id)
            if session["status"] != "open":
                raise Refusal(
                    400, "card_error", f"This session is {session['status']}.", code=session["status"]
                )
            if not passes_luhn(card_number):
                raise Refusal(402, "card_error", "This card number is not valid.", code="incorrect_number")
            card = behaviour(card_number)
            if card.decline:
                raise Refusal(402, "card_error", card.says, code=card.decline)
            given = {
                "amount": session["amount_total"],
                "currency": session["currency"],
                "metadata": session["_intent_metadata"],
            }
            intent = self._paid_intent(given, card, self.now())
            session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
            self.store.put("session", session)
            self._event("checkout.session.completed", session)
            self._event("payment_intent.succeeded", intent)
            self._event("charge.succeeded", self._need("charge", intent["latest_charge"]))
            return session

    def expire_session(self, session_id: str) -> dict[str, Any]:
        """POST /v1/checkout/sessions/:id/expire."""
        session = self._need("session", session_id)
        if session["status"] != "open":
            raise invalid("Only Checkout Sessions with a status in [open] can be expired.")
        session["status"] = "expired"
        self.store.put("session", session)
        self._event("checkout.session.expired", session)
        return session

    def seed_paid_intent(
        self, *, amount: int, currency: str, card: str, created: int, metadata: dict[str, str]
    ) -> str:
        """A payment of the past, made through no browser and telling nobody; the card decides its refunds."""
        with self.store.lock:
            given = {"amount": amount, "currency": currency, "metadata": metadata}
            return str(self._paid_intent(given, behaviour(card), created)["id"])

    def _paid_intent(self, given: dict[str, Any], card: Card, at: int) -> dict[str, Any]:
        intent = objects.intent(self.store.new_id("pi_"), at, given, self.store.new_id("ch_"))
        charge = objects.charge(intent["latest_charge"], at, intent, card)
        self.store.put("intent", intent)
        self.store.put("charge", charge)
        self.store.set_fact("balance", self.store.fact("balance", 10**12) + given["amount"])
        return intent

    # --- refunds

    def create_refund(self, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/refunds for a payment intent or a charge."""
        only(params, "payment_intent", "charge", "amount", "currency", "metadata", "reason", "expand")
        if params.get("reason") not in (None, "duplicate", "fraudulent", "requested_by_customer"):
            raise invalid("Invalid reason.", "reason")
        charge = self._charge_of(params)
        left = charge["amount"] - charge["amount_refunded"]
        amount = whole(params, "amount") if "amount" in params else left
        if "currency" in params and params["currency"] != charge["currency"]:
            raise invalid("The currency is not that of the charge.", "currency")
        if left == 0:
            raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if amount > left:
            raise invalid(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount"
            )
        given = {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
        }
        refund = objects.refund(self.store.new_id("re_"), self.now(), given)
        self._begin(refund, charge)
        return refund

    def _begin(self, refund: dict[str, Any], charge: dict[str, Any]) -> None:
        """What the card does with it first, and what it will do later."""
        how = charge["_behaviour"]
        if self.store.fact("balance", 10**12) < refund["amount"]:
            refund["pending_reason"] = "insufficient_funds"
            self.store.when(self.now() + SETTLES_AFTER, "try refund", refund["id"])
        elif how == "fails at once":
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        elif how == "requires action":
            refund["status"] = "requires_action"
        elif how in ("later", "stays pending"):
            refund["pending_reason"] = "processing"
            if how == "later":
                self.store.when(self.now() + SETTLES_AFTER, "settle refund", refund["id"])
        else:
            refund["status"] = "succeeded"
            if how == "fails later":
                self.store.when(self.now() + FAILS_AFTER, "fail refund", refund["id"])
        self.store.put("refund", refund)
        if refund["status"] != "failed":
            self._count(charge, refund["amount"])
        self._event("refund.created", refund)
        if refund["status"] == "failed":
            self._event("refund.failed", refund)
        else:
            self._event("charge.refunded", charge)

    def cancel_refund(self, refund_id: str) -> dict[str, Any]:
        """POST /v1/refunds/:id/cancel; only while it waits for the customer."""
        refund = self._need("refund", refund_id)
        if refund["status"] != "requires_action":
            raise invalid("Only refunds that require action can be canceled.")
        self._end_refund(refund, "canceled", {})
        return refund

    def set_refund(self, refund_id: str, status: str, failure_reason: str = "") -> None:
        """For tests: what happens to a refund from outside (the customer acts, the network sends it back)."""
        with self.store.lock:
            more: dict[str, Any] = {}
            if status == "failed":
                more = {"failure_reason": failure_reason or "unknown"}
            self._end_refund(self._need("refund", refund_id), status, more)

    def _end_refund(self, refund: dict[str, Any], status: str, more: dict[str, Any]) -> None:
        before = {"status": refund["status"]}
        if status in ("failed", "canceled") and refund["status"] not in ("failed", "canceled"):
            self._count(self._need("charge", refund["charge"]), -refund["amount"])
            if status == "failed":
                more["failure_balance_transaction"] = self.store.new_id("txn_")
        refund |= {"status": status, **more}
        refund.pop("pending_reason", None)
        self.store.put("refund", refund)
        self._event("refund.failed" if status == "failed" else "refund.updated", refund, before)

    def _count(self, charge: dict[str, Any], amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.store.put("charge", charge)
        self.store.set_fact("balance", self.store.fact("balance", 10**12) - amount)

    def _charge_of(self, params: dict[str, Any]) -> dict[str, Any]:
        if "payment_intent" in params:
            intent = self._need("intent", params["payment_intent"], "payment_intent")
            if not intent["latest_charge"]:
                raise invalid(
                    "This PaymentIntent does not have a successful charge to refund.", "payment_intent"
                )
            return self._need("charge", intent["latest_charge"])
        return self._need("charge", params.get("charge", ""), "charge")

    # --- time and events

    def run_due(self) -> int:
        """Everything that falls due on the double's clock; how many things happened."""
        with self.store.lock:
            due = self.store.take_due(self.now())
            for what, id in due:
                self._happen(what, id)
            return len(due)

    def _happen(self, what: str, id: str) -> None:
        if what == "expire session":
            if self._need("session", id)["status"] == "open":
                self.expire_session(id)
            return
        refund = self._need("refund", id)
        if what == "settle refund" and refund["status"] == "pending":
            self._end_refund(refund, "succeeded", {})
        elif what == "fail refund" and refund["status"] == "succeeded":
            self._end_refund(refund, "failed", {"failure_reason": "expired_or_canceled_card"})
        elif what == "try refund" and refund["status"] == "pending":
            if self.store.fact("balance", 10**12) < refund["amount"]:
                self.store.when(self.now() + SETTLES_AFTER, "try refund", id)
            else:
                self._end_refund(refund, "succeeded", {})

    def set_balance(self, amount_minor: int) -> None:
        """What the account holds; a refund that it cannot pay stays pending."""
        self.store.set_fact("balance", amount_minor)

    def events(self) -> list[dict[str, Any]]:
        """All events, the oldest first."""
        return [objects.public(event) for event in reversed(self.store.all("event"))]

    def _event(self, type: str, of: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        event = objects.event(self.store.new_id("evt_"), self.now(), type, of, before)
        self.store.put("event", event)
        self.on_event(event)

    def _need(self, kind: str, id: str, param: str = "id") -> dict[str, Any]:
        found = self.store.get(kind, id)
        if found is None:
            names = {"intent": "payment_intent", "session": "checkout.session"}
            raise invalid(f"No such {names.get(kind, kind)}: '{id}'", param, "resource_missing", 404)
        return found


def _total(items: Any) -> tuple[int, str]:
    """(minor units, currency) of line items made from price data."""
    if not isinstance(items, list) or not items:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    total, currency = 0, ""
    for n, item in enumerate(items):
        only(item, "quantity", "price_data")
        price = item.get("price_data") or {}
        only(price, "currency", "unit_amount", "product_data")
        name = price.get("product_data", {}).get("name")
        if not name or (currency and currency != price.get("currency")):
            raise invalid("Every line has a name and the same currency.", f"line_items[{n}]")
        currency = str(price.get("currency", ""))
        if len(currency) != 3 or not currency.islower():
            raise invalid(f"Invalid currency: {currency}", f"line_items[{n}][price_data][currency]")
        total += whole(price, "unit_amount", 0) * whole(item, "quantity")
    if not 50 <= total <= MOST_MINOR and currency not in ("jpy",):
        raise invalid(
            "The Checkout Session's total amount is too small or too large.", code="amount_too_small"
        )
    return total, currency
