"""The stage on which the demonstration plays: its clock, its operators, its Stripe double, and what is to come."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from earnest.book import clock, door, duties, ids, reads, sealing, tallying
from earnest.core.commands.base import Command
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.give_address import GiveAddress
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refund import OWED, REQUESTED
from earnest.core.reservation import Reservation
from earnest.demo.people import Person
from earnest.stripe_double.double import StripeDouble

ANA, BEN = "operator:ana", "operator:ben"
GOOD_CARD = "4242424242424242"
#: How long the log of the past goes unsealed while things happen.
SEAL_EVERY = timedelta(days=2)

Doing = Callable[[], None]


@dataclass
class Stage:
    """Plays events in the order of their time, with every duty that falls due in between."""

    manual: clock.ManualClock
    double: StripeDouble
    coming: list[tuple[datetime, int, Doing]] = field(default_factory=list)
    planned: int = 0
    sealed_at: datetime = datetime(2017, 1, 1, tzinfo=UTC)

    def at(self, when: datetime, doing: Doing) -> None:
        """Plan something."""
        self.planned += 1
        heapq.heappush(self.coming, (when, self.planned, doing))

    def play(self, until: datetime, progress: Callable[[int, int], None]) -> None:
        """Let time run to `until`."""
        played = 0
        while self.coming and self.coming[0][0] <= until:
            when, _, doing = heapq.heappop(self.coming)
            self.settle(when)
            self.manual.set(when)
            doing()
            self.seal()
            played += 1
            progress(played, self.planned)
        self.settle(until)
        self.manual.set(until)
        self.seal(always=True)

    def seal(self, *, always: bool = False) -> None:
        """As the sealer would, but not every minute of eight years: once in a while."""
        now = clock.now()
        if always or now - self.sealed_at >= SEAL_EVERY:
            tallying.tally()
            sealing.seal(sealing.acquire("demo", now), now)
            self.sealed_at = now

    def settle(self, until: datetime) -> None:
        """Do what falls due on the way, each at its own time."""
        while True:
            due = duties.next_due()
            if due is None or due > until:
                break
            self.manual.set(max(due, clock.now()))
            self.double.run_due()
            duties.run_due(clock.now(), "demo")

    # --- what people do

    def customer(self, command: Command) -> None:
        """A customer's wish, which the story expects to be granted."""
        door.do_one(command)

    def place(self, person: Person, slug: str, variant: str, quantity: int = 1) -> str:
        """Reserve in the storefront; the new number."""
        number = ids.number()
        door.do_one(
            Place(
                by="customer",
                via="web",
                person="holder:0",
                number=number,
                slug=slug,
                variant=variant,
                quantity=quantity,
                name=person.name,
                email=person.email,
                residence=person.country,
                language=person.language,
            )
        )
        return number

    def pay_by_card(self, number: str, amount_minor: int, card: str = GOOD_CARD) -> None:
        """Paid on Checkout; Stripe's word for it comes at once."""
        state = reads.reservation(number)
        intent = self.double.seed_paid_intent(
            amount=amount_minor,
            currency=state.currency.lower(),
            card=card,
            created=int(clock.now().timestamp()),
            metadata={"number": number},
        )
        paid = Paid("card", amount_minor, state.currency, intent, clock.now())
        door.do_one(ReceiveDeposit(by="provider", via="stripe", number=number, paid=paid))

    def pay_by_transfer(self, number: str, amount_minor: int, reference: str) -> None:
        """An operator finds it on the statement and records it."""
        state = reads.reservation(number)
        paid = Paid("transfer", amount_minor, state.currency, reference, clock.now())
        door.do_one(ReceiveDeposit(by="maker", via="console", person=ANA, number=number, paid=paid))

    def give_account(
        self, number: str, person: Person, iban: str = "", routing: str = "", account: str = ""
    ) -> None:
        """The holder names a bank account in the portal and confirms it through the mail."""
        common = {"by": "customer", "via": "portal", "person": "holder:0", "number": number}
        country = "" if iban else person.country
        door.do_one(
            GiveAccount(
                **common,
                holder=person.name,
                iban=iban,
                country=country,
                account_number=account,
                routing=routing,
            )
        )
        newest = reads.reservation(number).accounts[-1].n
        self.at(
            clock.now() + timedelta(minutes=11),
            lambda: self.customer(ConfirmAccount(**common, account=newest)),
        )

    def give_address(self, number: str, street: str, postcode: str, city: str) -> None:
        """The holder says in the portal where invoices are made out to."""
        common = {"by": "customer", "via": "portal", "person": "holder:0", "number": number}
        door.do_one(GiveAddress(**common, street=street, postcode=postcode, city=city))

    def cancel(self, number: str, quantity: int = 0) -> None:
        """Two clicks in the portal."""
        door.do_one(Cancel(by="customer", via="portal", person="holder:0", number=number, quantity=quantity))

    def pay_back_by_hand(self, number: str, reference: str) -> None:
        """Ana prepares what is owed by bank; half an hour later Ben has sent it."""
        for refund in reads.reservation(number).refunds:
            if refund.status == OWED and refund.route == "hand":
                door.do_one(
                    RequestRefund(by="maker", via="console", person=ANA, number=number, refund=refund.n)
                )
        self.at(clock.now() + timedelta(minutes=28), lambda: self._confirm_sent(number, reference))

    def _confirm_sent(self, number: str, reference: str) -> None:
        for refund in reads.reservation(number).refunds:
            if refund.status == REQUESTED and refund.route == "hand":
                door.do_one(
                    ReportRefund(
                        by="maker",
                        via="console",
                        person=BEN,
                        number=number,
                        refund=refund.n,
                        attempt=refund.attempt,
                        outcome="sent",
                        happened_at=clock.now(),
                        reference=f"{reference}-{refund.n}",
                    )
                )

    def arrived(self, number: str) -> None:
        """The holder or the bank says that the money is there."""
        for refund in reads.reservation(number).refunds:
            if refund.status == "sent":
                door.do_one(
                    ReportRefund(
                        by="bank",
                        via="console",
                        person=ANA,
                        number=number,
                        refund=refund.n,
                        attempt=refund.attempt,
                        outcome="arrived",
                        happened_at=clock.now(),
                    )
                )

    def state(self, number: str) -> Reservation:
        """The reservation as it is now."""
        return reads.reservation(number)
