"""A place that was cancelled goes back to the offer: when its refund has left, or after a day at most."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.refusals import Refused


def release(chapter: Chapter, cause: int, why: str) -> None:
    """Free the places of a cancellation, once."""
    ending = chapter.state.ending(cause)
    if ending is None or ending.status != "open" or chapter.counters is None:
        return
    variant = chapter.state.variant
    chapter.say("reservation.released", by="system", cause=cause, quantity=ending.quantity, why=why)
    chapter.counters = chapter.counters.take(variant, -ending.quantity)


@dataclass(frozen=True, kw_only=True)
class Release(Command):
    """`cause` is the cancellation's act. A cancelled place is kept for a while so that it can be taken back."""

    number: str
    cause: int
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """When its time is over; the refund's leaving frees it sooner by itself."""
        state = world.the_reservation()
        ending = state.ending(self.cause)
        # While it waits for heirs the place is kept for them; whoever comes has a day of their own.
        if ending is None or ending.status != "open" or state.died:
            return NOTHING
        until = ending.at + world.policy.place_kept
        if until > world.now:
            raise Refused("place-kept", "The place is kept until %(until)s.", until=text(until))
        chapter = Chapter(self, world)
        release(chapter, self.cause, "time-over")
        return chapter.decision()
