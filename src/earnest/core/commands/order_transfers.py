"""Refunds leave together: an order is prepared, released (by another operator where it must be), or withdrawn.

A release and the asking of each of its refunds are one commit: all of them, or nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from earnest.core import entries
from earnest.core import payment_order as orders
from earnest.core.commands.base import NOTHING, Chapter, Claim, Command, Decision, Ref, World
from earnest.core.commands.refund import HAND, may_be_sent, the_refund
from earnest.core.payment_order import Order, Payer, Transfer
from earnest.core.refund import Refund
from earnest.core.refusals import Invalid, Missing, Refused

KIND = "order"


@dataclass(frozen=True, kw_only=True)
class _OfOrder(Command):
    """A command on the chain of one order, whose few acts it reads."""

    number: str
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The order."""
        return Ref(KIND, self.number)

    def the_order(self, world: World) -> Order:
        """The order as it stands. Raises Missing."""
        order = orders.folded(world.acts, self.number)
        if order is None:
            raise Missing("no-order", "There is no payment order of that number.")
        return order


@dataclass(frozen=True, kw_only=True)
class PrepareOrder(_OfOrder):
    """What is to be paid, from which account of ours, on which day. It asks for nothing yet."""

    payer: Payer
    currency: str
    execute_on: date
    transfers: tuple[Transfer, ...]

    def decide(self, world: World) -> Decision:
        """The same refunds are the same order. Raises Invalid for none, or too many."""
        if not 0 < len(self.transfers) <= orders.TRANSFERS_MAX:
            raise Invalid("order", "A payment order has 1 to %(most)d transfers.", most=orders.TRANSFERS_MAX)
        if self.number != orders.number_of(self.transfers, self.currency):
            raise Invalid("order", "A payment order is named by what it pays.")
        known = orders.folded(world.acts, self.number)
        if known and not known.is_void:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.say(
            "order.prepared",
            name=self.payer.name,
            iban=self.payer.iban,
            bic=self.payer.bic or None,
            currency=self.currency,
            count=len(self.transfers),
            total_minor=orders.total(self.transfers),
            execute_on=self.execute_on.isoformat(),
            transfers=[[each.end_to_end, each.account, each.amount_minor] for each in self.transfers],
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class ReleaseOrder(_OfOrder):
    """The order goes to the bank. `RequestTransfer` for each of its transfers belongs to the same commit."""

    def decide(self, world: World) -> Decision:
        """Once. Raises Refused where another operator must do it."""
        order = self.the_order(world)
        if order.status == orders.RELEASED:
            raise Refused("order-released", "This payment order was released already; print its file again.")
        if order.status == orders.WITHDRAWN:
            raise Refused("order-withdrawn", "This payment order was withdrawn.")
        policy = world.policy
        why = orders.needs_second(
            order.transfers, order.currency, policy.order_limit_major, policy.account_limit_major
        )
        if why and order.prepared_by == self.person:
            raise Refused(
                "second-person",
                "Another operator must release this payment order: it is over the limit for one.",
            )
        chapter = Chapter(self, world)
        chapter.say("order.released", second=why or None)
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class WithdrawOrder(_OfOrder):
    """The bank never got it, or took nothing of it. Its refunds are reported, each, in the same commit."""

    why: str

    def decide(self, world: World) -> Decision:
        """Once it was released, by another operator than whoever released it."""
        order = self.the_order(world)
        if order.status == orders.WITHDRAWN:
            return NOTHING
        if not self.why.strip():
            raise Invalid("why", "Say why, in a few words.")
        if order.status == orders.RELEASED and order.released_by == self.person:
            raise Refused("second-person", "Another operator must say that the bank never had this file.")
        chapter = Chapter(self, world)
        chapter.say("order.withdrawn", why=self.why.strip())
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class AnswerOrder(_OfOrder):
    """The bank has answered: `message` is its name for that, `file` the SHA-256, `code` the status of the whole.

    What became of each refund is reported before this, so that an answer that is written down was carried out.
    """

    file: str
    message: str
    code: str
    why: str = ""
    refused: int = 0

    def claims(self) -> tuple[Claim, ...]:
        """The file, once."""
        return (Claim("answer", self.file),)

    def decide(self, world: World) -> Decision:
        """The same answer twice is one. Raises Missing."""
        self.the_order(world)
        if world.claimed:
            return NOTHING
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        chapter.say(
            "order.answered",
            file=self.file,
            message=self.message[:140],
            status=self.code or None,
            why=self.why or None,
            refused=self.refused,
        )
        return chapter.decision()


@dataclass(frozen=True, kw_only=True)
class RequestTransfer(Command):
    """One transfer of an order: its refund is asked for, as it was when the order was prepared."""

    order: str
    transfer: Transfer

    @property
    def number(self) -> str:
        """The reservation's."""
        return self.transfer.number

    def claims(self) -> tuple[Claim, ...]:
        """The end-to-end id: the database has each once, whatever else might fail."""
        return (Claim("out", self.transfer.end_to_end),)

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.transfer.number)

    def decide(self, world: World) -> Decision:
        """From owed to requested. Raises Refused where the refund is not what was prepared."""
        state, wanted = world.the_reservation(), self.transfer
        refund = the_refund(state, wanted.refund)
        may_be_sent(state, refund)
        _check_as_prepared(state.number, refund, wanted)
        chapter = Chapter(self, world)
        chapter.claims += self.claims()
        chapter.say(
            "refund.requested",
            refund=refund.n,
            attempt=wanted.attempt,
            route=refund.route,
            order=self.order,
            end_to_end=wanted.end_to_end,
            entries=entries.requested(state.key, refund.amount_minor, refund.currency),
        )
        return chapter.decision()


def _check_as_prepared(number: str, refund: Refund, wanted: Transfer) -> None:
    now = (refund.route, refund.account, refund.amount_minor, refund.attempt + 1)
    if now != (HAND, wanted.account, wanted.amount_minor, wanted.attempt):
        raise Refused(
            "order-overtaken",
            "Refund %(n)d of %(number)s is not what it was when this order was prepared: prepare it anew.",
            n=refund.n,
            number=number,
        )
