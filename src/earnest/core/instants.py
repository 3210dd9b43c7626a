"""Instants and dates in acts: UTC, whole seconds, `2018-06-15T09:30:00Z`; dates as `2018-06-15`."""

from datetime import UTC, date, datetime
from functools import lru_cache


# The acts of a batch have one instant, and each names it several times.
@lru_cache(maxsize=256)
def text(moment: datetime) -> str:
    """The canonical text of an aware instant; fractions of a second are cut, never rounded up."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def instant(written: str) -> datetime:
    """The instant that `text` wrote. Raises ValueError for any other form."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is not UTC or text(moment) != written:
        raise ValueError(f"not an instant of the form YYYY-MM-DDTHH:MM:SSZ: {written!r}")
    return moment


def day(written: str) -> date:
    """A calendar date from `YYYY-MM-DD`. Raises ValueError for any other form."""
    parsed = date.fromisoformat(written)
    if parsed.isoformat() != written:
        raise ValueError(f"not a date of the form YYYY-MM-DD: {written!r}")
    return parsed
