"""The promised window moves later: one act, and one duty that tells every holder."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.acts import Cite
from earnest.core.changing import replace
from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.open_offer import Terms
from earnest.core.offer import Offer, Window
from earnest.core.refusals import Invalid, Refused


def terms_of(offer: Offer) -> Terms:
    """The current terms, to be changed in one point."""
    now = offer.current
    assert isinstance(now.texts, dict)
    return Terms(
        now.currency, now.variants, now.plan, now.capacity, now.window, now.sale, now.texts, offer.timezone
    )


@dataclass(frozen=True, kw_only=True)
class SlipPromise(Command):
    """The new window, and the reason that holders will read."""

    wants_offer: ClassVar[bool] = True
    slug: str
    window: Window
    why: str

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """A version with the new window for newcomers, the slip for those who wait."""
        offer = world.the_offer()
        was = offer.current.window
        if self.window.end < self.window.start:
            raise Invalid("offer-window", "The promised window ends before it begins.")
        if self.window == was or self.window.end < was.end:
            raise Refused("not-later", "The window promised now is not later than the one before.")
        if not self.why.strip():
            raise Invalid("why", "Holders are owed a reason: write one sentence.")
        chapter = Chapter(self, world)
        terms = replace(terms_of(offer), window=self.window)
        chapter.say("offer.revised", **terms.fields(offer.current.version + 1))
        slip = chapter.say(
            "promise.slipped",
            was_from=was.start.isoformat(),
            was_until=was.end.isoformat(),
            from_=self.window.start.isoformat(),
            until=self.window.end.isoformat(),
            why=self.why.strip(),
        )
        chapter.duty("tell_slip", str(slip.seq), slip=slip.seq, offer=self.slug)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class TellSlip(Command):
    """One holder is told of one slip; asked again, it was told already."""

    wants_offer: ClassVar[bool] = True
    number: str
    slip: int

    def ref(self) -> Ref:
        """The reservation of that holder."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Told once, and only to those who were promised something else and still wait."""
        reservation, offer = world.the_reservation(), world.the_offer()
        slip = next((slip for slip in offer.slips if slip.seq == self.slip), None)
        if slip is None:
            raise Invalid("no-slip", "There is no such slip.")
        # A slip overtaken by a later one that was told already would tell people an older date.
        known = any(told.slip >= self.slip for told in reservation.told)
        # Newer placed ones saw the new window when they reserved, and who left or was served waits no more.
        saw_it = offer.version(reservation.version).seq > offer_seq_before(slip.seq)
        if known or saw_it or reservation.status not in ("placed", "confirmed", "paid up"):
            return Decision()
        chapter = Chapter(self, world)
        told = chapter.say(
            "promise.told",
            cites=(Cite("offer", offer.slug, slip.seq),),
            slip=slip.seq,
            was_from=reservation.promised.start.isoformat(),
            was_until=reservation.promised.end.isoformat(),
            from_=slip.now.start.isoformat(),
            until=slip.now.end.isoformat(),
            why=slip.why,
        )
        chapter.mail("slipped", told)
        return chapter.decision()


def offer_seq_before(slip_seq: int) -> int:
    """A slip's own version is the act just before it; who reserved that one or a later one saw the new window."""
    return slip_seq - 2
