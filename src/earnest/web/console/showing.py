"""What the pages show of states and acts: labels, clocks, what can be done next. No rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from earnest.book import lists
from earnest.book.looks import Seen
from earnest.book.reads import ActRead
from earnest.core import deadline
from earnest.core import refund as refunds
from earnest.core.acts import Act, Erased
from earnest.core.refund import Refund
from earnest.core.reservation import LIVING, Account, BankDetails, Reservation
from earnest.web.console import words
from earnest.web.telling.narrative import plain

#: A refund with less than this left is red.
URGENT: Final = timedelta(hours=6)
NEAR: Final = timedelta(days=3)
#: Whose money has not left and whose clock runs.
RUNNING: Final = (
    refunds.OWED,
    refunds.REQUESTED,
    refunds.UNKNOWN,
    refunds.REFUSED,
    refunds.RETURNED,
    refunds.WAITING,
)
#: Fields of an act that say nothing to a reader: who and where from are shown beside it.
_UNSHOWN: Final = ("via", "person", "entries")


@dataclass(frozen=True)
class Badge:
    """A status in words, and its tone: good, busy, warn, bad or quiet."""

    text: str
    tone: str


def badge(code: str, said: words.Words) -> Badge:
    """The badge of a status."""
    return Badge(words.say(said, code), words.TONES.get(code, "quiet"))


@dataclass(frozen=True)
class StatusCount:
    """How many reservations stand at a status."""

    code: str
    text: str
    n: int


def status_counts(found: Mapping[str, int]) -> list[StatusCount]:
    """In the order of a reservation's life; none is left out because it is empty."""
    return [StatusCount(code, words.say(words.STATUSES, code), found.get(code, 0)) for code in words.STATUSES]


@dataclass(frozen=True)
class RowView:
    """One reservation in a list."""

    state: Reservation
    name: str | None
    now: datetime

    @property
    def badge(self) -> Badge:
        """Its status."""
        return badge(self.state.status, words.STATUSES)

    @property
    def due_minor(self) -> int:
        """What is still to be paid, minor units; nothing once it has ended."""
        return max(0, self.state.due_minor() - self.state.paid_minor()) if self.state.status in LIVING else 0


def rows_of(found: Iterable[lists.Row], now: datetime) -> list[RowView]:
    """Rows of a list."""
    return [RowView(row.state, row.name, now) for row in found]


@dataclass(frozen=True)
class RefundView:
    """One refund as a line or a page shows it."""

    number: str
    offer: str
    name: str | None
    refund: Refund
    now: datetime

    @property
    def badge(self) -> Badge:
        """Its status."""
        return badge(self.refund.status, words.REFUNDS)

    @property
    def route(self) -> str:
        """To where, in words."""
        return words.say(words.ROUTES, self.refund.route)

    @property
    def why(self) -> str:
        """Why it waits, or what the bank said; "" where there is nothing to say."""
        return words.say(words.WHYS, self.refund.why) if self.refund.why else ""

    @property
    def clock_runs(self) -> bool:
        """Whether the promise of 24 hours is still to be kept; it stands still while nobody knows whom to pay."""
        return self.refund.status in RUNNING and not self.refund.waits_for_heirs

    @property
    def law_is_near(self) -> bool:
        """What waits may not wait for ever: three days before the law's limit it is red."""
        return self.refund.legal_due_at - self.now < NEAR and not self.refund.waits_for_heirs

    @property
    def is_late(self) -> bool:
        """The deadline has passed and the money has not left."""
        return self.clock_runs and self.refund.due_at <= self.now

    @property
    def alarm(self) -> str:
        """What is alarming about its clock, in words; "" while nine tenths of its time are not gone."""
        refund, now = self.refund, self.now
        if self.clock_runs and refund.legal_due_at <= now:
            return _("past the law's limit")
        if refund.status not in refunds.RUNNING:
            return ""
        last = deadline.struck(deadline.steps(refund.owed_at, refund.due_at, refund.legal_due_at), now)
        said = {
            deadline.PROMISE: _("later than promised"),
            deadline.NEARLY: _("nine tenths of its time are gone"),
        }
        return said.get(last.name, "") if last else ""

    @property
    def is_urgent(self) -> bool:
        """Under six hours are left, or none."""
        return self.clock_runs and self.refund.due_at - self.now < URGENT


def view_of(row: lists.RefundRow, now: datetime) -> RefundView:
    """A row of a list."""
    return RefundView(row.number, row.offer, row.name, row.refund, now)


