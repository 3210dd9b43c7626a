"""Every letter in one table: who writes it, what it needs of the law, and what sending it does.

`needs` is the role of a rule (`core/rights/law.py`), a kind of right (`answers.py`), or what must have happened
(`slip`, `ended`). What a text wants said stands in the law's own files (`says`); a letter says that, in that order.
"""

from dataclasses import dataclass
from typing import Final

from earnest.core.refusals import Missing
from earnest.core.rights.answers import REFUSE_DELAY, RESOLVE, WITHDRAW
from earnest.core.slipping import ACCEPT, CANCEL, WAIT

HOLDER, MAKER = "holder", "maker"
FORMAL_NOTICE, RESOLUTION, WITHDRAWAL, REFUSAL = "formal-notice", "resolution", "withdrawal", "refusal"
REFUND_DEMAND, CONSENT, WAITING = "refund-demand", "consent", "waiting"
DELAY_NOTICE, RENEWED_NOTICE, CONSENT_REQUEST = "delay-notice", "renewed-notice", "consent-request"
CONFIRMATION = "confirmation"

#: What sending does: a formal notice is received; the contract is ended; a withdrawal is stated in its own function; a
#: slip is answered; or only the letter goes, and that it went is written down.
NOTICE, END, STATE, ANSWER, LETTER = "notice", "end", "state", "answer", "letter"


@dataclass(frozen=True)
class Kind:
    """One letter. `answer` is what it says to a slip, where sending it does that."""

    code: str
    sender: str
    needs: str
    sends: str = LETTER
    answer: str = ""


KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind(FORMAL_NOTICE, HOLDER, "resolution", NOTICE),
        Kind(RESOLUTION, HOLDER, RESOLVE, END),
        Kind(WITHDRAWAL, HOLDER, WITHDRAW, STATE),
        Kind(REFUSAL, HOLDER, REFUSE_DELAY, ANSWER, CANCEL),
        Kind(CONSENT, HOLDER, "slip", ANSWER, ACCEPT),
        Kind(WAITING, HOLDER, "slip", ANSWER, WAIT),
        Kind(REFUND_DEMAND, HOLDER, "ended"),
        Kind(DELAY_NOTICE, MAKER, "slip"),
        Kind(RENEWED_NOTICE, MAKER, "delay-later"),
        Kind(CONSENT_REQUEST, MAKER, "slip"),
        Kind(CONFIRMATION, MAKER, "ended"),
    )
}

#: What went out in a letter that only goes.
OF_LETTER: Final = tuple(code for code, kind in KINDS.items() if kind.sends == LETTER)


def kind(code: str) -> Kind:
    """A kind by its code. Raises Missing."""
    if code not in KINDS:
        raise Missing(
            "no-letter",
            "There is no letter “%(given)s”; there are %(known)s.",
            given=code[:40],
            known=", ".join(KINDS),
        )
    return KINDS[code]
