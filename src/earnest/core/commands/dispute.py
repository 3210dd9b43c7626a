"""A holder's bank asks about a card payment: told as the provider tells it, in any order, and each thing once.

While a network holds the money of a payment, no refund of that payment is sent: both would be paid. Lost, what was
owed for the payment has been paid by the network; won, what was held is owed as it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from earnest.core import dispute as disputes
from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import resume
from earnest.core.commands.reverse_deposit import settle_all, shares
from earnest.core.dispute import ANSWERABLE, ASKED, CLOSED, OPEN, WON, Dispute
from earnest.core.instants import text
from earnest.core.refund import DISPUTE, OWED
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import Payment, Reservation

#: How long before the evidence is due its absence becomes an alarm.
ALARM_BEFORE: Final = timedelta(days=2)


@dataclass(frozen=True)
class Case:
    """What a provider says of a dispute; `paid_reference` is its name for the payment.

    `taken`: the network holds the money now; where it does not, the bank only asks.
    """

    reference: str
    paid_reference: str
    amount_minor: int
    currency: str
    reason: str
    happened_at: datetime
    taken: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _OfCase(Command):
    number: str
    case: Case

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def _payment(self, state: Reservation) -> Payment:
        """Raises Missing for a payment that is not here, Invalid where the dispute cannot be about it."""
        payment = state.paid_by("card", self.case.paid_reference)
        if payment is None:
            raise Missing("no-payment", "There is no such payment on this reservation.")
        if self.case.currency != payment.currency or not 0 < self.case.amount_minor <= payment.amount_minor:
            raise Invalid(
                "dispute", "A payment is disputed in its own currency, and never for more than came."
            )
        return payment

    def _told(self, chapter: Chapter, type: str, payment: Payment, written: str | None) -> Dispute:
        case, known = self.case, chapter.state.dispute(self.case.reference)
        n = known.n if known else len(chapter.state.disputes) + 1
        told: dict[str, Any] = {"due_at": text(case.due_at) if case.due_at else None, "entries": written}
        chapter.say(
            type,
            dispute=n,
            payment=payment.seq,
            reference=case.reference,
            amount_minor=case.amount_minor,
            currency=case.currency,
            reason=case.reason or "general",
            happened_at=text(min(case.happened_at, chapter.world.now)),
            **(told if type == "dispute.opened" else {}),
        )
        return chapter.state.disputes[n - 1]


@dataclass(frozen=True, kw_only=True)
class WarnOfFraud(_OfCase):
    """A card network warns early that a payment may be fraud; nothing is taken, and nothing changes."""

    def decide(self, world: World) -> Decision:
        """Once for each warning."""
        state = world.the_reservation()
        payment = self._payment(state)
        if state.dispute(self.case.reference):
            return NOTHING
        chapter = Chapter(self, world)
        warned = self._told(chapter, "dispute.warned", payment, None)
        chapter.duty("mail", f"dispute/{warned.n}/warned", template="dispute_opened", dispute=warned.n)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class OpenDispute(_OfCase):
    """A bank asks, or its network takes the money; what was asked about can be taken later, and what was won again."""

    def decide(self, world: World) -> Decision:
        """Refunds of the payment that are owed are held from now on."""
        state = world.the_reservation()
        payment, known = self._payment(state), state.dispute(self.case.reference)
        moves = self.case.taken and (known is None or known.status in (ASKED, WON, CLOSED))
        if known and not moves:
            return NOTHING
        chapter = Chapter(self, world)
        written = entries.disputed(self.case.amount_minor, self.case.currency) if self.case.taken else None
        opened = self._told(chapter, "dispute.opened", payment, written)
        if opened.status == OPEN:
            for refund in chapter.state.refunds:
                if refund.payment == payment.seq and refund.status == OWED and not refund.head:
                    chapter.say("refund.held", by="system", refund=refund.n, why=DISPUTE)
        self._look_after(chapter, opened)
        return chapter.decision()

    def _look_after(self, chapter: Chapter, opened: Dispute) -> None:
        # By the act: what was won can be taken again.
        name, now = f"{opened.n}/{chapter.drafts[0].act.seq}", chapter.world.now
        chapter.duty("mail", f"dispute/{name}", template="dispute_opened", dispute=opened.n)
        watched = now + timedelta(days=1)
        chapter.duty("dispute_watch", name, watched, reference=opened.reference, dispute=opened.n)
        if opened.due_at:
            at = max(now, opened.due_at - ALARM_BEFORE)
            chapter.duty("dispute_due", name, at, dispute=opened.n, until=text(opened.due_at))


@dataclass(frozen=True, kw_only=True)
class AnswerDispute(Command):
    """Evidence was handed in; `evidence` is the SHA-256 of the document, where it is ours."""

    number: str
    reference: str
    happened_at: datetime
    evidence: str = ""

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Once."""
        known = _the(world.the_reservation(), self.reference)
        if known.answered_at or known.status not in ANSWERABLE:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say(
            "dispute.answered",
            dispute=known.n,
            evidence=self.evidence or None,
            happened_at=text(min(self.happened_at, world.now)),
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class CloseDispute(Command):
    """`outcome` is `won`, `lost`, or `closed` where nothing had been taken."""

    number: str
    reference: str
    outcome: str
    happened_at: datetime

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Raises Refused for another outcome than the one that was told."""
        state = world.the_reservation()
        known = _the(state, self.reference)
        if known.status not in ANSWERABLE:
            if known.status != self.outcome and self.outcome != CLOSED:
                raise Refused(
                    "dispute-over", "This dispute was %(status)s; a person must look.", status=known.status
                )
            return NOTHING
        chapter = Chapter(self, world)
        if known.status == ASKED:
            self._say(chapter, known, CLOSED)
        elif self.outcome == WON:
            written = entries.undisputed(known.amount_minor, known.currency)
            self._say(chapter, known, WON, entries=written)
            resume(chapter, known.payment)
        elif self.outcome == disputes.LOST:
            self._lost(chapter, known)
        return chapter.decision() if chapter.drafts else NOTHING

    def _lost(self, chapter: Chapter, known: Dispute) -> None:
        state = chapter.state
        payment = state.payment(known.payment)
        assert payment is not None
        taken = shares(state, payment, known.amount_minor)
        to = entries.DISPUTES
        self._say(
            chapter,
            known,
            disputes.LOST,
            deposit_minor=taken.deposit,
            receivable_minor=taken.receivable,
            entries=entries.gone(state.key, to, taken.deposit, taken.receivable, known.currency) or None,
        )
        settle_all(chapter, taken, to, dispute=known.n)
        # A dispute of a part leaves the rest to be paid, which nothing holds any more.
        resume(chapter, known.payment)

    def _say(self, chapter: Chapter, known: Dispute, outcome: str, **more: Any) -> None:
        at = text(min(self.happened_at, chapter.world.now))
        chapter.say("dispute.closed", dispute=known.n, outcome=outcome, happened_at=at, **more)


def _the(state: Reservation, reference: str) -> Dispute:
    known = state.dispute(reference)
    if known is None:
        raise Missing("no-dispute", "There is no such dispute on this reservation.")
    return known
