"""What is said of a slip: the kinds of evidence for its reason, what a holder may answer, and what silence means."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earnest.core.offer import Slip

#: What the maker has to prove the reason; nobody is asked to have any.
EVIDENCE: Final = ("none", "supplier", "test-report", "authority", "photographs", "accounts", "other")

ACCEPT, WAIT, REFUSE, CANCEL = "accept", "wait", "refuse", "cancel"
#: `accept` the new date; `wait` without one; `refuse` to agree, and keep the place and every right; `cancel`.
ANSWERS: Final = (ACCEPT, WAIT, REFUSE, CANCEL)

#: What silence comes to.
NOTHING, CONSENT, CANCELLED = "nothing", "consent", "cancelled"


@dataclass(frozen=True)
class Meaning:
    """What the law gives a holder when the promise moves.

    `choices` are offered in the mail, one link each; `silence` says what no answer until `answer_by` means: nothing,
    that they consent, or that the order is cancelled and all of it goes back unasked. `rule` is the rule of `law` that says so.
    """

    choices: tuple[str, ...]
    silence: str = NOTHING
    answer_by: datetime | None = None
    rule: str = ""
    law: str = ""


def plainly(slip: Slip) -> Meaning:
    """Where no law says more: the holder may agree (or wait, where there is no date) or cancel; silence is no answer."""
    return Meaning((ACCEPT if slip.now else WAIT, CANCEL))
