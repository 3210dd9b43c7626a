"""`./earnest refunds`: what is owed back, by the time left."""

from typing import Any

from earnest.book import clock, lists
from earnest.core.instants import text
from earnest.management.acting import amount, left
from earnest.management.base import Command as Base


class Command(Base):
    help = "Every refund that has not left, with its deadline."
    reports = True

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        rows: list[dict[str, Any]] = [
            {
                "number": each.number,
                "refund": each.refund.n,
                "amount_minor": each.refund.amount_minor,
                "currency": each.refund.currency,
                "status": each.refund.status,
                "route": each.refund.route,
                "why": each.refund.why,
                "due_at": text(each.refund.due_at),
                "legal_due_at": text(each.refund.legal_due_at),
                "missed": [text(missed) for missed in each.refund.missed],
                "seconds_left": None
                if each.refund.waits_for_heirs
                else int((each.refund.due_at - now).total_seconds()),
            }
            for each in lists.open_refunds().rows
        ]
        lines = [
            f"{row['number']}  {amount(row['amount_minor'], row['currency']):>16}  {row['status']:<10} "
            f"{row['route']:<5} due {row['due_at']}  {_left(row['seconds_left']):<20}  {row['why']}".rstrip()
            for row in rows
        ]
        self.answer(options, {"refunds": rows}, "\n".join(lines) or "Nothing is owed back.")


def _left(seconds: int | None) -> str:
    """The clock of a promise; it stands still while nobody knows whom to pay."""
    return "stands still" if seconds is None else left(seconds)
