"""What a text adds to a refund (interest, surcharge, double arrhes): owed by itself once the principal has left.

The principal never waits for it. Interest runs until the day the principal was paid back, so it is worked out on that
day; where a rate is missing, what is known is owed at once, and the rest when the rate was entered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Final

from earnest.core import entries
from earnest.core.acts import Act
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import HAND, next_step, usable_account
from earnest.core.instants import text
from earnest.core.offer import Offer
from earnest.core.refund import ARRIVED, SENT, Refund
from earnest.core.reservation import Payment as Paid
from earnest.core.reservation import Reservation
from earnest.core.rights.answer import basis_of
from earnest.core.rights.answers import DOUBLE, INTEREST, SURCHARGE, Sum
from earnest.core.rights.deadlines import Contract, refund_limit
from earnest.core.rights.facts import (
    MAKER,
    RESOLUTION,
    UNASKED,
    WITHDRAWAL,
    Ended,
    Facts,
    Payment,
    Refunded,
    Today,
)
from earnest.core.rights.gather import facts_of, is_gone
from earnest.core.rights.law import Law
from earnest.core.rights.standing import standing
from earnest.core.rights.sums import sums

#: Heads that are owed by themselves.
HEADS: Final = (INTEREST, SURCHARGE, DOUBLE)
#: Roles of rules that can add something to a refund.
_ADDING: Final = ("advance-interest", "late-interest", "withdrawal-late", "resolution-late", "earnest")


def ask_what_law_adds(chapter: Chapter, refund: Refund, seq: int) -> None:
    """Principal has left by act `seq`: what the holder's law adds to it is looked for, where it can add anything."""
    adds = _can_add(chapter.world.the_law(), chapter.state, chapter.world.now.date())
    if not refund.head and chapter.state.ending(refund.cause) and adds:
        chapter.duty("owe_by_law", f"{refund.n}/{seq}", refund=refund.n)


def _can_add(law: Law, state: Reservation, on: date) -> bool:
    """Whether any text of the holder's law adds to a refund."""
    return any(law.find(role, state.residence, state.placed_at.date(), on) for role in _ADDING)


@dataclass(frozen=True, kw_only=True)
class OweByLaw(Command):
    """What a text adds to refund `refund`, which has left. Asked again, it is what has come to it since."""

    number: str
    refund: int
    wants_offer: ClassVar[bool] = True
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """A refund of its own for each head, of so much as is not owed yet."""
        state = world.the_reservation()
        refund = state.refund(self.refund)
        if refund is None or refund.head or refund.status not in (SENT, ARRIVED):
            return NOTHING
        chapter = Chapter(self, world)
        for each in added(world.the_law(), state, world.the_offer(), world.acts, refund):
            known = sum(
                of.opened_minor for of in state.refunds if of.head == each.kind and _alike(of, refund)
            )
            if each.amount_minor > known:
                self._owe(chapter, refund, each, each.amount_minor - known)
        return chapter.decision() if chapter.drafts else NOTHING

    def _owe(self, chapter: Chapter, refund: Refund, of: Sum, amount_minor: int) -> None:
        world, state = chapter.world, chapter.state
        contract = Contract(state.residence, state.placed_at.date(), state.consumer)
        account = usable_account(state)
        n = len(state.refunds) + 1
        owed = chapter.say(
            "refund.owed",
            by="system",
            refund=n,
            amount_minor=amount_minor,
            currency=refund.currency,
            payment=refund.payment,
            cause=refund.cause,
            route=HAND,
            source=entries.INTEREST,
            due_at=text(world.now + world.policy.refund_promise),
            legal_due_at=text(refund_limit(world.the_law(), contract, world.now).at),
            from_at=text(world.now),
            account=account.n if account else None,
            entries=entries.owed(state.key, entries.INTEREST, amount_minor, refund.currency),
            law=world.the_law().digest,
            law_rule=of.ground.rule,
            head=of.kind,
            accrued_until=_until(refund, of).isoformat(),
        )
        next_step(chapter, n, owed.seq)


def _alike(each: Refund, refund: Refund) -> bool:
    return (each.payment, each.cause) == (refund.payment, refund.cause)


def _until(refund: Refund, of: Sum) -> date:
    """Up to which day it is counted: that on which the principal left, or the last whose rate is known."""
    assert refund.sent_at is not None
    missing = of.missing.first_missing_day if of.missing else None
    return missing - timedelta(days=1) if missing else refund.sent_at.date()


def added(law: Law, state: Reservation, offer: Offer, acts: Sequence[Act], refund: Refund) -> tuple[Sum, ...]:
    """Each head of what the law adds to what went back of the refund's payment for the same reason."""
    ending, payment = state.ending(refund.cause), state.payment(refund.payment)
    gone = [each for each in state.refunds if _alike(each, refund) and is_gone(each)]
    if ending is None or payment is None or not gone:
        return ()
    said = next((act for act in acts if act.seq == ending.seq), None)
    by = (
        MAKER
        if said and said.type == "maker.gave_up"
        else UNASKED
        if said and said.by == "system"
        else RESOLUTION
        if ending.ground == RESOLUTION
        else WITHDRAWAL
    )
    back = tuple(Refunded(_left_on(each), each.amount_minor, each.currency) for each in gone)
    return _heads(law, facts_of(state, offer, acts), payment, back, Ended(by, ending.at.date()))


def would_add(
    law: Law, state: Reservation, offer: Offer, payment: Paid, left_minor: int, on: date
) -> tuple[Sum, ...]:
    """What the law would add to what is left of a payment if the maker gave it up and it left on a day, by head."""
    if not _can_add(law, state, on):
        return ()
    back = (Refunded(on, left_minor, payment.currency),)
    found = _heads(law, facts_of(state, offer), payment, back, Ended(MAKER, on))
    return tuple(each for each in found if each.amount_minor or each.missing)


def _heads(
    law: Law, facts: Facts, payment: Paid, back: tuple[Refunded, ...], ended: Ended
) -> tuple[Sum, ...]:
    """What the law adds to one payment that has gone back, as if there were no other."""
    facts = replace(
        facts,
        payments=tuple(
            Payment(payment.happened_at.date(), each.amount_minor, each.currency, payment.rail)
            for each in back
        ),
        refunded=back,
        added=(),
        ended=ended,
        delivered_on=None,
    )
    on = max(each.refunded_on for each in back)
    at = standing(law, facts, on)
    found = sums(law, facts, at, basis_of(law, facts, at, (), Today(on, on)))
    return tuple(each for each in found if each.kind in HEADS)


def _left_on(refund: Refund) -> date:
    assert refund.sent_at is not None
    return refund.sent_at.date()
