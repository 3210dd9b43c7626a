"""A maker opens an offer: what it is, for how much, how many, by when."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from earnest.core.commands.base import Chapter, Command, Decision, Ref, World
from earnest.core.money import MAX_MINOR, check_currency
from earnest.core.offer import Instalment, Sale, Text, Variant, Window
from earnest.core.refusals import Invalid, Refused

CHANNELS = ("distance", "off-premises", "shop")
DEPOSIT_KINDS = ("acompte", "arrhes", "deposit")
DATE_WORTHS = ("firm", "indicative", "vague", "none")
RAILS = ("card", "transfer")


@dataclass(frozen=True)
class Terms:
    """Everything that an edit of an offer may change; amounts in minor units of `currency`, for one place."""

    currency: str
    variants: tuple[Variant, ...]
    plan: tuple[Instalment, ...]
    capacity: int
    window: Window
    sale: Sale
    texts: Mapping[str, Text]
    timezone: str = "UTC"

    def fields(self, version: int) -> dict[str, Any]:
        """The fields of `offer.opened` and `offer.revised`."""
        return {
            "version": version,
            "currency": self.currency,
            "variants": [asdict(variant) for variant in self.variants],
            "plan": [asdict(part) for part in self.plan],
            "capacity": self.capacity,
            "from_": self.window.start.isoformat(),
            "until": self.window.end.isoformat(),
            "sale": self.sale.written(),
            "texts": {code: asdict(text) for code, text in self.texts.items()},
            "timezone": self.timezone,
        }

    def check(self) -> None:
        """Raises Invalid with the first thing that is wrong."""
        check_currency(self.currency)
        if not self.texts or not all(text.title and text.terms for text in self.texts.values()):
            raise Invalid("offer-texts", "An offer needs a title and terms in at least one language.")
        if self.window.end < self.window.start:
            raise Invalid("offer-window", "The promised window ends before it begins.")
        if not 1 <= self.capacity <= 10_000_000:
            raise Invalid("offer-capacity", "The capacity is a whole number from 1 to 10,000,000.")
        if self.sale.channel not in CHANNELS or self.sale.deposit_kind not in DEPOSIT_KINDS:
            raise Invalid("offer-sale", "The sales channel or the kind of deposit is unknown.")
        if not 0 <= self.sale.tax_rate_bp <= 10_000:
            raise Invalid("offer-tax", "The tax rate is between 0 and 100 per cent.")
        if self.sale.date_worth not in DATE_WORTHS:
            raise Invalid("offer-date", "A promised date is firm, indicative, vague or none.")
        if isinstance(self.sale.back_bp, bool) or not 0 <= self.sale.back_bp <= 10_000:
            raise Invalid(
                "offer-back", "What the terms give back is between 0 and 100 per cent of what was paid."
            )
        self._check_variants()
        self._check_plan()

    def _check_variants(self) -> None:
        codes = [variant.code for variant in self.variants]
        if not codes or len(set(codes)) != len(codes):
            raise Invalid("offer-variants", "An offer needs at least one variant, each with its own code.")
        for variant in self.variants:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", variant.code):
                raise Invalid(
                    "offer-variant",
                    "“%(variant)s” is not a variant code: small letters, digits, dashes.",
                    variant=variant.code,
                )
            if not 0 < variant.price_minor <= MAX_MINOR:
                raise Invalid(
                    "amount", "“%(given)s” is not an amount such as 5000.00.", given=variant.price_minor
                )
            if variant.capacity is not None and not 0 <= variant.capacity <= self.capacity:
                raise Invalid("offer-capacity", "A variant cannot have more places than its offer.")

    def _check_plan(self) -> None:
        for n, part in enumerate(self.plan, start=1):
            if part.n != n or part.rail not in RAILS or part.amount_minor <= 0 or part.due_days < 0:
                raise Invalid("offer-plan", "Instalment %(n)d of the deposit plan is not well formed.", n=n)
        cheapest = min(variant.price_minor for variant in self.variants)
        if sum(part.amount_minor for part in self.plan) > cheapest:
            raise Invalid("offer-plan-sum", "The deposits add up to more than the price.")


@dataclass(frozen=True, kw_only=True)
class OpenOffer(Command):
    """`slug` names the offer in addresses, for ever."""

    slug: str
    terms: Terms

    def ref(self) -> Ref:
        """The offer."""
        return Ref("offer", self.slug)

    def decide(self, world: World) -> Decision:
        """Opens it, and with it the promise."""
        if world.offer:
            raise Refused("offer-exists", "There is already an offer named “%(slug)s”.", slug=self.slug)
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,59}", self.slug):
            raise Invalid(
                "offer-slug",
                "“%(slug)s” is not a name for an offer: small letters, digits, dashes.",
                slug=self.slug,
            )
        self.terms.check()
        chapter = Chapter(self, world)
        chapter.say("offer.opened", **self.terms.fields(1))
        window = self.terms.window
        chapter.say("promise.made", from_=window.start.isoformat(), until=window.end.isoformat())
        return chapter.decision()
