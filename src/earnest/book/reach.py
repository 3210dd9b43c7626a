"""Whom a slip touches, what they could claim back, and whether what is held covers what is owed: looked at before it is said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from earnest.book import codec, ledger, lists, models, reads
from earnest.book.lists import TOLD
from earnest.core.entries import HELD, OWED
from earnest.core.offer import Slip
from earnest.core.reservation import Reservation

_PAGE: Final = 1000


@dataclass
class Touched:
    """Holders of one country (`consumer` or as a company): how many reservations, and what they paid, by currency."""

    residence: str
    consumer: bool
    reservations: int = 0
    paid: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Cover:
    """In one currency, minor units: what these holders paid, what is owed to all customers, and what is held in all."""

    currency: str
    claimable_minor: int
    owed_minor: int
    held_minor: int

    @property
    def short_minor(self) -> int:
        """How much less is held than is owed, or 0."""
        return max(0, self.owed_minor - self.held_minor)


def waiting(slug: str) -> Iterator[Reservation]:
    """Those who would be told of a slip, in the order of the queue, page by page and without their personal data."""
    after = 0
    found = models.Reservation.objects.filter(offer__slug=slug, status__in=TOLD).order_by("queue_no")
    while page := list(found.filter(queue_no__gt=after).values_list("queue_no", "state")[:_PAGE]):
        for _, state in page:
            yield codec.decode(Reservation, state, {})
        after = page[-1][0]


def touched(slug: str) -> list[Touched]:
    """By country of residence and whether as a consumer, the most first."""
    found: dict[tuple[str, bool], Touched] = {}
    for state in waiting(slug):
        buyer = state.buyer
        slot = (buyer.residence, buyer.consumer)
        each = found.setdefault(slot, Touched(*slot))
        each.reservations += 1
        for currency, minor in state.deposits().items():
            each.paid[currency] = each.paid.get(currency, 0) + minor
    return sorted(found.values(), key=lambda each: (-each.reservations, each.residence, not each.consumer))


def cover(found: list[Touched]) -> list[Cover]:
    """By currency in which any of them paid, by the ledger as it stands now."""
    claimable: dict[str, int] = {}
    for each in found:
        for currency, minor in each.paid.items():
            claimable[currency] = claimable.get(currency, 0) + minor
    balances = ledger.balances() if claimable else {}

    def total(accounts: tuple[str, ...], wanted: str) -> int:
        return sum(minor for (name, currency), minor in balances.items() if name in accounts and currency == wanted)

    return [
        Cover(currency, minor, total(tuple(OWED), currency), total(tuple(HELD), currency))
        for currency, minor in sorted(claimable.items())
    ]


@dataclass(frozen=True)
class Untold:
    """A slip that not everybody was told of yet: how many wait, how many were told, and how many mails have not left."""

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
