"""Whom a slip touches, what the law gives them, and whether what is held covers it: looked at before it is said."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from earnest.book import clock, codec, law, ledger, lists, models, reads
from earnest.book.lists import TOLD
from earnest.core.entries import HELD, OWED
from earnest.core.offer import Offer, Slip, Window
from earnest.core.reservation import LIVING, Reservation
from earnest.core.rights.answer import answer, basis_of
from earnest.core.rights.answers import PRINCIPAL, Ground, Rights, Sum
from earnest.core.rights.days import today
from earnest.core.rights.exposure import kind_of
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.gather import facts_of
from earnest.core.rights.law import Law
from earnest.core.rights.standing import Standing, standing
from earnest.core.rights.sums import Basis, sums
from earnest.core.slipping import CANCELLED, CONSENT, meaning_of

_PAGE: Final = 1000
Sums = dict[str, int]


@dataclass
class Reach:
    """Holders of one country (`consumer` or as a company): how many, what they paid, and what the law gives them.

    `principal` and `added` (interest, surcharges) would come back if all of them ended it today, minor units by
    currency; `incomplete` counts those of whom something could not be computed. `rights`: kind of right -> why and how
    many have it open. `silence`: (what it comes to, until when) -> how many.
    """

    residence: str
    consumer: bool
    reservations: int = 0
    paid: Sums = field(default_factory=dict)
    principal: Sums = field(default_factory=dict)
    added: Sums = field(default_factory=dict)
    incomplete: int = 0
    rights: dict[str, tuple[Ground, int]] = field(default_factory=dict)
    silence: dict[tuple[str, date | None], int] = field(default_factory=dict)
    deadlines: dict[date, int] = field(default_factory=dict)
    #: (what it comes to, on which day) -> of those who were told and have not answered yet, how many.
    silent: dict[tuple[str, date], int] = field(default_factory=dict)

    @property
    def total(self) -> Sums:
        """All that would come back."""
        return _plus([self.principal, self.added])

    def add(self, state: Reservation, kind: "_Kind", found: Iterable[Sum]) -> None:
        """One more."""
        self.reservations += 1
        self.paid = _plus([self.paid, state.deposits()])
        missing = False
        for each in found if kind.rights.may_cancel else ():
            into = self.principal if each.kind == PRINCIPAL else self.added
            into[each.currency] = into.get(each.currency, 0) + each.amount_minor
            missing = missing or each.missing is not None
        self.incomplete += missing
        for right in kind.rights.rights:
            if right.open:
                known = self.rights.get(right.kind, (right.ground, 0))[1]
                self.rights[right.kind] = (right.ground, known + 1)
        for day in kind.deadlines:
            self.deadlines[day] = self.deadlines.get(day, 0) + 1
        if decides := silence_decides(state):
            self.silent[decides] = self.silent.get(decides, 0) + 1
        if kind.silence:
            self.silence[kind.silence] = self.silence.get(kind.silence, 0) + 1


@dataclass(frozen=True)
class _Kind:
    """What is alike for all reservations of a kind: everything but what was paid."""

    rights: Rights
    at: Standing
    basis: Basis
    silence: tuple[str, date | None] | None

    @property
    def deadlines(self) -> set[date]:
        """Days to come by which they must be told of a delay, or asked again."""
        days = [each.due_on for each in self.rights.notices] + [self.rights.ask_again_by]
        return {day for day in days if day and day >= self.rights.on}


def silence_decides(state: Reservation) -> tuple[str, date] | None:
    """What saying nothing comes to and on which day (UTC), where its holder was told so and has not answered."""
    told = state.told[-1] if state.told else None
    waits = state.status in TOLD and not state.died
    if told is None or told.answer or not waits or told.answer_by is None:
        return None
    return (told.silence, told.answer_by.date()) if told.silence in (CONSENT, CANCELLED) else None


@dataclass(frozen=True)
class Cover:
    """In one currency, minor units: what could be claimed, what of it the law adds; owed to everybody; held in all."""

    currency: str
    claimable_minor: int
    added_minor: int
    owed_minor: int
    held_minor: int

    @property
    def short_minor(self) -> int:
        """How much less is held than is owed to everybody and would be added here, or 0."""
        return max(0, self.owed_minor + self.added_minor - self.held_minor)


def waiting(slug: str, statuses: Iterable[str] = TOLD) -> Iterator[Reservation]:
    """Reservations of an offer in the order of the queue, page by page and without their personal data.

    By default those who would be told of a slip.
    """
    after = 0
    found = models.Reservation.objects.filter(offer__slug=slug, status__in=list(statuses)).order_by(
        "queue_no"
    )
    while page := list(found.filter(queue_no__gt=after).values_list("queue_no", "state")[:_PAGE]):
        for _, state in page:
            yield codec.decode(Reservation, state, {})
        after = page[-1][0]


def exposure(slug: str, still: Callable[[], None] = lambda: None) -> list[Reach]:
    """What would come back if everybody ended it today who may, by country of residence, the most first.

    `still` is called before each thousand, so that a worker can hold on to its lease.
    """
    return _gathered(reads.offer(slug).offer, LIVING, None, still)


def touched(slug: str, window: Window | None) -> list[Reach]:
    """As `exposure`, of those who would be told, as if the promise had just moved to `window` (None: no date)."""
    offer = reads.offer(slug).offer
    slip = Slip(offer.n + (window is not None), clock.now(), offer.current.window, window, "")
    return _gathered(replace(offer, slips=(*offer.slips, slip)), TOLD, slip)


def _gathered(
    offer: Offer, statuses: Iterable[str], slip: Slip | None, still: Callable[[], None] = lambda: None
) -> list[Reach]:
    known, now = law.current(), clock.now()
    telling = (slip.seq, now.date()) if slip else None
    found: dict[tuple[str, bool], Reach] = {}
    alike: dict[Hashable, _Kind] = {}
    for n, state in enumerate(waiting(offer.slug, statuses)):
        if n % _PAGE == 0:
            still()
        facts = facts_of(state, offer, telling=telling)
        slot = (facts.residence, facts.consumer)
        name = kind_of(facts)
        if name not in alike:
            alike[name] = _kind(known, facts, today(facts, now), slip, now)
        kind = alike[name]
        said = sums(known, facts, kind.at, kind.basis, lines=False)
        found.setdefault(slot, Reach(*slot)).add(state, kind, said)
    return sorted(found.values(), key=lambda each: (-each.reservations, each.residence, not each.consumer))


def _kind(known: Law, facts: Facts, day: Today, slip: Slip | None, now: datetime) -> _Kind:
    rights = answer(known, facts, day)
    at = standing(known, facts, day.duties)
    silence = None
    if slip:
        means = meaning_of(rights, slip, now)
        silence = (means.silence, means.answer_by.date() if means.answer_by else None)
    return _Kind(rights, at, basis_of(known, facts, at, rights.rights, day), silence)


def cover(found: list[Reach]) -> list[Cover]:
    """By currency in which any of them could claim something, by the ledger as it stands now."""
    claimable, added = _plus([each.total for each in found]), _plus([each.added for each in found])
    balances = ledger.balances() if claimable else {}

    def total(accounts: Iterable[str], wanted: str) -> int:
        return sum(
            minor for (name, currency), minor in balances.items() if name in accounts and currency == wanted
        )

    return [
        Cover(currency, minor, added.get(currency, 0), total(OWED, currency), total(HELD, currency))
        for currency, minor in sorted(claimable.items())
    ]


def _plus(sums: Iterable[Sums]) -> Sums:
    found: Sums = {}
    for each in sums:
        for currency, minor in each.items():
            found[currency] = found.get(currency, 0) + minor
    return found


@dataclass(frozen=True)
class Untold:
    """A slip that not everybody was told of yet: how many wait, how many were told, how many mails have not left."""

    slug: str
    slip: Slip
    waiting: int
    told: int
    unsent: int


def untold(before: datetime) -> list[Untold]:
    """The newest slip of each offer, made before that, whose telling is not done or whose mails have not left."""
    found = []
    for read in reads.offers():
        slips = read.offer.slips
        if not slips or slips[-1].at >= before:
            continue
        slug, telling = read.offer.slug, lists.telling(read.offer.slug, slips[-1].seq)
        unsent = models.Mail.objects.filter(
            template="slipped", status="made", subject__reservation__offer__slug=slug
        ).count()
        if unsent or telling is None or telling.state != "done":
            told = telling.told if telling else 0
            found.append(Untold(slug, slips[-1], lists.waiting(slug), told, unsent))
    return found
