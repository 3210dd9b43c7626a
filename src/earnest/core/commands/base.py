"""What every command has in common: who asks, what it may look at, and what it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from earnest.core import offer as offers
from earnest.core import operator as operators
from earnest.core import refund as refunds
from earnest.core import reservation as reservations
from earnest.core.acts import CURRENT, Act, Cite, Erased, Value, check
from earnest.core.giveup import Held, Scope
from earnest.core.invoice import CREDIT_NOTE
from earnest.core.invoicing import lacking
from earnest.core.offer import Offer
from earnest.core.operator import Register
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import Reservation
from earnest.core.rights.law import Law

T = TypeVar("T")


class Ref(NamedTuple):
    """One subject: its kind (`reservation`, `offer`, `operator`, `keys`) and its number or name."""

    kind: str
    number: str


class Draft(NamedTuple):
    """An act decided, and the subject whose chain it joins."""

    ref: Ref
    act: Act


@dataclass(frozen=True)
class Duty:
    """What must happen next, not before `due_at`. The same key twice is one duty."""

    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)


class Claim(NamedTuple):
    """A reference of the outside world that may be used once in the whole book: a payment."""

    rail: str
    reference: str


def asking(number: str, seq: int) -> Claim:
    """What is taken when something comes of the asking that is act `seq` of a reservation."""
    return Claim("asking", f"{number}/{seq}")


@dataclass(frozen=True)
class Policy:
    """The seller's settings that rules depend on. Amounts are in major units of any currency."""

    card_hold: timedelta = timedelta(minutes=30)
    transfer_hold: timedelta = timedelta(days=10)
    refund_pause: timedelta = timedelta(hours=1)
    refund_promise: timedelta = timedelta(hours=24)
    place_kept: timedelta = timedelta(hours=24)
    account_age: timedelta = timedelta(hours=72)
    account_hold: timedelta = timedelta(hours=48)
    account_limit_major: int = 1000
    #: The largest payment order that one operator makes alone.
    order_limit_major: int = 10_000
    record_kept_years: int = 10
    #: Days after which a card is not tried any more; 0 where only its rail's own limit holds.
    card_refund_days: int = 0
    #: Whether a holder may pass a reservation on: the maker's consent, given in advance (Code civil, art. 1216).
    may_pass_on: bool = True
    #: The maker's country, where enough is known of them to write invoices; empty: none is issued.
    seller_country: str = ""
    #: More than this is not moved on the word of one operator: many given up at once, a deposit corrected.
    second_operator_major: int = 10_000


@dataclass(frozen=True)
class Counters:
    """How much of an offer is taken; caches of the reservations' acts, moved by one conditional write."""

    taken: Mapping[str, int]
    queue_last: int

    @property
    def total(self) -> int:
        """Places taken over all variants."""
        return sum(self.taken.values())

    def take(self, variant: str, quantity: int) -> "Counters":
        """The counters with `quantity` more (or fewer) places of a variant taken."""
        taken = {**self.taken, variant: self.taken.get(variant, 0) + quantity}
        return Counters(taken, self.queue_last)

    def next_queue(self) -> "Counters":
        """The counters after one more queue number was given."""
        return Counters(self.taken, self.queue_last + 1)


@dataclass(frozen=True)
class World:
    """What a command may look at: the instant, the policy, and its subjects as the book holds them."""

    now: datetime
    key: str
    policy: Policy = Policy()
    offer: Offer | None = None
    counters: Counters | None = None
    reservation: Reservation | None = None
    register: Register | None = None
    acts: tuple[Act, ...] = ()
    #: Of the claims that the command names, those that were made before.
    claimed: frozenset[Claim] = frozenset()
    #: The last number given in each series, for a command that `numbers_documents`.
    series: Mapping[str, int] = field(default_factory=dict)
    #: What is held for the reservations of the command's `scope`.
    held: Held | None = None
    #: Rules, rates and calendars, as this book applies them.
    law: Law | None = None

    def the_law(self) -> Law:
        """The law; the book gives it to every command."""
        if self.law is None:
            raise AssertionError("A decision of law was asked for without the law.")
        return self.law

    def the_reservation(self) -> Reservation:
        """The reservation. Raises Missing where there is none."""
        if self.reservation is None:
            raise Missing("no-reservation", "There is no reservation of that number.")
        return self.reservation

    def the_offer(self) -> Offer:
        """The offer. Raises Missing where there is none."""
        if self.offer is None:
            raise Missing("no-offer", "There is no offer of that name.")
        return self.offer

    def the_counters(self) -> Counters:
        """The offer's counters; a command that uses them says `wants_offer`."""
        if self.counters is None:
            raise Missing("no-offer", "There is no offer of that name.")
        return self.counters


@dataclass(frozen=True)
class Decision:
    """What a command comes to. No acts: it was so already. States are those after the acts."""

    acts: tuple[Draft, ...] = ()
    duties: tuple[Duty, ...] = ()
    claims: tuple[Claim, ...] = ()
    #: Askings that something has come of; nobody looks for these before, the database alone takes each once.
    ended: tuple[Claim, ...] = ()
    offer: Offer | None = None
    counters: Counters | None = None
    reservation: Reservation | None = None
    register: Register | None = None
    series: Mapping[str, int] = field(default_factory=dict)


NOTHING = Decision()


