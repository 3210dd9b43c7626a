"""Refunds out by transfer: which are due, whether there is money for them, and the order that pays them.

Only what one file can carry is ordered: euros to an IBAN, in SEPA. What else is owed by transfer is named with the
reason, and a person pays it by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from earnest.book import clock, door, lists, payees, reads
from earnest.core import payment_order as orders
from earnest.core import refund as refunds
from earnest.core.acts import Erased
from earnest.core.commands.base import Command
from earnest.core.commands.order_transfers import (
    KIND,
    PrepareOrder,
    ReleaseOrder,
    RequestTransfer,
    WithdrawOrder,
)
from earnest.core.commands.refund import HAND
from earnest.core.commands.report_refund import WITHDRAWN, ReportRefund
from earnest.core.money import major
from earnest.core.payment_order import Order, Transfer
from earnest.core.refund import Refund
from earnest.core.refusals import Missing, Refused
from earnest.core.reservation import BankDetails, Reservation
from earnest.rails.bank import funds, own_account, pain001
from earnest.rails.bank.funds import EURO, Funds
from earnest.rails.bank.pain001 import Payee

#: Where a SEPA credit transfer goes (EPC409-09, countries in SEPA by the letters of their IBANs).
SEPA: Final = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS "
    "SE SI SK SM VA".split()
)
#: Why a refund that is owed by transfer is in no file.
PAUSE, DISPUTED, FULL = "pause", "dispute", "full"
NOT_EURO, NO_IBAN, NOT_SEPA, ERASED = "not-euro", "no-iban", "not-sepa", "bank-erased"


@dataclass(frozen=True)
class Left:
    """A refund that is owed by transfer and is not in the file, and why."""

    number: str
    refund: Refund
    why: str


@dataclass(frozen=True)
class Due:
    """What an order would pay now, what it leaves, and what there is to pay it from."""

    transfers: tuple[Transfer, ...]
    left: tuple[Left, ...]
    funds: Funds

    @property
    def number(self) -> str:
        """What the order would be called."""
        return orders.number_of(self.transfers, EURO) if self.transfers else ""

    @property
    def total_minor(self) -> int:
        """What all transfers come to."""
        return orders.total(self.transfers)

    @property
    def after_minor(self) -> int:
        """What is left on the account afterwards; below zero where there is too little."""
        return self.funds.free_minor - self.total_minor

    @property
    def short_minor(self) -> int:
        """By how much there is too little money; 0 where there is enough."""
        return max(self.total_minor - self.funds.free_minor, 0)


def due() -> Due:
    """Refunds that are owed by transfer, the most urgent first; one order holds `TRANSFERS_MAX` of them."""
    now = clock.now()
    owed = [each for each in lists.open_unnamed() if each.refund.route == HAND]
    ready = [each for each in owed if each.refund.status == refunds.OWED]
    states = payees.states({each.number for each in ready})
    transfers: list[Transfer] = []
    left: list[Left] = []
    for each in ready:
        why = _why_not(states[each.number], each.refund, now)
        if why or len(transfers) == orders.TRANSFERS_MAX:
            left.append(Left(each.number, each.refund, why or FULL))
        else:
            transfers.append(_transfer(each.number, each.refund))
    return Due(tuple(transfers), tuple(left), funds.now(owed))


def make(found: Due, who: Mapping[str, Any], *, short: bool = False, on: date | None = None) -> Order:
    """Prepare an order of what is due and release it, in one commit; only prepare it where another must release it.

    `short` goes on where there is too little money. Raises Refused.
    """
    if not found.transfers:
        raise Refused("nothing-due", "No refund is due by transfer.")
    if found.short_minor and not short:
        raise too_little(found)
    prepare = PrepareOrder(
        **who,
        number=found.number,
        payer=own_account.payer(),
        currency=EURO,
        execute_on=on or banking_day(clock.now()),
        transfers=found.transfers,
    )
    try:
        door.do_together([prepare, *_release(found.number, found.transfers, who)])
    except Refused as refusal:
        if refusal.code != "second-person":
            raise
        door.do_one(prepare)
    return order(found.number)


def release(number: str, who: Mapping[str, Any]) -> Order:
    """Release an order that another operator has prepared. Raises Refused, Missing."""
    prepared = order(number)
    door.do_together(_release(prepared.number, prepared.transfers, who))
    return order(number)


def withdraw(number: str, why: str, who: Mapping[str, Any]) -> Order:
    """The bank never had this file: what of it has not been answered is owed again. Raises Refused, Missing."""
    found, now = order(number), clock.now()
    commands: list[Command] = [WithdrawOrder(**who, number=found.number, why=why)]
    states = payees.states({each.number for each in found.transfers})
    for each in found.transfers:
        refund = states[each.number].refund(each.refund)
        if refund and (refund.order, refund.attempt) == (found.number, each.attempt):
            if refund.status not in refunds.ASKED_FOR:
                continue
            commands.append(
                ReportRefund(
                    **who,
                    number=each.number,
                    refund=each.refund,
                    attempt=each.attempt,
                    outcome="refused",
                    happened_at=now,
                    why=WITHDRAWN,
                )
            )
    door.do_together(commands)
    return order(number)


def order(number: str) -> Order:
    """An order by its number, in any case. Raises Missing."""
    written = number.strip().upper()
    try:
        found = orders.folded((read.act for read in reads.acts(KIND, written)), written)
    except Missing:
        found = None
    if found is None:
        raise Missing("no-order", "There is no payment order of that number.")
    return found


def newest(most: int = 50) -> list[Order]:
    """The orders that were prepared last, the newest first."""
    return [order(number) for number in lists.numbers(KIND, "order.prepared", most)]


def file_of(found: Order, format: str = pain001.FORMATS[0]) -> bytes:
    """The file of an order, the same bytes each time. Raises Refused where it is not to be paid, or cannot be made."""
    if found.status != orders.RELEASED:
        raise Refused(
            "order-not-released", "This payment order is %(status)s, so it has no file.", status=found.status
        )
    states = payees.states({each.number for each in found.transfers})
    return pain001.write(found, [_payee(states[each.number], each) for each in found.transfers], format)


def too_little(found: Due) -> Refused:
    """The refusal that names the figures."""
    return Refused(
        "too-little-money",
        "%(total)s %(currency)s are due by transfer, and our account has %(free)s %(currency)s for it: "
        "%(short)s %(currency)s are missing.",
        total=major(found.total_minor, EURO),
        free=major(found.funds.free_minor, EURO),
        short=major(found.short_minor, EURO),
        currency=EURO,
    )


def banking_day(now: datetime) -> date:
    """Today, or the Monday after a weekend. A holiday is the bank's to move; it says so by executing later."""
    day = now.astimezone(UTC).date()
    return day + timedelta(days=max(7 - day.weekday(), 0) if day.weekday() > 4 else 0)


