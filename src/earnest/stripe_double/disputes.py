"""Disputes as Stripe's test mode has them: by test card, won or lost by the words of the evidence, or on demand."""

from typing import TYPE_CHECKING, Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.balance import DISPUTE_FEE
from earnest.stripe_double.params import invalid, only

if TYPE_CHECKING:
    from earnest.stripe_double.double import StripeDouble

DAY: Final = 86_400
OPENS_AFTER: Final = 60
DECIDES_AFTER: Final = 60
DUE_AFTER: Final = 14 * DAY
OVER: Final = ("won", "lost", "warning_closed")
#: Words that decide a dispute at once, in the field `uncategorized_text`.
DECIDING: Final = {
    "winning_evidence": "won",
    "losing_evidence": "lost",
    "escalate_inquiry_evidence": "escalate",
}
TEXTS: Final = (
    "access_activity_log billing_address cancellation_policy_disclosure cancellation_rebuttal customer_email_address "
    "customer_name customer_purchase_ip duplicate_charge_explanation duplicate_charge_id product_description "
    "refund_policy_disclosure refund_refusal_explanation service_date shipping_address shipping_carrier shipping_date "
    "shipping_tracking_number uncategorized_text"
).split()
FILES: Final = (
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt "
    "refund_policy service_documentation shipping_documentation uncategorized_file"
).split()
MOST_CHARACTERS: Final = 150_000


