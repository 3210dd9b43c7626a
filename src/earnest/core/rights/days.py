"""Which day an instant is, for rights and for duties; and when a day is over for everybody."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from earnest.core.rights.facts import Facts, Today

#: Where a country's day ends last: no right of somebody who lives there ends before it does there.
LAST_ZONE: Final = {
    "FR": "Europe/Paris", "DE": "Europe/Berlin", "GB": "Europe/London", "IE": "Europe/Dublin", "CH": "Europe/Zurich",
    "BE": "Europe/Brussels", "IT": "Europe/Rome", "ES": "Atlantic/Canary", "PT": "Atlantic/Azores",
    "NL": "Europe/Amsterdam", "AT": "Europe/Vienna", "US": "Pacific/Honolulu", "CA": "America/Vancouver",
}  # fmt: skip


def today(facts: Facts, now: datetime) -> Today:
    """Which day an instant is: for the customer's rights where it is earliest, for the maker's duties where latest."""
    zones = {facts.zone, LAST_ZONE.get(facts.residence[:2], ""), facts.offer_zone} - {""}
    days = [now.astimezone(ZoneInfo(zone)).date() for zone in sorted(zones)] or [now.date()]
    return Today(min(days), max(days))


def end_of(day: date) -> datetime:
    """When a day is over everywhere (at noon of the next one in Greenwich): who answers on it is in time."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
