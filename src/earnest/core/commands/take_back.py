"""A cancellation is taken back while the money is still here; a lapsed place is kept if it is still free."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.refund import owe
from earnest.core.refund import NOT_LEFT, TAKEN_BACK, Refund
from earnest.core.refusals import Refused
from earnest.core.reservation import CANCELLED, LAPSED, Ending, Reservation


@dataclass(frozen=True, kw_only=True)
class TakeBack(Command):
    """The customer changes their mind about the last cancellation, or wants a lapsed place after all."""

    number: str
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """While no part of the refund has left, and, once the place was freed, while there is room."""
        state, counters = world.the_reservation(), world.the_counters()
        ending = last_ending(state)
        if ending is None:
            return NOTHING
        back = refunds_of(state, ending)
        why_not = cannot_take_back(state, ending, back)
        if why_not:
            raise why_not
        chapter = Chapter(self, world)
        if ending.status == "released":
            chapter.counters = counters.take(state.variant, ending.quantity)
            _check_room(world, chapter, state.variant)
        parts = [(_where_to(state, each), each.amount_minor, each.currency) for each in back]
        taken = chapter.say(
            "cancellation.taken_back",
            cause=ending.seq,
            refunds=[each.n for each in back],
            entries=entries.no_longer_owed(state.key, parts),
        )
        _owe_what_is_too_much(chapter, taken.seq)
        chapter.mail("taken_back", taken)
        return chapter.decision()


def last_ending(state: Reservation) -> Ending | None:
    """The newest cancellation or lapse that still stands."""
    standing = [ending for ending in state.endings if ending.status != "taken back"]
    return standing[-1] if standing else None


def refunds_of(state: Reservation, ending: Ending) -> list[Refund]:
    """What is owed because of an ending: by itself, or by money that came when nothing lived any more."""
    over = state.status in (LAPSED, CANCELLED)
    return [
        refund
        for refund in state.refunds
        if refund.status != TAKEN_BACK
        and refund.currency == state.currency
        and (refund.cause == ending.seq or (over and refund.cause == refund.payment > ending.seq))
    ]


def cannot_take_back(state: Reservation, ending: Ending, back: list[Refund]) -> Refused | None:
    """Why this ending stands, or None."""
    if any(refund.status not in NOT_LEFT for refund in back):
        return Refused("refund-left", "The refund is on its way, so the cancellation stands.")
    if state.erased:
        return Refused("erased", "Personal data of this reservation was erased; please reserve again.")
    if ending.by == "maker" and ending.kind == "cancel":
        return Refused("maker-ended", "The maker ended this reservation; it cannot be taken back.")
    money = state.paid_minor() + sum(refund.amount_minor for refund in back if not refund.head)
    if money < state.first_due_minor() or (not back and state.status in (LAPSED, CANCELLED)):
        return Refused(
            "not-paid", "The first deposit was not paid, so there is no place to keep; reserve again."
        )
    return None


def _where_to(state: Reservation, refund: Refund) -> str:
    """Where the money stands again: what came before a sale is its price, also if it was owed back before the sale."""
    payment = state.payment(refund.payment)
    return refund.source if payment is None or refund.head else state.source_of(payment)


def _owe_what_is_too_much(chapter: Chapter, cause: int) -> None:
    """Money that came in between may be more than the places that live again ask for; the last of it goes back."""
    for payment in reversed(chapter.state.payments):
        state = chapter.state
        most = state.due_minor() if state.converted_at is None else state.price_minor * state.quantity
        too_much = min(state.left_of(payment), state.paid_minor() - most)
        if too_much > 0 and payment.currency == state.currency:
            owe(chapter, payment, too_much, cause)


def _check_room(world: World, chapter: Chapter, variant_code: str) -> None:
    version, counters = world.the_offer().current, chapter.counters
    assert counters is not None
    variant = version.variant(variant_code)
    full = counters.total > version.capacity
    if variant and variant.capacity is not None:
        full = full or counters.taken.get(variant_code, 0) > variant.capacity
    if full:
        raise Refused("place-gone", "The place was given back and is taken by now.")
