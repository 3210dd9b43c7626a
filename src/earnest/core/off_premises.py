"""Money and contracts that were made away from business premises: in France, none within seven days."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from earnest.core.offer import Offer
from earnest.core.reservation import Payment, Reservation

OFF_PREMISES: Final = "off-premises"
#: Code de la consommation L221-10 (the sanction is in L242-7).
DAYS: Final = 7
_ZONES: Final = {"FR": ZoneInfo("Europe/Paris")}


def may_be_paid_from(residence: str, channel: str, contract_at: datetime) -> datetime | None:
    """The first instant at which money may be taken, or None where it may be at once.

    The day of the contract does not count, and the seventh day after it is over before anything is taken
    (L221-10; Regulation 1182/71 art. 3).
    """
    zone = _ZONES.get(residence)
    if channel != OFF_PREMISES or zone is None:
        return None
    day = contract_at.astimezone(zone).date() + timedelta(days=DAYS + 1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(contract_at.tzinfo)


def first_payment(state: Reservation, offer: Offer) -> datetime | None:
    """As `may_be_paid_from`, of a reservation of a consumer; a company's contract is not the article's."""
    if not state.consumer:
        return None
    channel = offer.version(state.version).sale.channel
    return may_be_paid_from(state.residence, channel, state.placed_at)


def too_early(state: Reservation, offer: Offer) -> list[Payment]:
    """Payments that came all the same before they might be taken; not those of an earlier contract, brought along."""
    first = first_payment(state, offer)
    return [each for each in state.payments if first and state.placed_at <= each.happened_at < first]
