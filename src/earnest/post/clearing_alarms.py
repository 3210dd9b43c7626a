"""Every night: money that stands on a clearing account too long becomes an alarm on Today, until it has left."""

from datetime import UTC, datetime, time
from typing import Final

from earnest.book import clearing, clock, duties, mode, models
from earnest.book.clearing import Overdue
from earnest.core.commands.base import Duty
from earnest.core.money import major
from earnest.core.retention import night_after

HOUR: Final = 5
LATE: Final = "clearing_late"


def arm() -> None:
    """There is always one look to come; not in the demonstration, where nobody pays out and nobody has a bank."""
    coming = models.Duty.objects.filter(kind="clearing_sweep", state="waiting")
    if mode.exists() and not mode.current().is_demo and not coming.exists():
        duties.insert([_sweep(clock.now(), clock.now())])


@duties.handles("clearing_sweep")
def sweep(duty: duties.Leased) -> None:
    """An alarm for each item that is late; those that have left are over."""
    now = clock.now()
    late = {_key(each): each for each in clearing.overdue(now)}
    for row in models.Duty.objects.filter(kind=LATE).exclude(state="done"):
        if row.key not in late:
            duties.over(row.key, now)
    told = {row.key: row for row in models.Duty.objects.filter(key__in=list(late))}
    for key, each in late.items():
        before, about = told.get(key), {"number": each.item, "what": said(each), **each._asdict()}
        if before is None:
            duties.insert([Duty(LATE, key, now, about)])
        elif before.state == "done" or before.payload != about:
            # What was over and stands there again, or is another sum by now.
            models.Duty.objects.filter(pk=before.pk).update(
                payload=about, state="waiting", done_at=None, due_at=now
            )
    night = datetime.combine(night_after(now), time(HOUR), UTC)
    duties.insert([_sweep(night, night)])


@duties.handles(LATE)
def late(duty: duties.Leased) -> None:
    """An alarm, until a look finds that it is so no more."""
    raise duties.Park(duty.payload["what"])


def said(each: Overdue) -> str:
    """One of them for people."""
    of = f", {each.item}" if each.item else ""
    much = f"{major(each.amount_minor, each.currency)} {each.currency}"
    return f"for {each.owner}: {much} has stood on {each.account} for more than {each.days} days{of}"


def _key(each: Overdue) -> str:
    return f"{LATE}/{each.account}/{each.currency}/{each.item}"[:200]


def _sweep(at: datetime, due_at: datetime) -> Duty:
    return Duty("clearing_sweep", f"clearing_sweep/{at.isoformat()}", due_at, {})
