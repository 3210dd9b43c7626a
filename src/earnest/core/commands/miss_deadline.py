"""A refund's deadline has passed and the money is still here: said once, to the record and to the holder."""

from dataclasses import dataclass
from typing import Final

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.deadline import LAW, LIMITS
from earnest.core.instants import text
from earnest.core.refund import RUNNING, WAITING
from earnest.core.refusals import Invalid, Missing, Refused

#: The law does not ask why it is late; our own promise stands still while a refund waits for its holder or is held.
_MISSED_BY: Final = {"promise": RUNNING, "law": (*RUNNING, WAITING)}


@dataclass(frozen=True, kw_only=True)
class MissDeadline(Command):
    """`limit` is `promise` (our own) or `law`.

    What the delay costs the maker is the rights engine's to say: it may accrue interest on this act, which names the
    deadline and the instant. Here nothing is added to the debt.
    """

    number: str
    refund: int
    limit: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Once for each deadline, and never for money that has left."""
        refund = world.the_reservation().refund(self.refund)
        if refund is None:
            raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=self.refund)
        if self.limit not in LIMITS:
            raise Invalid("limit", "“%(given)s” is no deadline of a refund.", given=self.limit[:20])
        due_at = refund.legal_due_at if self.limit == LAW else refund.due_at
        if due_at in refund.missed or refund.status not in _MISSED_BY[self.limit] or refund.waits_for_heirs:
            return NOTHING
        if due_at > world.now:
            raise Refused("deadline-runs", "This refund is due on %(due)s, and not before.", due=text(due_at))
        chapter = Chapter(self, world)
        overdue = chapter.say("refund.overdue", refund=refund.n, limit=self.limit, due_at=text(due_at))
        chapter.mail("refund_overdue", overdue)
        return chapter.decision()
