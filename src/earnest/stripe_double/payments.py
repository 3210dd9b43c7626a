"""Checkout Sessions and PaymentIntents: what is asked for, and how a card pays it."""

from typing import TYPE_CHECKING, Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.balance import AVAILABLE_AFTER
from earnest.stripe_double.cards import Card, behaviour, of_method, passes_luhn
from earnest.stripe_double.disputes import OPENS_AFTER
from earnest.stripe_double.params import Refusal, invalid, only, whole

if TYPE_CHECKING:
    from earnest.stripe_double.double import StripeDouble

DAY: Final = 86_400
MOST_MINOR: Final = 99_999_999
PAYABLE: Final = ("requires_payment_method", "requires_confirmation")


class Payments:
    """Everything that brings money in."""

    def __init__(self, double: "StripeDouble") -> None:
        self.double = double

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
        expires_at = whole(params, "expires_at") if "expires_at" in params else self.double.now() + DAY
        if not self.double.now() + 1800 - 60 <= expires_at <= self.double.now() + DAY + 60:
            raise invalid("The expires_at must be between 30 minutes and 24 hours from now.", "expires_at")
        inner = params.get("payment_intent_data") or {}
        only(inner, "metadata", "description")
        if not str(params.get("success_url", "")).startswith("http"):
            raise invalid("Not a valid URL", "success_url", "url_invalid")
        id = self.double.store.new_id("cs_test_")
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
            "url": f"{self.double.public_url}/c/pay/{id}",
        }
        session = objects.session(id, self.double.now(), given)
        session["_intent_metadata"] = inner.get("metadata") or {}
        session["_description"] = params["line_items"][0]["price_data"]["product_data"]["name"]
        self.double.store.put("session", session)
        self.double.store.when(expires_at, "expire session", id)
        return session

    def pay(self, session_id: str, card_number: str) -> dict[str, Any]:
        """The customer pays on the Checkout page. Raises Refusal with the reason where the card is declined."""
        with self.double.store.lock:
            self.double.run_due()
            session = self.double.need("session", session_id)
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
            now = self.double.now()
            intent = objects.intent(self.double.store.new_id("pi_"), now, given, None)
            intent = self._charge(intent, card, now, tells=False)
            session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
            self.double.store.put("session", session)
            self.double.event("checkout.session.completed", session)
            self.double.event("payment_intent.succeeded", intent)
            self.double.event("charge.succeeded", self.double.need("charge", intent["latest_charge"]))
            return session

    def expire_session(self, session_id: str) -> dict[str, Any]:
        """POST /v1/checkout/sessions/:id/expire."""
        session = self.double.need("session", session_id)
        if session["status"] != "open":
            raise invalid("Only Checkout Sessions with a status in [open] can be expired.")
        session["status"] = "expired"
        self.double.store.put("session", session)
        self.double.event("checkout.session.expired", session)
        return session

    def create_intent(self, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/payment_intents; with `confirm` it is paid at once."""
        only(
            params,
            *"amount currency confirm description metadata off_session payment_method payment_method_types".split(),
            *"automatic_payment_methods return_url expand".split(),
        )
        amount, currency = whole(params, "amount"), _currency(params.get("currency"), "currency")
        if amount > MOST_MINOR:
            raise invalid("Amount must be no more than 999,999.99", "amount", "amount_too_large")
        given = {
            "amount": amount,
            "currency": currency,
            "metadata": params.get("metadata") or {},
            "description": params.get("description"),
        }
        intent = objects.intent(self.double.store.new_id("pi_"), self.double.now(), given, None)
        self.double.store.put("intent", intent)
        self.double.event("payment_intent.created", intent)
        if str(params.get("confirm", "false")) == "true":
            return self.confirm_intent(intent["id"], {"payment_method": params.get("payment_method", "")})
        return intent

    def confirm_intent(self, id: str, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/payment_intents/:id/confirm with one of the test payment methods."""
        only(params, "payment_method", "return_url", "off_session", "expand")
        intent = self.double.need("intent", id)
        if intent["status"] not in PAYABLE:
            raise invalid(
                f"This PaymentIntent's status is {intent['status']}.", code="payment_intent_unexpected_state"
            )
        card = of_method(str(params.get("payment_method", "")))
        if card is None:
            raise invalid(f"No such PaymentMethod: '{params.get('payment_method', '')}'", "payment_method")
        if card.decline:
            self.double.event("payment_intent.payment_failed", intent)
            raise Refusal(402, "card_error", card.says, code=card.decline)
        return self._charge(intent, card, self.double.now())

    def cancel_intent(self, id: str) -> dict[str, Any]:
        """POST /v1/payment_intents/:id/cancel."""
        intent = self.double.need("intent", id)
        if intent["status"] not in PAYABLE:
            raise invalid(
                f"This PaymentIntent's status is {intent['status']}.", code="payment_intent_unexpected_state"
            )
        intent |= {"status": "canceled", "canceled_at": self.double.now()}
        self.double.store.put("intent", intent)
        self.double.event("payment_intent.canceled", intent)
        return intent

    def seed(self, *, amount: int, currency: str, card: str, created: int, metadata: dict[str, str]) -> str:
        """A payment of the past, made through no browser and telling nobody; the card decides its refunds."""
        given = {"amount": amount, "currency": currency, "metadata": metadata}
        intent = objects.intent(self.double.store.new_id("pi_"), created, given, None)
        return str(self._charge(intent, behaviour(card), created, tells=False)["id"])

    def _charge(self, intent: dict[str, Any], card: Card, at: int, *, tells: bool = True) -> dict[str, Any]:
        """The card pays an intent: a charge, a line in the balance, and what its number says will come."""
        double, amount = self.double, intent["amount"]
        charge = objects.charge(double.store.new_id("ch_"), at, intent, card)
        wait = 0 if card.settles == "at once" else max(0, at + AVAILABLE_AFTER - double.now())
        line = double.balance.book(
            "charge", amount, intent["currency"], charge["id"], fee=double.balance.fee_of(amount), wait=wait
        )
        charge["balance_transaction"] = line["id"]
        intent |= {"amount_received": amount, "latest_charge": charge["id"], "status": "succeeded"}
        double.store.put("intent", intent)
        double.store.put("charge", charge)
        if card.after:
            double.store.when(at + OPENS_AFTER, f"after {card.after}", charge["id"])
        if tells:
            double.event("payment_intent.succeeded", intent)
            double.event("charge.succeeded", charge)
        return intent


def _currency(written: Any, param: str) -> str:
    currency = str(written or "")
    if len(currency) != 3 or not currency.islower() or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}", param)
    return currency


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
        currency = _currency(price.get("currency"), f"line_items[{n}][price_data][currency]")
        total += whole(price, "unit_amount", 0) * whole(item, "quantity")
    if not 50 <= total <= MOST_MINOR and currency not in ("jpy",):
        raise invalid(
            "The Checkout Session's total amount is too small or too large.", code="amount_too_small"
        )
    return total, currency
