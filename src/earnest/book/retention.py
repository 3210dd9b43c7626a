"""Erasing what is over its term: every night, in portions, through the same command as when a person asks."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from earnest.book import clock, codec, door, duties, mode, models
from earnest.core.commands.base import Duty
from earnest.core.commands.erase import Erase
from earnest.core.reservation import Reservation
from earnest.core.retention import OVER, night_after, over, over_earlier, shortest

#: Reservations looked at under one renewal of the lease.
PORTION: Final = 100
HOUR: Final = 3


class Overdue(NamedTuple):
    """One class of one reservation whose term has passed; `holder` whose, None of whoever has it now."""

    number: str
    cls: str
    holder: int | None = None


def overdue(after: str = "") -> Iterator[Overdue]:
    """What a sweep would erase now, by number; from a number on."""
    for _, found in _looked_at(after):
        yield from found


def erase(found: Sequence[Overdue]) -> list[Overdue]:
    """Erase; what of it was done. A refusal (it was restricted meanwhile) leaves it for another night."""
    commands = [
        Erase(
            by="maker",
            via="retention",
            person="worker",
            number=number,
            cls=cls,
            ground="purpose-over",
            holder=holder,
        )
        for number, cls, holder in found
    ]
    outcomes = door.do([door.Request(command) for command in commands]) if commands else []
    return [each for each, came in zip(found, outcomes, strict=True) if isinstance(came, door.Done)]


def arm() -> None:
    """There is always one sweep to come; none in a demonstration, whose people are made up."""
    coming = models.Duty.objects.filter(kind="retention", state="waiting")
    if mode.exists() and not mode.current().is_demo and not coming.exists():
        duties.insert([_next(clock.now())])


@duties.handles("retention")
def sweep(duty: duties.Leased) -> None:
    """Portion after portion; how far it came is kept, so that it can be stopped and goes on."""
    after = str(duty.payload.get("after", ""))
    while True:
        portion = list(_looked_at(after, PORTION))
        erase([each for _, found in portion for each in found])
        if len(portion) < PORTION:
            break
        after = portion[-1][0]
        duties.advance(duty, {"after": after}, clock.now())
    duties.insert([_next(clock.now())])


def _looked_at(after: str, limit: int | None = None) -> Iterator[tuple[str, list[Overdue]]]:
    """Reservations of which something is left that could be over its term, with what of it is."""
    now, days = clock.now(), dict(settings.EARNEST.retention_days)
    last = (
        models.Act.objects.filter(subject=OuterRef("subject")).exclude(type="erasure.done").order_by("-seq")
    )
    found = (
        _candidates(now - shortest(days))
        .filter(number__gt=after)
        .annotate(last=Subquery(last.values("at")[:1]))
        .order_by("number")
        .values_list("number", "state", "last")[:limit]
    )
    for number, state, at in found.iterator():
        reservation = codec.decode(Reservation, state, {})
        earlier = over_earlier(reservation, now, days)
        yield (
            number,
            [
                *(Overdue(number, cls) for cls in over(reservation, at, now, days)),
                *(Overdue(number, cls, holder) for holder, cls in earlier),
            ],
        )


def _candidates(placed_before: datetime) -> QuerySet[models.Reservation]:
    """What the database can tell without opening a state."""
    words = models.ActOpen.objects.filter(act__subject=OuterRef("subject"), cls="text")
    left = Q(identity__isnull=False) | Q(contact__isnull=False) | Q(bank__isnull=False) | Exists(words)
    # A holder after whom another came, and something of theirs is left.
    later = models.SubjectKey.objects.filter(subject=OuterRef("subject"), person__gt=OuterRef("person"))
    some = (
        Q(identity__isnull=False) | Q(contact__isnull=False) | Q(bank__isnull=False) | Q(text__isnull=False)
    )
    passed_on = Exists(models.SubjectKey.objects.filter(some, Exists(later), subject=OuterRef("subject")))
    return models.Reservation.objects.filter(
        (left & Q(status__in=OVER)) | passed_on, placed_at__lte=placed_before
    )


def _next(now: datetime) -> Duty:
    night = night_after(now)
    due = datetime.combine(night, time(HOUR), UTC)
    return Duty("retention", f"retention/{night.isoformat()}", due, {"after": ""})
