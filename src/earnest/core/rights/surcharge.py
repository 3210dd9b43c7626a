"""A surcharge for paying back late, by tiers of days; after the last, so many points more with every new month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from earnest.core.rights.answers import NotComputable
from earnest.core.rights.counting import months_between
from earnest.core.rights.interest import ACT_365F, accrual, half_up
from earnest.core.rights.law import Missing, Rates


@dataclass(frozen=True)
class Late:
    """`base_minor` is paid (or was not yet, on) `refunded_on`, `days` after `deadline`."""

    base_minor: int
    days: int
    deadline: date | None = None
    refunded_on: date | None = None


@dataclass(frozen=True)
class Options:
    """The table of the legal rate, the readings of open points, and what comes after the last tier."""

    legal: Rates | None = None
    category: str = "consumer"
    first_tier: str = "flat"
    new_month: str = "begun"
    cap_minor: int | None = None
    after: Mapping[str, Any] | None = None
    flat_rate_of: str = "highest"


def of(late: Late, scale: Sequence[Mapping[str, Any]], options: Options) -> dict[str, Any]:
    """`percent`, `surcharge` in minor units and `tier`, with what the other readings give.

    A tier is `until` (days late, included; None: without end) and `percent`, or `rate: legal`.
    """
    if late.days <= 0:
        none: dict[str, Any] = {"tier": "none", "percent": Fraction(0), "surcharge": 0}
        return none if options.legal is None else {**none, "flat": 0, "pro_rata": 0}
    for row in scale:
        if row["until"] is not None and late.days > row["until"]:
            continue
        if row.get("rate") == "legal":
            return _by_legal_rate(late, options)
        percent = Fraction(str(row["percent"]))
        name = f"{row['percent']}%"
        return {"tier": name, "percent": percent, "surcharge": half_up(late.base_minor * percent / 100)}
    return _by_months(late, Fraction(str(scale[-1]["percent"])), scale[-1]["until"], options)


def _by_legal_rate(late: Late, options: Options) -> dict[str, Any]:
    """The first tier of L242-4: the legal rate as a percentage (flat), or for the days alone (pro rata)."""
    assert options.legal is not None
    if late.deadline is None or late.refunded_on is None:
        raise Missing(NotComputable("fact", "refund_deadline"))
    first_late = late.deadline + timedelta(days=1)
    days = {"first-day-late": [first_late], "day-of-payment": [late.refunded_on]}
    each = days.get(options.flat_rate_of, [first_late, late.refunded_on])
    percent = max(options.legal.percent(day, options.category) for day in each)
    found = accrual(options.legal, options.category, late.deadline, late.refunded_on, ACT_365F)
    flat, pro_rata = half_up(late.base_minor * percent / 100), half_up(late.base_minor * found.factor)
    if options.first_tier == "pro-rata":
        percent, surcharge = found.factor * 100, pro_rata
    else:
        surcharge = flat
    return {
        "tier": "legal rate",
        "percent": percent,
        "surcharge": surcharge,
        "flat": flat,
        "pro_rata": pro_rata,
    }


def _by_months(late: Late, percent: Fraction, last_day: int, options: Options) -> dict[str, Any]:
    """Beyond the last tier: more points with every new month, up to the cap."""
    after = options.after or {}
    if late.deadline is None or late.refunded_on is None:
        raise Missing(NotComputable("fact", "refund_deadline"))
    since = late.deadline + timedelta(days=last_day)
    completed, begun = months_between(since, late.refunded_on)
    points = Fraction(str(after.get("points", 0)))
    cap = options.cap_minor
    raw = [half_up(late.base_minor * (percent + points * months) / 100) for months in (begun, completed)]
    by_begun, by_completed = (each if cap is None else min(each, cap) for each in raw)
    begins = options.new_month == "begun"
    return {
        "tier": f"{percent}% + {points} points a month",
        "percent": percent + points * (begun if begins else completed),
        "months_begun": begun,
        "months_completed": completed,
        "begun": by_begun,
        "completed": by_completed,
        "cap": cap,
        "cap_reached": None if cap is None else raw[0 if begins else 1] >= cap,
        "surcharge": by_begun if begins else by_completed,
    }
