"""A reservation: one place (or several) in one queue, the money paid for it, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from earnest.core import dispute as disputes
from earnest.core import entries
from earnest.core import refund as refunds
from earnest.core.acts import ERASED, Act, Erased
from earnest.core.changing import replace
from earnest.core.dispute import Dispute
from earnest.core.instants import instant
from earnest.core.invoice import Invoice, issued
from earnest.core.offer import Instalment, Window, instalments, window, window_or_none
from earnest.core.refund import Refund

PLACED, CONFIRMED, PAID_UP, CONVERTED, DELIVERED = "placed", "confirmed", "paid up", "converted", "delivered"
LAPSED, CANCELLED = "lapsed", "cancelled"

#: status -> event -> status; an event is an act, or an act and the condition that it met.
#: Acts that are in no row leave the status alone and may come at any time (a mail, a refund's progress).
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "": {"reservation.placed": PLACED},
    PLACED: {
        "reservation.confirmed": CONFIRMED,
        "reservation.lapsed": LAPSED,
        "ended in whole": CANCELLED,
    },
    CONFIRMED: {
        "paid in full": PAID_UP,
        "reservation.converted": CONVERTED,
        "reservation.lapsed": LAPSED,
        "ended in whole": CANCELLED,
    },
    PAID_UP: {
        "no longer paid in full": CONFIRMED,
        "reservation.converted": CONVERTED,
        "ended in whole": CANCELLED,
    },
    CONVERTED: {"reservation.delivered": DELIVERED, "ended in whole": CANCELLED},
    DELIVERED: {},
    LAPSED: {"taken back": CONFIRMED},
    CANCELLED: {"taken back": CONFIRMED, "taken back after the sale": CONVERTED},
}

#: Countries where the postcode stands behind the town (Universal Postal Union).
_POSTCODE_LAST: Final = frozenset("AU CA GB IE IN NZ US".split())

LIVING: Final = (PLACED, CONFIRMED, PAID_UP, CONVERTED)


@dataclass(frozen=True)
class Identity:
    """Who holds the reservation."""

    sealed: ClassVar[str] = "identity"
    name: str
    vat_number: str = ""


@dataclass(frozen=True)
class Buyer:
    """Of whoever holds it, what tax asks: in which country they live (ISO 3166-1), and whether as a consumer."""

    residence: str
    consumer: bool


@dataclass(frozen=True)
class Address:
    """Where invoices are made out to, in the country of residence; what is empty was not given."""

    sealed: ClassVar[str] = "identity"
    street: str
    street_more: str
    postcode: str
    city: str

    def lines(self, country: str) -> list[str]:
        """As it stands on a letter, without name and country (ISO 3166-1), which says where the postcode goes."""
        town = (self.city, self.postcode) if country in _POSTCODE_LAST else (self.postcode, self.city)
        return [line for line in (self.street, self.street_more, " ".join(filter(None, town))) if line]


@dataclass(frozen=True)
class Contact:
    """Where the holder is reached, and in which language (`en`, `fr`)."""

    sealed: ClassVar[str] = "contact"
    email: str
    language: str


@dataclass(frozen=True)
class BankDetails:
    """An account to pay to: `scheme` is `iban`, `aba` or `other`; `country` is ISO 3166-1."""

    sealed: ClassVar[str] = "bank"
    holder: str
    scheme: str
    number: str
    routing: str
    country: str


@dataclass(frozen=True)
class Account:
    """A bank account that was given for refunds; `confirmed_at` None until its holder confirmed it."""

    n: int
    details: BankDetails | Erased
    given_at: datetime
    confirmed_at: datetime | None = None
    channel: str = ""
    name_matches: bool = False
    #: What its bank said of name and account: match, close-match, no-match or not-available.
    verified: str = ""


@dataclass(frozen=True)
class Ask:
    """A deposit was asked for: what the customer is sent to pay."""

    n: int
    instalment: int
    amount_minor: int
    currency: str
    rail: str
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Payment:
    """Money that came in. `seq` is its act and its name.

    A bank or a card network can take a payment back: `reversed_minor` came out of the deposit and of refunds that
    were owed (below zero: more was paid back than was here); `receivable_minor` is what the holder owes for it.
    """

    seq: int
    rail: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime
    happened_at: datetime
    reversed_minor: int = 0
    receivable_minor: int = 0

    @property
    def reversible_minor(self) -> int:
        """What of it can be taken back still."""
        return self.amount_minor - self.reversed_minor - self.receivable_minor


@dataclass(frozen=True)
class Correction:
    """A deposit is said to be booked wrongly; `status` proposed, withdrawn or done. `to` is another reservation, or "".

    Why is a field of the act alone: it is free text, and may be erased.
    """

    seq: int
    at: datetime
    payment: int
    right_minor: int
    to: str
    by: str
    status: str = "proposed"


@dataclass(frozen=True)
class Ending:
    """A cancellation of all places or of some, or a lapse; `status` open, taken back or released.

    `giveup` is the proposal by which many of the offer were given up at once; `ground` the right by which it was
    cancelled, where that was said (`withdrawal`, `slip`).
    """

    kind: str
    seq: int
    at: datetime
    by: str
    quantity: int
    due_at: datetime
    status: str = "open"
    giveup: int | None = None
    ground: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """A statement of withdrawal that reached the reservation by act `seq`; it was made at `stated_at`."""

    seq: int
    statement: str
    stated_at: datetime


@dataclass(frozen=True)
class Told:
    """A slip that the holder was told of, and the answer (`accept`, `wait`, `refuse`, `cancel`, or nothing yet).

    `now` is None where there is no new date. `choices` are those that the law gives; `silence` says what saying nothing
    until `answer_by` means: `nothing`, `consent` or `cancelled`. `silent`: nobody answered, and that was its meaning.
    """

    slip: int
    seq: int
    at: datetime
    was: Window
    now: Window | None
    answer: str = ""
    choices: tuple[str, ...] = ()
    silence: str = "nothing"
    answer_by: datetime | None = None
    silent: bool = False
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Passing:
    """The reservation is offered to somebody else, until `until`, by act `seq`; `means` as in `Earlier`."""

    seq: int
    until: datetime
    means: bool


@dataclass(frozen=True)
class Died:
    """Act `seq` says that the holder has died; `refund` is the one whose return said so, where a bank did."""

    seq: int
    at: datetime
    told_by: str
    refund: int | None = None


@dataclass(frozen=True)
class Successor:
    """Act `seq` of operator `person` names who follows, by `right`; another operator confirms it."""

    seq: int
    at: datetime
    right: str
    proof: str
    person: str


@dataclass(frozen=True)
class Earlier:
    """Somebody who held it before: holder `n` (from 0), up to but not including act `seq`.

    `means`: both agreed that what was paid until then may still go back to where it came from. `accounts`: how many had
    been given by then. `erased`: classes of theirs.
    """

    n: int
    seq: int
    at: datetime
    means: bool
    accounts: int = 0
    erased: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reservation:
    """A reservation as its acts left it. `n` is how many acts it has.

    `quantity` counts living places, `held` those that nobody else can have (a cancelled place is held until
    its refund has left). `price_minor` and `plan` are for one place, in minor units of `currency`.
    """

    key: str
    number: str
    n: int
    status: str
    offer: str
    version: int
    variant: str
    quantity: int
    held: int
    queue: int
    placed_at: datetime
    hold_until: datetime
    currency: str
    price_minor: int
    tax_rate_bp: int
    plan: tuple[Instalment, ...]
    rail: str
    bound: Window
    promised: Window
    residence: str
    consumer: bool
    terms_hash: str
    terms_language: str
    identity: Identity | Erased
    contact: Contact | Erased
    address: Address | Erased | None = None
    accounts: tuple[Account, ...] = ()
    asks: tuple[Ask, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    endings: tuple[Ending, ...] = ()
    told: tuple[Told, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    corrections: tuple[Correction, ...] = ()
    erased: tuple[str, ...] = ()
    #: Why its data is kept as it is, while that is disputed; empty where it is not.
    restricted: str = ""
    #: Acts of the book by which it went to another maker, as far as the holder was told.
    successions: tuple[int, ...] = ()
    #: Who held it before, the first in front; `passing` while it is offered to somebody else.
    earlier: tuple[Earlier, ...] = ()
    passing: Passing | None = None
    #: Who took it over, the first in front. `residence` and `consumer` stay what the contract was made with.
    buyers: tuple[Buyer, ...] = ()
    #: While it waits for heirs: who says so; and who is to follow, by law and not by an offer.
    died: Died | None = None
    successor: Successor | None = None
    hold_extended: bool = False
    converted_at: datetime | None = None
    converted_seq: int | None = None
    delivered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    withdrawals: tuple[Withdrawn, ...] = ()

    @property
    def undated(self) -> bool:
        """Whether the newest slip that its holder was told of gave no new date; `promised` is then the last one."""
        return bool(self.told) and self.told[-1].now is None

    @property
    def expected(self) -> Window | None:
        """What is promised now, or None where there is no date."""
        return None if self.undated else self.promised

    def due_minor(self) -> int:
        """What the whole deposit plan asks for the living places."""
        return sum(part.amount_minor for part in self.plan) * self.quantity

    def first_due_minor(self) -> int:
        """What confirms the place: the first instalment."""
        return self.plan[0].amount_minor * self.quantity if self.plan else 0

    def rest_minor(self) -> int:
        """What of the whole price is not paid yet; negative where more was paid than it asks."""
        return self.price_minor * self.quantity - self.paid_minor()

    def paid_minor(self) -> int:
        """What was received in the reservation's currency and is not going back."""
        return self.deposits().get(self.currency, 0)

    def deposits(self) -> dict[str, int]:
        """Per currency: received, and no refund has taken it."""
        totals: dict[str, int] = {}
        for payment in self.payments:
            totals[payment.currency] = totals.get(payment.currency, 0) + self.left_of(payment)
        return {currency: minor for currency, minor in totals.items() if minor}

    def left_of(self, payment: Payment) -> int:
        """The part of a payment that no refund and no bank has taken."""
        taken = sum(
            refund.amount_minor
            for refund in self.refunds
            if refund.payment == payment.seq and not refund.head and refund.status != refunds.TAKEN_BACK
        )
        return payment.amount_minor - payment.reversed_minor - taken

    def receivables(self) -> dict[str, int]:
        """Per currency: what the holder owes, because a payment was reversed after it had been paid back."""
        totals: dict[str, int] = {}
        for payment in self.payments:
            totals[payment.currency] = totals.get(payment.currency, 0) + payment.receivable_minor
        return {currency: minor for currency, minor in totals.items() if minor}

    def disputed(self, payment: int) -> Dispute | None:
        """The dispute for which a network holds the money of a payment now."""
        found = (each for each in self.disputes if each.payment == payment and each.status == disputes.OPEN)
        return next(found, None)

    def is_disputed(self, refund: Refund) -> bool:
        """Whether a network holds what a refund would pay back. What a text adds to a payment is no part of it."""
        return not refund.head and self.disputed(refund.payment) is not None

    def dispute(self, reference: str) -> Dispute | None:
        """A dispute, an inquiry or a warning by the provider's own name."""
        return next((each for each in self.disputes if each.reference == reference), None)

    def owed_back(self) -> dict[str, int]:
        """Per currency: refunds whose money has not left."""
        totals: dict[str, int] = {}
        for refund in self.refunds:
            if refund.status in refunds.OPEN:
                totals[refund.currency] = totals.get(refund.currency, 0) + refund.amount_minor
        return totals

    def source_of(self, payment: Payment) -> str:
        """The account a refund of this payment is owed from: a sale took the deposits that were there."""
        sold = self.converted_seq is not None and payment.seq < self.converted_seq
        return entries.SALES if sold else entries.DEPOSIT

    @property
    def holder(self) -> int:
        """Who holds it now: 0 is whoever reserved."""
        return len(self.earlier)

    @property
    def first_account(self) -> int:
        """The number of the first account that the present holder gives."""
        return 1 + (self.earlier[-1].accounts if self.earlier else 0)

    def span(self, holder: int) -> tuple[int, int]:
        """The acts of a holder: from the first to the one after the last that there is."""
        since = self.earlier[holder - 1].seq if holder else 0
        return since, self.earlier[holder].seq if holder < self.holder else self.n

    def times(self, holder: int) -> tuple[datetime | None, datetime | None]:
        """From when (None: from the first) and until when (None: still) it was a holder's."""
        since = self.earlier[holder - 1].at if holder else None
        return since, self.earlier[holder].at if holder < self.holder else None

    def holder_at(self, seq: int) -> int:
        """Who held it after act `seq`."""
        return sum(each.seq <= seq for each in self.earlier)

    def invoices_of(self, holder: int) -> tuple[Invoice, ...]:
        """The documents that were made out to a holder: to whoever had it when they were issued."""
        return tuple(each for each in self.invoices if self.holder_at(each.seq) == holder)

    def buyer_at(self, seq: int) -> Buyer:
        """Of whoever held it after act `seq`, what tax asks."""
        holder = self.holder_at(seq)
        return self.buyers[holder - 1] if holder else Buyer(self.residence, self.consumer)

    @property
    def buyer(self) -> Buyer:
        """Of whoever holds it now, what tax asks."""
        return self.buyer_at(self.n)

    @property
    def address_lines(self) -> list[str]:
        """The holder's address as it stands on a letter; nothing where none is known."""
        return self.address.lines(self.buyer.residence) if isinstance(self.address, Address) else []

    def passed_on(self, payment: Payment) -> bool:
        """Whether it was paid by an earlier holder, to whose card nothing goes without both."""
        return any(payment.seq < each.seq and not each.means for each in self.earlier)

    def refund(self, n: int) -> Refund | None:
        """A refund by its number, from 1."""
        return self.refunds[n - 1] if 1 <= n <= len(self.refunds) else None

    def paid_by(self, rail: str, reference: str) -> Payment | None:
        """A payment by its rail and the provider's or bank's own reference; the newest, where one was corrected."""
        found = (each for each in reversed(self.payments) if (each.rail, each.reference) == (rail, reference))
        return next(found, None)

    def correction(self, seq: int) -> Correction | None:
        """A proposal to correct a deposit, by its act."""
        return next((each for each in self.corrections if each.seq == seq), None)

    def payment(self, seq: int) -> Payment | None:
        """A payment by the sequence number of its act."""
        return next((payment for payment in self.payments if payment.seq == seq), None)

    def ending(self, seq: int) -> Ending | None:
        """A cancellation by the sequence number of its act."""
        return next((ending for ending in self.endings if ending.seq == seq), None)


