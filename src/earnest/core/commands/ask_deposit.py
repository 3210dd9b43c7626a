"""The customer wants to pay the next deposit by card: what is asked is written before they are sent to pay."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.off_premises import first_payment
from earnest.core.offer import Instalment
from earnest.core.refusals import Refused
from earnest.core.reservation import CONFIRMED, PLACED, Reservation

#: Stripe's Checkout refuses sessions that expire less than 30 minutes after they are made.
_MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class AskDeposit(Command):
    """The next instalment that is not paid in full; pressed again while the page is open, it is the same one."""

    number: str
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Asked while the place lives; the first time, a held place is held for as long as the page is."""
        state = world.the_reservation()
        if state.status not in (PLACED, CONFIRMED):
            raise Refused("nothing-to-pay", "There is nothing to pay on this reservation now.")
        part, amount_minor = next_instalment(state)
        if part is None:
            raise Refused("nothing-to-pay", "There is nothing to pay on this reservation now.")
        if part.rail != "card":
            raise Refused("by-transfer", "This deposit is paid by bank transfer.")
        first = first_payment(state, world.the_offer())
        if first is not None and first > world.now:
            raise Refused(
                "too-early-to-pay",
                "The law lets nobody take money within seven days of this contract. You can pay from %(first)s.",
                first=text(first),
            )
        last = state.asks[-1] if state.asks else None
        if (
            last
            and (last.instalment, last.amount_minor) == (part.n, amount_minor)
            and last.due_at > world.now
        ):
            return NOTHING
        chapter = Chapter(self, world)
        due_at = world.now + max(world.policy.card_hold, timedelta(minutes=30)) + _MARGIN
        extends = state.status == PLACED and not state.hold_extended and due_at > state.hold_until
        chapter.say(
            "deposit.asked",
            ask=len(state.asks) + 1,
            instalment=part.n,
            amount_minor=amount_minor,
            currency=state.currency,
            rail="card",
            due_at=text(due_at),
            hold_until=text(due_at) if extends else None,
        )
        return chapter.decision()


def next_instalment(state: Reservation) -> tuple[Instalment | None, int]:
    """The first instalment that is not paid in full, and what of it is left, in minor units."""
    before = 0
    for part in state.plan:
        before += part.amount_minor * state.quantity
        if state.paid_minor() < before:
            return part, min(part.amount_minor * state.quantity, before - state.paid_minor())
    return None, 0
