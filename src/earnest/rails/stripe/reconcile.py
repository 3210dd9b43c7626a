"""Stripe's own account against our ledger: every line of its balance, each once, and what differs to the cent.

Fees, payouts and conversions are booked from the lines. Payments, refunds and disputes were told by other ways, so
they are compared: by the object that a line comes from, because one object can have several lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

import stripe

from earnest.book import clock, duties, ledger, mode, models, reads
from earnest.core import dispute as disputes
from earnest.core.commands.base import Duty
from earnest.core.entries import CARD_CLEARING
from earnest.core.money import major
from earnest.core.refund import ARRIVED, REQUESTED, SENT, UNKNOWN, WAITING, Refund
from earnest.core.reservation import Reservation
from earnest.rails.outward import outward
from earnest.rails.stripe import movements
from earnest.rails.stripe.client import client, configured, number_of, plain, when

EVERY: Final = timedelta(hours=1)
#: What is younger may still be on its way to us, by a webhook or a duty.
PATIENCE: Final = timedelta(hours=6)
_CHARGES: Final = ("charge", "payment")
_REFUNDS: Final = ("refund", "payment_refund", "refund_failure", "payment_failure_refund")


@dataclass(frozen=True)
class Item:
    """One object of Stripe's: what its lines come to, what our ledger has of it, and which reservation it is of.

    Amounts in minor units of `currency`, with the sign of the change of what Stripe holds.
    """

    source: str
    kind: str
    currency: str
    theirs_minor: int
    ours_minor: int
    number: str
    at: datetime
    under_way: bool = False


@dataclass(frozen=True)
class Total:
    """One currency: what Stripe holds, what our ledger says it holds, and how much of the difference is explained."""

    currency: str
    theirs_minor: int
    ours_minor: int
    explained_minor: int

    @property
    def unexplained_minor(self) -> int:
        """What no item explains."""
        return self.theirs_minor - self.ours_minor - self.explained_minor


@dataclass
class Report:
    """`lines` were read; `under_way` differs because the outcome is not known yet, `differences` for no such reason."""

    lines: int = 0
    last: datetime | None = None
    under_way: list[Item] = field(default_factory=list)
    differences: list[Item] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)


def reconcile(since: datetime | None = None) -> Report:
    """Book what is to be booked of all lines since then, compare the others, and add everything up."""
    report = Report()
    given: Any = {"limit": 100, "expand": ["data.source"]}
    if since:
        given["created"] = {"gte": int(since.timestamp())}
    with outward():
        lines = list(client().v1.balance_transactions.list(given).auto_paging_iter())
    seen: set[str] = set()
    for line in reversed(lines):
        report.lines += 1
        report.last = when(line.created)
        for item in _judged(line, seen):
            if item.theirs_minor != item.ours_minor:
                (report.under_way if item.under_way else report.differences).append(item)
    report.totals = _totals([*report.under_way, *report.differences])
    return report


def _judged(line: stripe.BalanceTransaction, seen: set[str]) -> Iterator[Item]:
    """The item of a line's source, once, and what of the line is booked."""
    source = line.source
    if line.type in _CHARGES and isinstance(source, stripe.Charge):
        item = _charge(source)
    elif line.type in _REFUNDS and isinstance(source, stripe.Refund):
        item = _refund(source)
    elif line.type == "adjustment" and isinstance(source, stripe.Dispute):
        item = _dispute(source)
    elif movements.book(line):
        return
    else:
        yield Item(line.id, line.type, line.currency.upper(), line.amount, 0, "", when(line.created))
        return
    if not item.number:
        yield Item(line.id, line.type, line.currency.upper(), line.net, 0, "", when(line.created))
        return
    of = cast(Any, source)
    original = of.amount if line.amount > 0 else -of.amount
    movements.book(line, (original, of.currency.upper()))
    if item.source not in seen:
        seen.add(item.source)
        yield item


def _charge(charge: stripe.Charge) -> Item:
    intent = _id(getattr(charge, "payment_intent", None))
    number = number_of(intent) or ""
    payment = reads.reservation(number).paid_by("card", intent) if number else None
    currency = charge.currency.upper()
    ours = payment.amount_minor if payment and payment.currency == currency else 0
    return Item(charge.id, "payment", currency, charge.amount, ours, number, when(charge.created))


