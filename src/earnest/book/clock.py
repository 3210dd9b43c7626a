"""The book's clock. Below the faces this is the only place where the wall clock is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from earnest.book import mode


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The instant, UTC, in whole seconds."""
        ...


class SystemClock:
    """The machine's clock, shifted by an offset: a demonstration lives in another year at real pace."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The machine's instant plus the offset."""
        return (datetime.now(UTC) + self.offset).replace(microsecond=0)


class ManualClock:
    """A clock that stands until it is set: for tests, the simulator and loading the demonstration."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at

    def set(self, at: datetime) -> None:
        """Set it; also back, as real clocks do. Raises ValueError for an instant without a zone."""
        if at.tzinfo is None:
            raise ValueError("an instant needs its zone")
        self.at = at.astimezone(UTC).replace(microsecond=0)

    def advance(self, by: timedelta) -> None:
        """Set it forward."""
        self.set(self.at + by)


_clock: Clock | None = None


def now() -> datetime:
    """The book's instant, UTC, in whole seconds."""
    return current().now()


def current() -> Clock:
    """The clock in use; by default the machine's, with the offset that the book's row asks for."""
    # Not kept: before a book is opened there is no offset, and loading a demonstration sets one.
    return _clock or SystemClock(timedelta(seconds=mode.clock_offset_seconds()))


def use(clock: Clock | None) -> None:
    """Use a clock from now on; None goes back to the book's own."""
    global _clock
    _clock = clock


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Use a clock for a while."""
    before = _clock
    use(clock)
    try:
        yield
    finally:
        use(before)
