"""What our account at the bank has for refunds: what the bank itself said last, or else what the ledger knows of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from earnest.book import ledger, lists, statements
from earnest.core import refund as refunds
from earnest.core.commands.refund import HAND
from earnest.core.entries import BANK
from earnest.core.refusals import Refused
from earnest.rails.bank import own_account
from earnest.rails.bank.fingerprint import account_name

EURO: Final = "EUR"


@dataclass(frozen=True)
class Funds:
    """Minor units. `bank_minor` is what stands on our account: at the end of the day `on`, by its statement, or by the
    ledger where that is None; `asked_minor` of it is asked for, or has left since."""

    currency: str
    bank_minor: int
    asked_minor: int
    on: date | None = None

    @property
    def free_minor(self) -> int:
        """What can be paid out."""
        return self.bank_minor - self.asked_minor


def now(owed: Sequence[lists.RefundRow]) -> Funds:
    """What our account has in euros; `owed` are the open refunds by transfer."""
    asked = sum(
        each.refund.amount_minor
        for each in owed
        if each.refund.status in refunds.ASKED_FOR and each.refund.currency == EURO
    )
    told = _told()
    if told is None:
        return Funds(EURO, ledger.balances().get((BANK, EURO), 0), asked)
    since = sum(
        each.amount_minor
        for each in lists.refunds_sent_after(told.on)
        if each.route == HAND and each.currency == EURO
    )
    return Funds(EURO, told.amount_minor, asked + since, told.on)


def _told() -> statements.Closing | None:
    try:
        ours = own_account.payer()
    except Refused:
        return None
    return statements.closing(account_name(ours.iban), EURO)
