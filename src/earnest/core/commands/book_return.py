"""What a statement tells of our own transfers, and what it takes back.

A refund of ours that left, one that did not arrive, or a deposit that its payer's bank wants again.
"""

from dataclasses import dataclass
from typing import ClassVar

from earnest.core.bank_entry import ENTRY, BankEntry
from earnest.core.changing import replace
from earnest.core.commands.base import NOTHING, Claim, Command, Decision, Ref, World
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.reverse_deposit import ReverseDeposit


@dataclass(frozen=True, kw_only=True)
class _WithEntry(Command):
    """Another command, named after this one among the bases, that carries an entry of a statement with it."""

    account: str
    entry: BankEntry

    def beside(self) -> tuple[Ref, ...]:
        """The account, as for every entry."""
        return (Ref("bank", self.account),)

    def claims(self) -> tuple[Claim, ...]:
        """The other command's and the entry."""
        return (*super().claims(), *(each for each in self.entry.claims if each.rail == ENTRY))

    def decide(self, world: World) -> Decision:
        """Once, whichever file tells it, and whoever else told it before or tells it after."""
        if self.entry.was_there(world):
            return NOTHING
        decided = super().decide(world)
        mine = [Claim(ENTRY, digest) for digest in self.entry.kept]
        claims = (*decided.claims, *(each for each in mine if each not in world.claimed))
        return replace(decided, claims=claims) if decided.acts else decided


@dataclass(frozen=True, kw_only=True)
class RefundCameBack(_WithEntry, ReportRefund):
    """A transfer of ours was returned: the debt is open again, and its clock runs."""

    outcome: str = "returned"
    wants_offer: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class RefundLeft(_WithEntry, ReportRefund):
    """A transfer of ours was debited."""

    outcome: str = "sent"
    wants_offer: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class DepositTakenBack(_WithEntry, ReverseDeposit):
    """The bank took back a credit that was a deposit."""