def _refund(found: stripe.Refund) -> Item:
    """Failed, it has come to nothing; on its way, it has left Stripe and not yet our ledger."""
    number = number_of(_id(getattr(found, "payment_intent", None))) or ""
    refund = _of(reads.reservation(number), found) if number else None
    gone = found.status not in ("failed", "canceled") and found.balance_transaction is not None
    theirs = -found.amount if gone else 0
    here = refund is not None and refund.reference == found.id and refund.status in (SENT, ARRIVED)
    waits = refund is not None and (
        refund.status in (REQUESTED, UNKNOWN) or (refund.status, refund.why) == (WAITING, "action")
    )
    ours = -found.amount if here else 0
    return Item(found.id, "refund", found.currency.upper(), theirs, ours, number, when(found.created), waits)


def _of(state: Reservation, found: stripe.Refund) -> Refund | None:
    n = plain(found.metadata).get("refund", "")
    if n.isascii() and n.isdigit():
        return state.refund(int(n))
    return next((each for each in state.refunds if each.reference == found.id), None)


def _dispute(found: stripe.Dispute) -> Item:
    number = number_of(_id(getattr(found, "payment_intent", None))) or ""
    known = reads.reservation(number).dispute(found.id) if number else None
    taken = known is not None and known.status in (disputes.OPEN, disputes.LOST)
    # In the currency of the charge; what it is of the balance's own is the exchange.
    net = sum(each.amount for each in found.balance_transactions)
    theirs = -found.amount if net < 0 else 0
    ours = -found.amount if taken else 0
    return Item(found.id, "dispute", found.currency.upper(), theirs, ours, number, when(found.created))


def _totals(items: list[Item]) -> list[Total]:
    with outward():
        balance = client().v1.balance.retrieve()
    theirs: dict[str, int] = {}
    parts: list[Any] = [*balance.available, *balance.pending]
    for each in parts:
        theirs[each.currency.upper()] = theirs.get(each.currency.upper(), 0) + each.amount
    held = ledger.balances()
    ours = {currency: minor for (account, currency), minor in held.items() if account == CARD_CLEARING}
    explained: dict[str, int] = {}
    for item in items:
        difference = item.theirs_minor - item.ours_minor
        explained[item.currency] = explained.get(item.currency, 0) + difference
    return [
        Total(each, theirs.get(each, 0), ours.get(each, 0), explained.get(each, 0))
        for each in sorted({*theirs, *ours, *explained})
        if theirs.get(each, 0) or ours.get(each, 0) or explained.get(each, 0)
    ]


# --- every hour, by the worker


def arm() -> None:
    """The sweep is a duty like any other; asked for again it is the same one."""
    if configured() and not mode.current().is_demo:
        duties.insert([Duty("stripe_sweep", "stripe_sweep", clock.now(), {})])


@duties.handles("stripe_sweep")
def sweep(duty: duties.Leased) -> None:
    """Since the last one, and an hour of overlap; a difference that stays becomes an alarm, and is over by itself."""
    since = duty.payload.get("since")
    report = reconcile(datetime.fromisoformat(since) if since else None)
    now = clock.now()
    oldest = min((each.at for each in (*report.differences, *report.under_way)), default=report.last)
    if oldest:
        duties.advance(duty, {"since": (oldest - EVERY).isoformat()}, now)
    differing = {
        f"stripe_differs/{each.source}": each for each in report.differences if now - each.at > PATIENCE
    }
    for row in models.Duty.objects.filter(kind="stripe_differs").exclude(state="done"):
        if row.key not in differing:
            duties.over(row.key, now)
    duties.insert(
        Duty("stripe_differs", key, now, {"number": each.number, "what": said(each)})
        for key, each in differing.items()
    )
    raise duties.Later(now + EVERY)


@duties.handles("stripe_differs")
def differs(duty: duties.Leased) -> None:
    """An alarm, until a sweep finds that it is so no more."""
    raise duties.Park(duty.payload["what"])


def said(item: Item) -> str:
    """One difference for people."""
    theirs, ours = (f"{major(each, item.currency)}" for each in (item.theirs_minor, item.ours_minor))
    whose = item.number or "no reservation of this book"
    return f"{item.source} ({item.kind}, {whose}): Stripe {theirs} {item.currency}, our ledger {ours}"


def _id(of: object) -> str:
    return of if isinstance(of, str) else str(getattr(of, "id", "") or "")
