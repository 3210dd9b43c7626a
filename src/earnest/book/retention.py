"""Erasing what is over its term: every night, in portions, through the same command as when a person asks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from earnest.book import clock, codec, door, duties, mode, models, reads, withdrawals
from earnest.core.acts import ERASURES
from earnest.core.commands.base import Duty
from earnest.core.commands.erase import Erase
from earnest.core.commands.withdraw import CLASSES, OPEN, EraseStatement
from earnest.core.reservation import Reservation
from earnest.core.retention import OVER, night_after, over, over_earlier, shortest, statement_over

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


class OverdueStatement(NamedTuple):
    """What of a statement of withdrawal is to go; `follows`: because the reservation that it reached lost it."""

    statement: str
    classes: tuple[str, ...]
    follows: bool


def overdue_statements() -> Iterator[OverdueStatement]:
    """The statements of which something is over its term now."""
    now, days = clock.now(), dict(settings.EARNEST.retention_days)
    for each in withdrawals.with_something_left():
        if found := _of_statement(each, now, days):
            yield found


def erase_statements(
    found: Iterable[OverdueStatement], ground: str = "purpose-over"
) -> list[OverdueStatement]:
    """Erase them one by one; what of it was done. A refusal leaves one for another night."""
    by: dict[str, str] = {"by": "maker", "via": "retention", "person": "worker", "ground": ground}
    done = []
    for each in found:
        command = EraseStatement(
            **by, statement=each.statement, classes=each.classes, with_reservation=each.follows
        )
        if isinstance(door.do([door.Request(command)])[0], door.Done):
            done.append(each)
    return done


@duties.handles("erase_statements")
def follow(duty: duties.Leased) -> None:
    """A class of a reservation was erased: what its holder stated when they withdrew goes with it."""
    state = reads.reservation(duty.payload["number"])
    stated = [withdrawals.statement(each.statement) for each in state.withdrawals]
    found = [_with_reservation(each) for each in stated if each]
    erase_statements([each for each in found if each], str(duty.payload["ground"]))


def _of_statement(
    each: withdrawals.Statement, now: datetime, days: dict[str, int]
) -> OverdueStatement | None:
    if not each.outcome or each.outcome in OPEN:
        return None
    if each.reached:
        return _with_reservation(each)
    left = tuple(cls for cls in CLASSES if cls not in each.erased)
    return (
        OverdueStatement(each.number, left, False) if left and statement_over(each.last, now, days) else None
    )


def _with_reservation(each: withdrawals.Statement) -> OverdueStatement | None:
    """What is gone of whoever held the reservation when the statement reached it, and is still in the statement."""
    state = reads.reservation(each.reached)
    seq = next((said.seq for said in state.withdrawals if said.statement == each.number), None)
    if seq is None:
        return None
    holder = state.holder_at(seq)
    gone = state.erased if holder == state.holder else state.earlier[holder].erased
    left = tuple(cls for cls in CLASSES if cls in gone and cls not in each.erased)
    return OverdueStatement(each.number, left, True) if left else None


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
    for found in overdue_statements():
        erase_statements([found])
        duties.advance(duty, {"after": after}, clock.now())
    duties.insert([_next(clock.now())])


def _looked_at(after: str, limit: int | None = None) -> Iterator[tuple[str, list[Overdue]]]:
    """Reservations of which something is left that could be over its term, with what of it is."""
    now, days = clock.now(), dict(settings.EARNEST.retention_days)
    last = models.Act.objects.filter(subject=OuterRef("subject")).exclude(type__in=ERASURES).order_by("-seq")
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