@dataclass(frozen=True, kw_only=True)
class Command:
    """A wish, with who has it: `by` (a speaker of `acts`), `via` which door, `person` who exactly."""

    by: str
    via: str
    person: str = ""

    #: The offer of the reservation is looked at, or its places are moved.
    wants_offer: ClassVar[bool] = False
    #: All acts of the subject are looked at, not only what they left.
    wants_acts: ClassVar[bool] = False
    #: A customer who says it must be whoever holds the reservation (`person` is `holder:N`).
    by_its_holder: ClassVar[bool] = True
    #: Documents are numbered: the series of the year are looked at under their lock.
    numbers_documents: ClassVar[bool] = False
    #: It is heard from a customer even where their death was reported: the report may be wrong, and the day counts.
    heard_after_death: ClassVar[bool] = False

    def claims(self) -> tuple[Claim, ...]:
        """References of the outside world that it may take; `World.claimed` says which are taken."""
        return ()

    def beside(self) -> tuple[Ref, ...]:
        """Subjects that are locked with its own, so that nobody decides about them at the same time."""
        return ()

    def wanted_acts(self) -> tuple[int, ...]:
        """Acts of the subject that are looked at, by sequence number; `World.acts` has those that exist."""
        return ()

    def scope(self, offer: Offer) -> Scope | None:
        """The reservations of the offer whose sums it must know; `World.held` has them."""
        return None

    def ref(self) -> Ref:
        """The subject to whose chain the command appends."""
        raise NotImplementedError

    def decide(self, world: World) -> Decision:
        """What it comes to. Raises Refusal."""
        raise NotImplementedError


def _check_holder(command: Command, state: Reservation | None) -> None:
    """Raises Refused for who held it before: they were let in, and it went to somebody else meanwhile."""
    person = command.person.removeprefix("holder:")
    if not command.by_its_holder or command.by != "customer" or state is None or person == command.person:
        return
    if person != str(state.holder):
        raise Refused("not-its-holder", "This reservation has gone to somebody else.")
    if state.died and not command.heard_after_death:
        raise Refused(
            "holder-died",
            "We were told that the holder of this reservation has died, so it waits for their heirs. If that is wrong, "
            "write to us at once.",
        )


class Chapter:
    """Collects the acts of one command on one subject, each folded at once so that the next sees it."""

    def __init__(self, command: Command, world: World) -> None:
        _check_holder(command, world.reservation)
        self.command = command
        self.world = world
        self.ref = command.ref()
        self.reservation = world.reservation
        self.offer = world.offer
        self.register = world.register
        self.counters = world.counters
        self.series = dict(world.series)
        self.drafts: list[Draft] = []
        self.duties: list[Duty] = []
        self.claims: list[Claim] = []
        self.ended: list[Claim] = []

    @property
    def state(self) -> Reservation:
        """The reservation as it stands after the acts so far."""
        assert self.reservation is not None
        return self.reservation

    def say(self, type: str, *, by: str = "", cites: tuple[Cite, ...] = (), **fields: Any) -> Act:
        """Add an act. Fields named like Python words (`from`) end in an underscore here; None is left out."""
        named: dict[str, Value | Erased] = {
            name.rstrip("_"): value for name, value in fields.items() if value is not None
        }
        named["via"] = self.command.via
        if self.command.person:
            named["person"] = self.command.person
        speaker = by or self.command.by
        act = Act(self._length(), self.world.now, type, CURRENT[type], speaker, named, cites)
        check(act, self.ref.kind)
        self._end_asking(act)
        self._fold(act)
        self.drafts.append(Draft(self.ref, act))
        return act

    def duty(self, kind: str, name: str, due_at: datetime | None = None, **payload: object) -> Self:
        """Add a duty about this subject; `name` makes its key unique within it."""
        payload = {"number": self.ref.number, **payload}
        key = f"{kind}/{self.ref.number}/{name}"
        self.duties.append(Duty(kind, key, due_at or self.world.now, payload))
        return self

    def mail(self, template: str, act: Act, due_at: datetime | None = None) -> Self:
        """Add the duty to write to the holder about an act."""
        return self.duty("mail", f"{template}/{act.seq}", due_at, template=template, seq=act.seq)

    def decision(self) -> Decision:
        """All of it."""
        self._ask_for_invoices()
        return Decision(
            tuple(self.drafts),
            tuple(self.duties),
            tuple(self.claims),
            tuple(self.ended),
            self.offer,
            self.counters,
            self.reservation,
            self.register,
            self.series,
        )

    def _ask_for_invoices(self) -> None:
        """Whatever moved the money, and for whatever reason: what it may ask for is looked for after the commit."""
        state, policy, now = self.reservation, self.world.policy, self.world.now
        found = lacking(state, policy.seller_country, "acompte") if state and self.drafts else None
        if found is None or self.command.numbers_documents:
            return
        # A cancellation can be taken back while its refund pauses: then nothing was to be corrected.
        pause = policy.refund_pause if found.series == CREDIT_NOTE else timedelta(0)
        self.duty("invoices", str(self.drafts[-1].act.seq), now + pause)

    def _length(self) -> int:
        subject = {"offer": self.offer, "reservation": self.reservation}.get(self.ref.kind, self.register)
        return subject.n if subject else 0

    def _end_asking(self, act: Act) -> None:
        """A move of two phases is ended once, whatever it comes to."""
        refund = (
            self.reservation.refund(act.int("refund")) if self.reservation and refunds.ends(act) else None
        )
        if refund and refund.asked_seq is not None:
            self.ended.append(asking(self.ref.number, refund.asked_seq))

    def _fold(self, act: Act) -> None:
        if self.ref.kind == "offer":
            self.offer = offers.fold(self.offer, act, key=self.world.key, slug=self.ref.number)
        elif self.ref.kind == "reservation":
            self.reservation = reservations.fold(
                self.reservation, act, key=self.world.key, number=self.ref.number
            )
        else:
            self.register = operators.fold(self.register, act)
