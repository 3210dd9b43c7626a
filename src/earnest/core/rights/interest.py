"""Simple interest by a table of rates, exactly: rounded once, half up, at the very end."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final

from earnest.core.rights.law import Missing, Rates

#: How days are divided by a year: by 365 always, or by the days of the year that each of them is in.
ACT_365F, ACT_ACT = "act/365f", "act/act"
DAY_COUNTS: Final = (ACT_365F, ACT_ACT)

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Segment:
    """Days at one rate, both included; `share` of a year that they count for."""

    since: date
    until: date
    percent: Fraction
    days: int
    share: Fraction


@dataclass(frozen=True)
class Accrual:
    """What one unit of principal bears. `days` counts all; from `missing_from` on, no rate is known."""

    segments: tuple[Segment, ...]
    days: int
    factor: Fraction
    missing_from: date | None = None


def half_up(exact: Fraction) -> int:
    """To a whole minor unit; a half goes up, away from zero never below."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@lru_cache(maxsize=200_000)
def accrual(rates: Rates, category: str, after: date, until: date, day_count: str) -> Accrual:
    """What one unit bears from the day after `after` to `until`, that day included."""
    segments: list[Segment] = []
    missing, day, days = None, after + _ONE_DAY, max(0, (until - after).days)
    while day <= until:
        period = rates.period(day)
        try:
            percent = rates.percent(day, category)
        except Missing:
            missing = day
            break
        assert period is not None
        last = min(period.until, until)
        segments.append(Segment(day, last, percent, (last - day).days + 1, _share(day, last, day_count)))
        day = last + _ONE_DAY
    factor = sum((each.percent * each.share for each in segments), Fraction(0)) / 100
    return Accrual(tuple(segments), days, factor, missing)


def at_rate(percent: Fraction, days: int) -> Fraction:
    """What one unit bears in so many days at one rate, a year being 365 days."""
    return percent * days / 36_500


def _share(since: date, until: date, day_count: str) -> Fraction:
    if day_count == ACT_365F:
        return Fraction((until - since).days + 1, 365)
    share = Fraction(0)
    for year in range(since.year, until.year + 1):
        first, last = max(since, date(year, 1, 1)), min(until, date(year, 12, 31))
        share += Fraction((last - first).days + 1, 366 if isleap(year) else 365)
    return share
