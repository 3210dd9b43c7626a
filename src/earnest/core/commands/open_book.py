"""A seller opens the book: test, live or demo, for ever; and the keys that sign for it are introduced."""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.operator import Register
from earnest.core.refusals import Missing, Refused


@dataclass(frozen=True, kw_only=True)
class OpenBook(Command):
    """`mode` is `demo`, `test` or `live`; `origin` the name under which the book signs."""

    mode: str
    origin: str

    def ref(self) -> Ref:
        """The book's own subject."""
        return Ref("operator", "book")

    def decide(self, world: World) -> Decision:
        """Once; asked again with the same words it is so already."""
        if world.register:
            if (world.register.mode, world.register.origin) == (self.mode, self.origin):
                return NOTHING
            raise Refused(
                "book-open", "This book was opened as %(mode)s, for ever.", mode=world.register.mode
            )
        chapter = Chapter(self, world)
        chapter.say("book.opened", mode=self.mode, origin=self.origin)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class IntroduceKey(Command):
    """`role` is `receipts` or `log`; `vkey` the verifier key in C2SP note form.

    A log's key that takes over from another brings the `note` that both signed.
    """

    role: str
    vkey: str
    note: str = ""

    def ref(self) -> Ref:
        """The subject on which all keys are introduced and retired."""
        return Ref("keys", "book")

    def decide(self, world: World) -> Decision:
        """A key is introduced once."""
        register = world.register or Register()
        if (self.role, self.vkey) in register.keys:
            return NOTHING
        if self.role == "log" and register.key("log") and not self.note:
            raise Refused(
                "key-change", "This book's log has another key; `./earnest record rotate` changes it."
            )
        chapter = Chapter(self, world)
        chapter.say("keys.introduced", role=self.role, vkey=self.vkey, note=self.note or None)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class RetireKey(Command):
    """From now on nothing is signed with this key; `why` is a code: rotated, lost, stolen."""

    role: str
    vkey: str
    why: str

    def ref(self) -> Ref:
        """As `IntroduceKey`."""
        return Ref("keys", "book")

    def decide(self, world: World) -> Decision:
        """Once, and only a key that was introduced."""
        register = world.register or Register()
        if (self.role, self.vkey) in register.retired:
            return NOTHING
        if (self.role, self.vkey) not in register.keys:
            raise Missing("no-key", "There is no such key.")
        chapter = Chapter(self, world)
        chapter.say("keys.retired", role=self.role, vkey=self.vkey, why=self.why)
        return chapter.decision()