def fold(reservation: Reservation | None, act: Act, *, key: str = "", number: str = "") -> Reservation:
    """The reservation after one more act. Raises ValueError for what the tables do not allow."""
    if reservation is None:
        if act.type != "reservation.placed":
            raise ValueError(f"a reservation cannot begin with {act.type}")
        return _placed(act, key, number)
    reservation = replace(reservation, n=reservation.n + 1)
    if act.type.startswith("refund."):
        return _settle(_refund(reservation, act))
    handler = _FOLDS.get(act.type)
    if handler is None:
        raise ValueError(f"{act.type} is no act of a reservation")
    return _settle(handler(reservation, act))


def event(reservation: Reservation, name: str) -> Reservation:
    """Move the status by an event. Raises ValueError with the state and the event where there is no edge."""
    try:
        return replace(reservation, status=TRANSITIONS[reservation.status][name])
    except KeyError:
        raise ValueError(f"a reservation that is “{reservation.status}” cannot have {name}") from None


def _settle(reservation: Reservation) -> Reservation:
    """Paid up is a fact of the sums, not an act of its own."""
    full = bool(reservation.plan) and reservation.paid_minor() >= reservation.due_minor()
    if reservation.status == CONFIRMED and full:
        return event(reservation, "paid in full")
    if reservation.status == PAID_UP and not full:
        return event(reservation, "no longer paid in full")
    return reservation


