"""The account's money: what every payment, refund, fee, dispute and payout changed, one line each, and when it is free.

Balances are the sums of the lines and nothing else. An account in test mode begins with a top-up in each currency.
"""

from typing import TYPE_CHECKING, Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.params import invalid, only, whole

if TYPE_CHECKING:
    from earnest.stripe_double.double import StripeDouble

DAY: Final = 86_400
#: When the money of a payment is available, and when a payout arrives.
AVAILABLE_AFTER: Final = 3 * DAY
ARRIVES_AFTER: Final = 2 * DAY
#: Stripe's fee for a European card: 1.5 % and 25 cents; for a dispute 20 of any currency.
FEE_BP, FEE_FIXED, DISPUTE_FEE = 150, 25, 2_000


class Balance:
    """`settles` names currencies that are held in another one, with how many of it one unit makes, in 10,000ths."""

    def __init__(self, double: "StripeDouble", funds: int) -> None:
        self.double = double
        self.funds = funds
        self.settles: dict[str, tuple[str, int]] = {}

    def available(self, currency: str) -> int:
        """What can be paid out or refunded, in minor units; it can be below zero."""
        self._begin(currency)
        return self.double.store.fact(f"available {currency}")

    def pending(self, currency: str) -> int:
        """What was received and is not available yet."""
        return self.double.store.fact(f"pending {currency}")

    def fee_of(self, amount: int) -> int:
        """What a payment costs; half a cent goes up."""
        return (amount * FEE_BP + 5_000) // 10_000 + FEE_FIXED

    def book(
        self,
        type: str,
        amount: int,
        currency: str,
        source: str,
        *,
        fee: int = 0,
        category: str = "",
        wait: int = 0,
    ) -> dict[str, Any]:
        """One line; `wait` seconds until it counts as available. In another currency where that is what is held."""
        double, given = (
            self.double,
            {"category": category or type, "fee": fee, "source": source, "type": type},
        )
        if currency in self.settles:
            held, rate = self.settles[currency]
            amount = (abs(amount) * rate + 5_000) // 10_000 * (1 if amount > 0 else -1)
            given |= {"exchange_rate": rate / 10_000, "fee": (fee * rate + 5_000) // 10_000}
            currency = held
        self._begin(currency)
        now = double.now()
        line = objects.transaction(
            double.store.new_id("txn_"),
            now,
            {**given, "amount": amount, "currency": currency, "available_on": now + wait},
        )
        double.store.put("transaction", line)
        if wait:
            self._add("pending", currency, line["net"])
            double.store.when(now + wait, "release", line["id"])
        else:
            self._add("available", currency, line["net"])
        return line

    def release(self, id: str) -> None:
        """A line has become available."""
        line = self.double.need("transaction", id)
        self._add("pending", line["currency"], -line["net"])
        self._add("available", line["currency"], line["net"])
        self.double.store.put("transaction", line | {"status": "available"})

    def create_payout(self, params: dict[str, Any]) -> dict[str, Any]:
        """POST /v1/payouts."""
        only(params, "amount", "currency", "description", "metadata", "statement_descriptor")
        amount, currency = whole(params, "amount"), str(params.get("currency", ""))
        if self.available(currency) < amount:
            raise invalid(
                "You have insufficient available funds in your Stripe account.",
                "amount",
                "balance_insufficient",
            )
        double, now = self.double, self.double.now()
        made = objects.payout(double.store.new_id("po_"), now, amount, currency, now + ARRIVES_AFTER)
        made["balance_transaction"] = self.book("payout", -amount, currency, made["id"])["id"]
        double.store.put("payout", made)
        double.store.when(now + ARRIVES_AFTER, "payout arrives", made["id"])
        double.event("payout.created", made)
        return made

    def arrive(self, id: str) -> None:
        """A payout is at the bank, as far as Stripe knows."""
        made = self.double.need("payout", id)
        if made["status"] == "in_transit":
            self.double.store.put("payout", made | {"status": "paid"})
            self.double.event("payout.paid", made | {"status": "paid"})

    def fail_payout(self, id: str) -> dict[str, Any]:
        """The bank did not take it: the money is here again."""
        made = self.double.need("payout", id)
        if made["status"] not in ("in_transit", "paid"):
            raise invalid(f"This payout is {made['status']}.")
        line = self.book("payout_failure", made["amount"], made["currency"], id, category="payout_reversal")
        made |= {
            "status": "failed",
            "failure_balance_transaction": line["id"],
            "failure_code": "account_closed",
            "failure_message": "The bank account has been closed.",
        }
        self.double.store.put("payout", made)
        self.double.event("payout.failed", made)
        return made

    def top_up(self, amount: int, currency: str, *, tells: bool = True) -> dict[str, Any]:
        """The owner sends money to Stripe."""
        double = self.double
        made = objects.topup(double.store.new_id("tu_"), double.now(), amount, currency)
        made["balance_transaction"] = self.book("topup", amount, currency, made["id"])["id"]
        double.store.put("topup", made)
        if tells:
            double.event("topup.succeeded", made)
        return made

    def drain(self, currency: str, left: int = 0) -> None:
        """Pay out all that is available but `left`, so that the next refund meets an empty account."""
        amount = self.available(currency) - left
        if amount > 0:
            self.create_payout({"amount": str(amount), "currency": currency})

    def answer(self) -> dict[str, Any]:
        """GET /v1/balance."""
        currencies = self.double.store.currencies() or ["eur"]

        def parts(of: Any) -> list[dict[str, Any]]:
            return [
                {"amount": of(each), "currency": each, "source_types": {"card": of(each)}}
                for each in currencies
            ]

        return {
            "object": "balance",
            "available": parts(self.available),
            "livemode": False,
            "pending": parts(self.pending),
        }

    def _begin(self, currency: str) -> None:
        if self.funds and not self.double.store.fact(f"began {currency}"):
            self.double.store.set_fact(f"began {currency}", 1)
            self.top_up(self.funds, currency, tells=False)

    def _add(self, what: str, currency: str, change: int) -> None:
        store = self.double.store
        store.set_fact(f"{what} {currency}", store.fact(f"{what} {currency}") + change)
