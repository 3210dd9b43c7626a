"""Too little money at Stripe: a refund is owed on, somebody is told how much is missing, and it is asked again."""

from datetime import timedelta
from typing import Final

from earnest.book import clock, duties, reads
from earnest.core.commands.base import Duty
from earnest.core.money import major
from earnest.core.refund import OPEN, Refund
from earnest.rails.outward import outward
from earnest.rails.stripe.client import client

AGAIN: Final = timedelta(hours=1)


def missing(refund: Refund) -> int:
    """How much of a refund Stripe's available balance cannot pay, in minor units of its currency."""
    with outward():
        balance = client().v1.balance.retrieve()
    held = {each.currency.upper(): each.amount for each in balance.available}
    return max(0, refund.amount_minor - max(0, held.get(refund.currency, 0)))


def wait_for_funds(number: str, refund: Refund) -> None:
    """A refund that was asked for before is asked again only when it can be paid. Raises duties.Later."""
    if refund.attempt and missing(refund):
        warn(number, refund)
        raise duties.Later(clock.now() + AGAIN)


def warn(number: str, refund: Refund) -> None:
    """Once for each refund: an alarm that names how much is missing, until it has left."""
    payload = {"number": number, "refund": refund.n}
    duties.insert([Duty("balance_short", f"{key(number, refund.n)}{refund.attempt}", clock.now(), payload)])


def key(number: str, n: int) -> str:
    """How the alarms of one refund begin; each attempt has its own."""
    return f"balance_short/{number}/{n}/"


@duties.handles("balance_short")
def alarm(duty: duties.Leased) -> None:
    """Said while it is so; when the refund has left it is over."""
    number = duty.payload["number"]
    refund = reads.reservation(number).refund(duty.payload["refund"])
    if refund is None or refund.status not in OPEN:
        return
    lacks = missing(refund)
    if lacks:
        raise duties.Park(
            f"Stripe's balance lacks {major(lacks, refund.currency)} {refund.currency} to pay refund {refund.n} of "
            f"{number}; it stays owed, and leaves when the balance allows"
        )
