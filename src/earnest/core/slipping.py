"""What is said of a slip: the kinds of evidence for its reason, what a holder may answer, and what silence means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earnest.core.offer import Offer, Slip
from earnest.core.reservation import Reservation
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import Rights
from earnest.core.rights.days import end_of, today
from earnest.core.rights.gather import facts_of
from earnest.core.rights.law import Law

#: What the maker has to prove the reason; nobody is asked to have any.
EVIDENCE: Final = ("none", "supplier", "test-report", "authority", "photographs", "accounts", "other")

ACCEPT, WAIT, REFUSE, CANCEL = "accept", "wait", "refuse", "cancel"
#: `accept` the new date; `wait` without agreeing to one; `refuse` (of older pages), keeping all rights; `cancel`.
ANSWERS: Final = (ACCEPT, WAIT, REFUSE, CANCEL)

#: What silence comes to.
NOTHING, CONSENT, CANCELLED = "nothing", "consent", "cancelled"


@dataclass(frozen=True)
class Meaning:
    """What the law gives a holder when the promise moves.

    `choices` are offered in the mail, one link each; `silence` says what no answer until `answer_by` means: nothing,
    that they consent, or that the order is cancelled and all of it goes back unasked. `rule` of `law` says so.
    """

    choices: tuple[str, ...]
    silence: str = NOTHING
    answer_by: datetime | None = None
    rule: str = ""
    law: str = ""


#: Whoever is told too late to answer in the law's time has this long: one click gives all of it back at once anyway,
#: and a place is not taken from somebody who was never asked.
AT_LEAST: Final = timedelta(days=7)


def plainly(slip: Slip) -> Meaning:
    """Where no law says more: the holder may agree or wait, or cancel; silence is no answer."""
    return Meaning(_fitting((ACCEPT, WAIT, CANCEL), slip))


def meaning(law: Law | None, state: Reservation, offer: Offer, slip: Slip, now: datetime) -> Meaning:
    """What the law of the contract gives a holder who is told of a slip now."""
    if law is None:
        return plainly(slip)
    facts = facts_of(state, offer, telling=(slip.seq, now.date()))
    return meaning_of(answer(law, facts, today(facts, now)), slip, now)


def meaning_of(rights: Rights, slip: Slip, now: datetime) -> Meaning:
    """As `meaning`, from what the law answered."""
    found = next((each for each in rights.choices if each.slip == slip.seq), None)
    if found is None:
        return plainly(slip)
    until = None
    if found.silence != NOTHING and found.decided_on:
        until = max(end_of(found.decided_on), now + AT_LEAST)
    silence = found.silence if until else NOTHING
    return Meaning(_fitting(found.choices, slip), silence, until, found.ground.rule, rights.digest)


def _fitting(choices: tuple[str, ...], slip: Slip) -> tuple[str, ...]:
    """Nobody accepts a date that was not given."""
    return tuple(each for each in choices if slip.now or each != ACCEPT)
