"""Erasing what is over its term: every night, in portions, through the same command as when a person asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from earnest.book import clock, door, duties, mode, models, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.erase import Erase
from earnest.core.refusals import Refused
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED
from earnest.core.retention import TERMS, night_after, over

PORTION: Final = 200
HOUR: Final = 3


class Overdue(NamedTuple):
    """One class of one reservation whose term has passed."""

    number: str
    cls: str


def overdue(after: str = "", limit: int = 0) -> Iterator[Overdue]:
    """What a sweep would erase now, by number; from a number on."""
    now, days = clock.now(), dict(settings.EARNEST.retention_days)
    numbers = _candidates(after).values_list("number", flat=True)
    for number in numbers[:limit] if limit else numbers.iterator():
        acts = tuple(read.act for read in reads.acts("reservation", number))
        for cls in over(reads.reservation(number), acts, now, days):
            yield Overdue(number, cls)


def erase(found: Overdue) -> bool:
    """Erase it; whether that was done. A refusal (it was restricted meanwhile) leaves it for another night."""
    command = Erase(by="maker", via="retention", number=found.number, cls=found.cls, ground="purpose-over")
    try:
        return isinstance(door.do_one(command), door.Done)
    except Refused:
        return False


def arm() -> None:
    """There is always one sweep to come."""
    if mode.exists():
        duties.insert([_next(clock.now())])


def _next(now: datetime) -> Duty:
    night = night_after(now)
    due = datetime.combine(night, time(HOUR), UTC)
    return Duty("retention", f"retention/{night.isoformat()}", due, {"after": ""})


@duties.handles("retention")
def sweep(duty: duties.Leased) -> None:
    """Portion after portion; how far it came is kept, so that it can be stopped and goes on."""
    after = str(duty.payload.get("after", ""))
    while portion := list(_candidates(after).values_list("number", flat=True)[:PORTION]):
        for found in list(overdue(after, PORTION)):
            erase(found)
        after = portion[-1]
        duties.advance(duty, {"after": after}, clock.now())
    duties.insert([_next(clock.now())])


def _candidates(after: str) -> QuerySet[models.Reservation]:
    """What is over, and untouched for at least the shortest term; by number."""
    terms = [dict(settings.EARNEST.retention_days).get(term.cls, term.days) for term in TERMS]
    before = clock.now() - timedelta(days=min(days for days in terms if days))
    return models.Reservation.objects.filter(
        status__in=(LAPSED, CANCELLED, DELIVERED), changed_at__lte=before, number__gt=after
    ).order_by("number")
