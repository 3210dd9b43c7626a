"""What was measured, beside what it should be: as a table for people and as JSON for programs."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: A figure is at most its target, or at least.
AT_MOST, AT_LEAST = "at most", "at least"


@dataclass(frozen=True)
class Figure:
    """One figure: all measurements, of which the median counts. `target` None is for what is only reported.

    `name` is for programs, `what` for people; `beside` has what else was measured to compare it with, in words.
    """

    name: str
    what: str
    unit: str
    measured: tuple[float, ...]
    target: float | None = None
    bound: str = AT_MOST
    beside: Mapping[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """What counts."""
        return statistics.median(self.measured)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.median <= self.target if self.bound == AT_MOST else self.median >= self.target

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "what": self.what,
            "unit": self.unit,
            "median": self.median,
            "low": min(self.measured),
            "high": max(self.measured),
            "times": len(self.measured),
            "target": self.target,
            "bound": self.bound,
            "met": self.met,
            "beside": dict(self.beside),
        }


#: Characters of the table's first column.
WIDTH: Final = 78


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, and under it what it is compared with."""
    lines = [f"{'':{WIDTH}}{'measured':>12}  {'[low .. high]':<24}{'target':<20}"]
    for each in figures:
        spread = (
            f"[{said(min(each.measured))} .. {said(max(each.measured))}]" if len(each.measured) > 1 else ""
        )
        target = "" if each.target is None else f"{each.bound} {said(each.target)}"
        verdict = {True: "met", False: "MISSED", None: ""}[each.met]
        what = f"{each.what}, {each.unit}"
        lines.append(f"{what:{WIDTH}}{said(each.median):>12}  {spread:<24}{target:<20}{verdict}".rstrip())
        lines += [f"    {other:{WIDTH - 4}}{said(value):>12}" for other, value in each.beside.items()]
    return "\n".join(lines)


def said(value: float) -> str:
    """Three figures are all that such a measurement has."""
    if value and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def machine(database: str) -> dict[str, Any]:
    """What the figures were measured on. `load` is how many processes wanted a core in the last minute."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "database": database,
        "load": round(os.getloadavg()[0], 2),
    }
