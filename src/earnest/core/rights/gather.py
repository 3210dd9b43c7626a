"""The facts of a reservation, from its state, its offer, and (for what a state does not keep) its acts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from earnest.core import refund as refunds
from earnest.core.acts import Act, Erased
from earnest.core.doubts import taken_back
from earnest.core.offer import Offer, Version
from earnest.core.offer import Slip as Slipped
from earnest.core.refund import Refund
from earnest.core.reservation import CANCELLED, Reservation, Told
from earnest.core.rights.facts import (
    ACCEPT,
    CANCEL,
    FIRM,
    INDICATIVE,
    MAKER,
    NONE,
    RESOLUTION,
    UNASKED,
    WAIT,
    WITHDRAWAL,
    Added,
    Ended,
    Facts,
    FormalNotice,
    Payment,
    Promise,
    Refunded,
    Slip,
    Terms,
)

#: Of a refund that has left.
_GONE: Final = (refunds.SENT, refunds.ARRIVED)
#: What the law takes an answer for; whoever only refused has said nothing that it knows.
_ANSWERS: Final = {"accept": ACCEPT, "wait": WAIT, "cancel": CANCEL}


def facts_of(
    state: Reservation, offer: Offer, acts: Iterable[Act] = (), telling: tuple[int, date] | None = None
) -> Facts:
    """What the law looks at. Without acts it is not known whether a maker gave it up alone.

    `telling`: a slip, by its act, of which the holder is being told on that day.
    Days are those of UTC: what they are elsewhere is for whoever asks about a day (`facts.Today`).
    """
    said = tuple(acts)
    version = offer.version(state.version)
    sale = version.sale
    return Facts(
        residence=state.residence,
        contract_on=state.placed_at.date(),
        currency=state.currency,
        price_minor=state.price_minor * (state.quantity or 1),
        promised=_promise(state.bound.end, version),
        channel=sale.channel,
        made_to_specification=sale.made_to_specification,
        deposit_kind=sale.deposit_kind,
        consumer=state.consumer,
        payments=tuple(
            Payment(
                each.happened_at.date(), each.amount_minor - each.reversed_minor, each.currency, each.rail
            )
            for each in state.payments
            if each.amount_minor > each.reversed_minor
        ),
        slips=slips_of(state, offer, telling),
        notice=notice_of(state),
        delivered_on=_day(state.delivered_at),
        ended=ended_of(state, said),
        refunded=tuple(_gone(each) for each in state.refunds if is_gone(each)),
        added=tuple(
            Added(each.sent_at.date(), each.head, each.amount_minor, each.currency)
            for each in state.refunds
            if each.head and each.sent_at is not None and each.status in _GONE
        ),
        terms=Terms(sale.back_bp),
        offer_zone=offer.timezone,
    )


def _promise(last_day: date, version: Version) -> Promise:
    """A window as the offer's version gives it: what the maker says of it, and else what its words do to it."""
    worth, texts = version.sale.date_worth, version.texts
    if worth == NONE:
        return Promise(None, NONE)
    if worth == FIRM and not isinstance(texts, Erased) and taken_back(texts.values()):
        worth = INDICATIVE
    return Promise(last_day, worth)


def as_of(facts: Facts, day: date) -> Facts:
    """What was known at the end of a day: nothing that came later."""
    return replace(
        facts,
        payments=tuple(each for each in facts.payments if each.paid_on <= day),
        slips=tuple(_slip_as_of(each, day) for each in facts.slips if each.slipped_on <= day),
        notice=facts.notice if facts.notice and facts.notice.received_on <= day else None,
        delivered_on=facts.delivered_on if facts.delivered_on and facts.delivered_on <= day else None,
        ended=facts.ended if facts.ended and facts.ended.known_on <= day else None,
        refunded=tuple(each for each in facts.refunded if each.refunded_on <= day),
        added=tuple(each for each in facts.added if each.paid_on <= day),
    )


def _slip_as_of(slip: Slip, day: date) -> Slip:
    if slip.answered_on and slip.answered_on > day:
        slip = replace(slip, answer="", answered_on=None)
    return replace(slip, told_on=None) if slip.told_on and slip.told_on > day else slip


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def is_gone(refund: Refund) -> bool:
    """Whether principal has left by it. What it was settled with went to the customer's bank, or to nobody."""
    return not refund.head and refund.sent_at is not None and refund.status in _GONE


def _gone(refund: Refund) -> Refunded:
    assert refund.sent_at is not None
    return Refunded(refund.sent_at.date(), refund.amount_minor, refund.currency)


def slips_of(state: Reservation, offer: Offer, telling: tuple[int, date] | None = None) -> tuple[Slip, ...]:
    """Those slips that moved what this holder was promised, told or not."""
    told = {each.slip: each for each in state.told}
    since = offer.version(state.version).seq
    # A slip with a date stands right after its own version; one without has no version.
    return tuple(
        _slip(slip, _version_of(offer, slip), told.get(slip.seq), telling)
        for slip in offer.slips
        if slip.seq in told or slip.seq > since + 1 or (slip.now is None and slip.seq > since)
    )


def _version_of(offer: Offer, slip: Slipped) -> Version:
    """The version that a slip moved, or made."""
    return next(each for each in reversed(offer.versions) if each.seq < slip.seq)


def _slip(slip: Slipped, version: Version, told: Told | None, telling: tuple[int, date] | None) -> Slip:
    told_on = told.at.date() if told else telling[1] if telling and telling[0] == slip.seq else None
    # That silence counted as a yes is for the law to say again; it is no answer.
    answer = _ANSWERS.get(told.answer, "") if told and not told.silent else ""
    return Slip(
        n=slip.seq,
        slipped_on=slip.at.date(),
        was=_promise(slip.was.end, version),
        now=_promise(slip.now.end, version) if slip.now else Promise(None, NONE),
        told_on=told_on,
        answer=answer,
        answered_on=_day(told.answered_at) if told and answer else None,
    )


def notice_of(state: Reservation) -> FormalNotice | None:
    """The newest formal notice; none where the holder has agreed to a later day than the one that it was about."""
    found = state.notice
    if found is None:
        return None
    agreed = [state.bound.end, *(each.now.end for each in state.told if each.answer == ACCEPT and each.now)]
    return (
        None if max(agreed) > found.promised_on else FormalNotice(found.received_on, found.extra_time_ends_on)
    )


def ended_of(state: Reservation, acts: Iterable[Act]) -> Ended | None:
    """How the whole of it ended, where it did by a cancellation."""
    if state.status != CANCELLED:
        return None
    living = [each for each in state.endings if each.kind == "cancel" and each.status != "taken back"]
    if not living:
        return None
    types = {act.seq: act for act in acts}
    last = living[-1]
    act = types.get(last.seq)
    by = WITHDRAWAL
    if last.giveup is not None or (act is not None and act.type == "maker.gave_up"):
        by = MAKER
    elif last.by == "system":
        by = UNASKED
    elif last.ground == RESOLUTION:
        by = RESOLUTION
    elif last.ground == "withdrawal" and state.withdrawals:
        return Ended(by, state.withdrawals[-1].stated_at.date())
    return Ended(by, last.at.date())
