"""The maker gives up many reservations of an offer at once: proposed, confirmed, then each ends by itself.

Above a limit whoever proposes it cannot confirm it; what the law adds (arrhes twice, interest) counts. The sums
are read under the lock of the offer, which all that brings money in takes too, so what is confirmed is no more
than what was proposed.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from earnest.core import giveup as giveups
from earnest.core.acts import Cite
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.commands.cancel import end
from earnest.core.giveup import CONFIRMED, PROPOSED, WITHDRAWN, GiveUp, Held, Scope
from earnest.core.offer import CLOSED, Offer
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import LIVING

#: So many can be named; who means more means the whole offer.
NAMED_MOST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class ProposeGiveUp(Command):
    """`numbers` names some reservations of the offer; without them all that live are meant, and the offer closes."""

    slug: str
    why: str
    numbers: tuple[str, ...] = ()

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def scope(self, offer: Offer) -> Scope:
        """Whoever reserves later saw that it is closed, or was not named."""
        return Scope(self.numbers, _EVERYBODY)

    def decide(self, world: World) -> Decision:
        """Under the limit it is confirmed at once; above it another operator is waited for."""
        offer, held = world.the_offer(), _held(world)
        if not self.why.strip():
            raise Invalid("why", "Holders are owed a reason: write one sentence.")
        if len(self.numbers) > NAMED_MOST:
            raise Invalid("numbers", "At most %(most)d reservations can be named.", most=NAMED_MOST)
        if held.unknown:
            raise Missing(
                "not-of-offer",
                "%(number)s is no living reservation of this offer.",
                number=held.unknown[0],
            )
        if not held.reservations:
            raise Refused("nobody-waits", "Nobody has a living reservation of this offer.")
        if any(each.status == PROPOSED for each in offer.giveups):
            raise Refused(
                "giveup-waits", "Another proposal for this offer waits; confirm or withdraw it first."
            )
        chapter = Chapter(self, world)
        counters = world.the_counters()
        proposed = chapter.say(
            "giveup.proposed",
            reservations=held.reservations,
            totals=giveups.totals(held.sums),
            upto=counters.queue_last,
            numbers=list(self.numbers) or None,
            why=self.why.strip()[:2000],
        )
        if not giveups.over_limit(held.leaves, world.policy.second_operator_major):
            _confirm(chapter, proposed.seq, held)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ConfirmGiveUp(Command):
    """`giveup` is the proposal, by its act on the offer."""

    slug: str
    giveup: int

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def scope(self, offer: Offer) -> Scope | None:
        """Those of the proposal."""
        found = offer.giveup(self.giveup)
        return found.scope if found else None

    def decide(self, world: World) -> Decision:
        """Once, by somebody else than who proposed it, and never more than was proposed."""
        found = _the(world.the_offer(), self.giveup)
        if found.status == CONFIRMED:
            return NOTHING
        if found.status == WITHDRAWN:
            raise Refused("giveup-withdrawn", "This proposal was withdrawn.")
        held = _held(world)
        if not self.person or self.person == found.by:
            raise Refused("second-person", "Another operator must confirm what was proposed.")
        if any(minor > found.totals.get(currency, 0) for currency, minor in held.sums.items()):
            raise Refused(
                "giveup-grew", "More money is held than when this was proposed; withdraw it and propose anew."
            )
        chapter = Chapter(self, world)
        _confirm(chapter, found.seq, held)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class WithdrawGiveUp(Command):
    """By any operator, while it is not confirmed."""

    slug: str
    giveup: int

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """What was confirmed is owed, and cannot be withdrawn."""
        found = _the(world.the_offer(), self.giveup)
        if found.status == WITHDRAWN:
            return NOTHING
        if found.status == CONFIRMED:
            raise Refused("giveup-confirmed", "This was confirmed, and what was given up is owed.")
        chapter = Chapter(self, world)
        chapter.say("giveup.withdrawn", giveup=found.seq)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class GiveUpPlace(Command):
    """One reservation of a proposal that was confirmed; what has ended by itself meanwhile is left alone."""

    number: str
    giveup: int
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """All its places end; asked again, they have ended already."""
        state, found = world.the_reservation(), _the(world.the_offer(), self.giveup)
        if found.status != CONFIRMED or found.confirmed_seq is None:
            raise Refused("giveup-not-confirmed", "Nobody has confirmed that these are given up.")
        if state.status not in LIVING or not found.scope.holds(state.number, state.queue):
            return NOTHING
        chapter = Chapter(self, world)
        return end(
            chapter,
            "maker.gave_up",
            state.quantity,
            why=found.why,
            giveup=found.seq,
            cites=(Cite("offer", state.offer, found.confirmed_seq),),
        )


_EVERYBODY: Final = 2**31 - 1


def _the(offer: Offer, seq: int) -> GiveUp:
    found = offer.giveup(seq)
    if found is None:
        raise Missing("no-giveup", "There is no such proposal for this offer.")
    return found


def _held(world: World) -> Held:
    """What the book added up for the command's scope; a command that asks for it names a scope."""
    if world.held is None:
        raise Missing("no-offer", "There is no offer of that name.")
    return world.held


def _confirm(chapter: Chapter, seq: int, held: Held) -> None:
    """From here it is owed. Nobody reserves any more what nobody will get."""
    chapter.say(
        "giveup.confirmed", giveup=seq, reservations=held.reservations, totals=giveups.totals(held.sums)
    )
    offer = chapter.offer
    assert offer is not None
    found = _the(offer, seq)
    if not found.numbers and offer.status != CLOSED:
        chapter.say("offer.closed", why=found.why)
    chapter.duty("give_up", str(seq), offer=offer.slug, giveup=seq, of=held.reservations)
