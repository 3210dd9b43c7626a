"""A dispute: the holder's bank asks about a card payment, and its network may take the money while it asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earnest.core.acts import Act
from earnest.core.changing import replace
from earnest.core.instants import instant

WARNED, ASKED, OPEN, WON, LOST, CLOSED = "warned", "asked", "open", "won", "lost", "closed"

#: status -> event -> status. “asked” is `dispute.opened` where nothing was taken (an inquiry); what was won can be
#: taken again by the network. A warning of fraud is only a warning: a dispute that follows is one of its own.
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "": {"dispute.warned": WARNED, "asked": ASKED, "dispute.opened": OPEN},
    WARNED: {},
    ASKED: {"dispute.opened": OPEN, "dispute.answered": ASKED, "closed": CLOSED},
    OPEN: {"dispute.answered": OPEN, "won": WON, "lost": LOST},
    WON: {"dispute.opened": OPEN},
    LOST: {},
    CLOSED: {"dispute.opened": OPEN},
}
#: An operator can still say something.
ANSWERABLE: Final = (ASKED, OPEN)


@dataclass(frozen=True)
class Dispute:
    """One dispute, inquiry or warning about one payment; `payment` is the sequence number of its act.

    `reference` is the provider's name for it; `due_at` is until when evidence is taken; amounts in minor units.
    """

    n: int
    payment: int
    reference: str
    status: str
    amount_minor: int
    currency: str
    reason: str
    happened_at: datetime
    due_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None


def move(status: str, event: str) -> str:
    """The status after an event. Raises ValueError with the state and the event where the table has no edge."""
    try:
        return TRANSITIONS[status][event]
    except KeyError:
        raise ValueError(f"a dispute that is “{status}” cannot have {event}") from None


def fold(dispute: Dispute | None, act: Act) -> Dispute:
    """The dispute after one more act of its own. Raises ValueError for what the table does not allow."""
    if act.type in ("dispute.warned", "dispute.opened"):
        return _opened(dispute, act)
    if dispute is None:
        raise ValueError(f"a dispute cannot begin with {act.type}")
    at = instant(act.text("happened_at"))
    if act.type == "dispute.answered":
        return replace(dispute, status=move(dispute.status, act.type), answered_at=at)
    return replace(dispute, status=move(dispute.status, act.text("outcome")), closed_at=at)


def _opened(before: Dispute | None, act: Act) -> Dispute:
    due = act.get("due_at")
    event = "asked" if act.type == "dispute.opened" and not act.get("entries") else act.type
    return Dispute(
        n=act.int("dispute"),
        payment=act.int("payment"),
        reference=act.text("reference"),
        status=move(before.status if before else "", event),
        amount_minor=act.int("amount_minor"),
        currency=act.text("currency"),
        reason=act.text("reason"),
        happened_at=instant(act.text("happened_at")),
        due_at=instant(due) if isinstance(due, str) else None,
    )
