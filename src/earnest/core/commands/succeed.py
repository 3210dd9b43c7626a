"""The book goes on under another name, or another company: an act that both signed, and every holder told."""

from dataclasses import dataclass
from typing import Final

from earnest.core.acts import Cite
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Duty, Ref, World
from earnest.core.operator import Register
from earnest.core.refusals import Invalid, Missing
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, customer_accounts

#: The same company under another name or form, or another that takes over all that is owed.
KINDS: Final = ("renamed", "taken-over")


def check(name: str, kind: str) -> None:
    """Raises Invalid for a name that is none, or that would be more than one line of what both keys sign."""
    if kind not in KINDS or not name.strip():
        raise Invalid(
            "succession", "A succession needs a name, and is one of %(kinds)s.", kinds=", ".join(KINDS)
        )
    if not name.isprintable():
        raise Invalid("succession-name", "A maker's name is one line of letters that can be printed.")


@dataclass(frozen=True, kw_only=True)
class Succeed(Command):
    """`was` and `name` are the maker's names before and after; the log's old and new key both signed the `note`."""

    was: str
    name: str
    kind: str
    note: str

    def ref(self) -> Ref:
        """The book's own subject."""
        return Ref("operator", "book")

    def decide(self, world: World) -> Decision:
        """Once for each name; every holder is then told."""
        register = world.register or Register()
        if not register.mode:
            raise Missing("no-book", "There is no book here yet.")
        check(self.name, self.kind)
        if register.maker == self.name:
            return NOTHING
        chapter = Chapter(self, world)
        act = chapter.say("book.succeeded", was=self.was, name=self.name, kind=self.kind, note=self.note)
        payload = {"seq": act.seq, "was": self.was, "name": self.name, "kind": self.kind}
        chapter.duties.append(Duty("tell_succession", f"tell_succession/{act.seq}", world.now, payload))
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class TellSuccession(Command):
    """One holder is told who has the book now; `seq` is the act of the book that says so."""

    number: str
    seq: int
    was: str
    name: str
    kind: str

    def ref(self) -> Ref:
        """The reservation of that holder."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Everybody who waits, or is owed money; what is owed is owed on by the new one."""
        state = world.the_reservation()
        over = state.status in (LAPSED, CANCELLED, DELIVERED)
        if self.seq in state.successions or (over and not state.owed_back() and not customer_accounts(state)):
            return NOTHING
        chapter = Chapter(self, world)
        told = chapter.say(
            "maker.succeeded",
            cites=(Cite("operator", "book", self.seq),),
            succession=self.seq,
            was=self.was,
            name=self.name,
            kind=self.kind,
        )
        chapter.mail("succeeded", told)
        return chapter.decision()
