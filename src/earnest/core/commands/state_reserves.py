"""What is owed to customers against what is held is stated, once for each checkpoint of the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.entries import (
    CHART,
    DISPUTES,
    EXCHANGE,
    FEES,
    HELD,
    INTEREST,
    OWED,
    OWN_FUNDS,
    RECEIVABLE,
    SALES,
    TAX,
    TAX_ON_DEPOSITS,
    UNMATCHED,
)

#: Of an account in a statement: `held` is what is `owed`, and `more`, and not `less`.
GROUPS: Final = ("owed", "held", "more", "less")
RESERVES: Final = Ref("reserves", "book")

#: currency -> group -> account -> minor units
Sums = Mapping[str, Mapping[str, Mapping[str, int]]]


#: Where each account of the chart stands: every one is here by name, so that no debt to a customer is taken for
#: something else because it is new.
GROUP: Final = {
    **dict.fromkeys(OWED, "owed"),
    **dict.fromkeys(HELD, "held"),
    **dict.fromkeys((UNMATCHED, SALES, OWN_FUNDS, TAX), "more"),
    **dict.fromkeys((RECEIVABLE, DISPUTES, INTEREST, FEES, EXCHANGE, TAX_ON_DEPOSITS), "less"),
}


def grouped(balances: Mapping[tuple[str, str], int]) -> dict[str, dict[str, dict[str, int]]]:
    """(account, currency) -> minor units, counted on the side on which the account grows, as a statement has them."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for account in CHART:
        for (name, currency), minor in balances.items():
            if name == account:
                groups = found.setdefault(currency, {each: {} for each in GROUPS})
                groups[GROUP[account]][account] = minor
    return found


@dataclass(frozen=True, kw_only=True)
class StateReserves(Command):
    """`seal`, `size` and the root `log` name the checkpoint whose acts are counted, made `at`.

    `tree` is the root of the sum tree over what is owed, base64url, and `sums` the accounts in their groups.
    """

    seal: int
    size: int
    log: str
    at: str
    tree: str
    depth: int
    sums: Sums

    def claims(self) -> tuple[Claim, ...]:
        """The checkpoint: two statements of one moment could be shown to two people."""
        return (Claim("reserves", f"seal/{self.seal}"),)

    def ref(self) -> Ref:
        """A subject of their own: a story may cite the book's, and none should carry all statements ever made."""
        return RESERVES

    def decide(self, world: World) -> Decision:
        """Once for each checkpoint."""
        if world.claimed:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        said: dict[str, Any] = {"tree": self.tree, "depth": self.depth, "sums": dict(self.sums)}
        chapter.say("reserves.stated", seal=self.seal, size=self.size, log=self.log, at=self.at, **said)
        return chapter.decision()
