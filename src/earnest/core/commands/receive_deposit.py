"""Money comes in: it confirms a place, counts towards the plan, or goes straight back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from earnest.core import entries, rails
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.paid_twice import twin
from earnest.core.commands.refund import owe
from earnest.core.instants import text
from earnest.core.money import MAX_MINOR, check_currency
from earnest.core.off_premises import too_early
from earnest.core.refusals import Invalid
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, PLACED

#: When a holder whose money came by card is asked for a bank account.
ASK_EVERY: Final = timedelta(days=365)
ASK_BEFORE: Final = timedelta(days=30)


@dataclass(frozen=True)
class Paid:
    """Money that was received: `rail` is `card` or `transfer`, `reference` the provider's or the bank's own.

    `instalment` is the one that it was asked for by; 0 where nobody asked.
    """

    rail: str
    amount_minor: int
    currency: str
    reference: str
    happened_at: datetime
    imported: bool = False
    instalment: int = 0


@dataclass(frozen=True, kw_only=True)
class ReceiveDeposit(Command):
    """A provider, a bank or an operator says that money came; the same reference is the same money."""

    number: str
    paid: Paid
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation it was paid for."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """The payment."""
        return (Claim(self.paid.rail, self.paid.reference.strip()),)

    def decide(self, world: World) -> Decision:
        """Said twice, it came once."""
        if world.the_reservation().paid_by(self.paid.rail, self.paid.reference.strip()):
            return NOTHING
        chapter = Chapter(self, world)
        receive(chapter, self.paid)
        return chapter.decision()


def receive(chapter: Chapter, paid: Paid, source: str = "") -> None:
    """The acts of money that came in, or that stood on the account `source`, with what follows. Raises Invalid."""
    check_currency(paid.currency)
    if paid.rail not in ("card", "transfer") or not paid.reference.strip():
        raise Invalid("payment", "A payment has a rail (card or transfer) and a reference.")
    if isinstance(paid.amount_minor, bool) or not 0 < paid.amount_minor <= MAX_MINOR:
        raise Invalid("amount", "“%(given)s” is not an amount such as 5000.00.", given=paid.amount_minor)
    if paid.happened_at > chapter.world.now:
        raise Invalid("happened-at", "A payment cannot have happened in the future.")
    state = chapter.state
    chapter.claims.append(Claim(paid.rail, paid.reference.strip()))
    received = chapter.say(
        "deposit.received",
        by="maker" if chapter.command.by in ("maker", "customer") else chapter.command.by,
        rail=paid.rail,
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        reference=paid.reference.strip(),
        happened_at=text(paid.happened_at),
        imported=True if paid.imported else None,
        entries=entries.received(state.key, paid.rail, paid.amount_minor, paid.currency, source),
    )
    excess, came = _excess(chapter, paid), chapter.state.payment(received.seq)
    # What goes back whole by itself needs nobody.
    if came and excess < paid.amount_minor and twin(chapter.state, came):
        chapter.mail("paid_twice", received)
    # The customer's own transfer is not refused; that it came too early is the maker's to answer for.
    if came and chapter.offer and came in too_early(chapter.state, chapter.offer):
        chapter.mail("money_too_early", received)
    if excess:
        payment = chapter.state.payment(received.seq)
        assert payment is not None
        owe(chapter, payment, excess, received.seq)
    if paid.rail == "card":
        _ask_for_account_in_time(chapter, received.seq)
    state = chapter.state
    if state.status == PLACED and state.paid_minor() >= state.first_due_minor():
        confirmed = chapter.say("reservation.confirmed", by="system", why="deposit")
        chapter.mail("confirmed", confirmed)
        _remind_later(chapter)
    else:
        chapter.mail("deposit_received", received)


def _ask_for_account_in_time(chapter: Chapter, seq: int) -> None:
    """Cards die before their money is needed: an account is asked for once a year, and before the rail's end."""
    world, payment = chapter.world, chapter.state.payment(seq)
    assert payment is not None
    chapter.duty(
        "ask_account",
        f"year/{chapter.state.holder}" if chapter.state.earlier else "year",
        world.now + ASK_EVERY,
        occasion="year",
    )
    until = rails.first(
        payment, world.now, world.policy.card_refund_days, passed_on=chapter.state.passed_on(payment)
    ).until
    if until is not None:
        chapter.duty("ask_account", f"rail/{seq}", max(until - ASK_BEFORE, world.now), occasion=f"rail-{seq}")


def _excess(chapter: Chapter, paid: Paid) -> int:
    """What goes straight back, in minor units: all of it where no place lives or the currency is another.

    Paid for an instalment that was paid already (two pages were open), it is no payment of a later one.
    """
    state = chapter.state
    if state.status in (LAPSED, CANCELLED, DELIVERED) or paid.currency != state.currency:
        return paid.amount_minor
    if paid.instalment:
        asked = sum(part.amount_minor for part in state.plan if part.n <= paid.instalment) * state.quantity
        return min(paid.amount_minor, max(0, state.paid_minor() - asked))
    most = max(state.due_minor(), state.price_minor * state.quantity if state.converted_at else 0)
    return min(paid.amount_minor, max(0, state.paid_minor() - most))


def _remind_later(chapter: Chapter) -> None:
    """A later instalment that stays unpaid is reminded, and never lapses a confirmed place."""
    state = chapter.state
    for part in state.plan[1:]:
        due = state.placed_at + timedelta(days=part.due_days)
        before = due - timedelta(days=min(14, max(1, part.due_days // 4)))
        for name, at in (("before", before), ("due", due), ("after", due + timedelta(days=14))):
            chapter.duty("remind", f"{part.n}/{name}", max(at, chapter.world.now), instalment=part.n)
