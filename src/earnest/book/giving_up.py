"""What giving up many reservations comes to: the sums before, each payment's way back, and how far it has come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from earnest.book import clock, keys, law, models, policy, reads, rows, sql
from earnest.core import giveup as giveups
from earnest.core import rails
from earnest.core import refund as refunds
from earnest.core.commands.owe_by_law import would_add
from earnest.core.commands.refund import usable_account
from earnest.core.giveup import Held, Scope
from earnest.core.offer import Offer
from earnest.core.refusals import Missing
from earnest.core.reservation import LIVING, Reservation
from earnest.core.rights.law import Law

_PAGE: Final = 500
#: Of the living reservations of an offer, up to a place in its queue: what they hold as deposits and as a sale's price.
_OF: Final = "o.slug = %s AND r.queue_no <= %s AND r.status IN %s"
_DEPOSITS: Final = (
    "SELECT r.number, b.currency, b.amount_minor FROM offer o JOIN reservation r ON r.offer_id = o.subject_id "  # noqa: S608
    f"LEFT JOIN balance b ON b.subject_id = r.subject_id AND b.cls = 'deposit' WHERE {_OF}"
)
_SALES: Final = (
    "SELECT r.number, e.currency, CASE WHEN e.credit = 'sales' THEN e.amount_minor ELSE -e.amount_minor END "  # noqa: S608
    "FROM offer o JOIN reservation r ON r.offer_id = o.subject_id JOIN act a ON a.subject_id = r.subject_id "
    f"JOIN entry e ON e.act_id = a.id WHERE {_OF} AND r.status = 'converted' "
    "AND (e.credit = 'sales' OR e.debit = 'sales')"
)


def held(slug: str, scope: Scope, changed: Sequence[Reservation] = ()) -> Held:
    """What is held for the living reservations of a scope, by the ledger, in the caller's transaction.

    `changed` are states of the same transaction that are not written yet; they count instead of their rows.
    """
    given = (slug, scope.upto, list(LIVING))
    known = {state.number for state in changed}
    found: set[str] = set()
    sums: dict[str, int] = {}
    for number, currency, minor in (*sql.rows(_DEPOSITS, *given), *sql.rows(_SALES, *given)):
        if number in known or (scope.numbers and number not in scope.numbers):
            continue
        found.add(number)
        if currency is not None:
            sums[currency] = sums.get(currency, 0) + minor
    for state in changed:
        if state.offer == slug and state.status in LIVING and scope.holds(state.number, state.queue):
            found.add(state.number)
            for currency, minor in state.deposits().items():
                sums[currency] = sums.get(currency, 0) + minor
    unknown = tuple(number for number in scope.numbers if number not in found)
    return Held(len(found), {currency: minor for currency, minor in sums.items() if minor}, unknown)


def added(
    by: Law, offer: Offer, scope: Scope, on: date, changed: Sequence[Reservation] = ()
) -> dict[str, int]:
    """What the law would add to what is held, by currency, if all of a scope were given up and it left on a day.

    Every reservation is read: asked under a lock only where little is held. `changed` as for `held`.
    """
    known = {state.number: state for state in changed}
    stored = (state for state, _ in _states(offer.slug, scope, LIVING) if state.number not in known)
    new = (
        state
        for state in changed
        if state.offer == offer.slug and state.status in LIVING and scope.holds(state.number, state.queue)
    )
    sums: dict[str, int] = {}
    for state in (*stored, *new):
        for payment in state.payments:
            if (left := state.left_of(payment)) > 0:
                for each in would_add(by, state, offer, payment, left, on):
                    sums[each.currency] = sums.get(each.currency, 0) + each.amount_minor
    return sums


class Way(NamedTuple):
    """How a part of the money goes back: `route` `card` or `account`, and why not to the card that paid it
    (`rail-too-old`, or `passed-on` where an earlier holder did)."""

    currency: str
    route: str
    why: str


class Addition(NamedTuple):
    """What a text adds to what was paid: the head it is owed under, the rule and its article."""

    currency: str
    head: str
    rule: str
    article: str


@dataclass
class Sum:
    """So many payments of so many minor units."""

    payments: int = 0
    amount_minor: int = 0

    def add(self, minor: int) -> None:
        """One payment more."""
        self.payments += 1
        self.amount_minor += minor


@dataclass
class Preview:
    """What it would come to, if it were done now. Sums in minor units.

    `needs_account` counts reservations of which something goes by bank and no account is confirmed; `disputed`
    is held back while a network has the money. `added` is what the law adds if the principal leaves today
    (interest grows with every day until then); it goes by bank. `beyond` counts reservations for which a rate
    lacks: there it is more.
    """

    slug: str
    reservations: int = 0
    places: int = 0
    holders: int = 0
    unpaid: int = 0
    needs_account: int = 0
    ways: dict[Way, Sum] = field(default_factory=dict)
    disputed: dict[str, Sum] = field(default_factory=dict)
    added: dict[Addition, Sum] = field(default_factory=dict)
    beyond: int = 0

    @property
    def totals(self) -> dict[str, int]:
        """All that leaves, by currency: what was paid, and what the law adds."""
        by_law: dict[str, int] = {}
        for addition, each in self.added.items():
            by_law[addition.currency] = by_law.get(addition.currency, 0) + each.amount_minor
        return dict(sorted(giveups.added_up(self.paid, by_law).items()))

    @property
    def paid(self) -> dict[str, int]:
        """What was paid and goes back, by currency."""
        sums: dict[str, int] = {}
        for way, each in self.ways.items():
            sums[way.currency] = sums.get(way.currency, 0) + each.amount_minor
        return dict(sorted(sums.items()))

    def lines(self) -> list[tuple[Way, Sum]]:
        """The ways, in the order of currencies; cards first."""
        return sorted(
            self.ways.items(), key=lambda each: (each[0].currency, each[0].route != rails.CARD, each[0])
        )


def preview(slug: str, numbers: Sequence[str] = (), upto: int = 2**31 - 1, *, strict: bool = True) -> Preview:
    """Add it up, page by page and under no lock.

    Raises Missing for a number that does not live in the offer; not so where it need not be `strict`, because what
    was named when it was proposed may have ended by itself.
    """
    scope, found = Scope(tuple(numbers), upto), Preview(slug)
    offer, by, card_days, now = (
        reads.offer(slug).offer,
        law.current(),
        policy.current().card_refund_days,
        clock.now(),
    )
    addresses: set[bytes] = set()
    for state, address in _states(slug, scope, LIVING):
        found.reservations += 1
        found.places += state.quantity
        # An address that was erased is somebody, too.
        addresses.add(address or state.number.encode())
        by_law = _add_by_law(found, by, offer, state, now.date())
        _add(found, state, now, card_days, by_bank=by_law)
    found.holders = len(addresses)
    if strict and numbers and found.reservations != len(set(numbers)):
        missing = sorted(set(numbers) - {state.number for state, _ in _states(slug, scope, LIVING)})
        raise Missing("not-of-offer", "%(number)s is no living reservation of this offer.", number=missing[0])
    return found


def _add_by_law(found: Preview, by: Law, offer: Offer, state: Reservation, on: date) -> bool:
    """Whether the law adds anything to what goes back."""
    sums = [
        each
        for payment in state.payments
        if (left := state.left_of(payment)) > 0
        for each in would_add(by, state, offer, payment, left, on)
    ]
    for each in sums:
        slot = Addition(each.currency, each.kind, each.ground.rule, each.ground.citation)
        if each.amount_minor:
            found.added.setdefault(slot, Sum()).add(each.amount_minor)
    found.beyond += any(each.missing for each in sums)
    return any(each.amount_minor for each in sums)


def _add(found: Preview, state: Reservation, now: datetime, card_days: int, *, by_bank: bool) -> None:
    paid = False
    for payment in state.payments:
        minor = state.left_of(payment)
        if minor <= 0:
            continue
        way, paid = rails.first(payment, now, card_days, passed_on=state.passed_on(payment)), True
        not_its_card = way.name == rails.ACCOUNT and payment.rail in rails.BEHIND
        by_bank = by_bank or way.name == rails.ACCOUNT
        slot = Way(payment.currency, way.name, way.why if not_its_card else "")
        found.ways.setdefault(slot, Sum()).add(minor)
        if state.disputed(payment.seq):
            found.disputed.setdefault(payment.currency, Sum()).add(minor)
    found.unpaid += not paid
    found.needs_account += by_bank and usable_account(state) is None


@dataclass
class Progress:
    """How far it has come. `state` of its duty: waiting, done or parked; `ended` of `reservations`.

    `refunds`: (status, currency) -> how many, and how much; `left_minor` of `total_minor` has left, by currency.
    """

    state: str
    ended: int
    reservations: int
    refunds: dict[tuple[str, str], Sum] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """Currency -> (what has left, all of it)."""
        sums: dict[str, tuple[int, int]] = {}
        for (status, currency), each in sorted(self.refunds.items()):
            left, whole = sums.get(currency, (0, 0))
            gone = each.amount_minor if status in (refunds.SENT, refunds.ARRIVED) else 0
            sums[currency] = (left + gone, whole + each.amount_minor)
        return sums


def progress(slug: str, seq: int, scope: Scope) -> Progress | None:
    """Of the proposal that is act `seq` of the offer; None where nobody has confirmed it."""
    duty = models.Duty.objects.filter(key=f"give_up/{slug}/{seq}").values_list("state", "payload").first()
    if duty is None:
        return None
    found = Progress(duty[0], 0, int(duty[1].get("of", 0)))
    for state, _ in _states(slug, scope):
        causes = {ending.seq for ending in state.endings if ending.giveup == seq}
        found.ended += bool(causes)
        for refund in state.refunds:
            if refund.cause in causes:
                slot = (refund.status, refund.currency)
                found.refunds.setdefault(slot, Sum()).add(refund.amount_minor)
    return found


def numbers_after(slug: str, scope: Scope, after: int, most: int) -> list[tuple[int, str]]:
    """(queue number, number) of the next living reservations of a scope, in the order of the queue."""
    found = models.Reservation.objects.filter(
        offer__slug=slug, status__in=LIVING, queue_no__gt=after, queue_no__lte=scope.upto
    )
    if scope.numbers:
        found = found.filter(number__in=scope.numbers)
    return list(found.order_by("queue_no").values_list("queue_no", "number")[:most])


def _states(
    slug: str, scope: Scope, statuses: Iterable[str] | None = None
) -> Iterator[tuple[Reservation, Any]]:
    """(state, blind index of the address), with accounts opened, for whether one is known is part of the answer."""
    after = 0
    while True:
        found = models.Reservation.objects.filter(
            offer__slug=slug, queue_no__gt=after, queue_no__lte=scope.upto
        )
        if statuses is not None:
            found = found.filter(status__in=tuple(statuses))
        if scope.numbers:
            found = found.filter(number__in=scope.numbers)
        names = ("subject_id", "state", "bank", "contact_index", "queue_no")
        page = list(found.order_by("queue_no").values(*names)[:_PAGE])
        secrets = rows.load_keys([bytes(row["subject_id"]) for row in page], keys.current().unwrap)
        for row in page:
            key = bytes(row["subject_id"])
            sealed = {**row, "identity": None, "contact": None}
            index = row["contact_index"]
            yield rows.read_reservation(sealed, key, secrets[key]), bytes(index) if index else None
        if len(page) < _PAGE:
            return
        after = page[-1]["queue_no"]