def _placed(act: Act, key: str, number: str) -> Reservation:
    promised = window(act)
    return Reservation(
        key=key,
        number=number,
        n=1,
        status=PLACED,
        offer=act.text("offer"),
        version=act.int("version"),
        variant=act.text("variant"),
        quantity=act.int("quantity"),
        held=act.int("quantity"),
        queue=act.int("queue"),
        placed_at=act.at,
        hold_until=instant(act.text("hold_until")),
        currency=act.text("currency"),
        price_minor=act.int("price_minor"),
        tax_rate_bp=act.int("tax_rate_bp"),
        plan=instalments(act.fields["plan"]),
        rail=act.text("rail"),
        bound=promised,
        promised=promised,
        residence=act.text("residence"),
        consumer=bool(act.fields["consumer"]),
        terms_hash=act.text("terms_hash"),
        terms_language=act.text("terms_language"),
        identity=identity_of(act),
        contact=contact_of(act),
    )


def identity_of(act: Act) -> Identity | Erased:
    """Whose name an act carries, or ERASED."""
    name, vat = act.fields["name"], act.get("vat_number")
    return Identity(name, vat if isinstance(vat, str) else "") if isinstance(name, str) else ERASED


def address_of(act: Act) -> Address | Erased:
    """The postal address that an act carries, or ERASED."""
    more, postcode = act.get("street_more") or "", act.get("postcode") or ""
    values = (act.fields["street"], more, postcode, act.fields["city"])
    return Address(*map(str, values)) if all(isinstance(each, str) for each in values) else ERASED


