"""Refunds that leave in files: operators make them at odd moments and die in between; a bank answers as it likes."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from earnest.book import clock, door, payees
from earnest.core import payment_order as orders
from earnest.core.commands.base import Command
from earnest.core.commands.order_transfers import PrepareOrder, ReleaseOrder, RequestTransfer
from earnest.core.payment_order import Payer, Transfer
from earnest.core.refusals import Refused
from earnest.rails.bank import paying

PAYER = Payer("Simulated", "DE89370400440532013000")
#: What the bank says of a transfer, and with which reason.
SAYS = (
    *(("sent", ""), ("sent", ""), ("sent", ""), ("arrived", "")),
    *(("refused", "AC04"), ("refused", "AM04"), ("returned", "AC01"), ("returned", "MD07")),
)


def _who(name: str) -> dict[str, Any]:
    return {"by": "maker", "via": "sim", "person": f"operator:{name}"}


@dataclass
class Orders:
    """All transfers that were ever asked for in a file, as the bank has them."""

    dice: random.Random
    at_the_bank: list[Transfer] = field(default_factory=list)

    def make(self) -> None:
        """What is due becomes an order, all of it or nothing. Raises AssertionError for a half one; Crash passes."""
        found = paying.due()
        if not found.transfers:
            return
        prepare, rest = self._commands(found, "a")
        try:
            door.do_together([prepare, *rest])
        except Refused as refusal:
            if refusal.code != "second-person":
                raise
            door.do_one(prepare)
            if self.dice.random() < 0.3:
                return
            door.do_together(self._commands(found, "b")[1])
        finally:
            self._count(found)

    def withdraw(self) -> None:
        """An operator says that the bank never had a file, which is not always so."""
        released = [each for each in paying.newest(5) if each.status == orders.RELEASED]
        if released:
            paying.withdraw(self.dice.choice(released).number, "Sim.", _who("c"))

    def says(self) -> tuple[Transfer, str, str] | None:
        """One word of the bank about one transfer, new or old."""
        if not self.at_the_bank:
            return None
        return (self.dice.choice(self.at_the_bank[-12:]), *self.dice.choice(SAYS))

    def _commands(self, found: paying.Due, name: str) -> tuple[Command, list[Command]]:
        who, number = _who(name), found.number
        prepare = PrepareOrder(
            **who,
            number=number,
            payer=PAYER,
            currency=found.funds.currency,
            execute_on=paying.banking_day(clock.now()),
            transfers=found.transfers,
        )
        asked = [RequestTransfer(**who, order=number, transfer=each) for each in found.transfers]
        return prepare, [ReleaseOrder(**who, number=number), *asked]

    def _count(self, found: paying.Due) -> None:
        """What was released is at the bank, also where we died right afterwards; never a part of it."""
        states = payees.states({each.number for each in found.transfers})
        asked = Counter(
            bool(refund and (refund.order, refund.attempt) == (found.number, each.attempt))
            for each in found.transfers
            for refund in [states[each.number].refund(each.refund)]
        )
        assert len(asked) == 1, f"{found.number} was asked for in part: {asked}"
        if asked[True]:
            self.at_the_bank += found.transfers