def _release(number: str, transfers: Sequence[Transfer], who: Mapping[str, Any]) -> list[Command]:
    asked = [RequestTransfer(**who, order=number, transfer=each) for each in transfers]
    return [ReleaseOrder(**who, number=number), *asked]


def _transfer(number: str, refund: Refund) -> Transfer:
    assert refund.account is not None
    return Transfer(number, refund.n, refund.attempt + 1, refund.account, refund.amount_minor)


def _why_not(state: Reservation, refund: Refund, now: datetime) -> str:
    if refund.from_at > now:
        return PAUSE
    if state.is_disputed(refund):
        return DISPUTED
    if refund.currency != EURO:
        return NOT_EURO
    details = next((each.details for each in state.accounts if each.n == refund.account), None)
    if details is None or isinstance(details, Erased):
        return ERASED
    if details.scheme != "iban":
        return NO_IBAN
    return "" if details.country in SEPA else NOT_SEPA


def _payee(state: Reservation, each: Transfer) -> Payee:
    details = next((given.details for given in state.accounts if given.n == each.account), None)
    if not isinstance(details, BankDetails):
        raise Refused(
            "bank-erased",
            "The bank details of %(number)s were erased for good, so this file cannot be printed again.",
            number=state.number,
        )
    return Payee(
        details.holder, details.number, each.end_to_end, each.amount_minor, state.number, state.terms_language
    )
