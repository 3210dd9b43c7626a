"""A place that nobody paid for in time is given back."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.cancel import comes_back
from earnest.core.commands.refund import owe
from earnest.core.instants import text
from earnest.core.refusals import Refused
from earnest.core.reservation import CONFIRMED, PLACED


@dataclass(frozen=True, kw_only=True)
class Lapse(Command):
    """By the system only what was never confirmed; a confirmed place lapses by an operator alone."""

    number: str
    why: str = "not-paid"
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Frees the place at once; a part that was paid goes back."""
        state, counters = world.the_reservation(), world.the_counters()
        if state.status != PLACED and not (state.status == CONFIRMED and self.by == "maker"):
            return NOTHING
        if self.by == "system" and state.hold_until > world.now:
            raise Refused("hold-runs", "The place is held until %(until)s.", until=text(state.hold_until))
        chapter = Chapter(self, world)
        lapsed = chapter.say("reservation.lapsed", why=self.why, quantity=state.held)
        chapter.counters = counters.take(state.variant, -state.held)
        for payment, amount_minor in comes_back(state, state.quantity):
            owe(chapter, payment, amount_minor, lapsed.seq)
        chapter.mail("lapsed", lapsed)
        return chapter.decision()
