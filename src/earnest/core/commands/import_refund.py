"""A refund that somebody made in the provider's own pages becomes a refund of the reservation, marked external."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.refund import CARD, covered, legal_limit, settle
from earnest.core.commands.release import release
from earnest.core.instants import text
from earnest.core.money import MAX_MINOR
from earnest.core.refund import INTO, SETTLED
from earnest.core.refusals import Invalid, Missing
from earnest.core.reservation import Payment


@dataclass(frozen=True, kw_only=True)
class ImportRefund(Command):
    """`paid_reference` names the payment, `reference` the refund; it is told once, and then reported like any other.

    It pays what is owed of that payment first, then comes out of the deposit; what it pays beyond that the holder
    owes, and a refund that is on its way meanwhile is set off against it should it come back.
    """

    number: str
    paid_reference: str
    reference: str
    amount_minor: int
    currency: str
    wants_offer: ClassVar[bool] = True

    def claims(self) -> tuple[Claim, ...]:
        """The refund."""
        return (Claim("refund", self.reference),)

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Raises Missing for a payment that is not here, Invalid for another currency."""
        state = world.the_reservation()
        payment = state.paid_by("card", self.paid_reference)
        if payment is None:
            raise Missing("no-payment", "There is no such payment on this reservation.")
        if world.claimed:
            return NOTHING
        if self.currency != payment.currency or not 0 < self.amount_minor <= MAX_MINOR:
            raise Invalid("refund-currency", "A payment is paid back in its own currency.")
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        self._open(chapter, payment)
        return chapter.decision()

    def _open(self, chapter: Chapter, payment: Payment) -> None:
        state = chapter.state
        n = len(state.refunds) + 1
        paid = covered(state, payment, self.amount_minor)
        left = self.amount_minor - sum(minor for _, minor in paid)
        deposit = min(left, max(0, state.left_of(payment)))
        for by, minor in paid:
            settle(chapter, by, minor, INTO, into=n)
        causes = [each.cause for each in state.refunds if any(each.n == by for by, _ in paid)]
        self._owe(chapter, payment, n, deposit, left - deposit, causes[0] if causes else payment.seq)
        chapter.say(
            "refund.requested",
            refund=n,
            attempt=1,
            route=CARD,
            external=True,
            reference=self.reference,
            entries=entries.requested(state.key, self.amount_minor, self.currency),
        )
        for each in chapter.state.refunds:
            if each.status == SETTLED and each.cause in causes:
                release(chapter, each.cause, "refund-left")

    def _owe(
        self, chapter: Chapter, payment: Payment, n: int, deposit: int, too_much: int, cause: int
    ) -> None:
        state, now = chapter.state, chapter.world.now
        source = state.source_of(payment)
        limit = legal_limit(chapter, cause)
        written = entries.paid_outside(state.key, source, deposit, too_much, self.currency)
        chapter.say(
            "refund.owed",
            by="system",
            refund=n,
            amount_minor=self.amount_minor,
            currency=self.currency,
            payment=payment.seq,
            cause=cause,
            route=CARD,
            source=source,
            due_at=text(now + chapter.world.policy.refund_promise),
            legal_due_at=text(limit.at),
            law=chapter.world.the_law().digest,
            law_rule=limit.rule or None,
            from_at=text(now),
            receivable_minor=too_much or None,
            entries=written or None,
        )
