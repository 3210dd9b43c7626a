"""While something about a person's data is disputed it is kept as it is, and not erased (GDPR art. 18)."""

from dataclasses import dataclass
from typing import Final

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refusals import Invalid

#: GDPR art. 18(1): accuracy contested (a), unlawful but not to be erased (b), needed for a claim (c), objection (d);
#: and the maker's own: a dispute over money.
WHYS: Final = ("accuracy", "unlawful", "claim", "objection", "dispute")


@dataclass(frozen=True, kw_only=True)
class Restrict(Command):
    """`why` is one of WHYS; with `lift` it is over."""

    number: str
    why: str
    lift: bool = False

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Set once, lifted once."""
        state = world.the_reservation()
        if self.why not in WHYS:
            raise Invalid("why", "A reason is one of %(reasons)s.", reasons=", ".join(WHYS))
        if bool(state.restricted) != self.lift:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("restriction.lifted" if self.lift else "restriction.set", why=self.why)
        return chapter.decision()
