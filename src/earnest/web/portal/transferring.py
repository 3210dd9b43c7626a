"""Paying a deposit, or the rest of a sale, by transfer: to whom, how much, with which reference, and a code to scan."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from earnest.book import clock, reads
from earnest.core import creditor_reference, epc_code, payee
from earnest.core.commands.ask_deposit import next_instalment
from earnest.core.money import major
from earnest.core.off_premises import first_payment
from earnest.core.payee import Payee
from earnest.core.reservation import CONFIRMED, CONVERTED, PLACED, Reservation
from earnest.post import codes


@dataclass(frozen=True)
class Transfer:
    """What is to be transferred, in minor units. `payee` is None where the account has no IBAN: then `line` is all."""

    amount_minor: int
    currency: str
    number: str
    line: str
    payee: Payee | None

    @property
    def plain_amount(self) -> str:
        """As it is typed into a bank's form in the reader's language: `5000.00`, `5000,00`."""
        written = major(self.amount_minor, self.currency)
        return written.replace(".", ",") if get_language() == "fr" else written

    @property
    def reference(self) -> str:
        """ISO 11649, in groups of four."""
        return creditor_reference.grouped(creditor_reference.of(self.number))

    @property
    def code(self) -> SafeString:
        """The code to scan; nothing for another currency than EUR, in which alone such codes are."""
        if self.payee is None or self.currency != "EUR":
            return SafeString("")
        try:
            data = epc_code.data(self.payee, self.amount_minor, creditor_reference.of(self.number))
            return mark_safe(codes.transfer(data))  # noqa: S308
        except ValueError:
            return SafeString("")


def asked(state: Reservation) -> Transfer | None:
    """The transfer that a reservation waits for; None where nothing is to be transferred now, or may be yet."""
    amount_minor = _due(state)
    if not amount_minor or payable_from(state):
        return None
    line = settings.EARNEST.bank_account
    return Transfer(amount_minor, state.currency, state.number, line, payee.read(line) if line else None)


def payable_from(state: Reservation) -> datetime | None:
    """From when money may be taken at all, where that is still to come (Code de la consommation, L221-10)."""
    first = first_payment(state, reads.offer(state.offer).offer)
    return first if first and first > clock.now() else None


def _due(state: Reservation) -> int:
    """How much is to be transferred now: the next deposit, or what of the price of a sale is not paid."""
    if state.status == CONVERTED:
        return max(0, state.rest_minor())
    part, amount_minor = next_instalment(state)
    waits = part is not None and part.rail == "transfer" and state.status in (PLACED, CONFIRMED)
    return amount_minor if waits else 0
