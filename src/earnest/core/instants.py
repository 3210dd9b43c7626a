"""Instants and dates in acts: UTC, whole seconds, `2018-06-15T09:30:00Z`; dates as `2018-06-15`."""

from datetime import UTC, date, datetime


def text(moment: datetime) -> str:
    """The canonical text of an aware instant; fractions of a second are cut, never rounded up."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(written: str) -> datetime:
    """The instant that `text` wrote. Raises ValueError for any other form."""
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def day(written: str) -> date:
    """A calendar date from `YYYY-MM-DD`. Raises ValueError for any other form."""
    parsed = date.fromisoformat(written)
    if parsed.isoformat() != written:
        raise ValueError(f"not a date of the form YYYY-MM-DD: {written!r}")
    return parsed
