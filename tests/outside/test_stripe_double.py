"""The double, spoken to over HTTP by the official SDK: its answers are Stripe's shapes, and it keeps Stripe's rules."""

import io
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
import stripe

from earnest.stripe_double import server
from earnest.stripe_double.balance import AVAILABLE_AFTER, FEE_FIXED
from earnest.stripe_double.disputes import DUE_AFTER
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.server import serve
from tests.outside.stripe_shapes import faults

pytestmark = pytest.mark.once
KEY = "sk_test_double"


@dataclass
class Bench:
    """A double with its clock, the SDK that talks to it, and what it told."""

    double: StripeDouble
    url: str
    sdk: stripe.StripeClient
    events: list[dict[str, Any]] = field(default_factory=list)
    now: int = 1_772_442_000

    def later(self, seconds: int) -> None:
        self.now += seconds
        self.double.run_due()

    def paid(self, method: str = "pm_card_visa", amount: int = 500_000, **more: Any) -> stripe.PaymentIntent:
        made: dict[str, Any] = {
            "amount": amount,
            "currency": "eur",
            "confirm": True,
            "payment_method": method,
        }
        return self.sdk.v1.payment_intents.create({**made, **more})  # type: ignore[typeddict-item]

    def disputed(self, method: str = "pm_card_createDispute") -> stripe.Dispute:
        intent = self.paid(method)
        self.later(60)
        return self.sdk.v1.disputes.list({"payment_intent": intent.id}).data[0]

    def behind(self, name: str, **given: Any) -> dict[str, Any]:
        body = urllib.parse.urlencode(given).encode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/_double/{name}", body, {"Authorization": f"Bearer {KEY}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def free(self) -> int:
        return self.sdk.v1.balance.retrieve().available[0].amount


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock: list[Bench] = []
    double = StripeDouble(
        ":memory:", secret_key=KEY, webhook_secret="whsec_x", seed="t", now=lambda: clock[0].now, funds=0
    )
    running = serve(double, webhook_url="http://127.0.0.1:9/")
    sdk = stripe.StripeClient(
        KEY, base_addresses={"api": running.url, "files": running.url}, max_network_retries=0
    )
    made = Bench(double, running.url, sdk)
    clock.append(made)
    double.on_event = made.events.append
    yield made
    running.stop()


def test_every_answer_has_stripes_shape(bench: Bench) -> None:
    v1 = bench.sdk.v1
    bench.behind("top-up", amount=100_000_000, currency="eur")
    bench.paid("pm_card_createIssuerFraudRecord")
    lost, won = bench.disputed(), bench.disputed("pm_card_createDisputeProductNotReceived")
    bench.disputed("pm_card_createDisputeInquiry")
    story = io.BytesIO(b"%PDF-")
    story.name = "story.pdf"
    file = v1.files.create({"purpose": "dispute_evidence", "file": story})
    v1.disputes.update(
        won.id, {"evidence": {"uncategorized_file": file.id, "uncategorized_text": "winning_evidence"}}
    )
    v1.disputes.close(lost.id)
    good = bench.paid()
    v1.refunds.create({"payment_intent": good.id, "amount": 100})
    v1.refunds.create({"payment_intent": bench.paid("pm_card_4000000000003063").id})
    v1.refunds.create({"payment_intent": bench.paid("pm_card_4000000000000341").id})
    bench.behind("fail-payout", payout=v1.payouts.create({"amount": 100, "currency": "eur"}).id)
    v1.payment_intents.cancel(v1.payment_intents.create({"amount": 100, "currency": "eur"}).id)
    session = v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://127.0.0.1/",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "x"}},
                }
            ],
        }
    )
    bench.double.pay(session.id, "4242424242424242")
    bench.later(AVAILABLE_AFTER)
    lists: list[Any] = [
        v1.balance_transactions.list({"limit": 100}),
        v1.charges.list({"limit": 100}),
        v1.checkout.sessions.list(),
        v1.disputes.list(),
        v1.events.list({"limit": 100}),
        v1.payment_intents.list({"limit": 100}),
        v1.payouts.list(),
        v1.radar.early_fraud_warnings.list(),
        v1.refunds.list(),
        v1.balance.retrieve(),
        v1.accounts.retrieve_current(),
        v1.disputes.retrieve(won.id),
        file,
        v1.topups.list(),
    ]
    for each in lists:
        body = json.loads(each.last_response.body)
        assert body.get("data", True) != [] and list(faults(body)) == []
    kinds = {event["type"] for event in bench.events}
    assert {
        "charge.dispute.closed",
        "payout.failed",
        "refund.failed",
        "radar.early_fraud_warning.created",
    } <= kinds