class Disputes:
    """All that banks ask about charges of the account."""

    def __init__(self, double: "StripeDouble") -> None:
        self.double = double

    def is_refundable(self, charge_id: str) -> bool:
        """Whether nothing but inquiries stands against a charge, or its dispute was won."""
        return all(
            each["is_charge_refundable"] or each["status"] == "won"
            for each in self.double.store.all("dispute", charge=charge_id)
        )

    def begin(self, charge_id: str, after: str) -> None:
        """What a test card makes of its payment."""
        if after == "warning":
            self.warn(charge_id)
        elif after == "inquiry":
            self.open(charge_id, reason="fraudulent", status="warning_needs_response")
        else:
            self.open(charge_id, reason=after)

    def warn(self, charge_id: str) -> dict[str, Any]:
        """The network warns early."""
        double = self.double
        made = objects.warning(double.store.new_id("issfr_"), double.now(), double.need("charge", charge_id))
        double.store.put("warning", made)
        double.event("radar.early_fraud_warning.created", made)
        return made

    def open(
        self, charge_id: str, *, reason: str = "fraudulent", status: str = "needs_response", amount: int = 0
    ) -> dict[str, Any]:
        """A bank disputes a charge, or (status `warning_needs_response`) only asks."""
        double, now = self.double, self.double.now()
        charge = double.need("charge", charge_id)
        if any(each["status"] not in OVER for each in double.store.all("dispute", charge=charge_id)):
            raise invalid("This charge is disputed already.")
        given = {
            "amount": amount or charge["amount"],
            "reason": reason,
            "status": status,
            "due_by": now + DUE_AFTER,
        }
        made = objects.dispute(double.store.new_id("dp_"), now, charge, given)
        double.store.put("charge", charge | {"disputed": True})
        double.store.put("dispute", made)
        double.store.when(now + DUE_AFTER, "dispute is due", made["id"])
        double.refunds.disputed(charge_id)
        double.event("charge.dispute.created", made)
        if status == "needs_response":
            self._take(made)
        return made

    def update(self, id: str, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/disputes/:id: evidence, handed in to the bank unless `submit` says no."""
        only(params, "evidence", "submit", "metadata", "expand")
        made = self.double.need("dispute", id)
        evidence = params.get("evidence") or {}
        only(evidence, *TEXTS, *FILES)
        if sum(len(evidence.get(name, "")) for name in TEXTS) > MOST_CHARACTERS:
            raise invalid("The evidence has more than 150,000 characters.", "evidence")
        for name in FILES:
            if evidence.get(name):
                self._check_file(evidence[name], name)
        if made["status"] not in ("needs_response", "warning_needs_response"):
            raise invalid("This dispute no longer takes evidence.", "evidence")
        made["evidence"] |= evidence
        made["metadata"] |= params.get("metadata") or {}
        made["evidence_details"]["has_evidence"] = len(made["evidence"]) > 1
        if str(params.get("submit", "true")) == "true" and made["evidence_details"]["has_evidence"]:
            self._submit(made)
        self.double.store.put("dispute", made)
        self.double.event("charge.dispute.updated", made)
        return made

    def close(self, id: str) -> dict[str, Any]:
        """POST /v1/disputes/:id/close: the owner accepts it."""
        made = self.double.need("dispute", id)
        if made["status"] != "needs_response":
            raise invalid("Only a dispute that needs a response can be closed.")
        return self.decide(id, "lost")

    def decide(self, id: str, outcome: str) -> dict[str, Any]:
        """The bank has decided: `won`, `lost`, `warning_closed`, or `escalate` for an inquiry."""
        made = self.double.need("dispute", id)
        inquiry = made["status"].startswith("warning_")
        if made["status"] in OVER or (outcome == "escalate") > inquiry:
            raise invalid(f"This dispute is {made['status']}.")
        if outcome == "escalate":
            made |= {"status": "needs_response", "is_charge_refundable": False}
            made["payment_method_details"]["card"]["case_type"] = "chargeback"
            made["evidence_details"] |= {"due_by": self.double.now() + DUE_AFTER, "submission_count": 0}
            self.double.store.put("dispute", made)
            self.double.event("charge.dispute.updated", made)
            self._take(made)
            return made
        made["status"] = "warning_closed" if inquiry else outcome
        if made["status"] == "won":
            self._give_back(made)
        self.double.store.put("dispute", made)
        self.double.event("charge.dispute.closed", made)
        return made

    def reopen(self, id: str) -> dict[str, Any]:
        """The network takes again what had been won."""
        made = self.double.need("dispute", id)
        if made["status"] != "won":
            raise invalid("Only what was won can be taken again.")
        made["status"] = "needs_response"
        self._take(made)
        return made

    def refunded(self, charge: dict[str, Any]) -> None:
        """An inquiry about a charge that is paid back in full is over."""
        for each in self.double.store.all("dispute", charge=charge["id"]):
            if charge["refunded"] and each["status"] not in OVER and each["is_charge_refundable"]:
                self.decide(each["id"], "warning_closed")

    def due(self, what: str, id: str) -> None:
        """What was to happen to a dispute at its time."""
        made = self.double.need("dispute", id)
        if what == "decide dispute" and made["status"] not in OVER:
            self.decide(id, made.pop("_decides"))
        elif what == "dispute is due" and made["status"] in ("needs_response", "warning_needs_response"):
            made["evidence_details"]["past_due"] = True
            self.double.store.put("dispute", made)
            self.decide(id, "lost")

    def _submit(self, made: dict[str, Any]) -> None:
        inquiry = made["status"].startswith("warning_")
        made["status"] = "warning_under_review" if inquiry else "under_review"
        made["evidence_details"] |= {
            "submission_count": made["evidence_details"]["submission_count"] + 1,
            "submission_method": "manual",
        }
        outcome = DECIDING.get(made["evidence"].get("uncategorized_text", ""))
        if outcome:
            made["_decides"] = outcome
            self.double.store.when(self.double.now() + DECIDES_AFTER, "decide dispute", made["id"])

    def _take(self, made: dict[str, Any]) -> None:
        line = self.double.balance.book(
            "adjustment", -made["amount"], made["currency"], made["id"], fee=DISPUTE_FEE, category="dispute"
        )
        made["balance_transactions"] = [*made["balance_transactions"], line]
        self.double.store.put("dispute", made)
        self.double.event("charge.dispute.funds_withdrawn", made)

    def _give_back(self, made: dict[str, Any]) -> None:
        line = self.double.balance.book(
            "adjustment", made["amount"], made["currency"], made["id"], category="dispute_reversal"
        )
        made["balance_transactions"] = [*made["balance_transactions"], line]
        self.double.event("charge.dispute.funds_reinstated", made)

    def _check_file(self, id: str, name: str) -> None:
        file = self.double.store.get("file", id)
        if file is None or file["purpose"] != "dispute_evidence":
            raise invalid(f"No such file: '{id}'", f"evidence[{name}]", "resource_missing")
