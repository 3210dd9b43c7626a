"""What the law is asked about a reservation of the book, and on which day: gathered from its acts."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from earnest.book import law, reads
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import Rights
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.gather import as_of, facts_of

#: Where a country's day ends last: no right of somebody who lives there ends before it does there.
LAST_ZONE: Final = {
    "FR": "Europe/Paris", "DE": "Europe/Berlin", "GB": "Europe/London", "IE": "Europe/Dublin", "CH": "Europe/Zurich",
    "BE": "Europe/Brussels", "IT": "Europe/Rome", "ES": "Atlantic/Canary", "PT": "Atlantic/Azores",
    "NL": "Europe/Amsterdam", "AT": "Europe/Vienna", "US": "Pacific/Honolulu", "CA": "America/Vancouver",
}  # fmt: skip


def of(number: str) -> Facts:
    """The facts of a reservation by its number. Raises Missing."""
    state = reads.reservation(number)
    acts = [each.act for each in reads.acts("reservation", state.number)]
    return facts_of(state, reads.offer(state.offer).offer, acts)


def today(facts: Facts, now: datetime) -> Today:
    """Which day an instant is: for the customer's rights where it is earliest, for the maker's duties where latest."""
    zones = {facts.zone, LAST_ZONE.get(facts.residence[:2], ""), facts.offer_zone} - {""}
    days = [now.astimezone(ZoneInfo(zone)).date() for zone in sorted(zones)] or [now.date()]
    return Today(min(days), max(days))


def rights(number: str, on: date | datetime) -> tuple[Facts, Rights]:
    """What the law gives for a reservation on a day, or at an instant, with the facts that it looked at."""
    facts = of(number)
    days = today(facts, on) if isinstance(on, datetime) else Today(on, on)
    facts = as_of(facts, days.duties)
    return facts, answer(law.current(), facts, days)
