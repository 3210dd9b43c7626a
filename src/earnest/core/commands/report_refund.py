"""What came of a refund, as a provider, a bank or an operator reports it: late, twice or out of order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.heirs import record_death, says_holder_died
from earnest.core.commands.owe_by_law import ask_what_law_adds
from earnest.core.commands.refund import (
    CARD,
    HAND,
    owe_by_card_again,
    owe_to_account_again,
    reroute,
    start_clock,
)
from earnest.core.commands.release import release
from earnest.core.instants import text
from earnest.core.refund import (
    ARRIVED,
    OWED,
    REQUESTED,
    SENT,
    UNKNOWN,
    WAITING,
    Refund,
)
from earnest.core.refusals import Invalid, Missing, Refused

#: What can be reported, in our words.
OUTCOMES: Final = ("pending", "sent", "refused", "unknown", "action", "arrived", "returned")
_ASKED: Final = (REQUESTED, UNKNOWN)
#: The reason with which a refund is reported that the provider, asked twice, knows nothing of.
NEVER_BEGUN: Final = "never-begun"
#: There was too little money at the provider; its balance is asked before the next try.
SHORT: Final = "insufficient-funds"
#: The provider says that the money has gone back by another hand, which has been imported.
ELSEWHERE: Final = "gone-elsewhere"
#: Reasons that say nothing against the card: it is asked anew, once there is nothing else to wait for.
NOT_THE_CARD: Final = (
    NEVER_BEGUN,
    SHORT,
    ELSEWHERE,
    "charge-disputed",
    "charge-for-pending-refund-disputed",
)
_PAUSE: Final = timedelta(hours=1)
#: Of a transfer: its order never came to the bank, or came back whole.
WITHDRAWN: Final = "order-withdrawn"
#: Reasons of a bank that say nothing against the holder's account, so that the same one is tried again (ISO 20022
#: external code sets, ExternalStatusReason1Code and ExternalReturnReason1Code).
NOT_THE_ACCOUNT: Final = frozenset(
    {WITHDRAWN, NEVER_BEGUN}
    # too little money with us, or a limit of ours; the file's sums, its counts, its form, its day
    | {"AM04", "AM10", "AM14", "AM18", "AM19", "AM21", "AM23", "FF01", "DT01", "DT06", "TM01"}
    # our own signature, mandate or account
    | {"DS01", "DS02", "DS0A", "DS0B", "DS0C", "DS0D", "DS0E", "DS0F", "DS0G", "DS0H", "AC02", "AC05"}
    # settlement and time-outs between banks; called back by us
    | {
        "AB01",
        "AB02",
        "AB03",
        "AB04",
        "AB05",
        "AB06",
        "AB07",
        "AB08",
        "AB09",
        "AB10",
        "ED05",
        "TECH",
        "CUST",
        "FOCR",
    }
)


@dataclass(frozen=True, kw_only=True)
class ReportRefund(Command):
    """`attempt` names which asking this answers; `reference` is the provider's or the bank's.

    `failed` of a provider is `refused` before the money left and `returned` after; both are understood here,
    whichever is said.
    """

    number: str
    refund: int
    attempt: int
    outcome: str
    happened_at: datetime
    reference: str = ""
    why: str = ""
    #: It is paid although it was said not to have been asked for: the money has left, whatever was thought.
    after_all: bool = False
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """News of an earlier attempt, or what is known already, changes nothing."""
        state = world.the_reservation()
        refund = state.refund(self.refund)
        if refund is None:
            raise Missing("no-refund", "There is no refund %(n)d on this reservation.", n=self.refund)
        if self.outcome not in OUTCOMES:
            raise Invalid("outcome", "“%(given)s” is no outcome of a refund.", given=self.outcome[:20])
        if self.attempt != refund.attempt:
            return NOTHING
        chapter = Chapter(self, world)
        match self.outcome:
            case "sent":
                self._sent(chapter, refund)
            case "refused" | "returned":
                self._failed(chapter, refund)
            case "unknown" if refund.status == REQUESTED:
                chapter.say(
                    "refund.unknown", by="system", refund=refund.n, attempt=refund.attempt, why=self._why()
                )
            case "action" if refund.status in (*_ASKED, SENT, ARRIVED):
                self._action(chapter, refund)
            case "arrived":
                self._arrived(chapter, refund)
        return chapter.decision() if chapter.drafts else NOTHING

    def _why(self) -> str:
        return self.why or "no-reason-given"

    def _sent(self, chapter: Chapter, refund: Refund) -> None:
        if refund.status == WAITING and refund.why == "action":
            refund = _asked_again(chapter, refund)
        elif self.after_all and refund.order and refund.status in (OWED, WAITING):
            refund = _asked_again(chapter, refund)
        if refund.status not in _ASKED:
            return
        if not self.reference.strip():
            raise Invalid("reference", "A refund that was sent has the reference of who sent it.")
        # A bank's own file is a witness enough; it takes no second person to read it.
        if refund.route == HAND and refund.requested_by == self.person and self.by != "bank":
            raise Refused("second-person", "Another operator must confirm a payment by hand.")
        sent = chapter.say(
            "refund.sent",
            refund=refund.n,
            attempt=refund.attempt,
            route=refund.route,
            reference=self.reference.strip(),
            happened_at=text(self.happened_at),
            entries=entries.sent(refund.route, refund.amount_minor, refund.currency),
        )
        chapter.mail("refund_sent", sent)
        release(chapter, refund.cause, "refund-left")
        ask_what_law_adds(chapter, refund, sent.seq)

    def _failed(self, chapter: Chapter, refund: Refund) -> None:
        """Refused before it left, returned after: owed again by bank, or by card where it never began."""
        state = chapter.state
        if refund.status in _ASKED and refund.order and self.by == "maker" and self.why != WITHDRAWN:
            raise Refused(
                "refund-in-order",
                "This refund is in a payment order: the bank's file says what came of it, or the order is withdrawn.",
            )
        common: dict[str, Any] = {
            "refund": refund.n,
            "attempt": refund.attempt,
            "route": refund.route,
            "why": self._why(),
        }
        if refund.status in (SENT, ARRIVED):
            self._came_back(chapter, refund, self._why())
        elif refund.status in _ASKED:
            back = entries.not_sent(state.key, refund.amount_minor, refund.currency)
            chapter.say("refund.refused", **common, happened_at=text(self.happened_at), entries=back)
        elif not (refund.status == WAITING and refund.why == "action"):
            return
        if says_holder_died(state, refund, self.why):
            record_death(chapter, "bank", refund=refund.n)
        if self.why in NOT_THE_CARD and refund.route == CARD and refund.status in _ASKED:
            again = None if self.why in (NEVER_BEGUN, ELSEWHERE) else chapter.world.now + _PAUSE
            owe_by_card_again(chapter, refund.n, not_before=again)
        elif self.why in NOT_THE_ACCOUNT and refund.route == HAND and refund.account:
            owe_to_account_again(chapter, refund.n)
        else:
            reroute(chapter, refund.n)

    def _came_back(self, chapter: Chapter, refund: Refund, why: str) -> None:
        """It had been said to have left: it is owed again, and that is corrected."""
        back = entries.returned(chapter.state.key, refund.route, refund.amount_minor, refund.currency)
        returned = chapter.say(
            "refund.returned",
            refund=refund.n,
            attempt=refund.attempt,
            route=refund.route,
            why=why,
            happened_at=text(self.happened_at),
            entries=back,
        )
        said = refund.sent_seq if refund.sent_seq is not None else returned.seq
        corrected = chapter.say("refund.corrected", by="system", refund=refund.n, said=said, why=why)
        chapter.mail("refund_returned", corrected)

    def _action(self, chapter: Chapter, refund: Refund) -> None:
        """The provider waits for the customer (Stripe: requires_action). It is owed until it has left.

        That can be said of one that had succeeded, too: then it came back to the provider.
        """
        if refund.status in (SENT, ARRIVED):
            self._came_back(chapter, refund, "action")
            chapter.say("refund.held", refund=refund.n, why="action")
            return
        back = entries.not_sent(chapter.state.key, refund.amount_minor, refund.currency)
        chapter.say("refund.held", refund=refund.n, why="action", entries=back)

    def _arrived(self, chapter: Chapter, refund: Refund) -> None:
        if refund.status == SENT:
            chapter.say(
                "refund.arrived",
                refund=refund.n,
                attempt=refund.attempt,
                reference=self.reference.strip() or None,
                happened_at=text(self.happened_at),
            )


def _asked_again(chapter: Chapter, refund: Refund) -> Refund:
    """What waited, or was owed again, went through after all: the same asking, told in the table's own steps."""
    state = chapter.state
    if refund.status != OWED:
        owed = chapter.say(
            "refund.owed",
            by="system",
            refund=refund.n,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            payment=refund.payment,
            cause=refund.cause,
            route=refund.route,
            source=refund.source,
            due_at=text(refund.due_at),
            legal_due_at=text(refund.legal_due_at),
            from_at=text(refund.from_at),
            account=refund.account,
        )
        start_clock(chapter, refund.n, owed.seq)
    chapter.say(
        "refund.requested",
        by="system",
        refund=refund.n,
        attempt=refund.attempt,
        route=refund.route,
        order=refund.order or None,
        entries=entries.requested(state.key, refund.amount_minor, refund.currency),
    )
    after = chapter.state.refund(refund.n)
    assert after is not None
    return after
