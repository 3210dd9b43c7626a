"""Giving up many at once: the duty that pages through them, and whether the money for it is there."""

from typing import Any, Final, NamedTuple

import stripe

from earnest.book import clock, door, duties, giving_up, ledger, lists, reads
from earnest.book.giving_up import Preview
from earnest.core import entries, rails
from earnest.core.commands.give_up import GiveUpPlace
from earnest.core.commands.refund import HAND
from earnest.core.refund import ASKED_FOR
from earnest.core.refusals import Refusal
from earnest.rails.bank import funds as bank
from earnest.rails.outward import outward
from earnest.rails.stripe.client import UNREACHABLE, Unreachable, client, configured

PAGE: Final = 100
_BY_MAKER: Final[dict[str, Any]] = {"by": "maker", "via": "worker", "person": "worker"}


@duties.handles("give_up")
def give_up(duty: duties.Leased) -> None:
    """Each ends in the order of the queue; whoever dies in between, the next goes on, and what ended has ended."""
    payload = dict(duty.payload)
    slug, seq = payload["offer"], payload["giveup"]
    found = reads.offer(slug).offer.giveup(seq)
    if found is None:
        raise duties.Park(f"the offer {slug} has no proposal {seq}")
    while page := giving_up.numbers_after(slug, found.scope, payload.get("after", 0), PAGE):
        commands = [GiveUpPlace(**_BY_MAKER, number=number, giveup=seq) for _, number in page]
        for outcome in door.do([door.Request(command) for command in commands]):
            if isinstance(outcome, Refusal):
                raise outcome
        payload |= {"after": page[-1][0]}
        duties.advance(duty, payload, clock.now())


class Funds(NamedTuple):
    """What one way in one currency needs, and what is there: by our ledger, and as Stripe or the bank itself says.

    `provider_minor` is what can be paid out of at once, `pending_minor` what is still on its way to that; None where
    nobody can be asked. At a bank, what is under way to somebody already is there no more. Minor units.
    """

    currency: str
    route: str
    needed_minor: int
    ledger_minor: int
    provider_minor: int | None = None
    pending_minor: int | None = None

    @property
    def there_minor(self) -> int:
        """The smaller of what the ledger and the others say."""
        return (
            self.ledger_minor if self.provider_minor is None else min(self.ledger_minor, self.provider_minor)
        )

    @property
    def short_minor(self) -> int:
        """What is missing; 0 where it is enough."""
        return max(0, self.needed_minor - max(0, self.there_minor))


def funds(preview: Preview, *, ask: bool = True) -> list[Funds]:
    """Hold what would go back against what is there. Stripe is asked, so never inside a transaction; of the bank, its
    newest statement.

    Without `ask` Stripe is not. Raises Unreachable where it does not answer.
    """
    needed: dict[tuple[str, str], int] = {}
    for way, each in preview.lines():
        needed[way.currency, way.route] = needed.get((way.currency, way.route), 0) + each.amount_minor
    for addition, each in preview.added.items():
        slot = addition.currency, rails.ACCOUNT
        needed[slot] = needed.get(slot, 0) + each.amount_minor
    stands = ledger.balances()
    asked = _balance() if ask and any(route == rails.CARD for _, route in needed) else None
    by_hand = [each for each in lists.open_unnamed() if each.refund.route == HAND]
    told = bank.now(by_hand)
    found = []
    for (currency, route), minor in needed.items():
        if route == rails.CARD:
            ours = stands.get((entries.CARD_CLEARING, currency), 0)
            available, pending = asked.get(currency, (0, 0)) if asked is not None else (None, None)
            found.append(Funds(currency, route, minor, ours, available, pending))
        else:
            leaving = sum(
                each.refund.amount_minor
                for each in by_hand
                if each.refund.status in ASKED_FOR and each.refund.currency == currency
            )
            says = told.free_minor if told.on and told.currency == currency else None
            found.append(
                Funds(currency, route, minor, stands.get((entries.BANK, currency), 0) - leaving, says)
            )
    return found


def _balance() -> dict[str, tuple[int, int]] | None:
    """Currency -> (available, pending) at Stripe; None where cards are not set up. Raises Unreachable."""
    if not configured():
        return None
    try:
        with outward():
            said = client().v1.balance.retrieve()
    except stripe.StripeError:
        raise Unreachable("cards-unreachable", UNREACHABLE) from None
    pending = {each.currency.upper(): each.amount for each in said.pending}
    available = {each.currency.upper(): each.amount for each in said.available}
    return {
        each: (available.get(each, 0), pending.get(each, 0)) for each in available.keys() | pending.keys()
    }
