"""The letter of a kind on a day, or one sentence that says by which text not, and from when."""

from collections.abc import Callable
from datetime import date
from typing import Final

from earnest.core.letters import kinds, of_holder, of_maker
from earnest.core.letters.content import Case, Content
from earnest.core.letters.kinds import KINDS, Kind
from earnest.core.offer import Offer
from earnest.core.refusals import Refusal
from earnest.core.reservation import Reservation
from earnest.core.rights.answer import answer
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.gather import as_of, facts_of
from earnest.core.rights.law import Law

_WRITERS: Final[dict[str, Callable[[Kind, Case], Content]]] = {
    kinds.FORMAL_NOTICE: of_holder.formal_notice,
    kinds.RESOLUTION: of_holder.resolution,
    kinds.WITHDRAWAL: of_holder.withdrawal,
    kinds.REFUSAL: of_holder.refusal,
    kinds.CONSENT: of_holder.consent,
    kinds.WAITING: of_holder.waiting,
    kinds.REFUND_DEMAND: of_holder.refund_demand,
    kinds.DELAY_NOTICE: of_maker.delay_notice,
    kinds.RENEWED_NOTICE: of_maker.renewed_notice,
    kinds.CONSENT_REQUEST: of_maker.consent_request,
    kinds.CONFIRMATION: of_maker.confirmation,
}


def write(code: str, case: Case) -> Content:
    """The letter. Raises Missing for a kind that there is not, Refused where the law does not give it on this day."""
    kind = kinds.kind(code)
    return _WRITERS[code](kind, case)


def all_of(case: Case) -> dict[str, Content | Refusal]:
    """Each kind, as it would be written on this day, or why not."""
    found: dict[str, Content | Refusal] = {}
    for code in KINDS:
        try:
            found[code] = write(code, case)
        except Refusal as refusal:
            found[code] = refusal
    return found


def case_of(
    law: Law,
    state: Reservation,
    offer: Offer,
    facts: Facts,
    today: Today,
    *,
    language: str = "en",
    extra_time_ends_on: date | None = None,
) -> Case:
    """What a letter of a day is made from; `facts` are those known on that day."""
    newest = max(facts.slips, key=lambda each: each.n, default=None)
    slip = next((each for each in offer.slips if newest and each.seq == newest.n), None)
    return Case(
        law=law,
        facts=facts,
        rights=answer(law, facts, today),
        number=state.number,
        title=offer.version(state.version).text(language).title,
        reason=slip.why if slip and isinstance(slip.why, str) else "",
        extra_time_ends_on=extra_time_ends_on,
    )


def known(state: Reservation, offer: Offer, today: Today) -> Facts:
    """The facts of a reservation that were known on a day."""
    return as_of(facts_of(state, offer), today.duties)