def refunds_of(state: Reservation, name: str | None, now: datetime) -> list[RefundView]:
    """The refunds of one reservation."""
    return [RefundView(state.number, state.offer, name, each, now) for each in state.refunds]


def name_of(state: Reservation) -> str | None:
    """The holder's name, or None once it was erased."""
    return None if isinstance(state.identity, Erased) else state.identity.name


def account_of(state: Reservation, refund: Refund) -> Account | None:
    """The bank account that a refund goes to; none while it waits for one, whichever was tried before."""
    if refund.status == refunds.WAITING and refund.why in ("account", refunds.HEIRS):
        return None
    return next((each for each in state.accounts if each.n == refund.account), None)


def masked(details: BankDetails) -> str:
    """An account as it is shown where it need not be read: its last four characters."""
    return f"…{details.number[-4:]}"


@dataclass(frozen=True)
class AccountView:
    """A bank account in a list, masked."""

    account: Account

    @property
    def details(self) -> BankDetails | None:
        """What is known of it; None once it was erased."""
        return None if isinstance(self.account.details, Erased) else self.account.details

    @property
    def masked(self) -> str:
        """Its last four characters."""
        return masked(self.details) if self.details else ""


@dataclass(frozen=True)
class ActView:
    """An act in a timeline."""

    act: Act
    leaf_hash: str

    @property
    def title(self) -> str:
        """What happened."""
        return words.say(words.ACTS, self.act.type)

    @property
    def speaker(self) -> str:
        """Who said it."""
        return words.say(words.SPEAKERS, self.act.by)

    @property
    def person(self) -> str:
        """Who exactly, for operators: their name."""
        who = self.act.get("person")
        return who.removeprefix("operator:") if isinstance(who, str) and who.startswith("operator:") else ""

    @property
    def via(self) -> str:
        """Through which door."""
        return self.act.text("via") if isinstance(self.act.get("via"), str) else ""

    @property
    def fields(self) -> list[tuple[str, Any, bool]]:
        """(name, value, erased) of what the act carries."""
        return [
            (name, "" if isinstance(value, Erased) else plain(value), isinstance(value, Erased))
            for name, value in self.act.fields.items()
            if name not in _UNSHOWN
        ]


def timeline(read: Sequence[ActRead]) -> list[ActView]:
    """Acts, the newest first."""
    return [ActView(each.act, each.leaf_hash.hex()) for each in reversed(read)]


@dataclass(frozen=True)
class LookView:
    """One look at somebody's data."""

    seen: Seen

    @property
    def what(self) -> str:
        """At what, in words."""
        return words.say(words.LOOKS, self.seen.what)


def looks_of(found: Iterable[Seen]) -> list[LookView]:
    """Looks as a list shows them."""
    return [LookView(each) for each in found]


@dataclass(frozen=True)
class PlanRow:
    """One instalment for all living places, and how much of it has come; minor units."""

    n: int
    amount_minor: int
    paid_minor: int
    rail: str
    due_at: datetime
    now: datetime

    @property
    def is_paid(self) -> bool:
        """All of it has come."""
        return self.paid_minor >= self.amount_minor

    @property
    def is_late(self) -> bool:
        """It is due and has not come."""
        return not self.is_paid and self.due_at < self.now


def plan_of(state: Reservation, now: datetime) -> list[PlanRow]:
    """The deposit plan with what was paid, the earliest instalment first."""
    # Once it has ended, the plan is shown as it was for one place, with all that ever came.
    came = sum(each.amount_minor for each in state.payments if each.currency == state.currency)
    left = state.paid_minor() if state.quantity else came
    found = []
    for part in state.plan:
        asked = part.amount_minor * (state.quantity or 1)
        paid = min(asked, left)
        left -= paid
        due_at = state.placed_at + timedelta(days=part.due_days)
        found.append(PlanRow(part.n, asked, paid, words.say(words.RAILS, part.rail), due_at, now))
    return found


def paid_back(state: Reservation) -> list[tuple[str, int]]:
    """Per currency, refunds that have left."""
    totals: dict[str, int] = {}
    for each in state.refunds:
        if each.status in (refunds.SENT, refunds.ARRIVED):
            totals[each.currency] = totals.get(each.currency, 0) + each.amount_minor
    return sorted(totals.items())


def choices(codes: Iterable[str], said: words.Words) -> list[tuple[str, str]]:
    """(code, words) for a filter."""
    return [(code, words.say(said, code)) for code in codes]
