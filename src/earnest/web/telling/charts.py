"""Two drawings as numbers for a page: promised against actual, and the money over time.

Lines and bars are drawn, and stretch with the page; every word stays text, as large as the others. Places are per
cent of the width, written with a point whatever the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from earnest.core.offer import Window
from earnest.web.telling.narrative import Narrative

#: So many years have their number at the top; more would not fit on a phone.
MOST_YEARS: Final = 6
#: What has ended falls to nothing before the right edge, so that one sees it.
BEYOND: Final = 0.03
HEIGHT: Final = 100


@dataclass(frozen=True)
class Year:
    """A year and its first day's place; near the right edge its number stands before the place."""

    number: int
    at: str
    stands_before: bool


@dataclass(frozen=True)
class Bar:
    """A promised window, and on which day it was promised."""

    on: date
    window: Window
    at: str
    width: str
    is_last: bool


@dataclass(frozen=True)
class Promises:
    """A bar for each promised window, the newest last, and where the waiting ended."""

    years: tuple[Year, ...]
    bars: tuple[Bar, ...]
    end: str


@dataclass(frozen=True)
class Holdings:
    """Steps of what the maker held and what it owed back, as paths; the full height is `most_minor`."""

    years: tuple[Year, ...]
    held: str
    owed: str
    most_minor: int


class Axis:
    """Days to places."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.days = max(1, (last - first).days)

    def at(self, on: date) -> float:
        """The place of a day, 0 to 100, within the drawing."""
        return round(100 * min(1.0, max(0.0, (on - self.first).days / self.days)), 2)

    def years(self) -> tuple[Year, ...]:
        """The years that begin on it, or every second, third, … of them."""
        numbers = [
            year
            for year in range(self.first.year, self.last.year + 1)
            if self.first <= date(year, 1, 1) <= self.last
        ]
        every = max(1, -(-len(numbers) // MOST_YEARS))
        places = [(year, self.at(date(year, 1, 1))) for year in numbers[::every]]
        return tuple(Year(year, f"{place}", place > 88) for year, place in places)


def promises(told: Narrative) -> Promises | None:
    """None where no window is open."""
    if not told.promises:
        return None
    end = (told.ended or told.last).date()
    first = told.began.date().replace(month=1, day=1)
    last = max([end, *(each.window.end for each in told.promises)]).replace(month=12, day=31)
    axis = Axis(first, last)
    bars = []
    for each in told.promises:
        start, stop = axis.at(each.window.start), axis.at(each.window.end)
        width = max(0.6, round(stop - start, 2))
        bars.append(Bar(each.on, each.window, f"{start}", f"{width}", each == told.promises[-1]))
    return Promises(axis.years(), tuple(bars), f"{axis.at(end)}")


def money(told: Narrative) -> Holdings | None:
    """None where no money moved, or its entries are not open."""
    if not told.money:
        return None
    first, last = told.began.date(), told.last.date()
    axis = Axis(first, last + timedelta(days=int((last - first).days * BEYOND) + 1))
    most = max(1, *(step.held_minor + step.owed_minor for step in told.money))
    held = [step.held_minor for step in told.money]
    owed = [step.owed_minor for step in told.money]
    at = [axis.at(step.at.date()) for step in told.money]
    return Holdings(axis.years(), _steps(at, held, most), _steps(at, owed, most), most)


def _steps(at: Sequence[float], values: Sequence[int], most: int) -> str:
    """A block for each value above nothing, from its day to the next one's; "" where there is none."""
    blocks = ""
    for value, start, end in zip(values, at, [*at[1:], 100.0], strict=True):
        if value > 0:
            blocks += f"M{start} {HEIGHT}V{round(HEIGHT - HEIGHT * value / most, 2)}H{end}V{HEIGHT}Z"
    return blocks
