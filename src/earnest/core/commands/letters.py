"""Letters that go to the other side: a formal notice, a resolution, and those that only say something."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.cancel import end
from earnest.core.letters import kinds
from earnest.core.letters.content import Content
from earnest.core.letters.writing import case_of, known, write
from earnest.core.refusals import Forbidden, Invalid
from earnest.core.rights.days import today
from earnest.core.rights.facts import Today
from earnest.core.rights.gather import facts_of

#: Who says what each side writes.
_SPEAKERS: Final = {kinds.HOLDER: "customer", kinds.MAKER: "maker"}


def _written(
    world: World, code: str, on: date | None = None, extra_time_ends_on: date | None = None
) -> Content:
    """The letter as the law gives it now, or on a day of the past. Raises Refusal."""
    state, offer = world.the_reservation(), world.the_offer()
    days = Today(on, on) if on else today(facts_of(state, offer), world.now)
    facts = known(state, offer, days)
    case = case_of(world.the_law(), state, offer, facts, days, extra_time_ends_on=extra_time_ends_on)
    return write(code, case)


@dataclass(frozen=True, kw_only=True)
class GiveNotice(Command):
    """The holder sets an extra time that ends on a day; None: the usual one.

    `received_on`: of a paper that reached the maker, who writes it down; None: today.
    """

    number: str
    extra_time_ends_on: date | None = None
    received_on: date | None = None
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Received, with the day that was missed and the rule; the maker's people and the holder are written to."""
        if self.received_on and self.by != "maker":
            raise Invalid("received-on", "Only the maker writes down on which day a paper came.")
        if self.received_on and self.received_on > world.now.date():
            raise Invalid("received-on-ahead", "A paper cannot have come on a day that is still ahead.")
        letter = _written(world, kinds.FORMAL_NOTICE, self.received_on, self.extra_time_ends_on)
        assert letter.extra_time_ends_on is not None and letter.promised_on is not None
        chapter = Chapter(self, world)
        received = chapter.say(
            "notice.received",
            received_on=letter.on.isoformat(),
            promised_on=letter.promised_on.isoformat(),
            extra_time_ends_on=letter.extra_time_ends_on.isoformat(),
            law_rule=letter.grounds[0].rule,
            law=letter.digest,
        )
        if self.by == "customer":
            chapter.mail("letter_to_maker", received)
        chapter.mail("notice_received", received)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class Resolve(Command):
    """The holder ends the contract because the promised day, and the extra time where one was needed, were missed."""

    number: str
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """All of it ends by that right, and is owed back; never before the law gives it, but cancelling always is."""
        _written(world, kinds.RESOLUTION)
        state, chapter = world.the_reservation(), Chapter(self, world)
        cause = state.notice.seq if state.notice else None
        decision = end(
            chapter, "cancellation.requested", state.quantity, by_right=kinds.RESOLUTION, cause=cause
        )
        ended = next(each.act for each in decision.acts if each.act.type == "cancellation.requested")
        chapter.mail("letter_to_maker", ended)
        return replace(decision, duties=tuple(chapter.duties))


@dataclass(frozen=True, kw_only=True)
class SendLetter(Command):
    """One of the letters that only say something goes to the other side, with today's figures."""

    number: str
    letter: str
    language: str = "en"
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """That it went is written down, and the mail is due."""
        kind = kinds.kind(self.letter)
        if self.language not in ("en", "fr"):
            raise Invalid("letter-language", "A letter is in en or fr.")
        if kind.sends != kinds.LETTER:
            raise Invalid("letter-acts", "This letter does something: send it as what it is.")
        if _SPEAKERS[kind.sender] != self.by:
            raise Forbidden("letter-sender", "This letter is for the other side to write.")
        letter = _written(world, self.letter)
        chapter = Chapter(self, world)
        sent = chapter.say(
            "letter.sent",
            letter=kind.code,
            language=self.language,
            dated_on=letter.on.isoformat(),
            law=letter.digest,
        )
        chapter.mail("letter_to_maker" if kind.sender == kinds.HOLDER else "letter_to_holder", sent)
        return chapter.decision()
