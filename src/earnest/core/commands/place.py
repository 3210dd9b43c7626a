"""Somebody reserves: a place in the queue is theirs until the first deposit is due."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from earnest.core.acts import Cite
from earnest.core.commands.base import Chapter, Claim, Command, Counters, Decision, Ref, World
from earnest.core.commands.receive_deposit import Paid, receive
from earnest.core.instants import text
from earnest.core.off_premises import may_be_paid_from
from earnest.core.offer import CLOSED, PAUSED, Offer, Version
from earnest.core.people import check_contact, check_person
from earnest.core.refusals import Invalid, Refused

MAX_QUANTITY = 100


@dataclass(frozen=True, kw_only=True)
class Place(Command):
    """`number` is a fresh reservation number; `residence` ISO 3166-1 alpha-2; `vat_number` makes it a company's.

    `version` is the offer version that was shown; 0 takes the current one. `paid` comes with an operator's
    import key: money that had already been received.
    """

    wants_offer: ClassVar[bool] = True
    number: str
    slug: str
    variant: str
    quantity: int
    name: str
    email: str
    residence: str
    language: str
    consumer: bool = True
    vat_number: str = ""
    version: int = 0
    paid: Paid | None = None

    def ref(self) -> Ref:
        """The new reservation."""
        return Ref("reservation", self.number)

    def claims(self) -> tuple[Claim, ...]:
        """The payment that came with it, if one did."""
        return (Claim(self.paid.rail, self.paid.reference.strip()),) if self.paid else ()

    def decide(self, world: World) -> Decision:
        """Takes the places, or says why not; what is bound here is what can be proved later."""
        self._check()
        offer, counters = world.the_offer(), world.the_counters()
        version = self._version(offer)
        self._check_room(offer, version, counters)
        chapter = Chapter(self, world)
        chapter.counters = counters.take(self.variant, self.quantity).next_queue()
        self._say(chapter, version, chapter.counters.queue_last)
        if self.paid:
            receive(chapter, self.paid)
        elif not version.plan:
            chapter.say("reservation.confirmed", by="system", why="no-deposit")
        reservation = chapter.state
        if reservation.status == "placed":
            wait = reservation.hold_until - world.now
            chapter.duty("lapse", "hold", reservation.hold_until)
            since = self._payable(version, world.now) or world.now
            if wait > timedelta(days=1):
                chapter.duty("remind", "1", since + (reservation.hold_until - since) / 2, instalment=1)
        return chapter.decision()

    def _say(self, chapter: Chapter, version: Version, queue: int) -> None:
        variant = version.variant(self.variant)
        assert variant is not None
        first = version.plan[0].rail if version.plan else "transfer"
        policy, now = chapter.world.policy, chapter.world.now
        hold = policy.card_hold if first == "card" else policy.transfer_hold
        payable = self._payable(version, now)
        until = payable + policy.transfer_hold if payable else now + hold
        placed = chapter.say(
            "reservation.placed",
            cites=(Cite("offer", self.slug, version.seq),),
            offer=self.slug,
            version=version.version,
            variant=self.variant,
            quantity=self.quantity,
            queue=queue,
            hold_until=text(until),
            price_minor=variant.price_minor,
            currency=version.currency,
            tax_rate_bp=version.sale.tax_rate_bp,
            plan=[asdict(part) for part in version.plan],
            from_=version.window.start.isoformat(),
            until=version.window.end.isoformat(),
            terms_hash=version.text(self.language).terms_hash(),
            terms_language=version.language(self.language),
            residence=self.residence,
            consumer=self.consumer,
            channel=version.sale.channel,
            deposit_kind=version.sale.deposit_kind,
            made_to_specification=version.sale.made_to_specification,
            rail=first,
            name=self.name.strip(),
            vat_number=self.vat_number.strip() or None,
            email=self.email.strip(),
            language=self.language,
        )
        chapter.mail("placed", placed)

    def _payable(self, version: Version, now: datetime) -> datetime | None:
        """From when it can be paid, where that is later: nobody's place lapses before."""
        return may_be_paid_from(self.residence, version.sale.channel, now) if self.consumer else None

    def _check(self) -> None:
        check_person(self.name, self.residence, self.vat_number, self.consumer)
        check_contact(self.email.strip(), self.language)
        if isinstance(self.quantity, bool) or not 1 <= self.quantity <= MAX_QUANTITY:
            raise Invalid("quantity", "The number of places is from 1 to %(most)d.", most=MAX_QUANTITY)

    def _version(self, offer: Offer) -> Version:
        if offer.status == CLOSED:
            raise Refused("offer-closed", "“%(slug)s” is closed for good.", slug=offer.slug)
        if offer.status == PAUSED:
            raise Refused("offer-paused", "“%(slug)s” takes no reservations at the moment.", slug=offer.slug)
        if offer.undated:
            # Who reserves must be told a date or a period beforehand (Code de la consommation, L111-1 3°).
            raise Refused(
                "offer-undated",
                "“%(slug)s” has no delivery date at present, so nothing can be reserved.",
                slug=offer.slug,
            )
        if self.version not in (0, offer.current.version):
            raise Refused("offer-changed", "The offer has changed since you saw it; please look at it again.")
        if offer.current.variant(self.variant) is None:
            raise Invalid("no-variant", "There is no variant “%(variant)s”.", variant=self.variant[:40])
        return offer.current

    def _check_room(self, offer: Offer, version: Version, counters: Counters) -> None:
        variant = version.variant(self.variant)
        left = version.capacity - counters.total
        if variant and variant.capacity is not None:
            left = min(left, variant.capacity - counters.taken.get(self.variant, 0))
        if left <= 0:
            raise Refused("sold-out", "Every place of “%(slug)s” is taken.", slug=offer.slug)
        if left < self.quantity:
            raise Refused("too-few-left", "Only %(left)d places are left.", left=left)
