"""What book this is: its origin, and whether it is a demonstration, a test or live; decided once for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from earnest.book import models

MODES = ("demo", "test", "live")


class NoBook(RuntimeError):
    """There is no book here yet."""


@dataclass(frozen=True)
class Mode:
    """The book's row."""

    origin: str
    mode: str
    opened_at: datetime
    clock_offset_seconds: int
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_demo(self) -> bool:
        """Made-up people, its own clock, published keys."""
        return self.mode == "demo"


_current: Mode | None = None


def current() -> Mode:
    """The book's row, read once. Raises NoBook."""
    global _current
    if _current is None:
        row = models.Book.objects.filter(id=1).first()
        if row is None:
            raise NoBook(
                "There is no book here yet; `./earnest open` opens one, `./earnest demo` loads the demo."
            )
        _current = Mode(row.origin, row.mode, row.opened_at, row.clock_offset_seconds, row.data)
    return _current


def exists() -> bool:
    """Whether a book was opened here."""
    return models.Book.objects.filter(id=1).exists()


def origin() -> str:
    """The name under which the book signs."""
    return current().origin


def clock_offset_seconds() -> int:
    """How far the book's clock is from the machine's; nothing but a demonstration has one."""
    try:
        return current().clock_offset_seconds
    except NoBook:
        return 0


def data() -> Mapping[str, str]:
    """What else is known of the book: the maker's name, the stories of a demonstration."""
    return current().data


def open_book(origin: str, mode: str, at: datetime, maker: str = "") -> None:
    """Write the row, once. Raises ValueError for a mode or an origin that does not fit it."""
    if mode not in MODES or (mode == "demo") != origin.startswith("demo."):
        raise ValueError("a demonstration's origin begins with “demo.”, and only a demonstration's")
    models.Book.objects.create(id=1, origin=origin, mode=mode, opened_at=at, data={"maker": maker or origin})
    forget()


def remember(more: dict[str, str]) -> None:
    """Keep more of what is known of the book."""
    models.Book.objects.filter(id=1).update(data={**data(), **more})
    forget()


def set_clock_offset(seconds: int) -> None:
    """From when the demonstration runs at real pace. Raises ValueError for any other book."""
    if models.Book.objects.filter(id=1, mode="demo").update(clock_offset_seconds=seconds) != 1:
        raise ValueError("only a demonstration has a clock of its own")
    forget()


def forget() -> None:
    """Read the row again next time: another database, or another book in a test."""
    global _current
    _current = None
