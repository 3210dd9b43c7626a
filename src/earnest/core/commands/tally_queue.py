"""At a seal, the queue of an offer is tallied: how many numbers were given, and who stands in it."""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.operator import Register


@dataclass(frozen=True, kw_only=True)
class TallyQueue(Command):
    """`given` numbers so far, `living` places among them; `root` is RFC 6962's over these in order, base64url."""

    offer: str
    given: int
    living: int
    root: str

    def ref(self) -> Ref:
        """The queue of the offer."""
        return Ref("queue", self.offer)

    def decide(self, world: World) -> Decision:
        """Nothing where nothing moved since the last tally."""
        tally = (self.given, self.living, self.root)
        if (world.register or Register()).tally == tally:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("queue.tallied", given=self.given, living=self.living, root=self.root)
        return chapter.decision()
