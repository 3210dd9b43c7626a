"""Which of our own payments a statement gives back, and which deposit a bank wants back."""

from typing import Any

from earnest.book import lists, reads
from earnest.core import end_to_end, matching
from earnest.core.bank_entry import TRANSFER, BankEntry
from earnest.core.commands.base import Command
from earnest.core.commands.book_return import DepositTakenBack, RefundCameBack
from earnest.core.commands.refund import HAND
from earnest.core.end_to_end import Asked
from earnest.core.matching import Credit
from earnest.core.refund import ARRIVED, ASKED_FOR, SENT
from earnest.core.reservation import Payment, Reservation
from earnest.rails.bank.statement import Transaction


def refund(each: Transaction, entry: BankEntry, account: str, who: dict[str, Any]) -> Command | str:
    """The command for a return of a refund; in words why there is nothing to do; nothing where it is none of ours.

    What came back must be the whole refund: a return less charges is for a person to look at.
    """
    asked = _asked(each.references.end_to_end)
    state = next(iter(lists.states([asked.number])), None) if asked else None
    found = state.refund(asked.refund) if state and asked else None
    if asked is None or found is None or found.route != HAND or found.attempt != asked.attempt:
        return ""
    if (found.amount_minor, found.currency) != (entry.amount_minor, entry.currency):
        return ""
    if found.status not in (SENT, ARRIVED, *ASKED_FOR):
        return f"it is known already that refund {found.n} of {asked.number} came back"
    return RefundCameBack(
        **who,
        account=account,
        entry=entry,
        number=asked.number,
        refund=found.n,
        attempt=found.attempt,
        happened_at=entry.happened_at,
        why=each.return_code,
    )


def deposit(each: Transaction, entry: BankEntry, account: str, who: dict[str, Any]) -> Command | None:
    """The command for a credit that the bank took back; None where it cannot be told which one it was."""
    found = _by_reference(entry) or _by_number(each, entry)
    if found is None:
        return None
    state, payment = found
    return DepositTakenBack(
        **who,
        account=account,
        entry=entry,
        number=state.number,
        rail=TRANSFER,
        paid_reference=payment.reference,
        reference=entry.references()[-1],
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        why=each.return_code or "reversal",
        happened_at=entry.happened_at,
    )


def _asked(written: str) -> Asked | None:
    """By the id that we gave, or by what whoever sent it wrote down as its reference."""
    named = end_to_end.read(written)
    if named or not written:
        return named
    found = lists.refund_sent_as(written)
    return Asked(*found) if found else None


def _by_reference(entry: BankEntry) -> tuple[Reservation, Payment] | None:
    """The bank named the credit by its own reference; a correction may have brought it to another reservation."""
    if not entry.bank_reference:
        return None
    taken = reads.claims((TRANSFER,), [entry.references()[0]])
    for claim, number in taken.items():
        found = lists.standing(number, TRANSFER, claim.reference)
        if found and _takes(found[1], entry):
            return found
    return None


def _by_number(each: Transaction, entry: BankEntry) -> tuple[Reservation, Payment] | None:
    """It repeats a number or a reference, and one payment alone of that reservation is the amount."""
    own = each.references
    words = matching.sought(Credit(0, "", (own.creditor, own.end_to_end, "\n".join(each.lines))))
    found = [
        (state, payment)
        for state in lists.states(sorted(words.numbers))
        for payment in state.payments
        if payment.rail == TRANSFER and _takes(payment, entry) and payment.amount_minor == entry.amount_minor
    ]
    return found[0] if len(found) == 1 else None


def _takes(payment: Payment, entry: BankEntry) -> bool:
    """Whether so much of it can be taken back still."""
    return payment.currency == entry.currency and entry.amount_minor <= payment.reversible_minor
