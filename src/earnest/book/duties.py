"""What must happen next: kept in the database with the act that asked for it, done under a lease, never lost.

A worker that dies leaves its lease to run out, and another takes the duty; the number of the lease fences off
the first one should it come back. Handlers run outside any transaction and must bear being run again. They
live on the floor above and register here by kind.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any, Final

from django.db import close_old_connections, connection, transaction
from django.db.models import F

from earnest.book import clock, models, sql
from earnest.core.commands.base import Duty

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=2)
BATCH: Final = 20
#: How long a duty waits after its first, second, … failure; after the last it is parked, for a person to see.
BACKOFF: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440, 1440, 1440, 1440, 1440)
)


@dataclass(frozen=True)
class Leased:
    """A duty in the hands of a worker."""

    id: int
    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, Any]
    attempts: int
    lease_no: int


class Later(Exception):
    """A handler says: not yet, ask me again then. It is no failure."""

    def __init__(self, due_at: datetime) -> None:
        self.due_at = due_at
        super().__init__(due_at)


class Park(Exception):
    """A handler says: this will never work by itself, a person must look."""


class LostLease(Exception):
    """The lease ran out and another worker has the duty."""


Handler = Callable[[Leased], None]
_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does duties of a kind. Raises ValueError where there is one already."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"two handlers for duties of kind {kind!r}")
        return handler

    return register


# Only the key may be known already; Django's ignore_conflicts lets SQLite pass over any other fault too.
_ONCE: Final = "ON CONFLICT (key) DO NOTHING"
_FRESH: Final = "'waiting', 0, '', 0, ''"
_COLUMNS: Final = "kind, key, due_at, payload, state, attempts, lease_by, lease_no, last_error"
_EACH: Final = f"INSERT INTO duty ({_COLUMNS}) VALUES (%s, %s, %s, %s, {_FRESH}) {_ONCE}"  # noqa: S608
_AT_ONCE: Final = (
    f"INSERT INTO duty ({_COLUMNS}) SELECT *, {_FRESH} "  # noqa: S608
    f"FROM {sql.unnest(('text', 'text', 'timestamptz', 'jsonb'))} {_ONCE}"
)


def insert(duties: Iterable[Duty]) -> None:
    """Add duties in the caller's transaction; one whose key is known already is that one."""
    instant = connection.ops.adapt_datetimefield_value
    rows = [(duty.kind, duty.key, instant(duty.due_at), json.dumps(dict(duty.payload))) for duty in duties]
    if connection.vendor == "postgresql":
        sql.bound(_AT_ONCE, sql.columns_of(rows, 4))
    else:
        sql.update_each(_EACH, rows)


def next_due() -> datetime | None:
    """When the earliest waiting duty that can be done here and that nobody holds falls due."""
    free = models.Duty.objects.filter(state="waiting", lease_until__isnull=True, kind__in=list(_handlers))
    return free.order_by("due_at").values_list("due_at", flat=True).first()


def claim(now: datetime, worker: str, limit: int = BATCH) -> list[Leased]:
    """Take duties that are due and free, or whose lease has run out. No two workers get the same one."""
    due = models.Duty.objects.filter(state="waiting", due_at__lte=now, kind__in=list(_handlers))
    due = due.exclude(lease_until__gt=now).order_by("due_at", "id")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        leased = [_lease(row, now, worker) for row in due[:limit]]
    return [each for each in leased if each]


def _lease(row: models.Duty, now: datetime, worker: str) -> Leased | None:
    """One duty for one worker; a lease that was left behind counts as a failure of whoever had it."""
    held = models.Duty.objects.filter(id=row.pk, lease_no=row.lease_no, state="waiting")
    attempts = row.attempts + (row.lease_until is not None)
    if attempts > len(BACKOFF):
        held.update(
            state="parked", attempts=attempts, lease_until=None, last_error="its workers did not come back"
        )
        log.error("duty parked, a person must look: %s: its workers did not come back", row.key)
        return None
    lease_no = row.lease_no + 1
    if held.update(lease_until=now + LEASE, lease_by=worker, lease_no=lease_no, attempts=attempts) != 1:
        return None
    return Leased(row.pk, row.kind, row.key, row.due_at, row.payload, attempts, lease_no)


