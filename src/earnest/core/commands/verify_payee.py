"""Our bank asked the holder's bank whether the name belongs to the account (Regulation (EU) 2024/886, art. 5c).

The answer is written down and blocks nothing: what is owed is owed, and whoever authorises the payment sees it.
"""

from dataclasses import dataclass
from typing import Final

from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refusals import Invalid, Missing

ANSWERS: Final = ("match", "close-match", "no-match", "not-available")


@dataclass(frozen=True, kw_only=True)
class VerifyPayee(Command):
    """`answer` is about the account to which asking `attempt` of a refund goes."""

    number: str
    refund: int
    attempt: int
    answer: str

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Once for each answer; of an asking that is over nothing is written."""
        state = world.the_reservation()
        refund = state.refund(self.refund)
        if refund is None:
            raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=self.refund)
        if self.answer not in ANSWERS:
            raise Invalid("answer", "“%(given)s” is no answer about a payee.", given=self.answer[:20])
        account = next((each for each in state.accounts if each.n == refund.account), None)
        if account is None or refund.attempt != self.attempt or account.verified == self.answer:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say("account.verified", account=account.n, answer=self.answer)
        return chapter.decision()
