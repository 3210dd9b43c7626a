"""A seller opens the book: test, live or demo, for ever; and the keys that sign for it are introduced."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refusals import Refused


@dataclass(frozen=True, kw_only=True)
class OpenBook(Command):
    """`mode` is `demo`, `test` or `live`; `origin` the name under which the book signs."""

    new: ClassVar[bool] = True
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
    """`role` is `receipts`; `vkey` the verifier key in C2SP note form."""

    new: ClassVar[bool] = True
    role: str
    vkey: str

    def ref(self) -> Ref:
        """The subject on which all keys are introduced and retired."""
        return Ref("keys", "book")

    def decide(self, world: World) -> Decision:
        """A key is introduced once."""
        if world.register and (self.role, self.vkey) in world.register.keys:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("keys.introduced", role=self.role, vkey=self.vkey)
        return chapter.decision()
