"""A holder answers a slip: agrees, waits, or cancels. Silence is an answer only where the law says so."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.cancel import end
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import LIVING, Reservation, Told
from earnest.core.slipping import ACCEPT, ANSWERS, CANCEL, CANCELLED, CONSENT


def the_telling(state: Reservation, slip: int) -> Told:
    """How a slip was told. Raises Missing."""
    told = next((told for told in state.told if told.slip == slip), None)
    if told is None:
        raise Missing("no-slip", "There is no such slip.")
    return told


@dataclass(frozen=True, kw_only=True)
class AnswerSlip(Command):
    """`answer` is one of `slipping.ANSWERS`; whoever refuses or waits keeps the reservation and every right.

    `newest`: a slip that another one has overtaken is not answered any more, as by a link of an older mail.
    """

    number: str
    slip: int
    answer: str
    newest: bool = False
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Only a slip that was told can be answered; the last answer counts. Cancelling is said, and done."""
        state = world.the_reservation()
        told = the_telling(state, self.slip)
        if self.answer not in ANSWERS:
            raise Invalid("answer", "The answer is accept, wait, refuse or cancel.")
        if self.answer == ACCEPT and told.now is None:
            raise Invalid("answer-date", "There is no date to agree to.")
        lives = state.status in LIVING
        if told.answer == self.answer and not (lives and self.answer == CANCEL):
            return NOTHING
        if self.newest and told is not state.told[-1]:
            raise Refused(
                "slip-overtaken", "The promise has moved again since; the newer mail has the choices."
            )
        if self.newest and told.answer:
            raise Refused(
                "slip-answered", "This was answered already; to change your mind, open your reservation."
            )
        if self.answer == CANCEL and not lives:
            raise Refused(
                "not-living", "This reservation has ended already; there is nothing left to cancel."
            )
        chapter = Chapter(self, world)
        chapter.say("promise.answered", slip=self.slip, answer=self.answer)
        if self.answer == CANCEL:
            return _end(chapter, told)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class HearSilence(Command):
    """The day until which a slip could be answered has come: what no answer means is what the notice said.

    United States: silence is consent once, to a definite date at most 30 days later; otherwise the order ends and is
    paid back unasked (16 CFR 435.2(b)). Which of them it is was decided, by the law of the contract, when it was told.
    """

    number: str
    slip: int
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Nothing where it was answered, was overtaken, or where nobody waits any more."""
        state = world.the_reservation()
        told = the_telling(state, self.slip)
        waits = state.status in ("placed", "confirmed", "paid up") and not state.died
        if told.answer or told is not state.told[-1] or not waits or told.silence not in (CONSENT, CANCELLED):
            return NOTHING
        if told.answer_by is None or told.answer_by > world.now:
            raise Refused(
                "answer-runs",
                "There is time to answer until %(until)s.",
                until=text(told.answer_by) if told.answer_by else "–",
            )
        chapter = Chapter(self, world)
        if told.silence == CANCELLED:
            chapter.say("promise.answered", slip=self.slip, answer=CANCEL, silent=True)
            return _end(chapter, told)
        heard = chapter.say("promise.answered", slip=self.slip, answer=ACCEPT, silent=True)
        chapter.mail("silence_heard", heard)
        return chapter.decision()


def _end(chapter: Chapter, told: Told) -> Decision:
    """All of it goes back, by the right that the slip gave."""
    return end(chapter, "cancellation.requested", chapter.state.quantity, by_right="slip", cause=told.seq)
