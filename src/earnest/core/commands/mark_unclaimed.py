"""Nobody says where a refund shall go, for years: it is listed as unclaimed. It stays owed, and is never income."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refund import HEIRS, UNCLAIMED, WAITING, Refund
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import Died

#: So long its holder is asked before anything is called unclaimed.
AFTER: Final = timedelta(days=365)


def may_be_marked(refund: Refund, now: datetime, died: Died | None = None) -> bool:
    """Whether its holder has been asked for an account, or heirs were waited for, for long enough."""
    since = max(died.at, refund.owed_at) if died and refund.waits_for_heirs else refund.owed_at
    return refund.status == WAITING and refund.why in ("account", HEIRS) and now - since >= AFTER


@dataclass(frozen=True, kw_only=True)
class MarkUnclaimed(Command):
    """By an operator, for a refund that has waited for an account, or for heirs, for a year."""

    number: str
    refund: int

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """The debt moves to the list of unclaimed money; an account given later opens it again."""
        state = world.the_reservation()
        refund = state.refund(self.refund)
        if refund is None:
            raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=self.refund)
        if refund.status == UNCLAIMED:
            return NOTHING
        if not may_be_marked(refund, world.now, state.died):
            raise Refused(
                "not-unclaimed", "Only what has waited a year for an account, or for heirs, is unclaimed."
            )
        chapter = Chapter(self, world)
        text = entries.unclaimed(state.key, refund.amount_minor, refund.currency)
        chapter.mail("unclaimed", chapter.say("refund.unclaimed", refund=refund.n, entries=text))
        return chapter.decision()
