"""When Stripe is asked again what came of a refund; written down, so that it happens whoever is alive then."""

import logging
from datetime import datetime, timedelta
from typing import Final

from earnest.book import clock, duties, models
from earnest.core.commands.base import Duty
from earnest.core.refund import Refund

log = logging.getLogger(__name__)

#: After an answer that never came, or one that was “pending”; then once a day, with an alarm.
ASK_AFTER: Final = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
#: After it had “succeeded”: Stripe says that a refund may still fail for 30 days, and an event can get lost.
WATCH_AFTER: Final = (timedelta(days=7), timedelta(days=14), timedelta(days=31))
#: Nothing found this long after the request, and not for the first time: it never began.
NEVER_BEGAN: Final = timedelta(hours=1)


def ask_later(number: str, refund: Refund, after: timedelta, *, pending: bool = False) -> None:
    """Ask about this attempt, once for all; `pending` where Stripe has said that it has not left yet."""
    now = clock.now()
    payload = {
        "number": number,
        "refund": refund.n,
        "attempt": refund.attempt,
        "asked_at": now.isoformat(),
        "pending": pending,
    }
    duties.insert([Duty("ask_refund", _key(number, refund), now + after, payload)])


def watch(number: str, refund: Refund, reference: str) -> None:
    """Look at a refund that has left until it can no longer come back."""
    now = clock.now()
    payload = {
        "number": number,
        "refund": refund.n,
        "attempt": refund.attempt,
        "asked_at": now.isoformat(),
        "watch": reference,
    }
    duties.insert([Duty("ask_refund", f"{_key(number, refund)}/watch", now + WATCH_AFTER[0], payload)])


def was_pending(number: str, refund: Refund) -> bool:
    """Whether Stripe has said of this attempt that it had not left yet."""
    found = models.Duty.objects.filter(key=_key(number, refund)).values_list("payload", flat=True).first()
    return bool(found and found.get("pending"))


def next_ask(asked_at: datetime) -> datetime:
    """The next step, for an attempt that was asked for at that instant."""
    step = _next(asked_at, ASK_AFTER)
    if step is None:
        log.error("a refund has had no answer for more than a day; asking again tomorrow")
    return step or clock.now() + timedelta(days=1)


def next_watch(sent_at: datetime) -> datetime | None:
    """The next look at what has left, or None when there is no more to fear."""
    return _next(sent_at, WATCH_AFTER)


def _next(since: datetime, steps: tuple[timedelta, ...]) -> datetime | None:
    now = clock.now()
    return next((since + after for after in steps if since + after > now), None)


def _key(number: str, refund: Refund) -> str:
    return f"ask_refund/{number}/{refund.n}/{refund.attempt}"
