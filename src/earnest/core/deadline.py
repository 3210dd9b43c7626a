"""The clock of a refund: when half of its time is gone, nine tenths, all of it, and the law's limit."""

from datetime import datetime
from typing import Final, NamedTuple

HALF, NEARLY, PROMISE, LAW = "half", "nine-tenths", "promise", "law"
#: What can be missed, as `refund.overdue` says it.
LIMITS: Final = (PROMISE, LAW)


class Step(NamedTuple):
    """What a clock strikes, and when."""

    name: str
    at: datetime


def steps(since: datetime, due_at: datetime, legal_due_at: datetime) -> tuple[Step, ...]:
    """The steps of a refund that is owed since `since`, in their order.

    Of a promise that was over before it began only the law's limit is left.
    """
    whole = due_at - since
    found = [
        Step(HALF, since + whole / 2),
        Step(NEARLY, since + whole * 9 / 10),
        Step(PROMISE, due_at),
        Step(LAW, legal_due_at),
    ]
    return tuple(
        sorted((each for each in found if each.name == LAW or each.at > since), key=lambda each: each.at)
    )


def struck(found: tuple[Step, ...], now: datetime) -> Step | None:
    """The last step that the clock has come to, or None before the first."""
    return next((each for each in reversed(found) if each.at <= now), None)


def following(found: tuple[Step, ...], now: datetime) -> Step | None:
    """The next step, or None after the last."""
    return next((each for each in found if each.at > now), None)