def test_the_shapes_find_what_stripe_would_not_say() -> None:
    good = {"object": "refund", "amount": 1, "created": 1, "currency": "eur", "id": "re_1"}
    assert list(faults(good)) == []
    assert list(faults({**good, "amuont": 1})) == [".amuont: Refund has no such member"]
    assert next(faults({"object": "refund"})) == ": Refund.amount is missing"
    assert list(faults({**good, "amount": None})) == [".amount: Refund.amount is never null"]


def test_the_balance_is_the_sum_of_its_lines(bench: Bench) -> None:
    bench.paid(amount=10_000)
    v1 = bench.sdk.v1
    balance = v1.balance.retrieve()
    fee = 150 + FEE_FIXED
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, 10_000 - fee)
    bench.later(AVAILABLE_AFTER)
    assert bench.free() == 10_000 - fee
    v1.payouts.create({"amount": bench.free(), "currency": "eur"})
    assert bench.free() == 0 == sum(each.net for each in v1.balance_transactions.list({"limit": 100}).data)


def test_a_refund_without_the_money_waits_for_it_or_is_refused(bench: Bench) -> None:
    intent = bench.paid(amount=10_000)
    refund = bench.sdk.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    bench.behind("top-up", amount=10_000, currency="eur")
    bench.later(3_600)
    assert bench.sdk.v1.refunds.retrieve(refund.id).status == "succeeded"
    bench.double.refunds.refuses_short = True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        bench.sdk.v1.refunds.create({"payment_intent": bench.paid(amount=99_000_00).id})
    assert caught.value.code == "balance_insufficient"


@pytest.mark.parametrize(
    "words, status, back", [("winning_evidence", "won", 1), ("losing_evidence", "lost", 0)]
)
def test_a_dispute_goes_as_the_words_of_its_evidence(
    bench: Bench, words: str, status: str, back: int
) -> None:
    dispute, v1 = bench.disputed(), bench.sdk.v1
    [line] = dispute.balance_transactions
    assert (line.amount, line.fee, dispute.status) == (-500_000, 2_000, "needs_response")
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        v1.refunds.create({"charge": str(dispute.charge)})
    v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}})
    assert v1.disputes.retrieve(dispute.id).status == "under_review"
    with pytest.raises(stripe.InvalidRequestError, match="no longer takes"):
        v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}})
    bench.later(60)
    after = v1.disputes.retrieve(dispute.id)
    assert after.status == status
    assert sum(each.amount for each in after.balance_transactions) == (0 if back else -500_000)


def test_staged_evidence_is_not_handed_in_and_silence_loses(bench: Bench) -> None:
    dispute, v1 = bench.disputed(), bench.sdk.v1
    staged = v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}, "submit": False})
    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    bench.later(DUE_AFTER)
    assert v1.disputes.retrieve(dispute.id).status == "lost"


def test_an_inquiry_takes_nothing_until_it_escalates_and_a_refund_ends_it(bench: Bench) -> None:
    bench.behind("top-up", amount=1_000_000, currency="eur")
    one, other = (
        bench.disputed("pm_card_createDisputeInquiry"),
        bench.disputed("pm_card_createDisputeInquiry"),
    )
    v1 = bench.sdk.v1
    assert one.balance_transactions == [] and one.is_charge_refundable
    v1.refunds.create({"charge": str(one.charge)})
    assert v1.disputes.retrieve(one.id).status == "warning_closed"
    bench.behind("decide", dispute=other.id, outcome="escalate")
    assert len(v1.disputes.retrieve(other.id).balance_transactions) == 1


