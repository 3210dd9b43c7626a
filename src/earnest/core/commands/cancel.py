"""The customer cancels, or the maker gives up: never refused, and what was paid is owed back at once."""

from dataclasses import dataclass
from typing import Any, ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import owe
from earnest.core.commands.release import release
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Refused
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, Payment, Reservation


@dataclass(frozen=True, kw_only=True)
class Cancel(Command):
    """`quantity` places (0 = all); `gives_up` where it is the maker who ends it."""

    number: str
    quantity: int = 0
    why: str = ""
    gives_up: bool = False
    wants_offer: ClassVar[bool] = True
    heard_after_death: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """The cancellation, what is owed by it, and how long the places are kept for a change of mind."""
        state = world.the_reservation()
        if state.status == CANCELLED:
            return NOTHING
        if state.status == LAPSED:
            raise Refused(
                "lapsed-already", "This reservation lapsed already; there is nothing left to cancel."
            )
        if state.status == DELIVERED:
            raise Refused("delivered", "It was delivered; write to the maker to return it.")
        quantity = self.quantity or state.quantity
        if isinstance(self.quantity, bool) or not 1 <= quantity <= state.quantity:
            raise Invalid("quantity", "The number of places is from 1 to %(most)d.", most=state.quantity)
        words = self.why.strip()[:2000] or ("none given" if self.gives_up else None)
        kind = "maker.gave_up" if self.gives_up else "cancellation.requested"
        return end(Chapter(self, world), kind, quantity, why=words)


def end(chapter: Chapter, kind: str, quantity: int, *, template: str = "cancelled", **said: Any) -> Decision:
    """So many places end by an act of this kind, which says `said`: what was paid for them is owed back.

    `template` is the letter by which the holder hears of it.
    """
    world, state = chapter.world, chapter.state
    due_at = text(world.now + world.policy.refund_promise)
    ended = chapter.say(kind, quantity=quantity, due_at=due_at, **said)
    parts = comes_back(state, quantity)
    for payment, amount_minor in parts:
        owe(chapter, payment, amount_minor, ended.seq)
    if parts:
        chapter.duty("release", str(ended.seq), world.now + world.policy.place_kept, cause=ended.seq)
    else:
        release(chapter, ended.seq, "nothing-to-refund")
    chapter.mail(template, ended)
    return chapter.decision()


def comes_back(state: Reservation, quantity: int) -> list[tuple[Payment, int]]:
    """What each payment gives back when `quantity` of the living places end, in minor units.

    All of it for all places; for some, their share, a broken cent to the customer.
    """
    parts = [(payment, -(-state.left_of(payment) * quantity // state.quantity)) for payment in state.payments]
    return [(payment, minor) for payment, minor in parts if minor > 0]
