"""A holder answers a slip: agrees to the new window, or does not. Silence is no answer."""

from dataclasses import dataclass

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refusals import Invalid, Missing


@dataclass(frozen=True, kw_only=True)
class AnswerSlip(Command):
    """`answer` is `accept` or `refuse`; refusing keeps the reservation and every right."""

    number: str
    slip: int
    answer: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Only a slip that was told can be answered; the last answer counts."""
        state = world.the_reservation()
        told = next((told for told in state.told if told.slip == self.slip), None)
        if told is None:
            raise Missing("no-slip", "There is no such slip.")
        if self.answer not in ("accept", "refuse"):
            raise Invalid("answer", "The answer is accept or refuse.")
        if told.answer == self.answer:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("promise.answered", slip=self.slip, answer=self.answer)
        return chapter.decision()
