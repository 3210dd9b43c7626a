"""What the law asks about one reservation: a frozen set of facts, gathered by the book and judged by nobody yet.

Days are calendar days where the customer lives; sums are minor units of a currency, of all living places together.
The order in which facts came is no fact: `answer` gives the same for every order of payments, slips and refunds.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

#: Where the contract was made.
DISTANCE, OFF_PREMISES, SHOP = "distance", "off-premises", "shop"
#: What a date is worth: a window with an end, one that is only indicative, words that name no day, or none at all.
FIRM, INDICATIVE, VAGUE, NONE = "firm", "indicative", "vague", "none"
#: What a sum paid ahead is called: forfeited or doubled, a part of the price, or (elsewhere) simply a deposit.
ARRHES, ACOMPTE, DEPOSIT = "arrhes", "acompte", "deposit"
#: What a holder answers to a slip; "" is silence.
ACCEPT, WAIT, CANCEL, SILENCE = "accept", "wait", "cancel", ""
#: By what a reservation ends: without a reason, because the date was missed, by the maker, or by silence.
WITHDRAWAL, RESOLUTION, MAKER, UNASKED = "withdrawal", "resolution", "maker", "unasked"

CHANNELS: Final = (DISTANCE, OFF_PREMISES, SHOP)
DATES: Final = (FIRM, INDICATIVE, VAGUE, NONE)


@dataclass(frozen=True, order=True)
class Payment:
    """Money that came in on a day over a rail (`card`, `transfer`, or a provider's, such as `paypal`)."""

    paid_on: date
    amount_minor: int
    currency: str
    rail: str = "transfer"


@dataclass(frozen=True)
class Promise:
    """What was promised: the last day of the window, where there is one, and what the date is worth."""

    last_day: date | None
    date: str = FIRM


@dataclass(frozen=True)
class Slip:
    """The promise moved to `now`; `told_on` None until the holder was told.

    `answer` is one of ACCEPT, WAIT, CANCEL or "" (silence); `answered_on` is its day.
    """

    n: int
    slipped_on: date
    was: Promise
    now: Promise
    told_on: date | None = None
    answer: str = SILENCE
    answered_on: date | None = None


@dataclass(frozen=True)
class FormalNotice:
    """The holder has set the maker an extra time, which ends on a day."""

    received_on: date
    extra_time_ends_on: date


@dataclass(frozen=True)
class Ended:
    """The reservation has ended: by what, and when whoever must pay knew of it.

    `failed_on`: when it was found that the way back does not work (16 CFR 435.1(b) begins anew then).
    """

    by: str
    known_on: date
    failed_on: date | None = None


@dataclass(frozen=True, order=True)
class Refunded:
    """Principal that has left for the customer on a day."""

    refunded_on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, order=True)
class Added:
    """What a text adds (`head` as in `answers`) and has left for the customer on a day."""

    paid_on: date
    head: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Terms:
    """What the offer's own terms give back on a cancellation: hundredths of a per cent of what was paid."""

    back_bp: int = 10_000


class Today(NamedTuple):
    """The day on which the law is asked. A customer's right ends at the later of two zones, a maker's duty at the
    earlier: so rights are asked about on the day of the zone that is behind, duties on that of the one ahead.
    """

    rights: date
    duties: date


@dataclass(frozen=True)
class Facts:
    """One reservation, as the law looks at it.

    `residence` is ISO 3166-1 at contract time (with ISO 3166-2 where a part of a country has a law of its own,
    `US-CA`). `price_minor` is the whole price. `essential_date`: both sides knew that the date decides.
    `informed`: the holder was told of the right to withdraw. `zone` is the customer's (empty: not known), `offer_zone`
    the maker's; which days an instant lies in is worked out by the book (`Today`).
    """

    residence: str
    contract_on: date
    currency: str
    price_minor: int
    promised: Promise
    channel: str = DISTANCE
    made_to_specification: bool = False
    deposit_kind: str = DEPOSIT
    consumer: bool = True
    payments: tuple[Payment, ...] = ()
    slips: tuple[Slip, ...] = ()
    notice: FormalNotice | None = None
    essential_date: bool = False
    informed: bool = True
    delivered_on: date | None = None
    shipped: bool = False
    ended: Ended | None = None
    refunded: tuple[Refunded, ...] = ()
    added: tuple[Added, ...] = ()
    terms: Terms = Terms()
    zone: str = ""
    offer_zone: str = "UTC"

    @property
    def now_promised(self) -> Promise:
        """What is promised after the newest slip."""
        return max(self.slips, key=lambda slip: slip.n).now if self.slips else self.promised
