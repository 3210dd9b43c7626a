"""A deposit that was booked wrongly is taken back with its reason, and booked as it should have been; never edited.

Above a limit whoever proposes it cannot confirm it. Only a transfer can be wrong in this way: card money is matched by
the provider's own words. Of what a bank's statement told, the sum is right, and only whose it is can be wrong.
"""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.receive_deposit import Paid, receive
from earnest.core.commands.reverse_deposit import settle_all, shares
from earnest.core.giveup import over_limit
from earnest.core.instants import text
from earnest.core.money import MAX_MINOR
from earnest.core.refund import ASKED_FOR
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import Correction, Payment, Reservation

PROPOSED = "proposed"
#: Rails of claims: that a deposit was corrected, and that what it was has reached another reservation.
CORRECTED, REBOOKED = "corrected", "rebooked"


@dataclass(frozen=True, kw_only=True)
class ProposeCorrection(Command):
    """`payment` is the act of the deposit. `right_minor` should have been booked, to the reservation `to` or to this.

    Zero for money that never came.
    """

    number: str
    payment: int
    right_minor: int
    why: str
    to: str = ""

    def wanted_acts(self) -> tuple[int, ...]:
        """The deposit, which says who told of it."""
        return (self.payment,)

    def ref(self) -> Ref:
        """The reservation that it was booked to."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """A deposit is corrected once; what was booked instead is another."""
        return (corrected(self.number, self.payment),)

    def decide(self, world: World) -> Decision:
        """Under the limit it is done at once; above it another operator is waited for."""
        state = world.the_reservation()
        payment = _wrong(world, state, self.payment)
        if not self.why.strip():
            raise Invalid("why", "Say in one sentence what was wrong.")
        right = self.right_minor
        if isinstance(right, bool) or not 0 <= right <= MAX_MINOR:
            raise Invalid("amount", "“%(given)s” is not an amount such as 5000.00.", given=right)
        if (
            self.to == self.number
            or (self.to and not right)
            or (not self.to and right == payment.amount_minor)
        ):
            raise Invalid("correction", "This changes nothing: give another amount, or another reservation.")
        if any((each.payment, each.status) == (self.payment, PROPOSED) for each in state.corrections):
            raise Refused("correction-waits", "A correction of it waits; confirm or withdraw it first.")
        if _told_by_bank(world, self.payment) and right != payment.amount_minor:
            raise Refused(
                "the-banks-sum",
                "The bank's own statement has this sum, so it can only go to another reservation, and whole.",
            )
        chapter = Chapter(self, world)
        why = self.why.strip()[:2000]
        large = {payment.currency: max(right, payment.amount_minor)}
        if over_limit(large, world.policy.second_operator_major):
            chapter.say(
                "correction.proposed",
                payment=payment.seq,
                amount_minor=payment.amount_minor,
                right_minor=right,
                currency=payment.currency,
                moved_to=self.to or None,
                why=why,
            )
        else:
            _correct(chapter, payment, right, self.to, why)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ConfirmCorrection(Command):
    """`proposal` is its act; `payment` the deposit that it is of."""

    number: str
    proposal: int
    payment: int
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation that it was booked to."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """As of the proposal."""
        return (corrected(self.number, self.payment),)

    def decide(self, world: World) -> Decision:
        """Once, by somebody else than who proposed it."""
        state = world.the_reservation()
        found = _proposed(state, self.proposal)
        if found.status == "done":
            return NOTHING
        if found.status != PROPOSED or found.payment != self.payment:
            raise Refused("correction-withdrawn", "This correction was withdrawn.")
        if not self.person or self.person == found.by:
            raise Refused("second-person", "Another operator must confirm what was proposed.")
        payment = _wrong(world, state, found.payment)
        why = next(act.get("why") for act in world.acts if act.seq == found.seq)
        chapter = Chapter(self, world)
        _correct(
            chapter,
            payment,
            found.right_minor,
            found.to,
            why if isinstance(why, str) else "erased",
            proposal=found.seq,
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class WithdrawCorrection(Command):
    """By any operator, while it is not done."""

    number: str
    proposal: int

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """What was done is corrected by another correction only."""
        found = _proposed(world.the_reservation(), self.proposal)
        if found.status == "withdrawn":
            return NOTHING
        if found.status != PROPOSED:
            raise Refused(
                "correction-done", "This correction was done; what it booked can be corrected in turn."
            )
        chapter = Chapter(self, world)
        chapter.say("correction.withdrawn", proposal=found.seq)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class RebookDeposit(Command):
    """Money that stood on another reservation comes to the one that it is of.

    `corrected` is the act by which it was taken back from the reservation `was`.
    """

    number: str
    was: str
    corrected: int
    paid: Paid
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The right reservation."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """Each correction is followed once."""
        return (Claim(REBOOKED, f"{self.was}/{self.corrected}"),)

    def decide(self, world: World) -> Decision:
        """As if it had come just now: it confirms a place, counts towards the plan, or goes back."""
        world.the_reservation()
        if world.claimed:
            return NOTHING
        chapter = Chapter(self, world)
        receive(chapter, self.paid, source=entries.UNMATCHED)
        # The bank's reference was taken when it was booked wrongly, and stays taken.
        chapter.claims = list(self.claims())
        return chapter.decision()


def _told_by_bank(world: World, payment: int) -> bool:
    return any(act.seq == payment and act.by == "bank" for act in world.acts)


def corrected(number: str, payment: int) -> Claim:
    """That the deposit which is act `payment` of a reservation was corrected."""
    return Claim(CORRECTED, f"{number}/{payment}")


def _proposed(state: Reservation, seq: int) -> Correction:
    found = state.correction(seq)
    if found is None:
        raise Missing("no-correction", "There is no such correction.")
    return found


def _wrong(world: World, state: Reservation, seq: int) -> Payment:
    """A payment that can be corrected. Raises Missing, Refused."""
    payment = state.payment(seq)
    if payment is None:
        raise Missing("no-payment", "There is no such payment on this reservation.")
    if payment.rail != "transfer":
        raise Refused(
            "not-by-hand", "Only a transfer is corrected here; a card's payment is what its network says."
        )
    if world.claimed or payment.reversed_minor or payment.receivable_minor:
        raise Refused("taken-back", "It was corrected or taken back already.")
    if state.source_of(payment) == entries.SALES:
        raise Refused("sold", "It became the price of a sale, and cannot be corrected any more.")
    if any(each.payment == seq and each.status in ASKED_FOR for each in state.refunds):
        raise Refused("refund-under-way", "A refund of it is under way; wait for what comes of it.")
    return payment


def _correct(
    chapter: Chapter, payment: Payment, right_minor: int, to: str, why: str, proposal: int | None = None
) -> None:
    """Out of the deposit, of what is owed back, and then the holder owes it; then what is right is booked."""
    state, claims = chapter.state, chapter.command.claims()
    taken = shares(state, payment, payment.amount_minor)
    not_there = payment.amount_minor - (right_minor if to else 0)
    said = chapter.say(
        "deposit.corrected",
        payment=payment.seq,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        deposit_minor=taken.deposit,
        receivable_minor=taken.receivable,
        right_minor=right_minor,
        rail=payment.rail,
        reference=payment.reference,
        moved_to=to or None,
        proposal=proposal,
        why=why,
        entries=entries.corrected(state.key, taken.deposit, taken.receivable, not_there, payment.currency),
    )
    settle_all(chapter, taken, entries.UNMATCHED, payment=payment.seq)
    chapter.mail("deposit_corrected", said)
    if to:
        chapter.duty(
            "rebook",
            str(said.seq),
            to=to,
            corrected=said.seq,
            amount_minor=right_minor,
            currency=payment.currency,
            reference=payment.reference,
            happened_at=text(payment.happened_at),
            by="bank" if _told_by_bank(chapter.world, payment.seq) else "maker",
        )
    elif right_minor:
        receive(
            chapter, Paid("transfer", right_minor, payment.currency, payment.reference, payment.happened_at)
        )
    chapter.claims = list(claims)
