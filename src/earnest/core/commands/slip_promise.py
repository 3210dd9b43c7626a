"""The promised window moves later: one act, and one duty that tells every holder."""

from dataclasses import dataclass
from typing import Any, ClassVar

from earnest.core.acts import Cite
from earnest.core.changing import replace
from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.open_offer import Terms
from earnest.core.instants import text
from earnest.core.offer import Offer, Slip, Window
from earnest.core.refusals import Invalid, Refused
from earnest.core.slipping import EVIDENCE, NOTHING, meaning


def terms_of(offer: Offer) -> Terms:
    """The current terms, to be changed in one point."""
    now = offer.current
    assert isinstance(now.texts, dict)
    return Terms(
        now.currency, now.variants, now.plan, now.capacity, now.window, now.sale, now.texts, offer.timezone
    )


@dataclass(frozen=True, kw_only=True)
class SlipPromise(Command):
    """The new window (None: there is no new date), the reason that holders will read, and what proves it."""

    wants_offer: ClassVar[bool] = True
    slug: str
    window: Window | None
    why: str
    evidence: str = "none"

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """A version with the new window for newcomers, the slip for those who wait."""
        offer = world.the_offer()
        was = offer.current.window
        self._check(offer)
        chapter = Chapter(self, world)
        if self.window:
            terms = replace(terms_of(offer), window=self.window)
            chapter.say("offer.revised", **terms.fields(offer.current.version + 1))
        slip = chapter.say(
            "promise.slipped",
            was_from=was.start.isoformat(),
            was_until=was.end.isoformat(),
            **days_of(self.window),
            proven_by=self.evidence,
            why=self.why.strip(),
        )
        chapter.duty("tell_slip", str(slip.seq), slip=slip.seq, offer=self.slug)
        return chapter.decision()

    def _check(self, offer: Offer) -> None:
        was, now = offer.current.window, self.window
        if now is None:
            if offer.undated:
                raise Refused("undated-already", "There is no date already, and every holder was told so.")
        elif now.end < now.start:
            raise Invalid("offer-window", "The promised window ends before it begins.")
        elif now.end < was.end or (now == was and not offer.undated):
            raise Refused("not-later", "The window promised now is not later than the one before.")
        if not self.why.strip():
            raise Invalid("why", "Holders are owed a reason: write one sentence.")
        if self.evidence not in EVIDENCE:
            raise Invalid("evidence", "“%(given)s” is no kind of evidence.", given=self.evidence[:40])


def days_of(window: Window | None) -> dict[str, Any]:
    """The fields `from` and `until` of a window; nothing where there is none."""
    if window is None:
        return {"from_": None, "until": None}
    return {"from_": window.start.isoformat(), "until": window.end.isoformat()}


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
        saw_it = offer.version(reservation.version).seq > seq_before(slip)
        if known or saw_it or reservation.status not in ("placed", "confirmed", "paid up"):
            return Decision()
        chapter = Chapter(self, world)
        means = meaning(world.law, reservation, offer, slip, world.now)
        told = chapter.say(
            "promise.told",
            cites=(Cite("offer", offer.slug, slip.seq),),
            slip=slip.seq,
            was_from=reservation.promised.start.isoformat(),
            was_until=reservation.promised.end.isoformat(),
            **days_of(slip.now),
            choices=list(means.choices),
            silence=means.silence,
            answer_by=text(means.answer_by) if means.answer_by else None,
            law_rule=means.rule or None,
            law=means.law or None,
            why=slip.why,
        )
        chapter.mail("slipped", told)
        if means.silence != NOTHING:
            chapter.duty("slip_silence", str(slip.seq), means.answer_by, slip=slip.seq)
        return chapter.decision()


def seq_before(slip: Slip) -> int:
    """Who reserved a version of a later act than this one knew of the slip.

    A slip with a date has a version of its own, the act just before it; one without has none, and nobody reserves then.
    """
    return slip.seq - 2 if slip.now else slip.seq
