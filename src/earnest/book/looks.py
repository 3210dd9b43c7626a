"""Who looked at whose data: written when an operator opens it, and given to the person who asks.

And who read leaves of the log: auditors, with a key made in the console.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from earnest.book import chapters, clock, mode, models
from earnest.core.commands.base import Ref

#: What can be looked at: the page of a reservation, its story, a mail, a refund, a bank account in full, an invoice or
#: credit note, and the statement of deposits and refunds.
WHAT: Final = ("reservation", "story", "mail", "refund", "bank", "document", "statement")


@dataclass(frozen=True)
class Seen:
    """One look: when, who (`operator:ana`), and at what, one of WHAT."""

    at: datetime
    who: str
    what: str

    @property
    def name(self) -> str:
        """The operator's name."""
        return self.who.removeprefix("operator:")


@dataclass(frozen=True)
class LeavesRead:
    """One read of leaves `start` (inclusive) to `end` (exclusive), with which key."""

    at: datetime
    label: str
    prefix: str
    start: int
    end: int

    @property
    def last(self) -> int:
        """The last leaf of it."""
        return self.end - 1


def note(number: str, who: str, what: str) -> None:
    """Write down that `who` looks at something of a reservation. Raises ValueError for what is not one of WHAT."""
    note_all((number,), who, what)


def note_all(numbers: Iterable[str], who: str, what: str) -> None:
    """As `note`, for what shows something of many reservations at once."""
    if what not in WHAT:
        raise ValueError(f"no look {what!r}")
    now, origin = clock.now(), mode.origin()
    models.Look.objects.bulk_create(
        models.Look(
            subject_id=chapters.key_of(origin, Ref("reservation", number)), who=who, what=what, at=now
        )
        for number in sorted(numbers)
    )


def at(
    number: str, most: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> list[Seen]:
    """The looks at a reservation from `since` (inclusive) to `until`, the newest first; all, or so many."""
    rows = _found(number, since, until).order_by("-at", "-id").values_list("at", "who", "what")
    return [Seen(*row) for row in (rows if most is None else rows[:most])]


def count(number: str, since: datetime | None = None, until: datetime | None = None) -> int:
    """How many looks at a reservation there were."""
    return _found(number, since, until).count()


def _found(number: str, since: datetime | None, until: datetime | None) -> QuerySet[models.Look]:
    found = models.Look.objects.filter(subject__kind="reservation", subject__number=number)
    if since:
        found = found.filter(at__gte=since)
    return found.filter(at__lt=until) if until else found


def leaves(most: int) -> list[LeavesRead]:
    """The newest reads of leaves."""
    rows = models.LeafRead.objects.order_by("-at", "-id")
    read = rows.values_list("at", "api_key__label", "api_key__prefix", "start", "end")
    return [LeavesRead(*row) for row in read[:most]]


def leaves_count() -> int:
    """How many reads of leaves there were."""
    return models.LeafRead.objects.count()
