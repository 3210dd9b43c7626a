"""Which invoices and credit notes a reservation lacks: what its money says, less what its documents say.

Nothing is remembered of why a document was issued. Of each payment, the deposit invoices less their credit notes must
come to what of it is still here; of a sale, the invoices less their credit notes to the price of the places that
live. Where they do not, a document is lacking. So a cancellation, one that is taken back, a bank that takes a payment
back and a lost dispute all end in the right documents, each issued once, however often somebody asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from earnest.core import vat
from earnest.core.invoice import CREDIT_NOTE, DEPOSIT_INVOICE, INVOICE, Invoice
from earnest.core.reservation import Payment, Reservation


@dataclass(frozen=True)
class Lacking:
    """A document to be issued; amounts are positive, and `gross_minor` includes the tax.

    `payment` is that of a deposit invoice or of its credit note; `of` are the numbers that a credit note corrects, or
    that a final invoice deducts. `deducted_minor`, with `deducted_tax_minor` in it, was invoiced before; `paid_minor`
    has been paid, of the price or of the deposit. `sales_tax_minor` is by how much the tax changes that the sales in
    our ledger hold.
    """

    series: str
    gross_minor: int
    tax_minor: int
    payment: int | None = None
    of: tuple[str, ...] = ()
    rule: str = ""
    deducted_minor: int = 0
    deducted_tax_minor: int = 0
    paid_minor: int = 0
    sales_tax_minor: int = 0


def lacking(state: Reservation, seller: str, deposit_kind: str) -> Lacking | None:
    """The next document that is lacking: issue it and ask again.

    `seller` is the maker's country (without one, nothing is issued), `deposit_kind` what the offer called the deposit.
    """
    if not seller:
        return None
    if not any(each.series == INVOICE for each in state.invoices):
        for payment in state.payments:
            if _before_the_sale(state, payment):
                found = _of_deposit(state, payment, seller, deposit_kind)
                if found:
                    return found
    if state.converted_seq is None:
        return None
    final, target = documented(state.invoices, None), state.price_minor * state.quantity
    if target > final:
        return _final(state, target - final, target)
    return _credit(state, final - target, target) if target < final else None


def documented(invoices: Iterable[Invoice], payment: int | None) -> int:
    """What the documents of a payment come to, tax included; of the sale itself where it is None."""
    return sum(each.sign * each.gross_minor for each in invoices if each.payment == payment)


def _tax(invoices: Iterable[Invoice], payment: int | None) -> int:
    return sum(each.sign * each.tax_minor for each in invoices if each.payment == payment)


def _numbers(invoices: Iterable[Invoice], series: str, payment: int | None) -> tuple[str, ...]:
    return tuple(each.number for each in invoices if (each.series, each.payment) == (series, payment))


def _before_the_sale(state: Reservation, payment: Payment) -> bool:
    return state.converted_seq is None or payment.seq < state.converted_seq


def _of_deposit(state: Reservation, payment: Payment, seller: str, deposit_kind: str) -> Lacking | None:
    """Tax is reckoned on what the documents come to together, so parts never differ from the whole by a unit."""
    received, payer = payment.happened_at.date(), state.buyer_at(payment.seq)
    rule = vat.on_deposit(seller, payer.residence, deposit_kind, received, consumer=payer.consumer)
    before = documented(state.invoices, payment.seq)
    after = max(0, state.left_of(payment)) if rule and payment.currency == state.currency else 0
    tax = vat.tax_in(after, state.tax_rate_bp) - _tax(state.invoices, payment.seq)
    if rule and after > before:
        more = after - before
        return Lacking(DEPOSIT_INVOICE, more, tax, payment.seq, rule=rule.id, paid_minor=more)
    if after < before:
        corrected = _numbers(state.invoices, DEPOSIT_INVOICE, payment.seq)
        return Lacking(CREDIT_NOTE, before - after, -tax, payment.seq, corrected)
    return None


def _final(state: Reservation, more: int, target: int) -> Lacking:
    """The invoice of the sale deducts what was invoiced before, with its tax; a later one has nothing to deduct."""
    first = not any(each.series == INVOICE for each in state.invoices)
    deposits = [each for each in state.invoices if each.payment is not None] if first else []
    return Lacking(
        INVOICE,
        more,
        vat.tax_in(target, state.tax_rate_bp) - _tax(state.invoices, None),
        of=tuple(each.number for each in deposits),
        deducted_minor=sum(each.sign * each.gross_minor for each in deposits),
        deducted_tax_minor=sum(each.sign * each.tax_minor for each in deposits),
        paid_minor=max(0, min(more, state.paid_minor())) if first else 0,
        sales_tax_minor=_sales_tax(state),
    )


def _credit(state: Reservation, less: int, target: int) -> Lacking:
    tax = _tax(state.invoices, None) - vat.tax_in(target, state.tax_rate_bp)
    corrected = _numbers(state.invoices, INVOICE, None)
    return Lacking(CREDIT_NOTE, less, tax, of=corrected, sales_tax_minor=_sales_tax(state))


def _sales_tax(state: Reservation) -> int:
    """The tax in the deposits that became sales and are still here, less what was taken out of `sales` for it."""
    held = sum(
        state.left_of(payment)
        for payment in state.payments
        if payment.currency == state.currency and _before_the_sale(state, payment)
    )
    return vat.tax_in(max(0, held), state.tax_rate_bp) - sum(each.sales_tax_minor for each in state.invoices)