def contact_of(act: Act) -> Contact | Erased:
    """Where the person whom an act names is reached, or ERASED."""
    email, language = act.fields["email"], act.fields["language"]
    return Contact(email, language) if isinstance(email, str) and isinstance(language, str) else ERASED


def _confirmed(reservation: Reservation, act: Act) -> Reservation:
    return event(reservation, act.type)


def _lapsed(reservation: Reservation, act: Act) -> Reservation:
    ended = Ending("lapse", act.seq, act.at, act.by, act.int("quantity"), act.at, "released")
    return replace(
        event(reservation, act.type),
        held=reservation.held - act.int("quantity"),
        # What was cancelled and still kept goes back to the offer with the rest.
        endings=(*(_freed(each) for each in reservation.endings), ended),
        ended_at=act.at,
        ended_by=act.by,
    )


def _freed(ending: Ending) -> Ending:
    return replace(ending, status="released") if ending.status == "open" else ending


def _amended(reservation: Reservation, act: Act) -> Reservation:
    return replace(
        reservation,
        version=act.int("version"),
        price_minor=act.int("price_minor"),
        tax_rate_bp=act.int("tax_rate_bp"),
        plan=instalments(act.fields["plan"]),
        bound=window(act),
        promised=window(act),
        terms_hash=act.text("terms_hash"),
        terms_language=act.text("terms_language"),
    )


