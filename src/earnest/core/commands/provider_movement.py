"""What a payment provider did with the money that it holds for us: fees, payouts, conversions; each once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from earnest.core import entries
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.money import MAX_MINOR, check_currency
from earnest.core.refusals import Invalid

FEE, PAYOUT, RETURNED, ADDED, EXCHANGE = "fee", "payout", "returned", "added", "exchange"
_ACTS: Final = {
    FEE: "fee.charged",
    PAYOUT: "payout.made",
    RETURNED: "payout.returned",
    ADDED: "funds.added",
    EXCHANGE: "currency.exchanged",
}


@dataclass(frozen=True)
class Movement:
    """One line of the provider's own account, named by `transaction`; `kind` is one of the names above.

    `amount_minor` is positive as the kind says it; a fee below zero was given back. `what` is the kind of a fee, or
    the name of a payout. Of an exchange, `amount_minor` is what the provider took (below zero) or had, and
    `got_minor` of `got` what became of it, each with the sign of the change.
    """

    kind: str
    transaction: str
    amount_minor: int
    currency: str
    happened_at: datetime
    what: str = ""
    arrives: date | None = None
    got_minor: int = 0
    got: str = ""


@dataclass(frozen=True, kw_only=True)
class BookMovement(Command):
    """`provider` is its name in our addresses (`stripe`)."""

    provider: str
    movement: Movement

    def claims(self) -> tuple[Claim, ...]:
        """The line of the account, once for each kind of movement."""
        return (Claim(self.movement.kind, self.movement.transaction),)

    def ref(self) -> Ref:
        """The provider."""
        return Ref("provider", self.provider)

    def decide(self, world: World) -> Decision:
        """Said twice, it happened once. Raises Invalid for what is no movement."""
        moved = self.movement
        if world.claimed:
            return NOTHING
        self._check()
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        fields: dict[str, Any] = {
            "transaction": moved.transaction,
            "happened_at": text(min(moved.happened_at, world.now)),
        }
        if moved.kind == EXCHANGE:
            fields |= {"given_minor": moved.amount_minor, "given": moved.currency}
            fields |= {"got_minor": moved.got_minor, "got": moved.got}
        else:
            fields |= {"amount_minor": moved.amount_minor, "currency": moved.currency}
        if moved.kind == FEE:
            fields["kind"] = moved.what or "other"
        elif moved.kind in (PAYOUT, RETURNED):
            fields["payout"] = moved.what
        if moved.kind == PAYOUT and moved.arrives:
            fields["arrives"] = moved.arrives.isoformat()
        chapter.say(_ACTS[moved.kind], **fields, entries=self._entries())
        return chapter.decision()

    def _entries(self) -> str:
        moved = self.movement
        match moved.kind:
            case "fee":
                return entries.fee(moved.amount_minor, moved.currency)
            case "payout":
                return entries.paid_out(moved.amount_minor, moved.currency)
            case "exchange":
                return entries.exchanged(moved.amount_minor, moved.currency, moved.got_minor, moved.got)
            case _:
                return entries.paid_out(-moved.amount_minor, moved.currency)

    def _check(self) -> None:
        moved = self.movement
        check_currency(moved.currency)
        signed = moved.kind in (FEE, EXCHANGE)
        good = 0 < (abs(moved.amount_minor) if signed else moved.amount_minor) <= MAX_MINOR
        if moved.kind == EXCHANGE:
            check_currency(moved.got)
            good = good and moved.amount_minor * moved.got_minor < 0 and moved.currency != moved.got
        if moved.kind not in _ACTS or not moved.transaction.strip() or not good:
            raise Invalid("movement", "This is no movement of a provider's account.")