def test_a_pending_refund_fails_when_its_charge_is_disputed(bench: Bench) -> None:
    intent = bench.paid()
    refund = bench.sdk.v1.refunds.create({"payment_intent": intent.id})
    bench.behind("dispute", payment_intent=intent.id, reason="fraudulent", status="needs_response")
    after = bench.sdk.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "charge_for_pending_refund_disputed")


def test_lists_are_paged_both_ways_and_filtered_by_time(bench: Bench) -> None:
    v1 = bench.sdk.v1
    for n in range(7):
        bench.paid(amount=1_000 + n)
        bench.later(10)
    walked = [each.amount for each in v1.payment_intents.list({"limit": 3}).auto_paging_iter()]
    assert walked == [1_006 - n for n in range(7)]
    first = v1.payment_intents.list({"limit": 2})
    second = v1.payment_intents.list({"limit": 2, "starting_after": first.data[-1].id})
    assert (first.has_more, [each.amount for each in second.data]) == (True, [1_004, 1_003])
    back = v1.payment_intents.list({"limit": 2, "ending_before": second.data[0].id})
    assert [each.id for each in back.data] == [each.id for each in first.data]
    since = v1.payment_intents.list({"created": {"gte": first.data[1].created}})
    assert len(since.data) == 2
    for bad in ({"limit": 101}, {"starting_after": "pi_none"}, {"created": {"since": 1}}):
        with pytest.raises(stripe.InvalidRequestError):
            v1.payment_intents.list(bad)  # type: ignore[arg-type]


def test_one_key_is_one_request_and_errors_are_kept(bench: Bench) -> None:
    v1, once = bench.sdk.v1, {"idempotency_key": "k"}
    one = v1.payment_intents.create({"amount": 100, "currency": "eur"}, once)  # type: ignore[arg-type]
    assert v1.payment_intents.create({"amount": 100, "currency": "eur"}, once).id == one.id  # type: ignore[arg-type]
    with pytest.raises(stripe.IdempotencyError):
        v1.payment_intents.create({"amount": 101, "currency": "eur"}, once)  # type: ignore[arg-type]
    kept: dict[str, Any] = {"idempotency_key": "bad"}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
            v1.refunds.create({"payment_intent": "pi_none"}, kept)  # type: ignore[arg-type]


def test_a_twin_in_flight_is_told_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    began = Event()
    real = server.api.answer

    def seen(*given: Any) -> dict[str, Any]:
        began.set()
        return real(*given)

    intent = bench.paid()
    assert intent.status == "succeeded"
    # The twin must find the key taken while the first is worked on: that one holds no lock while it waits.
    bench.double.store.answer("twin", "POST /v1/payment_intents", "amount=100&currency=eur", 0, "")
    monkeypatch.setattr(server.api, "answer", seen)
    with pytest.raises(stripe.StripeError) as caught:
        bench.sdk.v1.payment_intents.create({"amount": 100, "currency": "eur"}, {"idempotency_key": "twin"})
    assert caught.value.http_status == 409 and not began.is_set()


@pytest.mark.parametrize("name, given", [("nothing", {}), ("refund", {"amount": 1}), ("decide", {"x": 1})])
def test_the_door_behind_the_scenes_is_strict(bench: Bench, name: str, given: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        bench.behind(name, **given)
    assert caught.value.code in (400, 404)


def test_money_that_is_held_in_another_currency_has_its_rate(bench: Bench) -> None:
    bench.double.balance.settles["usd"] = ("eur", 9_200)
    intent = bench.paid(currency="usd")
    charge = bench.sdk.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})
    line = charge.balance_transaction
    assert isinstance(line, stripe.BalanceTransaction)
    assert (line.amount, line.currency, line.exchange_rate) == (460_000, "eur", 0.92)
