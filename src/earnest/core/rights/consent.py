"""The clock of a delay that was told: what an answer, and what silence, come to (16 CFR 435.2(b) is its pattern)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

DEEMED, EXPRESS, REQUIRED = "deemed", "express", "required"
OPEN, CANCELLED = "open", "cancelled"
_AGREED: Final = ("agree", "accept", "wait", "yes")
_REFUSED: Final = ("cancel", "refuse", "no")


@dataclass(frozen=True)
class Told:
    """A delay of what was `due`, to `revised` (None: to no day), and what its holder said to it."""

    due: date
    revised: date | None
    answer: str = ""
    answered_on: date | None = None
    shipped: bool = False


def of(told: Told, silent_days: int, answer_days: int | None, first: bool) -> dict[str, Any]:
    """What it comes to: `consent`, `status`, `next_action_by` or `vests` (the day the right to the money arises).

    Silence agrees to a `first` delay to a day at most `silent_days` after the one that was due. Every other
    needs a yes, within `answer_days` of the day that was due (by that day itself where there are none).
    """
    within = first and told.revised is not None and (told.revised - told.due).days <= silent_days
    decided_on = told.due + timedelta(days=answer_days or 0)
    if told.answer in _REFUSED:
        return _cancelled(REQUIRED, told.answered_on or decided_on)
    in_time = told.answered_on is None or told.answered_on <= decided_on or within
    if told.answer in _AGREED and in_time:
        return {"consent": EXPRESS, "status": OPEN, "next_action_by": told.revised}
    if within:
        return {"consent": DEEMED, "status": OPEN, "next_action_by": told.revised}
    if told.shipped:
        return {"consent": REQUIRED, "status": OPEN, "next_action_by": None}
    return _cancelled(REQUIRED, decided_on)


def _cancelled(consent: str, vests: date) -> dict[str, Any]:
    return {"consent": consent, "status": CANCELLED, "vests": vests}
