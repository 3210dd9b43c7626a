"""A maker edits an offer: a new version; who reserved before stays bound to what they saw."""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.commands.open_offer import Terms
from earnest.core.refusals import Refused


@dataclass(frozen=True, kw_only=True)
class ReviseOffer(Command):
    """The whole of the new terms; a later window is not an edit but a slip."""

    wants_offer: ClassVar[bool] = True
    slug: str
    terms: Terms
    why: str = ""

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """A new version; a window that comes sooner is promised anew."""
        offer, counters = world.the_offer(), world.the_counters()
        before = offer.current
        self.terms.check()
        if self.terms.currency != before.currency:
            raise Refused("offer-currency", "The currency of an offer cannot change; open another offer.")
        if self.terms.window.end > before.window.end or self.terms.window.start > before.window.start:
            raise Refused("offer-later", "A later window is a slip: it is told to every holder.")
        if offer.undated and self.terms.window != before.window:
            raise Refused("offer-undated-slip", "There is no date at present; a new one is given by a slip.")
        self._check_taken(counters.taken)
        chapter = Chapter(self, world)
        chapter.say("offer.revised", **self.terms.fields(before.version + 1), why=self.why)
        if self.terms.window != before.window:
            window = self.terms.window
            chapter.say("promise.made", from_=window.start.isoformat(), until=window.end.isoformat())
        return chapter.decision()

    def _check_taken(self, taken: object) -> None:
        assert isinstance(taken, dict)
        if sum(taken.values()) > self.terms.capacity:
            raise Refused("offer-taken", "%(taken)d places are taken already.", taken=sum(taken.values()))
        variants = {variant.code: variant for variant in self.terms.variants}
        for code, places in taken.items():
            variant = variants.get(code)
            if places and variant is None:
                raise Refused(
                    "variant-taken", "“%(variant)s” is reserved already and cannot be dropped.", variant=code
                )
            if variant and variant.capacity is not None and places > variant.capacity:
                raise Refused("offer-taken", "%(taken)d places are taken already.", taken=places)
