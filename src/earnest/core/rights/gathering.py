"""From a reservation and its offer to the facts that the law asks about. Nothing is judged here.

Days are those of the offer's own zone and of Greenwich, whichever favours the customer: where a customer lives inside a
country is not known.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from earnest.core.doubts import taken_back
from earnest.core.offer import Offer
from earnest.core.offer import Slip as Slipped
from earnest.core.reservation import CANCELLED, Ending, Reservation, Told
from earnest.core.rights import facts as law
from earnest.core.rights.facts import Ended, Facts, Payment, Promise, Refunded, Slip, Today

_ANSWERS: Final = {"accept": law.ACCEPT, "wait": law.WAIT, "cancel": law.CANCEL}


def today(offer: Offer, now: datetime) -> Today:
    """The day on which the law is asked: for rights of the zone that is behind, for duties of the one ahead."""
    days = (now.astimezone(ZoneInfo(offer.timezone)).date(), now.astimezone(UTC).date())
    return Today(min(days), max(days))


def gather(state: Reservation, offer: Offer, telling: tuple[int, date] | None = None) -> Facts:
    """One reservation as the law looks at it; `telling`: a slip (its act) that its holder is told of on that day."""
    version = offer.version(state.version)
    sale, buyer, ending = version.sale, state.buyer, _end(state)
    places = state.quantity or (ending.quantity if ending else 1)
    texts = version.texts.values() if isinstance(version.texts, dict) else ()
    worth = law.INDICATIVE if taken_back(texts) else law.FIRM
    zone = ZoneInfo(offer.timezone)
    return Facts(
        residence=buyer.residence,
        contract_on=state.placed_at.astimezone(zone).date(),
        currency=state.currency,
        price_minor=state.price_minor * places,
        promised=Promise(state.bound.end, worth),
        channel=sale.channel,
        made_to_specification=sale.made_to_specification,
        deposit_kind=sale.deposit_kind,
        consumer=buyer.consumer,
        payments=_payments(state, ending, zone),
        slips=tuple(_slip(each, state, zone, telling) for each in slips_of(state, offer)),
        delivered_on=state.delivered_at.astimezone(zone).date() if state.delivered_at else None,
        ended=_ended(state, ending, zone),
        refunded=_refunded(state, ending, zone),
        offer_zone=offer.timezone,
    )


def slips_of(state: Reservation, offer: Offer) -> list[Slipped]:
    """The slips that moved what this holder was promised: those after the version that they are bound to."""
    seen = offer.version(state.version).seq
    return [each for each in offer.slips if each.seq > seen + 1 or (each.now is None and each.seq > seen)]


def _slip(slip: Slipped, state: Reservation, zone: ZoneInfo, telling: tuple[int, date] | None) -> Slip:
    told: Told | None = next((each for each in state.told if each.slip == slip.seq), None)
    told_on = told.at.astimezone(zone).date() if told else None
    if told is None and telling and telling[0] == slip.seq:
        told_on = telling[1]
    # That silence counted as a yes is for the law to say again, not a fact.
    said = _ANSWERS.get(told.answer, law.SILENCE) if told and not told.silent else law.SILENCE
    at = told.answered_at if told and said else None
    return Slip(
        slip.seq,
        slip.at.astimezone(zone).date(),
        Promise(slip.was.end),
        Promise(slip.now.end) if slip.now else Promise(None, law.NONE),
        told_on,
        said,
        at.astimezone(zone).date() if at else None,
    )


def _end(state: Reservation) -> Ending | None:
    """By what it ended as a whole, or None."""
    return state.endings[-1] if state.status == CANCELLED and state.endings else None


def _payments(state: Reservation, ending: Ending | None, zone: ZoneInfo) -> tuple[Payment, ...]:
    """What of each payment was here when it ended, or is here now."""
    found = []
    for each in state.payments:
        minor = state.left_of(each)
        if ending:
            minor += sum(
                refund.amount_minor
                for refund in state.refunds
                if refund.payment == each.seq and refund.cause == ending.seq
            )
        if minor > 0:
            day = each.happened_at.astimezone(zone).date()
            found.append(Payment(day, minor, each.currency, each.rail))
    return tuple(found)


def _refunded(state: Reservation, ending: Ending | None, zone: ZoneInfo) -> tuple[Refunded, ...]:
    return tuple(
        Refunded(each.sent_at.astimezone(zone).date(), each.amount_minor, each.currency)
        for each in state.refunds
        if ending and each.cause == ending.seq and each.sent_at and each.status in ("sent", "arrived")
    )


def _ended(state: Reservation, ending: Ending | None, zone: ZoneInfo) -> Ended | None:
    if ending is None:
        return None
    by, at = law.WITHDRAWAL, ending.at
    if ending.by == "maker":
        by = law.MAKER
    elif ending.by == "system":
        by = law.UNASKED
    elif ending.ground == "withdrawal" and state.withdrawals:
        at = state.withdrawals[-1].stated_at
    return Ended(by, at.astimezone(zone).date())


def end_of(day: date) -> datetime:
    """When a day is over everywhere (at noon of the next one in Greenwich): who answers on it is in time."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
