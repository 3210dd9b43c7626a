"""Group commit: what waits in a process is committed together, which on one disk is the difference of ten times.

Whoever comes while nobody writes becomes the writer, takes everything that waits (at most `LIMIT` requests) and
commits it; the others find their answers. There is no thread of its own to die, and nothing stays between batches.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, Generic, TypeVar

from django.db import DatabaseError, IntegrityError, InternalError, OperationalError

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

LIMIT: Final = 100
#: Seconds before each retry of a batch that met a lock or lost a race.
PAUSES: Final = (0.005, 0.02, 0.05, 0.2, 0.5)
#: PostgreSQL: serialization failure, deadlock, lock not available.
_RETRIED_STATES: Final = ("40001", "40P01", "55P03")


class _Slot(Generic[Request, Outcome]):
    def __init__(self, requests: list[Request]) -> None:
        self.requests = requests
        self.outcomes: list[Outcome] | None = None
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.outcomes is not None or self.error is not None


class Committer(Generic[Request, Outcome]):
    """Commits requests in groups with `write`, which must be one transaction and give one outcome each."""

    def __init__(
        self,
        write: Callable[[Sequence[Request]], list[Outcome]],
        limit: int = LIMIT,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._write = write
        self._limit = limit
        self._pause = pause
        self._waiting: deque[_Slot[Request, Outcome]] = deque()
        self._mutex = Lock()
        self._writing = Lock()

    def submit(self, requests: list[Request]) -> list[Outcome]:
        """Wait until the requests are durable (or refused) and return their outcomes, in order.

        Raises what `write` raised for these requests alone.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(requests), self._limit):
            outcomes += self._submit(requests[start : start + self._limit])
        return outcomes

    def _submit(self, requests: list[Request]) -> list[Outcome]:
        slot: _Slot[Request, Outcome] = _Slot(requests)
        with self._mutex:
            self._waiting.append(slot)
        while not slot.done:
            with self._writing:
                if not slot.done:
                    self._commit(self._take())
        if slot.error is not None:
            raise slot.error
        assert slot.outcomes is not None
        return slot.outcomes

    def _take(self) -> list[_Slot[Request, Outcome]]:
        taken: list[_Slot[Request, Outcome]] = []
        count = 0
        with self._mutex:
            while self._waiting and count + len(self._waiting[0].requests) <= self._limit:
                taken.append(self._waiting.popleft())
                count += len(taken[-1].requests)
        return taken

    def _commit(self, slots: list[_Slot[Request, Outcome]]) -> None:
        """Together; if that fails, each alone, so that one bad request harms nobody else."""
        try:
            outcomes = self._persist([request for slot in slots for request in slot.requests])
        except BaseException as error:
            if len(slots) == 1 or not isinstance(error, Exception):
                for slot in slots:
                    slot.error = error
                if not isinstance(error, Exception):
                    raise
                return
            for slot in slots:
                self._commit([slot])
            return
        for slot in slots:
            slot.outcomes = outcomes[: len(slot.requests)]
            outcomes = outcomes[len(slot.requests) :]

    def _persist(self, requests: list[Request]) -> list[Outcome]:
        for pause in PAUSES:
            try:
                return self._write(requests)
            except DatabaseError as error:
                if not passes(error):
                    raise
                self._pause(pause)
        return self._write(requests)


def passes(error: DatabaseError) -> bool:
    """Whether trying the whole transaction again may help: locks, deadlocks, and races lost at a constraint."""
    if isinstance(error, IntegrityError | InternalError):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and (state in _RETRIED_STATES or "locked" in str(error))
