"""What a statement tells of our own transfers, and what it takes back.

A refund of ours that left, one that did not arrive, or a deposit that its payer's bank wants again.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from earnest.core.bank_entry import ENTRY, BankEntry
from earnest.core.commands.base import NOTHING, Claim, Command, Decision, Ref, World
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.reverse_deposit import ReverseDeposit


@dataclass(frozen=True, kw_only=True)
class _WithEntry(Command):
    """Another command that carries an entry of a statement with it."""

    account: str
    entry: BankEntry

    def beside(self) -> tuple[Ref, ...]:
        """The account, as for every entry."""
        return (Ref("bank", self.account),)

    def once(self, world: World, decided: Decision) -> Decision:
        """The decision with the entry claimed."""
        mine = [Claim(ENTRY, digest) for digest in self.entry.kept]
        claims = (*decided.claims, *(each for each in mine if each not in world.claimed))
        return replace(decided, claims=claims) if decided.acts else decided


@dataclass(frozen=True, kw_only=True)
class RefundCameBack(_WithEntry, ReportRefund):
    """A transfer of ours was returned: the debt is open again, and its clock runs."""

    outcome: str = "returned"
    wants_offer: ClassVar[bool] = True

    def claims(self) -> tuple[Claim, ...]:
        """The entry."""
        return tuple(each for each in self.entry.claims if each.rail == ENTRY)

    def decide(self, world: World) -> Decision:
        """The same entry, or the same return told by hand, changes nothing."""
        if self.entry.was_there(world):
            return NOTHING
        return self.once(world, ReportRefund.decide(self, world))


@dataclass(frozen=True, kw_only=True)
class RefundLeft(_WithEntry, ReportRefund):
    """A transfer of ours was debited. `after_all`: although its order had been withdrawn."""

    outcome: str = "sent"
    wants_offer: ClassVar[bool] = True

    def claims(self) -> tuple[Claim, ...]:
        """The entry."""
        return tuple(each for each in self.entry.claims if each.rail == ENTRY)

    def decide(self, world: World) -> Decision:
        """Once, whichever file tells it, and whether the bank's answer came before it or comes after."""
        if self.entry.was_there(world):
            return NOTHING
        return self.once(world, ReportRefund.decide(self, world))


@dataclass(frozen=True, kw_only=True)
class DepositTakenBack(_WithEntry, ReverseDeposit):
    """The bank took back a credit that was a deposit."""

    def claims(self) -> tuple[Claim, ...]:
        """The reversal and the entry."""
        mine = tuple(each for each in self.entry.claims if each.rail == ENTRY)
        return (self.told(), *mine)

    def decide(self, world: World) -> Decision:
        """The same entry changes nothing."""
        if self.entry.was_there(world):
            return NOTHING
        return self.once(world, ReverseDeposit.decide(self, world))
