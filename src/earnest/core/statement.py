"""What a holder is shown of the money: each deposit with its day and what came of it, and what has gone back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from earnest.core.refund import ARRIVED, SENT
from earnest.core.reservation import Reservation


@dataclass(frozen=True)
class Part:
    """One instalment for all living places: asked, paid of it, and by when; minor units."""

    n: int
    amount_minor: int
    paid_minor: int
    rail: str
    due_days: int
    due_at: datetime

    @property
    def is_paid(self) -> bool:
        """All of it has come."""
        return self.paid_minor >= self.amount_minor


def plan(state: Reservation) -> tuple[Part, ...]:
    """The deposit plan, the earliest instalment first; money fills them in that order.

    Once nothing lives any more, it is the plan as it was for one place, and nothing of it is paid.
    """
    places, left = state.quantity or 1, state.paid_minor() if state.quantity else 0
    parts = []
    for each in state.plan:
        asked = each.amount_minor * places
        paid = min(asked, left)
        left -= paid
        due_at = state.placed_at + timedelta(days=each.due_days)
        parts.append(Part(each.n, asked, paid, each.rail, each.due_days, due_at))
    return tuple(parts)


def paid_back(state: Reservation) -> dict[str, int]:
    """Per currency: refunds that have left, and have not come back."""
    totals: dict[str, int] = {}
    for refund in state.refunds:
        if refund.status in (SENT, ARRIVED):
            totals[refund.currency] = totals.get(refund.currency, 0) + refund.amount_minor
    return totals
