"""No cent comes from nowhere and none goes: the whole machine, with the Stripe double over HTTP, at random.

Customers pay, cancel, pass on and change their minds; operators give up, sell, pay by hand and by file; somebody works
in Stripe's own pages; banks dispute, and tell of money that names a reservation or nobody; replies and webhooks are
lost, late, doubled and out of order. After every step the ledger must explain itself; in the end, when the janitor has
run, it must agree with Stripe's own balance to the cent, and with what came to the bank and left it.

`--hypothesis-profile=long` plays for minutes instead of seconds.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from earnest.book import clearing, clock, credits, door, ledger, lists, models, reads, rebuild
from earnest.core import dispute as disputes_of
from earnest.core import entries
from earnest.core import refund as states
from earnest.core.bank_entry import TRANSFER, BankEntry
from earnest.core.commands.book_entry import KeepUnmatched, ReceiveEntry
from earnest.core.commands.convert import Convert
from earnest.core.commands.correct_deposit import ProposeCorrection
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.commands.mark_unclaimed import MarkUnclaimed
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.reverse_deposit import ReverseDeposit
from earnest.core.commands.settle_credit import (
    TAKEN,
    AssignCredit,
    ConfirmReturn,
    DropReturn,
    ExplainCredit,
    ReturnCredit,
)
from earnest.core.commands.take_back import TakeBack
from earnest.core.offer import Instalment
from earnest.core.refusals import Refusal
from earnest.core.reservation import Reservation
from earnest.rails.stripe import checkout, reconcile
from earnest.simulate.orders import Orders
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.params import Refusal as DoubleRefusal
from earnest.stripe_double.server import serve
from tests import scene
from tests.outside.conftest import SECRET_KEY, WEBHOOK_SECRET, World
from tests.outside.orders import ACCOUNT
from tests.outside.test_card_money import deliver

#: Paid and refunded at once, dead when a refund is tried, pending first, failing days after it succeeded.
CARDS = ("4242424242424242", "4000000000000077", "4000000000000341", "4000000000007726", "4000000000005126")
#: Our account at the bank, as statements call it.
OURS = "370400440532013000"
MOST = 5
FIRST, SECOND = 500_000, 300_000
choices = st.integers(0, 10**6)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One business after the other in one database; each is gone when it is over."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    atomic.__enter__()
    try:
        yield
    finally:
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


class Business(RuleBasedStateMachine):
    """One book and one account at Stripe."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = rolled_back()
        self.kept.__enter__()
        hand = scene.begin()
        scene.offer("kayak", capacity=50, plan=PLAN, variants=scene.TERMS["variants"][:1])
        double = StripeDouble(
            ":memory:",
            secret_key=SECRET_KEY,
            webhook_secret=WEBHOOK_SECRET,
            seed="conservation",
            now=lambda: int(hand.now().timestamp()),
        )
        running = serve(double, webhook_url="http://127.0.0.1:9/")
        self.world = World(hand, double, running, [])
        double.on_event = self.world.events.append
        self.before = django_settings.EARNEST
        django_settings.EARNEST = replace(
            self.before,
            stripe_secret_key=SECRET_KEY,
            stripe_webhook_secret=WEBHOOK_SECRET,
            stripe_api_base=running.url,
            bank_account=ACCOUNT,
        )
        self.numbers: list[str] = []
        self.count = 0
        self.orders = Orders(random.Random(1))
        #: What the bank's statements came to, by its own reference: it may tell of each again.
        self.told: list[tuple[str, int, str]] = []

    def teardown(self) -> None:
        try:
            self.janitor()
            self.holds()
            self.agrees_with_stripe()
        finally:
            django_settings.EARNEST = self.before
            self.world.running.stop()
            scene.finish()
            self.kept.__exit__(None, None, None)

    # --- what customers do

    def pick(self, chance: int) -> str:
        return self.numbers[chance % len(self.numbers)]

    @initialize(cards=st.tuples(*[st.sampled_from(CARDS)] * 3))
    def three_have_paid(self, cards: tuple[str, ...]) -> None:
        for n, card in enumerate(cards):
            self.reserves(1 + n % 2)
            self.pays_by_card(n, card, comes_back=True)

    @precondition(lambda self: len(self.numbers) < MOST)
    @rule(places=st.integers(1, 2))
    def reserves(self, places: int) -> None:
        self.count += 1
        if reads.offer("kayak").offer.status == "open":
            self.numbers.append(scene.place(places, slug="kayak", name=f"N{self.count} Nom"))

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, card=st.sampled_from(CARDS), comes_back=st.booleans())
    def pays_by_card(self, chance: int, card: str, comes_back: bool) -> None:
        """The browser may close before it comes back; then only the webhook tells."""
        try:
            session = checkout.start_checkout(self.pick(chance)).rsplit("/", 1)[1]
            self.world.double.pay(session, card)
        except (Refusal, DoubleRefusal):
            return
        if comes_back:
            checkout.collect(session)

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, minor=st.sampled_from((FIRST, SECOND, 1, 777_777)))
    def pays_by_transfer(self, chance: int, minor: int) -> None:
        self.count += 1
        scene.pay(self.pick(chance), minor, "transfer", f"wire-{self.count}")

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, quantity=st.integers(0, 2))
    def cancels(self, chance: int, quantity: int) -> None:
        try:
            scene.cancel(self.pick(chance), quantity)
        except Refusal:
            return

    @precondition(lambda self: self.numbers)
    @rule(chance=choices)
    def changes_their_mind(self, chance: int) -> None:
        door.do([door.Request(TakeBack(**scene.HOLDER, number=self.pick(chance)))])

    @precondition(lambda self: self.numbers)
    @rule(chance=choices)
    def gives_an_account(self, chance: int) -> None:
        state = scene.state(self.pick(chance))
        if not state.accounts and state.identity:
            scene.account(state.number, state.identity.name)

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, mine=st.booleans(), theirs=st.booleans())
    def passes_it_on(self, chance: int, mine: bool, theirs: bool) -> None:
        """What was paid goes back to the first holder's card only if both say so."""
        number = self.pick(chance)
        self.count += 1
        offer = OfferHolder(
            **scene.holder(number),
            number=number,
            email=f"n{self.count}@example.org",
            language="en",
            means=mine,
        )
        if not isinstance(door.do([door.Request(offer)])[0], door.Done):
            return
        passing, holder = scene.state(number).passing, scene.state(number).holder
        assert passing is not None
        taken = ChangeHolder(
            **scene.HOLDER | {"person": f"holder:{holder + 1}"},
            number=number,
            offered=passing.seq,
            name=f"M{self.count} Nom",
            residence="BE",
            language="en",
            means=theirs,
        )
        door.do_one(taken)

    # --- what operators do

    @precondition(lambda self: self.numbers)
    @rule(chance=choices)
    def sells(self, chance: int) -> None:
        door.do([door.Request(Convert(**scene.MAKER, number=self.pick(chance), sale="ORDER"))])

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, every=st.booleans())
    def gives_up(self, chance: int, every: bool) -> None:
        numbers = () if every and chance % 4 == 0 else (self.pick(chance),)
        asked = ProposeGiveUp(**scene.MAKER, slug="kayak", why="No.", numbers=numbers)
        if isinstance(door.do([door.Request(asked)])[0], door.Done):
            seq = reads.offer("kayak").offer.giveups[-1].seq
            door.do([door.Request(ConfirmGiveUp(**scene.OTHER, slug="kayak", giveup=seq))])

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, outcome=st.sampled_from(("sent", "sent", "refused", "returned")))
    def pays_by_hand(self, chance: int, outcome: str) -> None:
        """One prepares, another says what came of it; money can come back from a bank, too."""
        number = self.pick(chance)
        for refund in scene.state(number).refunds:
            if refund.route != "hand":
                continue
            if outcome != "returned":
                door.do([door.Request(RequestRefund(**scene.MAKER, number=number, refund=refund.n))])
            found = scene.state(number).refund(refund.n)
            assert found is not None
            self.count += 1
            told = ReportRefund(
                **scene.OTHER,
                number=number,
                refund=refund.n,
                attempt=found.attempt,
                outcome=outcome,
                happened_at=clock.now(),
                reference=f"bank-{self.count}",
                why="account-closed",
            )
            door.do([door.Request(told)])

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, other=choices, right=st.sampled_from((0, 1, FIRST, 900_000)), moves=st.booleans())
    def corrects_a_deposit(self, chance: int, other: int, right: int, moves: bool) -> None:
        """It was of another reservation, or of another amount, or it never came."""
        number, to = self.pick(chance), self.pick(other) if moves else ""
        for payment in [each for each in scene.state(number).payments if each.rail == "transfer"][-1:]:
            asked: dict[str, Any] = {
                "payment": payment.seq,
                "right_minor": right,
                "to": to,
                "why": "Misread.",
            }
            door.do([door.Request(ProposeCorrection(**scene.MAKER, number=number, **asked))])

    @rule(chance=choices, other=choices, how=st.sampled_from(("assigned", "divided", "own", "sent back")))
    def somebody_settles_a_credit(self, chance: int, other: int, how: str) -> None:
        found = credits.unmatched().rows
        if not found or not self.numbers:
            return
        credit = found[chance % len(found)]
        of: dict[str, Any] = {**scene.MAKER, "account": credit.account, "credit": credit.seq, "why": "It is."}
        first, second = self.pick(chance), self.pick(other)
        if how == "own":
            door.do_one(ExplainCredit(**of, source=entries.OWN_FUNDS))
        elif how == "sent back":
            door.do_one(ReturnCredit(**of))
        elif how == "divided" and first != second and credit.amount_minor > 1:
            door.do_one(AssignCredit(**of, shares=((first, 1), (second, credit.amount_minor - 1))))
        else:
            door.do_one(AssignCredit(**of, shares=((first, credit.amount_minor),)))

    @rule(chance=choices, left=st.booleans())
    def a_credit_has_gone_back_or_not(self, chance: int, left: bool) -> None:
        found = credits.returning()
        if found:
            each = found[chance % len(found)]
            of: dict[str, Any] = {
                "account": each.credit.account,
                "request": each.request,
                "credit": each.credit.seq,
            }
            self.count += 1
            confirm = ConfirmReturn(**scene.OTHER, **of, reference=f"back-{self.count}")
            door.do_one(confirm if left else DropReturn(**scene.OTHER, **of))

    @rule(withdrawn=st.booleans())
    def pays_by_file(self, withdrawn: bool) -> None:
        """All that is due by transfer, in one order; now and then the file never came to the bank."""
        self.orders.make()
        if withdrawn:
            self.orders.withdraw()

    @precondition(lambda self: self.numbers)
    @rule(chance=choices)
    def nobody_claims_it(self, chance: int) -> None:
        number = self.pick(chance)
        for refund in scene.state(number).refunds:
            door.do([door.Request(MarkUnclaimed(**scene.MAKER, number=number, refund=refund.n))])

    # --- what happens at the bank

    @precondition(lambda self: self.numbers)
    @rule(chance=choices, minor=st.sampled_from((FIRST, SECOND, 3)), names=st.booleans())
    def a_statement_tells_of_money(self, chance: int, minor: int, names: bool) -> None:
        self.told.append((f"stmt-{len(self.told)}", minor, self.pick(chance) if names else ""))
        self.statement(self.told[-1])

    @precondition(lambda self: self.told)
    @rule(chance=choices)
    def a_statement_tells_of_it_again(self, chance: int) -> None:
        rows = models.Entry.objects.count()
        self.statement(self.told[chance % len(self.told)])
        assert models.Entry.objects.count() == rows

    def statement(self, told: tuple[str, int, str]) -> None:
        reference, minor, number = told
        of: dict[str, Any] = {"by": "bank", "via": "statement", "account": OURS}
        of["entry"] = BankEntry((reference,), (reference,), minor, "EUR", clock.now(), reference)
        door.do_one(ReceiveEntry(**of, number=number) if number else KeepUnmatched(**of))

    @rule(chance=choices)
    def the_bank_takes_a_deposit_back(self, chance: int) -> None:
        if not self.told:
            return
        reference, minor, _ = self.told[chance % len(self.told)]
        took = reads.claims((TRANSFER,), [reference])
        found = [lists.standing(number, TRANSFER, reference) for number in took.values()]
        for state, payment in [each for each in found if each]:
            gone = ReverseDeposit(
                by="bank",
                via="statement",
                number=state.number,
                rail=TRANSFER,
                paid_reference=reference,
                reference=f"{reference}-gone",
                amount_minor=minor,
                currency="EUR",
                why="reversal",
                happened_at=clock.now(),
            )
            door.do([door.Request(gone)])
            assert payment.amount_minor == minor

    @rule(seed=choices)
    def the_bank_answers_a_file(self, seed: int) -> None:
        """Early, late, twice, or against what it said before."""
        self.orders.dice.seed(seed)
        said = self.orders.says()
        if said:
            transfer, outcome, why = said
            self.count += 1
            report = ReportRefund(
                by="bank",
                via="statement",
                number=transfer.number,
                refund=transfer.refund,
                attempt=transfer.attempt,
                outcome=outcome,
                happened_at=clock.now(),
                reference=f"bank-{self.count}",
                why=why,
            )
            door.do([door.Request(report)])

    # --- what happens at Stripe

    def intent(self, chance: int) -> dict[str, Any] | None:
        found = [each for each in self.world.double.store.all("intent") if each["latest_charge"]]
        return found[chance % len(found)] if found else None

    @rule(chance=choices, minor=st.sampled_from((50_000, 200_000, FIRST)))
    def somebody_refunds_in_stripes_own_pages(self, chance: int, minor: int) -> None:
        intent = self.intent(chance)
        if intent:
            try:
                self.world.double.create_refund({"payment_intent": intent["id"], "amount": str(minor)})
            except DoubleRefusal:
                return

    @rule(chance=choices, status=st.sampled_from(("needs_response", "warning_needs_response")))
    def a_bank_disputes(self, chance: int, status: str) -> None:
        intent = self.intent(chance)
        if intent:
            try:
                self.world.double.disputes.open(intent["latest_charge"], reason="fraudulent", status=status)
            except DoubleRefusal:
                return

    @rule(chance=choices, outcome=st.sampled_from(("won", "lost")))
    def a_bank_decides(self, chance: int, outcome: str) -> None:
        found = [
            each for each in self.world.double.store.all("dispute") if each["status"] == "needs_response"
        ]
        if found:
            self.world.double.disputes.decide(found[chance % len(found)]["id"], outcome)

    @rule(left=st.sampled_from((0, 10_000_000)))
    def stripe_pays_out(self, left: int) -> None:
        self.world.double.balance.drain("eur", left=left)

    @rule(how=st.sampled_from(("timeout_after", "drop_before", "500", "429", "garbage")))
    def the_next_refund_goes_wrong(self, how: str) -> None:
        self.world.double.faults.fail_next("POST /v1/refunds", how)

    @rule(seed=choices, share=st.integers(1, 100))
    def webhooks_come(self, seed: int, share: int) -> None:
        """Some of them, in any order, some twice; the others come later."""
        dice = random.Random(seed)
        dice.shuffle(self.world.events)
        for event in [each for each in self.world.events if dice.random() * 100 < share]:
            deliver(self.world, event)
            if dice.random() < 0.7:
                self.world.events.remove(event)

    # --- time

    @rule(hours=st.sampled_from((1, 25, 24 * 8, 24 * 366)))
    def time_goes_by(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))
        self.world.double.run_due()
        self.work()

    def work(self) -> None:
        """Everything that is due but the letters, which say what has happened and move no money."""
        models.Duty.objects.filter(kind__in=("mail", "remind", "ask_account")).update(state="done")
        scene.work()

    def janitor(self) -> None:
        """Every event has come, and the schedule has run to where nothing is asked any more."""
        self.world.double.faults._next.clear()
        self.world.double.balance.top_up(100_000_000, "eur")
        for hours in (1, 1, 2, 7, 25, 24 * 8, 25, 1, 1):
            self.world.clock.advance(timedelta(hours=hours))
            self.world.double.run_due()
            for event in self.world.events:
                deliver(self.world, event)
            self.work()

    # --- what must hold

    @invariant()
    def holds(self) -> None:
        found = [scene.state(number) for number in self.numbers]
        stands = ledger.balances()
        for _, debit, credit in ledger.totals(ledger.trial()):
            assert debit == credit
        assert all(row.amount_minor >= 0 for row in models.Balance.objects.all())
        refunds = [each for state in found for each in state.refunds]
        waits = [each.payload for each in models.Duty.objects.exclude(state="done")]
        taken = models.Claim.objects.filter(rail=TAKEN).values_list("reference", flat=True)
        explained = {
            "refund-in-transit": sum(e.amount_minor for e in refunds if e.status in states.ASKED_FOR)
            + sum(each.credit.amount_minor for each in credits.returning()),
            "unclaimed": sum(each.amount_minor for each in refunds if each.status == states.UNCLAIMED),
            "disputes": sum(
                each.amount_minor
                for state in found
                for each in state.disputes
                if each.status == disputes_of.OPEN
            ),
            # What nobody has settled; what was assigned and is not taken yet; and what was taken from one reservation,
            # and is not yet booked to the other.
            "bank-unmatched": sum(each.amount_minor for each in credits.unmatched(size=1000).rows)
            + sum(
                minor
                for each in waits
                for n, (_, minor) in enumerate(each.get("shares", ()), 1)
                if f"{each['account']}/{each['credit']}/{n}" not in taken
            )
            + sum(each["amount_minor"] for each in waits if "corrected" in each),
            "bank": self.at_the_bank(found),
        }
        for account in clearing.EXACT:
            assert clearing.below_zero(account) == []
        for account, minor in explained.items():
            assert stands.get((account, "EUR"), 0) == minor, account
        for state in found:
            self.never_more_than_was_paid(state)

    def at_the_bank(self, found: list[Reservation]) -> int:
        """What came by transfer, less what was sent from there, and what the bank took back."""
        came = sum(minor for _, minor, _ in self.told)
        acts = [each.act for state in found for each in reads.acts("reservation", state.number)]
        for act in acts:
            by_hand = act.type == "deposit.received" and act.get("rail") == "transfer" and act.by == "maker"
            if by_hand and act.text("entries").startswith("bank "):
                came += act.int("amount_minor")
            elif act.type == "deposit.corrected":
                came -= act.int("amount_minor") - (act.int("right_minor") if act.get("moved_to") else 0)
            elif act.type == "deposit.reversed" and act.get("rail") == "transfer":
                came -= act.int("amount_minor")
            elif act.type in ("refund.sent", "refund.returned") and act.get("route") == "hand":
                amount = sum(row.amount_minor for row in entries.from_text(act.text("entries")))
                came += amount if act.type == "refund.returned" else -amount
        back = models.Act.objects.filter(type="credit.returned").values_list("id", flat=True)
        return came - sum(each.amount_minor for each in models.Entry.objects.filter(act__in=list(back)))

    def never_more_than_was_paid(self, state: Reservation) -> None:
        """What left had come, and nobody had taken it back but as a debt of the holder. No law adds anything yet."""
        came = sum(each.amount_minor - each.reversed_minor for each in state.payments)
        left = sum(e.amount_minor for e in state.refunds if e.status in (states.SENT, states.ARRIVED))
        assert left <= came

    def agrees_with_stripe(self) -> None:
        report = reconcile.reconcile()
        assert report.differences == [] and report.under_way == []
        assert [each.unexplained_minor for each in report.totals if each.unexplained_minor] == []
        balance = self.world.double.balance
        at_stripe = balance.available("eur") + balance.pending("eur")
        assert ledger.balances().get(("card-clearing", "EUR"), 0) == at_stripe
        assert not [each for each in lists.alarms() if each.kind in ("stripe_differs", "stripe_event")]
        assert list(rebuild.differences()) == []


PLAN = (Instalment(1, FIRST, "card", 0), Instalment(2, SECOND, "card", 30))


def test_no_cent_comes_from_nowhere_and_none_goes(db: None) -> None:
    long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Business,
        settings=settings(
            max_examples=settings.default.max_examples if long else 5,
            stateful_step_count=50 if long else 20,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
            deadline=None,
        ),
    )


def test_a_fee_that_is_booked_a_cent_short_is_noticed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same business with a ledger that keeps a cent of each fee."""
    honest = entries.fee
    monkeypatch.setattr(entries, "fee", lambda minor, currency: honest(minor - 1, currency))
    with pytest.raises((AssertionError, ExceptionGroup)):
        test_no_cent_comes_from_nowhere_and_none_goes(None)