def _released(reservation: Reservation, act: Act) -> Reservation:
    """Of a cancellation, the places go back to the offer."""
    return replace(
        reservation,
        held=reservation.held - act.int("quantity"),
        endings=tuple(
            replace(ending, status="released") if ending.seq == act.int("cause") else ending
            for ending in reservation.endings
        ),
    )


def _converted(reservation: Reservation, act: Act) -> Reservation:
    return replace(event(reservation, act.type), converted_at=act.at, converted_seq=act.seq)


def _delivered(reservation: Reservation, act: Act) -> Reservation:
    return replace(event(reservation, act.type), delivered_at=instant(act.text("happened_at")))


def _told(reservation: Reservation, act: Act) -> Reservation:
    choices, silence, until = act.get("choices"), act.get("silence"), act.get("answer_by")
    told = Told(
        act.int("slip"),
        act.seq,
        act.at,
        window(act, "was_"),
        window_or_none(act),
        choices=tuple(map(str, choices)) if isinstance(choices, list) else (),
        silence=silence if isinstance(silence, str) else "nothing",
        answer_by=instant(until) if isinstance(until, str) else None,
    )
    return replace(reservation, told=(*reservation.told, told), promised=told.now or reservation.promised)


def _answered(reservation: Reservation, act: Act) -> Reservation:
    return replace(
        reservation,
        told=tuple(
            replace(told, answer=act.text("answer"), silent=bool(act.get("silent")), answered_at=act.at)
            if told.slip == act.int("slip")
            else told
            for told in reservation.told
        ),
    )


def _asked(reservation: Reservation, act: Act) -> Reservation:
    until = act.get("hold_until")
    ask = Ask(
        n=act.int("ask"),
        instalment=act.int("instalment"),
        amount_minor=act.int("amount_minor"),
        currency=act.text("currency"),
        rail=act.text("rail"),
        asked_at=act.at,
        due_at=instant(act.text("due_at")),
    )
    return replace(
        reservation,
        asks=(*reservation.asks, ask),
        hold_until=instant(until) if isinstance(until, str) else reservation.hold_until,
        hold_extended=reservation.hold_extended or isinstance(until, str),
    )


