"""One run: random people, a random provider, random crashes, and the notebook beside it all."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from earnest.book import (
    beginning,
    chapters,
    clock,
    crash,
    credits,
    door,
    duties,
    export,
    guards,
    holdings,
    ids,
    keys,
    ledger,
    mode,
    models,
    policy,
    reads,
    rebuild,
    reserves,
    sealing,
)
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.base import Command, Policy, Ref
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.erase import Erase
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.give_address import GiveAddress
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.commands.heirs import ConfirmSuccessor, CorrectDeath, NameSuccessor, RecordDeath
from earnest.core.commands.issue_invoices import IssueInvoices
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.paid_twice import GiveBack, twice
from earnest.core.commands.pass_on import DECLINED, ChangeHolder, EndHolderOffer, OfferHolder
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.record_mail import RecordMail
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.settle_credit import AssignCredit, ReturnCredit
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.commands.take_back import TakeBack
from earnest.core.commands.withdraw import Withdraw
from earnest.core.entries import UNMATCHED
from earnest.core.offer import Instalment, Sale, Text, Variant, Window
from earnest.core.refund import ARRIVED, OWED, REQUESTED, SENT, UNKNOWN, WAITING
from earnest.core.refusals import Refusal
from earnest.core.reservation import Address, Reservation
from earnest.rails.bank import booking, lists, reading, unmatched
from earnest.rails.bank.fingerprint import Seen
from earnest.rails.bank.judging import judge
from earnest.record.verify import verify_story
from earnest.record.verify_reserves import verify_reserves
from earnest.simulate.bank import Bank
from earnest.simulate.model import Notebook
from earnest.simulate.orders import Orders
from earnest.simulate.provider import Asked, Provider

ORIGIN = "demo.simulation.example"
CAPACITY = 40
FIRST, PLAN = 5_001, 20_003
TAX_BP = 2000
START = datetime(2019, 1, 1, 9, tzinfo=UTC)
IBAN = "DE89370400440532013000"
OPERATOR_A: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:a"}


class Broken(AssertionError):
    """An invariant did not hold."""


@dataclass
class Simulation:
    """`seed` decides everything. The database must hold an empty book; it is opened here."""

    seed: int
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.clock = clock.ManualClock(START)
        self.notebook = Notebook(CAPACITY)
        self.provider = Provider(self.dice)
        self.bank = Bank(self.dice)
        self.orders = Orders(self.dice)
        self.imported: set[str] = set()
        self.numbers: list[str] = []
        self.count = 0
        self.dies_at = ""

    def begin(self) -> None:
        """Open the book and its one offer."""
        clock.use(self.clock)
        ids.use(ids.SeededIds(f"simulation {self.seed}"))
        keys.use(keys.from_seed(ORIGIN, f"simulation {self.seed}"))
        crash.use(self._dies)
        policy.use(Policy(seller_country="DE"))
        beginning.begin(ORIGIN, "demo", "Simulated")
        terms = Terms(
            "EUR",
            (Variant("one", "One", 1_000_000),),
            (Instalment(1, FIRST, "card", 0), Instalment(2, PLAN - FIRST, "transfer", 60)),
            CAPACITY,
            Window(date(2021, 1, 1), date(2021, 6, 30)),
            Sale("distance", "acompte", False, TAX_BP),
            {"en": Text("A thing", "To wait for.", "Terms.")},
        )
        door.do_one(OpenOffer(by="maker", via="cli", person="operator:a", slug="thing", terms=terms))

    def end(self) -> None:
        """Let go of clock, ids and keys."""
        crash.use(None)
        policy.use(None)
        clock.use(None)
        ids.use(None)
        keys.use(None)
        mode.forget()

    def step(self) -> None:
        """One thing that people or the world do."""
        ways: tuple[tuple[Callable[[], None], int], ...] = (
            (self.place, 14),
            (self.pay, 22),
            (self.give_back, 2),
            (self.cancel, 8),
            (self.take_back, 5),
            (self.give_up, 2),
            (self.account, 8),
            (self.slip, 1),
            (self.answer, 3),
            (self.withdraw, 1),
            (self.pass_on, 3),
            (self.die, 2),
            (self.follow, 3),
            (self.wait, 12),
            (self.work, 22),
            (self.by_hand, 12),
            (self.news, 12),
            (self.erase, 4),
            (self.mail, 3),
            (self.transfer, 5),
            (self.statement, 5),
            (self.assign, 3),
            (self.order, 5),
            (self.answered, 6),
            (self.documents, 6),
            (self.address, 3),
        )
        way = self.dice.choices([each for each, _ in ways], [weight for _, weight in ways])[0]
        self.done[way.__name__] += 1
        self.count += 1
        way()

    # --- doing, with crashes and repeats

    def do(self, command: Command) -> door.Done | door.Nothing | Refusal:
        """Ask the door; now and then the process dies around the commit and the client asks again."""
        self.count += 1
        once = door.Idempotency("sim", type(command).__name__, f"{self.seed}/{self.count}", "")
        if self.dice.random() < 0.06:
            self.dies_at = self.dice.choice(("before-commit", "after-commit"))
        try:
            outcome = door.do([door.Request(command, once)])[0]
        except crash.Crash:
            self.done["crash"] += 1
            outcome = door.do([door.Request(command, once)])[0]
        self.dies_at = ""
        if isinstance(outcome, door.Done) and self.dice.random() < 0.05:
            again = door.do([door.Request(command, once)])[0]
            if not isinstance(again, door.Done) or again.receipt != outcome.receipt:
                raise Broken("asked twice, answered differently")
        return outcome

    def _dies(self, place: str) -> None:
        if place == self.dies_at:
            self.dies_at = ""
            raise crash.Crash(place)

    def pick(self) -> str | None:
        """Somebody's reservation, newer ones more often."""
        if not self.numbers:
            return None
        return self.numbers[-1 - int(len(self.numbers) * self.dice.random() ** 2)]

    def state(self, number: str) -> Reservation:
        """As the book has it."""
        return reads.reservation(number)

    def holder(self, number: str) -> dict[str, Any]:
        """Whoever holds it now."""
        person = f"holder:{self.state(number).holder}"
        return {"by": "customer", "via": "portal", "person": person, "number": number}

    # --- what people do

    def place(self) -> None:
        """Somebody reserves one to three places; granted exactly if there is room, and a date."""
        number, quantity = ids.number(), self.dice.choice((1, 1, 1, 2, 3))
        command = Place(
            by="customer",
            via="web",
            person="holder:0",
            number=number,
            slug="thing",
            variant="one",
            quantity=quantity,
            name="Someone Waiting",
            email=f"someone{len(self.numbers)}@example.org",
            residence=self.dice.choice(("FR", "US", "JP")),
            language="en",
        )
        fits = quantity <= self.notebook.free() and not reads.offer("thing").offer.undated
        outcome = self.do(command)
        if isinstance(outcome, door.Done) != fits:
            raise Broken(f"{quantity} places, {self.notebook.free()} free, and the book said {outcome}")
        if fits:
            self.numbers.append(number)
            self.notebook.placed(number, quantity, FIRST, PLAN)

    def pay(self) -> None:
        """Money comes: the right sum, too little, too much, for a dead reservation, or the same payment again."""
        number = self.pick()
        if number is None:
            return
        line = self.notebook.lines[number]
        minor = self.dice.choice((FIRST * max(1, line.living), PLAN, PLAN - FIRST, 777, PLAN * 2))
        repeat = bool(line.paid) and self.dice.random() < 0.2
        reference = self.dice.choice(sorted(line.paid)) if repeat else f"pay-{self.count}"
        card = reference.startswith("pay-") and reference.endswith(("0", "2", "4", "6", "8"))
        rail = "card" if card else "transfer"
        paid = Paid(rail, line.paid.get(reference, minor), "EUR", reference, self.clock.now())
        by = "provider" if rail == "card" else "maker"
        outcome = self.do(ReceiveDeposit(by=by, via="sim", number=number, paid=paid))
        if repeat != isinstance(outcome, door.Nothing):
            raise Broken(f"payment {reference}: {outcome}")
        if not repeat:
            self.notebook.paid(number, reference, minor)

    def give_back(self) -> None:
        """A payment that came twice goes back."""
        number = self.pick()
        found = twice(self.state(number)) if number else []
        if number and found:
            payment = self.dice.choice(found)
            command = GiveBack(**OPERATOR_A, number=number, payment=payment.seq, why="Sim.")
            if isinstance(self.do(command), door.Done):
                self.notebook.given_back(number, payment.reference)

    def cancel(self) -> None:
        """All places or some."""
        number = self.pick()
        if number is None:
            return
        line = self.notebook.lines[number]
        quantity = self.dice.randint(1, line.living) if line.living else 1
        outcome = self.do(Cancel(**self.holder(number), quantity=quantity))
        if isinstance(outcome, door.Done) == line.over:
            raise Broken(f"cancelling {number}, over: {line.over}, and the book said {outcome}")
        if isinstance(outcome, door.Done):
            self.notebook.cancelled(number, quantity)

    def take_back(self) -> None:
        """Granted only while no money has left; the notebook believes the book that it was granted."""
        number = self.pick()
        if number is None:
            return
        line = self.notebook.lines[number]
        free = self.notebook.free()
        outcome = self.do(TakeBack(**self.holder(number)))
        if not isinstance(outcome, door.Done):
            return
        _, kept, share = line.waiting[-1]
        gone = any(line.back[ref] - minor < line.sent.get(ref, 0) for ref, minor in share.items())
        if gone or (not kept and free <= 0):
            raise Broken(f"{number} was taken back after the money had left, or without a place")
        self.notebook.taken_back(number)

    def give_up(self) -> None:
        """The maker gives up some reservations at once; the worker ends them, each as it stands by then."""
        numbers = tuple(sorted({number for number in (self.pick(), self.pick(), self.pick()) if number}))
        living = all(
            self.notebook.lines[number].living and not self.notebook.lines[number].over for number in numbers
        )
        if not numbers or any(each.status == "proposed" for each in reads.offer("thing").offer.giveups):
            return
        common = {"by": "maker", "via": "console", "slug": "thing"}
        asked = ProposeGiveUp(**common, person="operator:a", numbers=numbers, why="No more.")
        outcome = self.do(asked)
        if isinstance(outcome, door.Done) != living:
            raise Broken(f"giving up {numbers}, all living: {living}, and the book said {outcome}")
        found = reads.offer("thing").offer.giveups[-1:]
        if found and found[0].status == "proposed":
            alone = self.do(ConfirmGiveUp(**common, person="operator:a", giveup=found[0].seq))
            if isinstance(alone, door.Done):
                raise Broken("one operator alone gave up more than one may")
            self.do(ConfirmGiveUp(**common, person="operator:b", giveup=found[0].seq))

    def account(self) -> None:
        """An account is given, and mostly confirmed."""
        number = self.pick()
        if number is None:
            return
        common = self.holder(number)
        holder = self.dice.choice(("Someone Waiting", "Another Name"))
        iban = IBAN if self.dice.random() < 0.7 else "FR1420041010050500013M02606"
        self.do(GiveAccount(**common, holder=holder, iban=iban))
        accounts = self.state(number).accounts
        if accounts and self.dice.random() < 0.8:
            self.do(ConfirmAccount(**common, account=accounts[-1].n))

    def slip(self) -> None:
        """The promise moves by half a year; now and then there is no new date."""
        offer = reads.offer("thing").offer
        last = offer.current.window
        window: Window | None = Window(last.start + timedelta(days=180), last.end + timedelta(days=180))
        if not offer.undated and self.dice.random() < 0.2:
            window = None
        self.do(
            SlipPromise(
                by="maker", via="console", person="operator:a", slug="thing", window=window, why="Late."
            )
        )

    def pass_on(self) -> None:
        """It is offered to somebody, and mostly taken; what was paid goes back to the first only if both say so."""
        number = self.pick()
        if number is None:
            return
        common = self.holder(number)
        mine, theirs = self.dice.random() < 0.5, self.dice.random() < 0.5
        email = f"next{self.count}@example.org"
        self.do(OfferHolder(**common, email=email, language="en", means=mine))
        passing = self.state(number).passing
        if passing is None:
            return
        if self.dice.random() < 0.2:
            self.do(EndHolderOffer(**common, offered=passing.seq, why=DECLINED))
            return
        self.do(
            ChangeHolder(
                **common,
                offered=passing.seq,
                name="Next Waiting",
                residence="FR",
                language="en",
                means=theirs,
            )
        )
        if self.state(number).passing is None and not (mine and theirs):
            line = self.notebook.lines[number]
            line.passed |= line.paid.keys()

    def die(self) -> None:
        """Somebody says that a holder has died; nothing is asked for or paid from then on."""
        number = self.pick()
        if number is None or self.notebook.lines[number].asked_at_death is not None:
            return
        said = RecordDeath(**OPERATOR_A, number=number, told_by="relative", why="Sim.")
        if not isinstance(self.do(said), door.Done):
            raise Broken(f"the death of the holder of {number} was not heard")
        self.notebook.lines[number].asked_at_death = _asked(self.state(number))

    def follow(self) -> None:
        """The report was wrong, or an heir follows by two operators; what was paid before never goes back to a card."""
        dead = [number for number, line in self.notebook.lines.items() if line.asked_at_death is not None]
        if not dead:
            return
        number = self.dice.choice(dead)
        line = self.notebook.lines[number]
        if self.dice.random() < 0.3:
            self.do(CorrectDeath(**OPERATOR_A, number=number, why="Sim."))
            line.asked_at_death = None
            return
        self.do(
            NameSuccessor(
                **OPERATOR_A,
                number=number,
                right="inheritance",
                proof="court",
                seen="Sim.",
                name="Heir Waiting",
                email=f"heir{self.count}@example.org",
                residence="FR",
                language="en",
            )
        )
        successor = self.state(number).successor
        if successor is None:
            return
        confirm = ConfirmSuccessor(**OPERATOR_A, number=number, named=successor.seq)
        if not isinstance(self.do(confirm), Refusal):
            raise Broken("one operator alone made somebody an heir")
        if isinstance(self.do(replace(confirm, person="operator:b")), door.Done):
            line.asked_at_death = None
            line.passed |= line.paid.keys()

    def answer(self) -> None:
        """A holder answers the last slip, by its link or in the portal."""
        number = self.pick()
        told = self.state(number).told if number else ()
        if number and told:
            said = self.dice.choice(("accept", "refuse", "wait", "cancel"))
            newest = self.dice.random() < 0.5
            command = AnswerSlip(**self.holder(number), slip=told[-1].slip, answer=said, newest=newest)
            if isinstance(self.do(command), door.Done) and said == "cancel":
                self.notebook.cancelled(number, self.notebook.lines[number].living)

    def withdraw(self) -> None:
        """A statement of withdrawal reaches a reservation: what has ended is not ended again."""
        number = self.pick()
        if number is None:
            return
        line = self.notebook.lines[number]
        over = line.over or self.state(number).status == "delivered"
        stated = f"S-{self.count}"
        command = Withdraw(
            by="customer", via="web", number=number, statement=stated, stated_at=self.clock.now()
        )
        if isinstance(self.do(command), door.Done) and not over:
            self.notebook.cancelled(number, line.living)

    def erase(self) -> None:
        """Refused while it is needed; afterwards everything still folds and verifies."""
        number = self.pick()
        if number is None:
            return
        cls = self.dice.choice(("identity", "contact", "bank", "text", "money"))
        state = self.state(number)
        outcome = self.do(Erase(by="maker", via="console", person="operator:a", number=number, cls=cls))
        if isinstance(outcome, door.Done) and (cls == "money" or (cls != "text" and state.owed_back())):
            raise Broken(f"{cls} of {number} was erased while it was needed")

    def mail(self) -> None:
        """A mail went out."""
        number = self.pick()
        if number and self.state(number).contact:
            command = RecordMail(
                by="system",
                via="worker",
                number=number,
                template="confirmed",
                message_id=f"<{self.count}@sim>",
                sha256="0" * 64,
                to="someone@example.org",
            )
            self.do(command)

    def transfer(self) -> None:
        """Money is on its way to our bank; no file tells of it yet."""
        number = self.pick()
        if number:
            minor = self.dice.choice((FIRST, PLAN, 333))
            self.bank.comes(minor, number, self.clock.now().date())

    def assign(self) -> None:
        """An operator says whose a credit is, now and then twice."""
        number, found = self.pick(), credits.unmatched().rows
        if number is None or not found:
            return
        credit = self.dice.choice(found)
        common = {"by": "maker", "via": "console", "person": "operator:a"}
        shares = ((number, credit.amount_minor),)
        command = AssignCredit(**common, account=credit.account, credit=credit.seq, shares=shares, why="Sim.")
        if not isinstance(self.do(command), door.Done):
            raise Broken(f"credit {credit.id} could not be assigned")
        unmatched.take_now(credit.account, credit.seq)
        self.notebook.unmatched -= credit.amount_minor
        self.notebook.paid(number, f"{credit.reference}/1", credit.amount_minor)
        again = self.do(ReturnCredit(**common, account=credit.account, credit=credit.seq, why="Sim."))
        if not isinstance(again, Refusal):
            raise Broken(f"credit {credit.id} was settled twice")

    def documents(self) -> None:
        """Whatever invoice or credit note a reservation lacks is issued, and no other."""
        number = self.pick()
        if number is None:
            return
        self.do(IssueInvoices(by="maker", via="cli", person="operator:a", number=number))
        line = self.notebook.lines[number]
        for payment in self.state(number).payments:
            said = self._invoiced(number, payment.seq)
            # Of the three countries people live in, one is in the Union; whoever paid is asked, not who has it now.
            at_home = self.state(number).buyer_at(payment.seq).residence == "FR"
            left = line.left[payment.reference] if at_home else 0
            if said != (left, round(left * TAX_BP / (10_000 + TAX_BP) + 1e-9)):
                raise Broken(f"{number} {payment.reference}: {said} is invoiced, {left} is here")

    def address(self) -> None:
        """Where invoices are made out to is said, and now and then said anew."""
        number = self.pick()
        if number is None:
            return
        given = Address(f"{self.dice.randint(1, 9)} rue du Port", "", "29200", "Brest")
        done = self.do(GiveAddress(**self.holder(number), **asdict(given)))
        if isinstance(done, door.Done) and self.state(number).address != given:
            raise Broken(f"{number} has invoices made out to another address")

    def _invoiced(self, number: str, payment: int) -> tuple[int, int]:
        """What documents say of a payment: with tax, and the tax."""
        of = [each for each in self.state(number).invoices if each.payment == payment]
        signs = [(-1 if each.series == "credit-note" else 1, each) for each in of]
        return sum(s * each.gross_minor for s, each in signs), sum(s * each.tax_minor for s, each in signs)

    # --- what the world does

    def statement(self) -> None:
        """A file of the bank is imported; the import dies now and then, and is begun again."""
        if not self.bank.credits:
            return
        data, told = self.bank.file()
        if self.dice.random() < 0.3:
            self.dies_at = self.dice.choice(("before-commit", "after-commit"))
        try:
            self._import(data)
        except crash.Crash:
            self.done["crash"] += 1
            self._import(data)
        self.dies_at = ""
        for each in told:
            if each.reference in self.imported:
                continue
            self.imported.add(each.reference)
            if each.number:
                self.notebook.paid(each.number, each.reference, each.minor)
            else:
                self.notebook.unmatched += each.minor

    def _import(self, data: bytes) -> None:
        who = {"by": "bank", "via": "sim", "person": "operator:a"}
        read = reading.read_open(BytesIO(data), "sim")
        for outcome in door.do([door.Request(each) for each in booking.statements(read, "0" * 64, who)]):
            if isinstance(outcome, Refusal):
                raise Broken(str(outcome))
        planned = (booking.plan(each, who) for each in judge(read.transactions, lists.from_book(), Seen()))
        for _ in booking.carry_out(planned):
            pass

    def order(self) -> None:
        """Refunds leave in a file; it dies now and then, and now and then a file never came to the bank."""
        if self.dice.random() < 0.3:
            self.dies_at = self.dice.choice(("before-commit", "after-commit"))
        try:
            self.orders.make()
        except crash.Crash:
            self.done["crash"] += 1
        finally:
            self.dies_at = ""
        if self.dice.random() < 0.1:
            self.orders.withdraw()

    def answered(self) -> None:
        """The bank says something of a transfer: early, late, twice, or against what it said before."""
        said = self.orders.says()
        if said:
            transfer, outcome, why = said
            for _ in range(self.dice.choice((1, 1, 2))):
                self._report(transfer.number, transfer.refund, transfer.attempt, outcome, why=why)

    def wait(self) -> None:
        """Minutes, hours or days go by; now and then a clock is set back."""
        steps = (
            timedelta(minutes=7),
            timedelta(hours=1),
            timedelta(hours=9),
            timedelta(days=2),
            timedelta(days=20),
        )
        self.clock.advance(self.dice.choice(steps))
        if self.dice.random() < 0.02:
            self.clock.advance(timedelta(hours=-2))

    def work(self) -> None:
        """The worker does what is due; refunds to cards go to the simulated provider."""
        for leased in duties.claim(self.clock.now(), "sim", 10):
            if leased.kind == "refund":
                self._refund(leased)
            elif leased.kind in ("mail", "remind"):
                duties.finish(leased, self.clock.now())
            else:
                duties.run(leased)
                self._follow(leased)

    def _refund(self, leased: duties.Leased) -> None:
        number, n = leased.payload["number"], leased.payload["refund"]
        outcome = self.do(RequestRefund(by="system", via="worker", number=number, refund=n))
        duties.finish(leased, self.clock.now())
        if isinstance(outcome, door.Done):
            self._ask(number, n)

    def _ask(self, number: str, n: int) -> None:
        refund = self.state(number).refund(n)
        assert refund is not None
        reference = self._reference(number, refund.payment)
        heard = self.provider.ask(Asked(number, n, refund.attempt, reference, refund.amount_minor))
        if heard != "pending":
            self._report(number, n, refund.attempt, heard)

    def _follow(self, leased: duties.Leased) -> None:
        """What the clock alone brought about, for the notebook."""
        number = leased.payload.get("number", "")
        if leased.kind == "give_up":
            self._given_up(leased.payload["giveup"])
        line = self.notebook.lines.get(number)
        if line is None:
            return
        state = self.state(number)
        if leased.kind == "slip_silence" and state.status == "cancelled" and not line.over:
            self.notebook.cancelled(number, line.living)
        if leased.kind == "lapse" and state.status == "lapsed" and not line.over:
            self.notebook.lapsed(number)
        self._released(number)

    def _given_up(self, seq: int) -> None:
        found = reads.offer("thing").offer.giveup(seq)
        for number in found.numbers if found else ():
            ended = any(ending.giveup == seq for ending in self.state(number).endings)
            if ended != (not self.notebook.lines[number].over):
                raise Broken(f"{number} was to be given up once: {ended}")
            if ended:
                self.notebook.cancelled(number, self.notebook.lines[number].living)

    def _released(self, number: str) -> None:
        line, state = self.notebook.lines[number], self.state(number)
        for ending in state.endings:
            if ending.kind == "cancel" and ending.status == "released" and line.held > state.held:
                self.notebook.released(number, line.held - state.held)

    def by_hand(self) -> None:
        """Two operators pay what goes by bank; one alone is refused."""
        number = self.pick()
        if number is None:
            return
        for refund in self.state(number).refunds:
            if refund.route != "hand" or refund.status not in (OWED, REQUESTED):
                continue
            if refund.status == OWED:
                asked = RequestRefund(
                    by="maker", via="console", person="operator:a", number=number, refund=refund.n
                )
                self.do(asked)
                continue
            alone = self._report(number, refund.n, refund.attempt, "sent", person="operator:a")
            if isinstance(alone, door.Done):
                raise Broken("one operator alone paid by hand")
            outcome = self.dice.choice(("sent", "sent", "sent", "refused"))
            self._report(number, refund.n, refund.attempt, outcome, person="operator:b")

    def news(self) -> None:
        """Late answers, the same ones twice, old ones, and money that comes back."""
        number = self.pick()
        if number is None:
            return
        for refund in self.state(number).refunds:
            if refund.status in (REQUESTED, UNKNOWN) and refund.route == "card":
                heard = self.provider.look_up(number, refund.n, refund.attempt)
                if heard is None:
                    self._report(number, refund.n, refund.attempt, "refused")
                elif heard != "pending":
                    self._report(number, refund.n, refund.attempt, heard)
            elif refund.status == WAITING and refund.why == "action":
                asked = self.provider.made[number, refund.n, refund.attempt]
                asked.has_left = self.dice.random() < 0.5
                self._report(number, refund.n, refund.attempt, "sent" if asked.has_left else "refused")
            elif refund.status in (SENT, ARRIVED) and self.dice.random() < 0.3:
                self._report(
                    number, refund.n, refund.attempt, self.dice.choice(("arrived", "returned", "sent"))
                )
            if refund.attempt > 1:
                self._report(number, refund.n, refund.attempt - 1, "sent")

    def _report(
        self, number: str, n: int, attempt: int, outcome: str, person: str = "", why: str = "sim"
    ) -> door.Done | door.Nothing | Refusal:
        before = self.state(number).refund(n)
        assert before is not None
        said = self.do(
            ReportRefund(
                by="maker" if person else "provider",
                via="sim",
                person=person,
                number=number,
                refund=n,
                attempt=attempt,
                outcome=outcome,
                happened_at=self.clock.now(),
                reference=f"ref-{self.count}",
                why=why,
            )
            if outcome != "unknown"
            else ReportRefund(
                by="system",
                via="sim",
                number=number,
                refund=n,
                attempt=attempt,
                outcome=outcome,
                happened_at=self.clock.now(),
            )
        )
        after = self.state(number).refund(n)
        assert after is not None
        reference = self._reference(number, before.payment)
        had, has = before.status in (SENT, ARRIVED), after.status in (SENT, ARRIVED)
        if has != had and not before.head:
            self.notebook.sent(number, reference, before.amount_minor if has else -before.amount_minor)
        asked = self.provider.made.get((number, n, attempt))
        if had and not has and asked:
            asked.has_left = False
        self._released(number)
        return said

    def _reference(self, number: str, payment: int) -> str:
        found = self.state(number).payment(payment)
        assert found is not None
        return found.reference

    # --- holding it against the notebook

    def compare(self, *, deeply: bool = False) -> None:
        """Raises Broken at the first difference."""
        held = 0
        for number, line in self.notebook.lines.items():
            state = self.state(number)
            held += state.held
            said = (line.queue, line.living, line.held)
            if line.over and not line.living and state.status == "lapsed":
                said = (line.queue, state.quantity, line.held)
            if (state.queue, state.quantity, state.held) != said and state.status != "lapsed":
                raise Broken(
                    f"{number}: queue, living, held {(state.queue, state.quantity, state.held)}, not {said}"
                )
            self._compare_money(number, state)
        counters = reads.offer("thing").counters
        if counters.total != held or held > CAPACITY or counters.queue_last != len(self.numbers):
            raise Broken(f"{counters} are counted, {held} held, {len(self.numbers)} placed")
        self._compare_provider()
        waits = ledger.balances().get((UNMATCHED, "EUR"), 0)
        if waits != self.notebook.unmatched:
            raise Broken(f"{waits} cents are unmatched, not {self.notebook.unmatched}")
        if deeply:
            self.check_everything()

    def _compare_money(self, number: str, state: Reservation) -> None:
        line = self.notebook.lines[number]
        if line.asked_at_death is not None and _asked(state) != line.asked_at_death:
            raise Broken(f"{number}: a refund was asked for although its holder has died")
        for payment in state.payments:
            back = sum(
                refund.amount_minor
                for refund in state.refunds
                if refund.payment == payment.seq and not refund.head and refund.status != "taken back"
            )
            sent = sum(
                refund.amount_minor
                for refund in state.refunds
                if refund.payment == payment.seq and not refund.head and refund.status in (SENT, ARRIVED)
            )
            if any(
                each.head and each.payment == payment.seq and payment.reference not in line.sent
                for each in state.refunds
            ):
                raise Broken(f"{number} {payment.reference}: the law added to what has never left")
            if payment.reference in line.passed and any(
                each.payment == payment.seq and each.route == "card" and each.status in (OWED, REQUESTED)
                for each in state.refunds
            ):
                raise Broken(
                    f"{number}: {payment.reference} goes back to a card of somebody who passed it on"
                )
            said = (
                line.paid[payment.reference],
                line.back.get(payment.reference, 0),
                line.sent.get(payment.reference, 0),
            )
            if (payment.amount_minor, back, sent) != said:
                raise Broken(
                    f"{number} {payment.reference}: paid, back, sent {(payment.amount_minor, back, sent)}, not {said}"
                )
        if len(state.payments) != len(line.paid):
            raise Broken(f"{number} has {len(state.payments)} payments, not {len(line.paid)}")

    def _compare_provider(self) -> None:
        """What the provider holds to have left, the book holds too, but for answers still on their way."""
        for asked in self.provider.made.values():
            refund = self.state(asked.number).refund(asked.refund)
            assert refund is not None
            current = refund.attempt == asked.attempt
            settled = current and refund.route == "card" and refund.status in (SENT, ARRIVED)
            if settled != asked.has_left and not (asked.has_left and refund.status in (REQUESTED, UNKNOWN)):
                raise Broken(f"provider and book differ on {asked}: {refund.status}")

    def check_everything(self) -> None:
        """Fold, chains, ledger, guards, stories."""
        for found in rebuild.differences():
            raise Broken(str(found))
        from django.db import connection

        if guards.missing(connection):
            raise Broken("a guard is missing")
        for number in self.dice.sample(self.numbers, min(12, len(self.numbers))):
            report = verify_story(export.story(number), self.clock.now())
            if not report.ok or report.acts != models.Act.objects.filter(subject__number=number).count():
                raise Broken(f"the story of {number} does not verify: {report.errors}")
        if self.seed % 4 == 0:  # a seal and a tree take longer than all the rest
            self._compare_reserves()

    def _compare_reserves(self) -> None:
        """Stated at a seal, each is owed what they paid and did not get back; and some of them prove it."""
        sealing.seal(sealing.acquire("simulation", self.clock.now()), self.clock.now())
        held = holdings.up_to(reserves.point().no)
        owed = {
            number: minor
            for number, line in self.notebook.lines.items()
            if (minor := sum(line.paid.values()) - sum(line.sent.values()) + _added(self.state(number)))
        }
        key = {number: chapters.key_of(ORIGIN, Ref("reservation", number)) for number in owed}
        if {key[number]: {"EUR": minor} for number, minor in owed.items()} != held.owed:
            raise Broken(f"the reserves are owed {sum(owed.values())} in the notebook, not {held.owed}")
        if not held.balances:
            return
        stated = reserves.state({"by": "maker", "via": "cli", "person": "operator:a"})
        for number in self.dice.sample(sorted(owed), min(3, len(owed))):
            report = verify_reserves(reserves.proof(number, stated) or b"", self.clock.now())
            if not report.ok or report.yours != {"EUR": owed[number]}:
                raise Broken(f"{number} cannot prove its part: {report.errors}")


def _added(state: Reservation) -> int:
    """What the law has added to refunds that left, and has not left itself: no part of what was paid."""
    return sum(
        each.amount_minor for each in state.refunds if each.head and each.status not in (SENT, ARRIVED)
    )


def _asked(state: Reservation) -> int:
    """How often refunds of a reservation were asked for."""
    return sum(each.attempt for each in state.refunds)