def renew(duty: Leased, now: datetime) -> None:
    """Keep the lease for another while. Raises LostLease."""
    _write(duty, lease_until=now + LEASE)


def release(duty: Leased) -> None:
    """Give it back untouched. Raises LostLease."""
    _write(duty, lease_until=None)


def finish(duty: Leased, now: datetime) -> None:
    """It is done. Raises LostLease."""
    _write(duty, state="done", done_at=now, lease_until=None, last_error="")


def postpone(duty: Leased, due_at: datetime) -> None:
    """Ask again then. Raises LostLease."""
    _write(duty, due_at=due_at, lease_until=None)


def over(prefix: str, now: datetime) -> None:
    """What duties whose key begins so were to warn of is over: they are done, parked or not."""
    found = models.Duty.objects.filter(state__in=("waiting", "parked"), key__startswith=prefix)
    found.update(state="done", done_at=now, lease_until=None, lease_no=F("lease_no") + 1)


def advance(duty: Leased, payload: Mapping[str, Any], now: datetime) -> None:
    """Keep the progress of a long duty, and the lease. Raises LostLease."""
    _write(duty, payload=dict(payload), lease_until=now + LEASE)


def fail(duty: Leased, error: str, now: datetime, *, for_good: bool = False) -> None:
    """It failed: try again after a while, or park it and say so. Raises LostLease."""
    attempts = duty.attempts + 1
    if for_good or attempts > len(BACKOFF):
        _write(duty, state="parked", attempts=attempts, lease_until=None, last_error=error[:2000])
        log.error("duty parked, a person must look: %s: %s", duty.key, error)
        return
    later = now + BACKOFF[attempts - 1]
    _write(duty, due_at=later, attempts=attempts, lease_until=None, last_error=error[:2000])
    log.warning("duty failed (%d): %s: %s", attempts, duty.key, error)


def run_due(now: datetime, worker: str, stop: Event | None = None) -> int:
    """One sweep: take what is due and do it, or give it back when told to stop. How many were taken."""
    leased = claim(now, worker)
    for duty in leased:
        try:
            if stop and stop.is_set():
                release(duty)
            else:
                run(duty)
        except LostLease:
            log.warning("another worker has taken over: %s", duty.key)
    return len(leased)


def run_now(key: str, now: datetime, worker: str) -> None:
    """Do one duty that is due, whoever's turn it is; nothing where another worker has it, or it is done."""
    row = models.Duty.objects.filter(key=key, state="waiting", due_at__lte=now).exclude(lease_until__gt=now)
    found = row.first()
    leased = _lease(found, now, worker) if found else None
    if leased:
        run(leased)


def run(duty: Leased) -> None:
    """Do one duty and write down what came of it. Raises LostLease, before or after the handler ran."""
    # Those before it in the sweep may have taken longer than the lease.
    renew(duty, clock.now())
    _do(duty)


def _do(duty: Leased) -> None:
    try:
        _handlers[duty.kind](duty)
    except Later as later:
        postpone(duty, later.due_at)
    except Park as error:
        fail(duty, str(error), clock.now(), for_good=True)
    except LostLease:
        raise
    except Exception as error:
        log.debug("duty %s", duty.key, exc_info=True)
        fail(duty, f"{type(error).__name__}: {error}", clock.now())
    else:
        finish(duty, clock.now())
        log.info("done: %s", duty.key)


def loop(stop: Event, worker: str, idle_seconds: float = 0.5) -> None:
    """Sweep until told to stop; an error of the database ends a sweep, not the loop."""
    while not stop.is_set():
        close_old_connections()
        try:
            busy = run_due(clock.now(), worker, stop)
        except Exception:
            log.exception("the sweep failed; trying again")
            busy = 0
        if not busy:
            stop.wait(idle_seconds)


def _write(duty: Leased, **columns: Any) -> None:
    held = models.Duty.objects.filter(id=duty.id, lease_no=duty.lease_no, state="waiting")
    if held.update(**columns) != 1:
        raise LostLease(duty.key)
