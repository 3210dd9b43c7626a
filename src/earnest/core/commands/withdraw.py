"""Somebody withdraws from a contract: the statement is kept as it was made, and carried out where it fits one.

Directive 2011/83/EU art. 11a (from 19 June 2026), Code de la consommation L221-21: a function of two steps that anybody
can reach, and a receipt of content, date and time. That a statement counts does not depend on our finding the contract.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.cancel import end
from earnest.core.commands.erase import GROUNDS, names_of
from earnest.core.instants import text
from earnest.core.people import check_contact
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import LIVING

KIND: Final = "withdrawal"
CARRIED_OUT, OVER, UNMATCHED, SEEN_TO = "carried-out", "over", "unmatched", "seen-to"
OUTCOMES: Final = (CARRIED_OUT, OVER, UNMATCHED)
#: What a person must see to.
OPEN: Final = (OVER, UNMATCHED)
#: What a statement holds of whoever made it, and of whoever saw to it.
CLASSES: Final = ("identity", "contact", "text")
NAME_MOST, CONTRACT_MOST = 120, 60
#: A receipt goes to an address that a stranger may have typed: it must not carry their advertisement.
_NOT_IN_NAMES: Final = frozenset("/\\@:<>[]{}|")


@dataclass(frozen=True, kw_only=True)
class StateWithdrawal(Command):
    """`statement` is its own number; name, contract and address are as they were typed. `email` gets the receipt."""

    statement: str
    name: str
    contract: str
    email: str
    language: str

    def ref(self) -> Ref:
        """The statement."""
        return Ref(KIND, self.statement)

    def decide(self, world: World) -> Decision:
        """Filed at once, whatever it names; carrying it out, and the receipt by mail, come right after."""
        name, contract = " ".join(self.name.split()), " ".join(self.contract.split())
        if not 0 < len(name) <= NAME_MOST or not _plain(name):
            raise Invalid("name", "A name is needed, of at most 120 letters and without signs of an address.")
        if not 0 < len(contract) <= CONTRACT_MOST or not _plain(contract):
            raise Invalid("contract", "Which contract? Its number is enough, of at most 60 letters.")
        check_contact(self.email.strip(), self.language)
        chapter = Chapter(self, world)
        chapter.say(
            "withdrawal.stated",
            language=self.language,
            name=name,
            contract=contract,
            email=self.email.strip(),
        )
        chapter.duty("withdrawal", "carry-out")
        return chapter.decision()


def _plain(typed: str) -> bool:
    return typed.isprintable() and not _NOT_IN_NAMES.intersection(typed) and "www." not in typed.casefold()


@dataclass(frozen=True, kw_only=True)
class Withdraw(Command):
    """A statement reached the contract that it names: it ends, as of `stated_at`, and all of it goes back."""

    number: str
    statement: str
    stated_at: datetime
    wants_offer: ClassVar[bool] = True
    by_its_holder: ClassVar[bool] = False
    heard_after_death: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Received once; what has ended or was delivered is not ended again, and people see to the rest."""
        state = world.the_reservation()
        if any(each.statement == self.statement for each in state.withdrawals):
            return NOTHING
        chapter = Chapter(self, world)
        received = chapter.say(
            "withdrawal.received", statement=self.statement, stated_at=text(self.stated_at)
        )
        if state.status not in LIVING:
            chapter.mail("withdrawal_received", received)
            return chapter.decision()
        return end(
            chapter,
            "cancellation.requested",
            state.quantity,
            template="withdrawn",
            by_right="withdrawal",
            cause=received.seq,
        )


@dataclass(frozen=True, kw_only=True)
class AnswerWithdrawal(Command):
    """What came of a statement, and the `number` of the reservation that it reached, if any; once."""

    statement: str
    outcome: str
    number: str = ""
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The statement."""
        return Ref(KIND, self.statement)

    def decide(self, world: World) -> Decision:
        """Said once."""
        if not world.acts:
            raise Missing("no-withdrawal", "There is no such statement.")
        if self.outcome not in OUTCOMES:
            raise Invalid("outcome", "“%(given)s” is nothing that can come of it.", given=self.outcome[:20])
        if any(act.type == "withdrawal.answered" for act in world.acts):
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("withdrawal.answered", outcome=self.outcome, number=self.number or None)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class SeeToWithdrawal(Command):
    """An operator has seen to a statement that did not carry itself out, and says how."""

    statement: str
    why: str
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The statement."""
        return Ref(KIND, self.statement)

    def decide(self, world: World) -> Decision:
        """Once, and only what waits for a person."""
        outcomes = [act.text("outcome") for act in world.acts if act.type == "withdrawal.answered"]
        if not world.acts:
            raise Missing("no-withdrawal", "There is no such statement.")
        if not outcomes or outcomes[-1] not in OPEN:
            raise Refused("withdrawal-closed", "Nobody has to see to this statement.")
        if not self.why.strip():
            raise Invalid("why", "Say why, in a few words.")
        chapter = Chapter(self, world)
        chapter.say("withdrawal.answered", outcome=SEEN_TO, why=self.why.strip()[:2000])
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class EraseStatement(Command):
    """Classes of what a statement holds are erased; `with_reservation` where the one that it reached lost them too."""

    statement: str
    classes: tuple[str, ...]
    ground: str = "asked"
    with_reservation: bool = False
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The statement."""
        return Ref(KIND, self.statement)

    def decide(self, world: World) -> Decision:
        """Refused while nobody has seen to it; what reached a reservation goes with that one's, and not before."""
        if not world.acts:
            raise Missing("no-withdrawal", "There is no such statement.")
        if not self.classes or not set(self.classes) <= set(CLASSES) or self.ground not in GROUNDS:
            raise Invalid("class", "A class is one of %(classes)s.", classes=", ".join(CLASSES))
        answers = [act for act in world.acts if act.type == "withdrawal.answered"]
        outcome = answers[-1].text("outcome") if answers else ""
        if not outcome or outcome in OPEN:
            raise Refused(
                "withdrawal-open", "Somebody has to see to this statement first: until then it is needed."
            )
        reached = str(answers[0].get("number") or "")
        if reached and not self.with_reservation:
            raise Refused(
                "goes-with-reservation",
                "It reached reservation %(number)s: erase that one's data, and this goes with it.",
                number=reached,
            )
        said = {act.text("class") for act in world.acts if act.type == "withdrawal.erased"}
        chapter = Chapter(self, world)
        for cls in self.classes:
            if cls not in said:
                gone = {str(act.seq): names for act in world.acts if (names := names_of(act, cls))}
                chapter.say("withdrawal.erased", class_=cls, ground=self.ground, erased=gone)
        return chapter.decision() if chapter.drafts else NOTHING
