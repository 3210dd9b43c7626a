"""A bank account is asked for before it is needed: once a year, and before a payment is too old for its card.

Slips ask in their own mail. Nobody is asked who has a confirmed account, whose reservation is over, or who paid nothing
by card; and of each occasion nobody is asked twice.
"""

from datetime import timedelta
from typing import Final

from earnest.book import clock, duties, reads
from earnest.core.commands.base import Duty
from earnest.core.commands.refund import usable_account
from earnest.core.reservation import LIVING, Reservation

YEAR: Final = timedelta(days=365)


@duties.handles("ask_account")
def ask(duty: duties.Leased) -> None:
    """One occasion: the mail is a duty of its own, under a key that this occasion has alone."""
    number, occasion = duty.payload["number"], duty.payload["occasion"]
    state = reads.reservation(number)
    if state.status not in LIVING or usable_account(state):
        return
    if paid_by_card(state):
        name = f"{occasion}/{duty.due_at.date().isoformat()}"
        payload = {"number": number, "template": "account_ask"}
        duties.insert([Duty("mail", f"mail/{number}/account_ask/{name}", clock.now(), payload)])
    if occasion == "year":
        raise duties.Later(duty.due_at + YEAR)


def paid_by_card(state: Reservation) -> bool:
    """Whether there is money here that would go back to a card."""
    return any(
        payment.rail == "card" and not state.passed_on(payment) and state.left_of(payment)
        for payment in state.payments
    )
