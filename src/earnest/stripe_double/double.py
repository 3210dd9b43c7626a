"""The double itself: one account in test mode, with a clock that is given and faults on demand.

What it knows of payments, refunds, disputes and the balance is in the modules of those names; here are its memory, its
time and its events.
"""

from collections.abc import Callable
from typing import Any, Final

from earnest.stripe_double import objects
from earnest.stripe_double.balance import Balance
from earnest.stripe_double.disputes import Disputes
from earnest.stripe_double.faults import Faults
from earnest.stripe_double.params import invalid
from earnest.stripe_double.payments import Payments
from earnest.stripe_double.refunds import Refunds
from earnest.stripe_double.store import Store

#: Stripe's names for what is stored under shorter ones.
NAMES: Final = {
    "intent": "payment_intent",
    "session": "checkout.session",
    "transaction": "balance transaction",
}
#: An account in test mode begins with so much in each currency that it meets, minor units.
FUNDS: Final = 10_000_000_000


class StripeDouble:
    """One account in test mode. `now` gives epoch seconds; `seed` makes ids repeat; `funds` 0 begins with nothing."""

    def __init__(
        self,
        path: str,
        *,
        secret_key: str,
        webhook_secret: str,
        seed: str,
        now: Callable[[], int],
        funds: int = FUNDS,
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
        self.balance = Balance(self, funds)
        self.payments = Payments(self)
        self.refunds = Refunds(self)
        self.disputes = Disputes(self)

    # --- what people do, for tests that are in the same process

    def pay(self, session_id: str, card_number: str) -> dict[str, Any]:
        """The customer pays on the Checkout page. Raises Refusal with the reason where the card is declined."""
        return self.payments.pay(session_id, card_number)

    def create_refund(self, params: dict[str, Any]) -> dict[str, Any]:
        """Somebody refunds, in the API or in Stripe's own pages."""
        with self.store.lock:
            return self.refunds.create(params)

    def seed_paid_intent(
        self, *, amount: int, currency: str, card: str, created: int, metadata: dict[str, str]
    ) -> str:
        """A payment of the past; its id."""
        with self.store.lock:
            return self.payments.seed(
                amount=amount, currency=currency, card=card, created=created, metadata=metadata
            )

    def set_refund(self, refund_id: str, status: str, failure_reason: str = "") -> None:
        """What happens to a refund from outside (the customer acts, the network sends it back)."""
        with self.store.lock:
            more = {"failure_reason": failure_reason or "unknown"} if status == "failed" else {}
            self.refunds.end(self.need("refund", refund_id), status, more)

    # --- memory, time and events

    def need(self, kind: str, id: str, param: str = "id") -> dict[str, Any]:
        """An object. Raises Refusal where there is none."""
        found = self.store.get(kind, id)
        if found is None:
            raise invalid(f"No such {NAMES.get(kind, kind)}: '{id}'", param, "resource_missing", 404)
        return found

    def event(self, type: str, of: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        """Something happened to an object: kept, and told to whoever listens."""
        event = objects.event(self.store.new_id("evt_"), self.now(), type, of, before)
        self.store.put("event", event)
        self.on_event(event)

    def events(self) -> list[dict[str, Any]]:
        """All events, the oldest first."""
        return [objects.public(event) for event in reversed(self.store.all("event"))]

    def run_due(self) -> int:
        """Everything that falls due on the double's clock; how many things happened."""
        with self.store.lock:
            done = 0
            while due := self.store.take_due(self.now()):
                for what, id in due:
                    self._happen(what, id)
                done += len(due)
            return done

    def _happen(self, what: str, id: str) -> None:
        if what == "expire session":
            if self.need("session", id)["status"] == "open":
                self.payments.expire_session(id)
        elif what == "release":
            self.balance.release(id)
        elif what == "payout arrives":
            self.balance.arrive(id)
        elif what.endswith("refund"):
            self.refunds.due(what, id)
        elif what.startswith("after "):
            self.disputes.begin(id, what.removeprefix("after "))
        else:
            self.disputes.due(what, id)
