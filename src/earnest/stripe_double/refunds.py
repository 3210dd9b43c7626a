"""Refunds: what the card and the balance make of them, at once, later, or after they had succeeded."""

from typing import TYPE_CHECKING, Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.params import invalid, only, whole

if TYPE_CHECKING:
    from earnest.stripe_double.double import StripeDouble

DAY: Final = 86_400
#: After how long a refund that "succeeded" to a bad card fails (Stripe: up to 30 days).
FAILS_AFTER: Final = 3 * DAY
SETTLES_AFTER: Final = 3_600
ENDED: Final = ("failed", "canceled")


class Refunds:
    """`refuses_short`: with too little money a refund is refused instead of left pending; Stripe does either."""

    def __init__(self, double: "StripeDouble") -> None:
        self.double = double
        self.refuses_short = False

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/refunds for a payment intent or a charge."""
        only(params, "payment_intent", "charge", "amount", "currency", "metadata", "reason", "expand")
        if params.get("reason") not in (None, "duplicate", "fraudulent", "requested_by_customer"):
            raise invalid("Invalid reason.", "reason")
        charge = self._charge_of(params)
        amount = self._amount(params, charge)
        if self.refuses_short and self.double.balance.available(self._held(charge)) < amount:
            raise invalid(
                "Insufficient funds in your Stripe balance to refund this amount.",
                code="balance_insufficient",
            )
        given = {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
        }
        refund = objects.refund(self.double.store.new_id("re_"), self.double.now(), given)
        self._begin(refund, charge)
        return refund

    def _amount(self, params: dict[str, Any], charge: dict[str, Any]) -> int:
        left: int = charge["amount"] - charge["amount_refunded"]
        amount = whole(params, "amount") if "amount" in params else left
        if "currency" in params and params["currency"] != charge["currency"]:
            raise invalid("The currency is not that of the charge.", "currency")
        if charge["disputed"] and not self.double.disputes.is_refundable(charge["id"]):
            raise invalid(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
        if left == 0:
            raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if amount > left:
            raise invalid(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount"
            )
        return amount

    def _begin(self, refund: dict[str, Any], charge: dict[str, Any]) -> None:
        """What the card does with it first, and what it will do later."""
        double, how = self.double, charge["_behaviour"]
        if double.balance.available(self._held(charge)) < refund["amount"]:
            refund["pending_reason"] = "insufficient_funds"
            double.store.when(double.now() + SETTLES_AFTER, "try refund", refund["id"])
        elif how == "fails at once":
            refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        elif how == "requires action":
            refund["status"] = "requires_action"
        elif how in ("later", "stays pending"):
            refund["pending_reason"] = "processing"
            if how == "later":
                double.store.when(double.now() + SETTLES_AFTER, "settle refund", refund["id"])
        else:
            refund["status"] = "succeeded"
            if how == "fails later":
                double.store.when(double.now() + FAILS_AFTER, "fail refund", refund["id"])
        if refund["status"] != "failed":
            self._count(charge, refund["amount"])
            if refund.get("pending_reason") != "insufficient_funds":
                self._pay(refund)
        double.store.put("refund", refund)
        double.event("refund.created", refund)
        if refund["status"] == "failed":
            double.event("refund.failed", refund)
        else:
            double.event("charge.refunded", charge)
            double.disputes.refunded(charge)

    def cancel(self, refund_id: str) -> dict[str, Any]:
        """POST /v1/refunds/:id/cancel; only while it waits for the customer."""
        refund = self.double.need("refund", refund_id)
        if refund["status"] != "requires_action":
            raise invalid("Only refunds that require action can be canceled.")
        self.end(refund, "canceled", {})
        return refund

    def end(self, refund: dict[str, Any], status: str, more: dict[str, Any]) -> None:
        """A refund changes its status; what did not go, or came back, is in the balance again."""
        double, before = self.double, {"status": refund["status"]}
        if status in ENDED and refund["status"] not in ENDED:
            self._count(double.need("charge", refund["charge"]), -refund["amount"])
            if refund["balance_transaction"]:
                line = double.balance.book(
                    "refund_failure",
                    refund["amount"],
                    refund["currency"],
                    refund["id"],
                    category="refund_failure",
                )
                more["failure_balance_transaction"] = line["id"]
        elif status == "succeeded" and not refund["balance_transaction"]:
            self._pay(refund)
        refund |= {"status": status, **more}
        refund.pop("pending_reason", None)
        double.store.put("refund", refund)
        double.event("refund.failed" if status == "failed" else "refund.updated", refund, before)

    def due(self, what: str, id: str) -> None:
        """What was to happen to a refund at its time."""
        refund = self.double.need("refund", id)
        if what == "settle refund" and refund["status"] == "pending":
            self.end(refund, "succeeded", {})
        elif what == "fail refund" and refund["status"] == "succeeded":
            self.end(refund, "failed", {"failure_reason": "expired_or_canceled_card"})
        elif what == "try refund" and refund["status"] == "pending":
            charge = self.double.need("charge", refund["charge"])
            if self.double.balance.available(self._held(charge)) < refund["amount"]:
                self.double.store.when(self.double.now() + SETTLES_AFTER, "try refund", id)
            else:
                self.end(refund, "succeeded", {})

    def disputed(self, charge_id: str) -> None:
        """Pending refunds of a charge that is disputed fail, as Stripe says of them."""
        for refund in self.double.store.all("refund", charge=charge_id):
            if refund["status"] == "pending":
                self.end(refund, "failed", {"failure_reason": "charge_for_pending_refund_disputed"})

    def _pay(self, refund: dict[str, Any]) -> None:
        line = self.double.balance.book("refund", -refund["amount"], refund["currency"], refund["id"])
        refund["balance_transaction"] = line["id"]

    def _count(self, charge: dict[str, Any], amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.double.store.put("charge", charge)

    def _held(self, charge: dict[str, Any]) -> str:
        """The currency in which the money of a charge is held."""
        return str(self.double.balance.settles.get(charge["currency"], (charge["currency"],))[0])

    def _charge_of(self, params: dict[str, Any]) -> dict[str, Any]:
        need = self.double.need
        if "payment_intent" not in params:
            return need("charge", params.get("charge", ""), "charge")
        intent = need("intent", params["payment_intent"], "payment_intent")
        if not intent["latest_charge"]:
            raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
        return need("charge", intent["latest_charge"])