def _received(reservation: Reservation, act: Act) -> Reservation:
    payment = Payment(
        seq=act.seq,
        rail=act.text("rail"),
        amount_minor=act.int("amount_minor"),
        currency=act.text("currency"),
        reference=act.text("reference"),
        at=act.at,
        happened_at=instant(act.text("happened_at")),
    )
    return replace(reservation, payments=(*reservation.payments, payment))


def _ended(reservation: Reservation, act: Act) -> Reservation:
    quantity, giveup = act.int("quantity"), act.get("giveup")
    ending = Ending("cancel", act.seq, act.at, act.by, quantity, instant(act.text("due_at")))
    if isinstance(giveup, int):
        ending = replace(ending, giveup=giveup)
    if isinstance(ground := act.get("by_right"), str):
        ending = replace(ending, ground=ground)
    reservation = replace(
        reservation, quantity=reservation.quantity - quantity, endings=(*reservation.endings, ending)
    )
    if reservation.quantity > 0:
        return reservation
    return replace(event(reservation, "ended in whole"), ended_at=act.at, ended_by=act.by)


def _withdrawn(reservation: Reservation, act: Act) -> Reservation:
    said = Withdrawn(act.seq, act.text("statement"), instant(act.text("stated_at")))
    return replace(reservation, withdrawals=(*reservation.withdrawals, said))


def _taken_back(reservation: Reservation, act: Act) -> Reservation:
    """The places live again; refunds that had not left are owed no more."""
    ending = reservation.ending(act.int("cause"))
    gone = act.fields["refunds"]
    if ending is None or not isinstance(gone, list):
        raise ValueError("nothing to take back")
    reservation = replace(
        reservation,
        quantity=reservation.quantity + (ending.quantity if ending.kind == "cancel" else 0),
        held=reservation.held + (ending.quantity if ending.status == "released" else 0),
        endings=tuple(
            replace(each, status="taken back") if each.seq == ending.seq else each
            for each in reservation.endings
        ),
        refunds=tuple(
            replace(each, status=refunds.move(each.status, act.type)) if each.n in gone else each
            for each in reservation.refunds
        ),
    )
    if reservation.status not in (LAPSED, CANCELLED):
        return reservation
    back = "taken back" if reservation.converted_seq is None else "taken back after the sale"
    return replace(event(reservation, back), ended_at=None, ended_by="")


def _account(reservation: Reservation, act: Act) -> Reservation:
    values = [act.get(name) for name in ("holder", "scheme", "number", "country")]
    routing = act.get("routing")
    details: BankDetails | Erased = ERASED
    if all(isinstance(value, str) for value in values):
        holder, scheme, number, country = map(str, values)
        details = BankDetails(holder, scheme, number, routing if isinstance(routing, str) else "", country)
    account = Account(act.int("account"), details, act.at)
    return replace(reservation, accounts=(*reservation.accounts, account))


def _account_confirmed(reservation: Reservation, act: Act) -> Reservation:
    return replace(
        reservation,
        accounts=tuple(
            replace(
                account,
                confirmed_at=act.at,
                channel=act.text("channel"),
                name_matches=bool(act.fields["name_matches"]),
            )
            if account.n == act.int("account")
            else account
            for account in reservation.accounts
        ),
    )


def _account_verified(reservation: Reservation, act: Act) -> Reservation:
    n, answer = act.int("account"), act.text("answer")
    return replace(
        reservation,
        accounts=tuple(
            replace(account, verified=answer) if account.n == n else account
            for account in reservation.accounts
        ),
    )


def _unchanged(reservation: Reservation, act: Act) -> Reservation:
    return reservation


def _offered(reservation: Reservation, act: Act) -> Reservation:
    passing = Passing(act.seq, instant(act.text("until")), bool(act.fields["means"]))
    return replace(reservation, passing=passing)


def _offer_ended(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, passing=None)


