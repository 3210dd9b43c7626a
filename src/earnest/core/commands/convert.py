"""The wait is over: the reservation becomes a sale, and then it is delivered."""

from dataclasses import dataclass
from datetime import datetime

from earnest.core import entries
from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import owe
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Refused
from earnest.core.reservation import CONFIRMED, CONVERTED, PAID_UP


@dataclass(frozen=True, kw_only=True)
class Convert(Command):
    """`sale` is the number of the order or contract in the maker's own system."""

    number: str
    sale: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """The deposits that are there count as price from now on; what is over the price goes back."""
        state = world.the_reservation()
        if state.status not in (CONFIRMED, PAID_UP):
            raise Refused("not-confirmed", "Only a reservation that is confirmed becomes a sale.")
        if state.died:
            raise Refused(
                "heirs-unknown", "The holder has died: it becomes a sale once it is known whose it is."
            )
        if not self.sale.strip():
            raise Invalid("sale", "Give the number of the order or contract.")
        chapter = Chapter(self, world)
        parts = [(minor, currency) for currency, minor in sorted(state.deposits().items())]
        converted = chapter.say(
            "reservation.converted", sale=self.sale.strip(), entries=entries.sold(state.key, parts)
        )
        _owe_what_is_over_the_price(chapter, converted.seq)
        chapter.mail("converted", converted)
        return chapter.decision()


def _owe_what_is_over_the_price(chapter: Chapter, cause: int) -> None:
    """A price can have fallen below what was paid; the money that came last goes back."""
    for payment in reversed(chapter.state.payments):
        state = chapter.state
        if payment.currency != state.currency:
            continue
        over = min(state.left_of(payment), -state.rest_minor())
        if over > 0:
            owe(chapter, payment, over, cause)


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
