"""The wait is over: the reservation becomes a sale, and then it is delivered."""

from dataclasses import dataclass
from datetime import datetime

from earnest.core import entries
from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Refused
from earnest.core.reservation import CONVERTED, PAID_UP


@dataclass(frozen=True, kw_only=True)
class Convert(Command):
    """`sale` is the number of the order or contract in the maker's own system."""

    number: str
    sale: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """The deposits count as price from now on."""
        state = world.the_reservation()
        if state.status != PAID_UP:
            raise Refused("not-paid-up", "Only a reservation whose deposits are all paid becomes a sale.")
        if not self.sale.strip():
            raise Invalid("sale", "Give the number of the order or contract.")
        chapter = Chapter(self, world)
        parts = [(minor, currency) for currency, minor in sorted(state.deposits().items())]
        converted = chapter.say(
            "reservation.converted", sale=self.sale.strip(), entries=entries.sold(state.key, parts)
        )
        chapter.mail("converted", converted)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class Deliver(Command):
    """It was handed over at `happened_at`."""

    number: str
    happened_at: datetime

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Only what was sold is delivered."""
        state = world.the_reservation()
        if state.status != CONVERTED:
            raise Refused("not-sold", "Only what has become a sale can be delivered.")
        if self.happened_at > world.now:
            raise Invalid("happened-at", "A delivery cannot have happened in the future.")
        chapter = Chapter(self, world)
        chapter.say("reservation.delivered", happened_at=text(self.happened_at))
        return chapter.decision()
