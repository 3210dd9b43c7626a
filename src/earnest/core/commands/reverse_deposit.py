"""A payment is taken back by the payer's bank: out of the deposit, what is owed, and then the holder owes it."""

from dataclasses import dataclass
from datetime import datetime

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.refund import covered, settle
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Missing
from earnest.core.reservation import Payment, Reservation


@dataclass(frozen=True)
class Shares:
    """Where the money of a reversed payment comes from, in minor units: deposit, refunds by number, the holder."""

    deposit: int
    refunds: tuple[tuple[int, int], ...]
    receivable: int


def shares(state: Reservation, payment: Payment, amount_minor: int) -> Shares:
    """The deposit first, then what is owed back of this payment, then what had been paid back already.

    What became the price of a sale stays the price of it: then the holder owes it.
    """
    of_deposit = state.left_of(payment) if state.source_of(payment) == entries.DEPOSIT else 0
    deposit = min(amount_minor, max(0, of_deposit))
    parts = covered(state, payment, amount_minor - deposit)
    return Shares(deposit, tuple(parts), amount_minor - deposit - sum(minor for _, minor in parts))


def settle_all(chapter: Chapter, taken: Shares, against: str, **more: int) -> None:
    """What a reversal took out of refunds that were owed need not be paid any more."""
    for n, minor in taken.refunds:
        settle(chapter, n, minor, against, **more)


@dataclass(frozen=True, kw_only=True)
class ReverseDeposit(Command):
    """`rail` and `paid_reference` name the payment, `reference` the reversal; the same reversal is told once."""

    number: str
    rail: str
    paid_reference: str
    reference: str
    amount_minor: int
    currency: str
    why: str
    happened_at: datetime

    def claims(self) -> tuple[Claim, ...]:
        """The reversal."""
        return (self.told(),)

    def told(self) -> Claim:
        """That this reversal was told."""
        return Claim("reversal", self.reference.strip())

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Never more than came. Raises Missing for a payment that is not here, Invalid for another sum."""
        state = world.the_reservation()
        payment = state.paid_by(self.rail, self.paid_reference)
        if payment is None:
            raise Missing("no-payment", "There is no such payment on this reservation.")
        if self.told() in world.claimed:
            return NOTHING
        if not self.reference.strip():
            raise Invalid("reference", "A reversal has the reference of who took the money back.")
        if self.currency != payment.currency or not 0 < self.amount_minor <= payment.reversible_minor:
            raise Invalid("reversal", "A payment is reversed in its own currency, and never more than came.")
        chapter = Chapter(self, world)
        chapter.claims.append(self.told())
        taken = shares(state, payment, self.amount_minor)
        to = entries.CLEARING[self.rail]
        chapter.say(
            "deposit.reversed",
            payment=payment.seq,
            amount_minor=self.amount_minor,
            currency=self.currency,
            deposit_minor=taken.deposit,
            receivable_minor=taken.receivable,
            rail=self.rail,
            reference=self.reference.strip(),
            why=self.why or "no-reason-given",
            happened_at=text(min(self.happened_at, world.now)),
            entries=entries.gone(state.key, to, taken.deposit, taken.receivable, self.currency),
        )
        settle_all(chapter, taken, to, payment=payment.seq)
        return chapter.decision()
