"""Everything that must hold in a sound book, asked of the book itself (invariants I1 to I9 of `docs/faults.md`)."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Sum

from earnest.book import clearing, clock, export, guards, models, reads, rebuild, reserves
from earnest.core import entries
from earnest.core.refund import OWED, REQUESTED, UNKNOWN, WAITING, Refund
from earnest.core.reservation import Reservation
from earnest.record.verify import verify_story


class Finding(NamedTuple):
    """Something that does not hold: which check says so, about what, and why."""

    check: str
    subject: str
    why: str


def guards_in_place() -> Iterator[str]:
    """The append-only triggers stand in the database."""
    missing = guards.missing(connection)
    if missing:
        yield f"missing: {', '.join(missing)}"


def money_balances() -> Iterator[str]:
    """I1: rows balance by construction; no liability of ours is below zero, and customers' never can be."""
    if models.Balance.objects.filter(amount_minor__lt=0).exists():
        yield "a customer's account is below zero"
    yield from _negative_transit()
    for account in clearing.EXACT:
        for item, currency, minor in clearing.below_zero(account):
            yield f"more has left {account} of {item} than came, by {-minor} {currency}"


def _negative_transit() -> Iterator[str]:
    """More cannot come out of transit than went in."""
    for account in (entries.IN_TRANSIT, entries.UNCLAIMED):
        moved: dict[str, int] = {}
        for side, sign in (("credit", 1), ("debit", -1)):
            found = models.Entry.objects.filter(**{side: account}).values("currency")
            for row in found.annotate(total=Sum("amount_minor")):
                moved[row["currency"]] = moved.get(row["currency"], 0) + sign * row["total"]
        for currency, minor in moved.items():
            if minor < 0:
                yield f"{account} is below zero by {-minor} {currency}"


def acts_fold() -> Iterator[str]:
    """I2, I4, I5: chains are whole, and every cached row is what its acts fold to."""
    for found in rebuild.differences():
        yield f"{found.kind} {found.number}: {found.what}"


def refunds_have_a_next_step() -> Iterator[str]:
    """I6: every refund that is owed is being paid, asked about, held for a reason, or shown to a person."""
    waiting = set(models.Duty.objects.filter(state__in=("waiting", "parked")).values_list("key", flat=True))
    for state in _reservations():
        for refund in state.refunds:
            why = _stuck(state, refund, waiting)
            if why:
                yield f"reservation {state.number}, refund {refund.n}: {why}"


def _stuck(state: Reservation, refund: Refund, waiting: set[str]) -> str:
    mine = f"{state.number}/{refund.n}"
    kinds = {key.split("/")[0] for key in waiting if key.split("/", 1)[1].startswith(mine)}
    if refund.status in (OWED, REQUESTED) and refund.route == "hand":
        return "overdue: nobody has paid it by hand" if refund.due_at < clock.now() else ""
    if refund.status == OWED and "refund" not in kinds:
        return "owed, and no duty pays it"
    if refund.status in (REQUESTED, UNKNOWN) and not kinds & {"refund", "ask_refund"}:
        return f"{refund.status}, and no duty asks what came of it"
    if refund.status == WAITING and refund.why == "hold" and "hold_over" not in kinds:
        return "held, and no duty ends the hold"
    if refund.waits_for_heirs and not (
        state.died and f"await_heirs/{state.number}/{state.died.seq}" in waiting
    ):
        return "waits for heirs, and no duty reminds anybody"
    return ""


def mails_go_out() -> Iterator[str]:
    """I7: a mail that was made is sent, or a duty still means to; or its address was erased before it left."""
    waiting = models.Duty.objects.filter(kind="mail", state__in=("waiting", "parked")).values("key")
    for key in (
        models.Mail.objects.exclude(status__in=("sent", "erased"))
        .exclude(key__in=waiting)
        .values_list("key", flat=True)
    ):
        yield f"{key}: made, not sent, and no duty sends it"


def stories_verify() -> Iterator[str]:
    """I8: the story of every reservation verifies offline."""
    for number in models.Reservation.objects.order_by("number").values_list("number", flat=True):
        report = verify_story(export.story(number), clock.now())
        if not report.ok:
            yield f"reservation {number}: {report.errors[0]}"


def statement_holds() -> Iterator[str]:
    """I9: the newest statement of reserves is what the acts up to its seal come to."""
    for stated in reserves.stated():
        made = stated.statement
        if not reserves.holds(made):
            yield f"the statement of reserves at seal {made.seal} is not what the acts up to it come to"


CHECKS: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "guards": guards_in_place,
    "money": money_balances,
    "acts": acts_fold,
    "refunds": refunds_have_a_next_step,
    "mails": mails_go_out,
    "stories": stories_verify,
    "reserves": statement_holds,
}


def run(names: list[str] | None = None) -> Iterator[tuple[str, list[Finding]]]:
    """Each check with what it found; nothing found is good."""
    for name, check in CHECKS.items():
        if names is None or name in names:
            yield name, [Finding(name, *(_split(found))) for found in check()]


def _split(found: str) -> tuple[str, str]:
    subject, _, why = found.partition(": ")
    return (subject, why) if why else ("the book", found)


def _reservations() -> Iterator[Reservation]:
    with_refunds = models.Act.objects.filter(type="refund.owed").values("subject")
    found = models.Reservation.objects.filter(subject__in=with_refunds).order_by("number")
    for number in found.values_list("number", flat=True):
        yield reads.reservation(number)
