"""Group commit: what waits in a process is committed together: on one disk, a difference of ten times.

Whoever comes while nobody writes becomes the writer: takes what waits (at most `LIMIT` requests), commits it,
wakes those whose answers are there and passes the turn to whoever has waited longest. A writer of its own
would be one thread more to start, to watch and to lose after a fork; this way there is nobody to die, and a
test is its own writer.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
)

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")

LIMIT: Final = 100
#: As LIMIT, for what is done in bulk: of five commits one is left, and pages that many rows share are written once.
BULK: Final = 500
#: Seconds before each retry of a batch that met a lock.
PAUSES: Final = (0.005, 0.02, 0.05, 0.2, 0.5)
#: As PAUSES, for a constraint that said no: reading again helps whoever lost a race, and nobody else.
PAUSES_AFTER_A_RACE: Final = PAUSES[:2]
#: PostgreSQL: serialization failure, deadlock, lock not available.
_RETRIED_STATES: Final = ("40001", "40P01", "55P03")


class Interrupted(RuntimeError):
    """The thread that was writing was stopped; whether these requests were written has to be looked up."""


class PartlyFailed(RuntimeError):
    """Of several requests some failed. `outcomes` has what came of each: its outcome, or its error."""

    def __init__(self, outcomes: list[Any]) -> None:
        self.outcomes = outcomes
        super().__init__("some of the requests failed; `outcomes` says which, and how")


@dataclass(frozen=True)
class _Failed:
    error: Exception


class _Slot(Generic[Request, Outcome]):
    """What one caller waits for. `wake` opens when the results are there, or when it is its turn to write."""

    def __init__(self, requests: list[Request]) -> None:
        self.requests = requests
        self.results: list[Outcome | _Failed] = []
        self.writes = False
        self.wake = Lock()
        self.wake.acquire()

    def fail(self, error: Exception) -> None:
        self.results = [_Failed(error)] * len(self.requests)


class Committer(Generic[Request, Outcome]):
    """Commits requests in groups with `write`.

    `write` is one transaction, gives one outcome each, in order, and raises nothing once it has committed:
    what raises is taken as not written.
    """

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
        self._busy = False

    def submit(self, requests: Sequence[Request]) -> list[Outcome]:
        """Wait until the requests are durable (or refused) and return their outcomes, in order.

        Raises RuntimeError inside a transaction, what `write` raised if nothing was written, and PartlyFailed
        if something was. An OperationalError can mean that the answer to a commit was lost.
        """
        blocks = connection.atomic_blocks
        if blocks and not blocks[-1]._from_testcase:  # type: ignore[attr-defined]
            raise RuntimeError("a batch is a transaction of its own and cannot be part of another one")
        results: list[Outcome | _Failed] = []
        for start in range(0, len(requests), self._limit):
            results += self._submit(list(requests[start : start + self._limit]))
        failed = [each.error for each in results if isinstance(each, _Failed)]
        if len(failed) == len(results) and failed:
            raise failed[0]
        if failed:
            raise PartlyFailed([each.error if isinstance(each, _Failed) else each for each in results])
        return [each for each in results if not isinstance(each, _Failed)]

    def _submit(self, requests: list[Request]) -> list[Outcome | _Failed]:
        slot: _Slot[Request, Outcome] = _Slot(requests)
        try:
            with self._mutex:
                self._waiting.append(slot)
                self._busy, slot.writes = True, not self._busy
            if not slot.writes:
                slot.wake.acquire()
            if slot.writes:
                self._take_turn(slot)
        except BaseException:
            self._leave(slot)
            raise
        return slot.results

    def _take_turn(self, slot: _Slot[Request, Outcome]) -> None:
        """Commit one batch, which the caller's own requests are in, for it is the first that waits."""
        batch = self._take()
        try:
            self._commit(batch)
        finally:
            self._pass_on(slot)
            for each in batch:
                if not each.results:
                    each.fail(Interrupted("the thread that was writing this was stopped"))
                if each is not slot:
                    each.wake.release()

    def _take(self) -> list[_Slot[Request, Outcome]]:
        taken: list[_Slot[Request, Outcome]] = []
        count = 0
        with self._mutex:
            while self._waiting and count + len(self._waiting[0].requests) <= self._limit:
                taken.append(self._waiting.popleft())
                count += len(taken[-1].requests)
        return taken

    def _pass_on(self, slot: _Slot[Request, Outcome]) -> None:
        with self._mutex:
            if not slot.writes:
                return
            slot.writes = False
            self._busy = bool(self._waiting)
            if self._waiting:
                self._waiting[0].writes = True
                self._waiting[0].wake.release()

    def _leave(self, slot: _Slot[Request, Outcome]) -> None:
        """Somebody stopped waiting (Ctrl-C): neither its requests nor the turn may stay with it."""
        with self._mutex:
            if slot in self._waiting:
                self._waiting.remove(slot)
        self._pass_on(slot)

    def _commit(self, slots: list[_Slot[Request, Outcome]]) -> None:
        """Together; if that fails, each request alone, so that one bad request harms nobody else."""
        requests = [request for slot in slots for request in slot.requests]
        results: list[Outcome | _Failed]
        try:
            results = [*self._persist(requests)]
            if len(results) != len(requests):
                wrong = RuntimeError("the batch was written without an outcome for each")
                results = [_Failed(wrong)] * len(requests)
        except Exception as error:
            if len(requests) == 1 or isinstance(error, OperationalError | InterfaceError):
                # Locks that did not go away, a full disk, a lost connection: no fault of one request. And a
                # commit whose answer was lost may have happened, so nothing of it may be tried again.
                results = [_Failed(error)] * len(requests)
            else:
                results = [self._alone(request) for request in requests]
        for slot in slots:
            slot.results = results[: len(slot.requests)]
            results = results[len(slot.requests) :]

    def _alone(self, request: Request) -> Outcome | _Failed:
        try:
            return self._persist([request])[0]
        except Exception as error:
            return _Failed(error)

    def _persist(self, requests: list[Request]) -> list[Outcome]:
        tried = 0
        while True:
            try:
                return self._write(requests)
            except (DatabaseError, InterfaceError) as error:
                if not connection.in_atomic_block:
                    connection.close_if_unusable_or_obsolete()
                pauses = pauses_after(error)
                if tried >= len(pauses):
                    raise
                self._pause(pauses[tried])
                tried += 1


def pauses_after(error: Exception) -> tuple[float, ...]:
    """Seconds before each further try of the whole transaction; none where that is no use, or not safe."""
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError) and (state in _RETRIED_STATES or "locked" in str(error)):
        return PAUSES
    if isinstance(error, IntegrityError | InternalError):
        return PAUSES_AFTER_A_RACE
    return ()
