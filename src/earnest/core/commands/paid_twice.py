"""The same amount came twice within a week and was not asked for: perhaps by mistake, which a person finds out.

It counts towards the deposit plan like any money, the maker's people are told, and it can be given back without ending
anything. What is more than the whole plan goes back by itself and needs nobody.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import owe
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import PLACED, Payment, Reservation

#: So near each other two payments of one amount are perhaps one that was made twice.
WITHIN: Final = timedelta(days=7)


def twin(state: Reservation, payment: Payment) -> Payment | None:
    """The earlier payment that this one may repeat; None where it was asked for, or nothing is left of either."""
    if not state.left_of(payment) or _was_asked_for(state, payment):
        return None
    found = (
        each
        for each in state.payments
        if each.seq < payment.seq
        and (each.amount_minor, each.currency) == (payment.amount_minor, payment.currency)
        and abs(payment.happened_at - each.happened_at) <= WITHIN
        and state.left_of(each)
    )
    return next(found, None)


def twice(state: Reservation) -> list[Payment]:
    """All payments that may have been made twice."""
    return [each for each in state.payments if twin(state, each)]


def _was_asked_for(state: Reservation, payment: Payment) -> bool:
    """Whether it is exactly what was missing of an instalment, or of the price, when it came."""
    before = sum(
        state.left_of(each)
        for each in state.payments
        if each.seq < payment.seq and each.currency == state.currency
    )
    missing, asked = {state.price_minor * state.quantity - before}, 0
    for part in state.plan:
        asked += part.amount_minor * state.quantity
        if asked > before:
            missing.add(asked - before)
            break
    return payment.currency == state.currency and payment.amount_minor in missing


@dataclass(frozen=True, kw_only=True)
class GiveBack(Command):
    """`payment` is the act of the deposit that was paid by mistake; all that is left of it goes back."""

    number: str
    payment: int
    why: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """The place stays as it was. Raises Missing, Invalid, Refused."""
        state = world.the_reservation()
        payment = state.payment(self.payment)
        if payment is None:
            raise Missing("no-payment", "There is no such payment on this reservation.")
        why = self.why.strip()[:2000]
        if not why:
            raise Invalid("why", "Say why, in a few words.")
        if twin(state, payment) is None:
            raise Refused(
                "not-twice", "Only what came twice within a week, and was not asked for, is given back so."
            )
        minor = state.left_of(payment)
        if state.status != PLACED and state.paid_minor() - minor < state.first_due_minor():
            raise Refused("first-deposit", "Without it the first deposit would not be paid; cancel instead.")
        chapter = Chapter(self, world)
        given = chapter.say(
            "deposit.given_back",
            payment=payment.seq,
            amount_minor=minor,
            currency=payment.currency,
            why=None if "text" in state.erased else why,
        )
        chapter.mail("given_back", given)
        owe(chapter, payment, minor, given.seq)
        return chapter.decision()