def _holder_changed(reservation: Reservation, act: Act) -> Reservation:
    """The contract goes on as it is; who was told what, and where money may go to, was the earlier holder's."""
    if act.int("holder") != reservation.holder + 1:
        raise ValueError(f"holder {act.int('holder')} cannot follow holder {reservation.holder}")
    left = Earlier(
        reservation.holder,
        act.seq,
        act.at,
        bool(act.fields["means"]),
        len(reservation.accounts),
        reservation.erased,
    )
    return replace(
        reservation,
        identity=identity_of(act),
        contact=contact_of(act),
        address=None,
        accounts=tuple(replace(each, details=ERASED) for each in reservation.accounts),
        earlier=(*reservation.earlier, left),
        passing=None,
        buyers=(*reservation.buyers, Buyer(act.text("residence"), bool(act.fields["consumer"]))),
        died=None,
        successor=None,
        erased=(),
    )


def _died(reservation: Reservation, act: Act) -> Reservation:
    """What was offered to somebody falls with whoever offered it (Code civil, art. 1117)."""
    refund = act.get("refund")
    died = Died(act.seq, act.at, act.text("told_by"), refund if isinstance(refund, int) else None)
    return replace(reservation, died=died, passing=None)


def _death_corrected(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, died=None, successor=None)


def _successor_named(reservation: Reservation, act: Act) -> Reservation:
    """A newer naming takes the place of an older one."""
    person = act.get("person")
    return replace(
        reservation,
        successor=Successor(
            act.seq,
            act.at,
            act.text("right"),
            act.text("proof"),
            person if isinstance(person, str) else "",
        ),
    )


def _erased(reservation: Reservation, act: Act) -> Reservation:
    cls, holder = act.text("class"), act.get("holder")
    if isinstance(holder, int) and holder < reservation.holder:
        earlier = list(reservation.earlier)
        earlier[holder] = replace(earlier[holder], erased=(*earlier[holder].erased, cls))
        return replace(reservation, earlier=tuple(earlier))
    reservation = replace(reservation, erased=(*reservation.erased, cls))
    if cls == "identity":
        return replace(reservation, identity=ERASED, address=None if reservation.address is None else ERASED)
    if cls == "contact":
        return replace(reservation, contact=ERASED)
    if cls == "bank":
        return replace(
            reservation, accounts=tuple(replace(each, details=ERASED) for each in reservation.accounts)
        )
    return reservation


def _address(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, address=address_of(act))


def _invoiced(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, invoices=(*reservation.invoices, issued(act)))


def _restricted(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, restricted=act.text("why") if act.type == "restriction.set" else "")


def _succeeded(reservation: Reservation, act: Act) -> Reservation:
    return replace(reservation, successions=(*reservation.successions, act.int("succession")))


def _refund(reservation: Reservation, act: Act) -> Reservation:
    n = act.int("refund")
    if n == len(reservation.refunds) + 1:
        reservation = replace(reservation, refunds=(*reservation.refunds, refunds.opened(act)))
        too_much = act.get("receivable_minor")
        if isinstance(too_much, int):
            return _taken(reservation, act.int("payment"), -too_much, too_much)
        return reservation
    before = reservation.refund(n)
    if before is None:
        raise ValueError(f"there is no refund {n}")
    after = refunds.fold(before, act)
    reservation = replace(
        reservation, refunds=tuple(after if each.n == n else each for each in reservation.refunds)
    )
    return _settled(reservation, before, act) if act.type == "refund.settled" else reservation


def _settled(reservation: Reservation, refund: Refund, act: Act) -> Reservation:
    """What a refund no longer asks for: it went into another refund, or a bank or the holder's own debt has it."""
    minor, against = act.int("amount_minor"), act.text("against")
    if against == refunds.INTO:
        return reservation
    if not refund.head:
        reservation = _taken(reservation, refund.payment, minor, 0)
    if against == entries.RECEIVABLE:
        return _taken(reservation, act.int("payment"), 0, -minor)
    return reservation


def _taken(reservation: Reservation, seq: int, reversed_minor: int, receivable_minor: int) -> Reservation:
    return replace(
        reservation,
        payments=tuple(
            replace(
                each,
                reversed_minor=each.reversed_minor + reversed_minor,
                receivable_minor=each.receivable_minor + receivable_minor,
            )
            if each.seq == seq
            else each
            for each in reservation.payments
        ),
    )


