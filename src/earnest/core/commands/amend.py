"""A holder accepts a newer version of the offer; without that, they stay bound to what they saw."""

from dataclasses import asdict, dataclass
from typing import ClassVar

from earnest.core.acts import Cite
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import CONFIRMED, PAID_UP, PLACED


@dataclass(frozen=True, kw_only=True)
class AcceptVersion(Command):
    """`version` of the offer, newer than the one that binds now."""

    number: str
    version: int
    wants_offer: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Price, plan, window and terms become those of the version."""
        state, offer = world.the_reservation(), world.the_offer()
        if self.version == state.version:
            return NOTHING
        if not state.version < self.version <= offer.current.version:
            raise Missing("no-version", "There is no newer version %(version)d.", version=self.version)
        if state.status not in (PLACED, CONFIRMED, PAID_UP):
            raise Refused("not-amendable", "This reservation can no longer be amended.")
        version = offer.version(self.version)
        variant = version.variant(state.variant)
        if variant is None:
            raise Refused("variant-gone", "That version no longer has what you reserved.")
        chapter = Chapter(self, world)
        language = state.terms_language
        amended = chapter.say(
            "reservation.amended",
            cites=(Cite("offer", offer.slug, version.seq),),
            version=version.version,
            price_minor=variant.price_minor,
            tax_rate_bp=version.sale.tax_rate_bp,
            plan=[asdict(part) for part in version.plan],
            from_=version.window.start.isoformat(),
            until=version.window.end.isoformat(),
            terms_hash=version.text(language).terms_hash(),
            terms_language=version.language(language),
        )
        chapter.mail("amended", amended)
        return chapter.decision()
