"""Two drawings as SVG: promised against actual, and the money over time. No script, no colour without a word."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Final

from earnest.post.words import money as amount
from earnest.web.telling.narrative import Money, Narrative

WIDTH: Final = 500
LEFT: Final = 8
#: What four digits and the gap before them need.
YEAR_WIDTH: Final = 34


def _years(first: date, last: date) -> list[int]:
    every = max(1, (last.year - first.year) // 8 + 1)
    return [year for year in range(first.year, last.year + 2) if (year - first.year) % every == 0]


class Axis:
    """Days to places on the drawing."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.days = first, max(1, (last - first).days)

    def x(self, on: date) -> float:
        """The place of a day, within the drawing."""
        share = min(1.0, max(0.0, (on - self.first).days / self.days))
        return round(LEFT + share * (WIDTH - 2 * LEFT), 1)


def promises(told: Narrative, words: dict[str, str]) -> str:
    """A bar for each promised window, the newest last; a line where the waiting ended."""
    if not told.promises:
        return ""
    end = (told.ended or told.last).date()
    first = told.began.date().replace(month=1, day=1)
    last = max([end, *(each.window.end for each in told.promises)]).replace(month=12, day=31)
    axis, row = Axis(first, last), 34
    height = 30 + row * len(told.promises)
    parts = [_ruler(axis, first, last, height)]
    for place, each in enumerate(told.promises):
        y = 24 + place * row
        start, stop = axis.x(each.window.start), axis.x(each.window.end)
        label = words["promised_on"].format(day=each.on.isoformat())
        anchor, at = ("end", stop) if start > WIDTH / 2 else ("start", start)
        parts.append(
            f'<rect class="bar{" bar--now" if each == told.promises[-1] else ""}" x="{start}" y="{y + 14}"'
            f' width="{max(3.0, round(stop - start, 1))}" height="10" rx="3"/>'
            f'<text x="{at}" y="{y + 9}" text-anchor="{anchor}">{escape(label)}</text>'
        )
    x = axis.x(end)
    parts.append(f'<line class="end" x1="{x}" x2="{x}" y1="16" y2="{height}"/>')
    return _svg(height + 6, words["promises"], parts)


def money(told: Narrative, words: dict[str, str]) -> str:
    """Steps: what the maker held, and what it owed back."""
    if not told.money:
        return ""
    first, last = told.began.date(), told.last.date()
    axis, height, top = Axis(first, last), 150, 26
    most = max(1, *(step.held_minor + step.owed_minor for step in told.money))
    parts = [_ruler(axis, first, last, height)]
    for name, values in (
        ("held", [step.held_minor for step in told.money]),
        ("owed", [step.owed_minor for step in told.money]),
    ):
        parts.append(f'<path class="{name}" d="{_steps(axis, told.money, values, most, height, top)}"/>')
    parts.append(f'<text x="{LEFT}" y="{top - 6}">{escape(amount(most, told.currency))}</text>')
    return _svg(height + 22, words["money"], parts)


def _steps(
    axis: Axis, steps: Sequence[Money], values: Sequence[int], most: int, height: int, top: int
) -> str:
    def y(value: int) -> float:
        return round(height - value / most * (height - top), 1)

    path = f"M{LEFT} {y(0)}"
    for step, value in zip(steps, values, strict=True):
        path += f"H{axis.x(step.at.date())}V{y(value)}"
    return f"{path}H{WIDTH - LEFT}V{y(0)}Z"


def _ruler(axis: Axis, first: date, last: date, height: int) -> str:
    marks = ""
    for year in _years(first, last):
        on = date(year, 1, 1)
        if first <= on <= last:
            x = axis.x(on)
            # At the right edge a year stands before its line, where there is room for it.
            at, anchor = (x + 3, "start") if x + YEAR_WIDTH < WIDTH else (x - 3, "end")
            marks += (
                f'<line class="rule" x1="{x}" x2="{x}" y1="16" y2="{height}"/>'
                f'<text class="year" x="{at}" y="12" text-anchor="{anchor}">{year}</text>'
            )
    return marks


def _svg(height: int, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}"'
        f' xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