def _reversed(reservation: Reservation, act: Act) -> Reservation:
    return _taken(reservation, act.int("payment"), act.int("deposit_minor"), act.int("receivable_minor"))


def _correction(reservation: Reservation, act: Act) -> Reservation:
    to = act.get("moved_to")
    proposed = Correction(
        act.seq,
        act.at,
        act.int("payment"),
        act.int("right_minor"),
        to if isinstance(to, str) else "",
        str(act.get("person") or ""),
    )
    return replace(reservation, corrections=(*reservation.corrections, proposed))


def _correction_over(reservation: Reservation, act: Act) -> Reservation:
    """It was withdrawn; or it is done, and then the payment is taken back as a bank would."""
    proposal, done = act.get("proposal"), act.type == "deposit.corrected"
    reservation = replace(
        reservation,
        corrections=tuple(
            replace(each, status="done" if done else "withdrawn") if each.seq == proposal else each
            for each in reservation.corrections
        ),
    )
    return _reversed(reservation, act) if done else reservation


def _dispute(reservation: Reservation, act: Act) -> Reservation:
    n = act.int("dispute")
    before = reservation.disputes[n - 1] if n <= len(reservation.disputes) else None
    if n < 1 or (before is None and n != len(reservation.disputes) + 1):
        raise ValueError(f"there is no dispute {n}")
    after = disputes.fold(before, act)
    others = tuple(each for each in reservation.disputes if each.n != n)
    reservation = replace(reservation, disputes=tuple(sorted((*others, after), key=lambda each: each.n)))
    taken, owed = act.get("deposit_minor"), act.get("receivable_minor")
    if isinstance(taken, int) and isinstance(owed, int):
        return _taken(reservation, after.payment, taken, owed)
    return reservation


_FOLDS: Final = {
    "reservation.confirmed": _confirmed,
    "reservation.lapsed": _lapsed,
    "reservation.amended": _amended,
    "reservation.released": _released,
    "reservation.holder_offered": _offered,
    "reservation.holder_offer_ended": _offer_ended,
    "reservation.holder_changed": _holder_changed,
    "reservation.holder_died": _died,
    "reservation.death_corrected": _death_corrected,
    "reservation.successor_named": _successor_named,
    "reservation.converted": _converted,
    "reservation.delivered": _delivered,
    "promise.told": _told,
    "promise.answered": _answered,
    "deposit.asked": _asked,
    "deposit.received": _received,
    "deposit.given_back": _unchanged,
    "cancellation.requested": _ended,
    "maker.gave_up": _ended,
    "withdrawal.received": _withdrawn,
    "cancellation.taken_back": _taken_back,
    "account.given": _account,
    "account.confirmed": _account_confirmed,
    "account.verified": _account_verified,
    "deposit.reversed": _reversed,
    "correction.proposed": _correction,
    "correction.withdrawn": _correction_over,
    "deposit.corrected": _correction_over,
    "dispute.warned": _dispute,
    "dispute.opened": _dispute,
    "dispute.answered": _dispute,
    "dispute.closed": _dispute,
    "mail.sent": _unchanged,
    "erasure.done": _erased,
    "maker.succeeded": _succeeded,
    "address.given": _address,
    "invoice.issued": _invoiced,
    "restriction.set": _restricted,
    "restriction.lifted": _restricted,
}


def customer_accounts(reservation: Reservation) -> dict[tuple[str, str], int]:
    """(class, currency) -> minor units that the ledger must hold for this reservation.

    Derived from the reservation alone, so that it can be compared with the entries.
    """
    found: dict[tuple[str, str], int] = {}
    for payment in reservation.payments:
        left = reservation.left_of(payment)
        if left and reservation.source_of(payment) == entries.DEPOSIT:
            slot = (entries.DEPOSIT, payment.currency)
            found[slot] = found.get(slot, 0) + left
    for refund in reservation.refunds:
        if refund.status in (refunds.OWED, refunds.WAITING, refunds.REFUSED, refunds.RETURNED):
            slot = (entries.REFUND, refund.currency)
            found[slot] = found.get(slot, 0) + refund.amount_minor
    for currency, minor in reservation.receivables().items():
        found[entries.RECEIVABLE, currency] = minor
    return found
