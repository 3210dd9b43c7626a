"""The exposure of an offer: worked out while one waits where few reserved it, else by the worker, and kept.

A hundred thousand reservations take some ten seconds, too long for a page. What is kept says as of when it is; the
worker makes it anew every night, and when an operator asks. It is a cache: everything in it is in the book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from earnest.book import clock, duties, lists, mode, models, reach, reads
from earnest.book.reach import Reach
from earnest.core.commands.base import Duty
from earnest.core.reservation import LIVING
from earnest.core.retention import night_after
from earnest.core.rights.answers import Ground

#: Up to so many living reservations are gone through at each view: about half a second.
AT_ONCE: Final = 5_000
#: The hour of the night (UTC) at which what is kept is made anew.
HOUR: Final = 1


@dataclass(frozen=True)
class Exposure:
    """What an offer is exposed to, as of `at`. `at` None: it is large and was never worked out; `asked`: it will be."""

    at: datetime | None
    reaches: list[Reach]
    is_kept: bool
    asked: bool = False


def of(slug: str) -> Exposure:
    """The exposure of an offer, now or as it was last worked out. Raises Missing."""
    reads.offer(slug)
    if _living(slug) <= AT_ONCE:
        return Exposure(clock.now(), reach.exposure(slug), is_kept=False)
    kept = models.KeptExposure.objects.filter(offer__slug=slug).values_list("at", "reaches").first()
    at, written = kept or (None, [])
    found = [_read(each) for each in written]
    return Exposure(at, found, is_kept=True, asked=_coming(slug))


def ask(slug: str) -> None:
    """It is worked out as soon as the worker comes to it; asked for again meanwhile, it is asked for once."""
    now = clock.now()
    if not _coming(slug):
        duties.insert([Duty("exposure", f"exposure/{slug}/{now.isoformat()}", now, {"offer": slug})])


def arm() -> None:
    """There is always one night to come."""
    if mode.exists() and not models.Duty.objects.filter(kind="exposures", state="waiting").exists():
        duties.insert([_next(clock.now())])


@duties.handles("exposure")
def work_out(duty: duties.Leased) -> None:
    """One offer, kept in place of what was kept before."""
    slug = str(duty.payload["offer"])
    at = clock.now()
    found = [
        _written(each)
        for each in reach.exposure(slug, lambda: duties.advance(duty, duty.payload, clock.now()))
    ]
    offer = models.Offer.objects.get(slug=slug)
    models.KeptExposure.objects.update_or_create(offer=offer, defaults={"at": at, "reaches": found})


@duties.handles("exposures")
def nightly(duty: duties.Leased) -> None:
    """Every offer that is too large for a page, each by a duty of its own."""
    for slug, (reservations, _) in lists.living_by_offer().items():
        if reservations > AT_ONCE:
            ask(slug)
    duties.insert([_next(clock.now())])


def _living(slug: str) -> int:
    return models.Reservation.objects.filter(offer__slug=slug, status__in=LIVING).count()


def _coming(slug: str) -> bool:
    waiting = models.Duty.objects.filter(kind="exposure", state="waiting", payload__offer=slug)
    return waiting.exists()


def _next(now: datetime) -> Duty:
    night = night_after(now)
    return Duty("exposures", f"exposures/{night.isoformat()}", datetime.combine(night, time(HOUR), UTC))


def _written(each: Reach) -> dict[str, Any]:
    """One line as JSON. Of a ground only what is shown: its rule, article and mark."""
    return {
        "residence": each.residence,
        "consumer": each.consumer,
        "reservations": each.reservations,
        "paid": each.paid,
        "principal": each.principal,
        "added": each.added,
        "incomplete": each.incomplete,
        "rights": [[kind, why.rule, why.citation, why.mark, n] for kind, (why, n) in each.rights.items()],
        "deadlines": [[day.isoformat(), n] for day, n in each.deadlines.items()],
        "silent": [[what, day.isoformat(), n] for (what, day), n in each.silent.items()],
    }


def _read(written: Mapping[str, Any]) -> Reach:
    """The line again."""
    plain = ("residence", "consumer", "reservations", "paid", "principal", "added", "incomplete")
    return Reach(
        **{name: written[name] for name in plain},
        rights={
            kind: (Ground(rule, citation, mark), n) for kind, rule, citation, mark, n in written["rights"]
        },
        deadlines={date.fromisoformat(day): n for day, n in written["deadlines"]},
        silent={(what, date.fromisoformat(day)): n for what, day, n in written["silent"]},
    )
