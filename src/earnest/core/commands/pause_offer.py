"""A maker stops taking reservations for a while, takes them again, or closes the offer."""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.offer import CLOSED, OPEN, PAUSED
from earnest.core.refusals import Invalid, Refused

_ACTS = {PAUSED: "offer.paused", OPEN: "offer.resumed", CLOSED: "offer.closed"}


@dataclass(frozen=True, kw_only=True)
class SetOfferStatus(Command):
    """`status`: `paused`, `open` (again) or `closed` (for good). Who has reserved keeps everything."""

    slug: str
    status: str
    why: str = ""

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """One act, unless it is so already."""
        offer = world.the_offer()
        if self.status not in _ACTS:
            raise Invalid("offer-status", "An offer is paused, open or closed.")
        if offer.status == self.status:
            return NOTHING
        if offer.status == CLOSED:
            raise Refused("offer-closed", "“%(slug)s” is closed for good.", slug=self.slug)
        chapter = Chapter(self, world)
        chapter.say(_ACTS[self.status], why=self.why)
        return chapter.decision()
