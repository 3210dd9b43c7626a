"""Invoices, credit notes and statements of account on paper, in `en` or `fr`; Typst sets them as PDF/A-3.

The same document gives the same bytes: the date in the file is its own.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import typst
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from earnest import seller as sellers
from earnest.accounting import facturx
from earnest.accounting.documents import Document
from earnest.book import mode, reads
from earnest.core import statement
from earnest.core.invoice import CREDIT_NOTE, DEPOSIT_INVOICE
from earnest.core.refund import ARRIVED, OPEN, SENT, TAKEN_BACK, Refund
from earnest.core.reservation import Identity, Reservation
from earnest.post.words import country, day, locale, moment, money
from earnest.seller import Seller

HERE: Final = Path(__file__).parent


class Total(NamedTuple):
    """One line below the table."""

    label: str
    amount: str
    strong: bool = False


def invoice(document: Document, language: str) -> bytes:
    """An invoice or a credit note; a business customer's is a Factur-X."""
    with translation.override(language):
        shown = {
            **_head(title_of(document), document.seller, document.on, language),
            "footer": f"{document.number} · {document.reservation}",
            "holder_lines": _lines(
                document.buyer,
                *document.buyer_lines,
                country(document.buyer_country),
                _("VAT number %(number)s") % {"number": document.buyer_vat} if document.buyer_vat else "",
            ),
            "facts": _facts(document),
            "columns": [_("Description"), _("Net"), _("Tax"), _("With tax")],
            "rows": _rows(document),
            "totals": _totals(document),
            "notes": _notes(document),
        }
    paper = _typeset(shown)
    return paper if document.consumer else facturx.joined(paper, document, language)


def title_of(document: Document) -> str:
    """What it is called, with its number."""
    names = {
        DEPOSIT_INVOICE: _("Deposit invoice %(number)s"),
        CREDIT_NOTE: _("Credit note %(number)s"),
    }
    return names.get(document.series, _("Invoice %(number)s")) % {"number": document.number}


def statement_of(state: Reservation, at: datetime, language: str) -> bytes:
    """The statement of one reservation, with what the book knows of its maker."""
    maker = sellers.load(settings.EARNEST.accounts)
    named = maker if maker.name else replace(maker, name=mode.data().get("maker", mode.origin()))
    title = reads.offer(state.offer).offer.version(state.version).text(language).title
    return account(state, title, named, at, language)


def account(state: Reservation, title: str, maker: Seller, at: datetime, language: str) -> bytes:
    """The statement of one reservation: what came in, what went back, what is held and owed at an instant."""
    with translation.override(language):
        owed = _("Amounts owed back have been taken out of your deposits and have not left yet.")
        holder = state.identity.name if isinstance(state.identity, Identity) else ""
        shown = {
            **_head(_("Statement of deposits and refunds"), maker, at.date(), language),
            "footer": state.number,
            "holder_lines": _lines(holder, *state.address_lines, country(state.buyer.residence)),
            "facts": [
                [_("Reservation"), state.number],
                [_("Description"), title],
                [_("As of"), moment(at)],
            ],
            "columns": [_("Description"), _("Day"), _("Received"), _("Paid back"), _("Owed back")],
            "rows": _movements(state),
            "totals": [list(total) for total in balances(state)],
            "notes": [owed] if state.owed_back() else [],
        }
    return _typeset(shown)


def balances(state: Reservation) -> list[Total]:
    """What is held for the holder, owed back to them, paid back, and owed by them, in each currency."""
    found = []
    for label, sums in (
        (_("Held for you"), state.deposits()),
        (_("Owed back to you"), state.owed_back()),
        (_("Paid back to you"), statement.paid_back(state)),
        (_("Owed by you"), state.receivables()),
    ):
        found += [
            Total(label, money(minor, currency), True) for currency, minor in sorted(sums.items()) if minor
        ]
    return found or [Total(_("Held for you"), money(0, state.currency), True)]


def _movements(state: Reservation) -> list[list[str]]:
    rows: list[tuple[datetime, list[str]]] = []
    for payment in state.payments:
        how = _("Deposit by card") if payment.rail == "card" else _("Deposit by bank transfer")
        amount = money(payment.amount_minor, payment.currency)
        rows.append((payment.at, [how, day(payment.happened_at.date()), amount, "", ""]))
        taken = payment.reversed_minor + payment.receivable_minor
        if taken > 0:
            said = money(-taken, payment.currency)
            rows.append((payment.at, [_("Taken back by your bank"), "", said, "", ""]))
    for refund in state.refunds:
        if refund.status != TAKEN_BACK and refund.amount_minor:
            rows.append((refund.owed_at, _refund(refund)))
    return [row for _at, row in sorted(rows, key=lambda each: each[0])]


def _refund(refund: Refund) -> list[str]:
    amount = money(refund.amount_minor, refund.currency)
    label = _("Refund %(n)d") % {"n": refund.n}
    if refund.status in (SENT, ARRIVED):
        return [label, day(refund.owed_at.date()), "", amount, ""]
    owed = amount if refund.status in OPEN else ""
    return [
        _("%(label)s, due by %(day)s") % {"label": label, "day": day(refund.due_at.date())},
        "",
        "",
        "",
        owed,
    ]


def _head(title: str, maker: Seller, on: date, language: str) -> dict[str, Any]:
    numbers = [
        _("SIREN %(number)s") % {"number": maker.siren} if maker.siren else "",
        _("VAT number %(number)s") % {"number": maker.vat_number} if maker.vat_number else "",
    ]
    return {
        "language": language,
        "title": title,
        "maker": maker.name,
        "maker_lines": _lines(*maker.address, country(maker.country), *numbers),
        "date": [on.year, on.month, on.day],
    }


def _lines(*lines: str) -> list[str]:
    return [line for line in lines if line]


def _facts(document: Document) -> list[Sequence[str]]:
    facts = [
        (_("Issued on"), day(document.on)),
        (_("Reservation"), document.reservation),
        (_("Order"), document.sale),
        (_("Paid on"), day(document.paid_on) if document.paid_on else ""),
        (_("Corrects"), ", ".join(document.of) if document.series == CREDIT_NOTE else ""),
    ]
    return [fact for fact in facts if fact[1]]


def _rows(document: Document) -> list[list[str]]:
    what = document.title
    if document.series == DEPOSIT_INVOICE:
        what = _("Deposit for %(title)s") % {"title": document.title}
    elif document.series == CREDIT_NOTE:
        what = _("Correction of %(numbers)s") % {"numbers": ", ".join(document.of)}
    elif document.quantity > 1:
        what = f"{document.quantity} × {document.title}"
    rows = [_row(what, document.gross_minor, document.tax_minor, document.currency)]
    if document.deducted_minor:
        invoiced = _("Deposits invoiced: %(numbers)s") % {"numbers": ", ".join(document.of)}
        rows.append(_row(invoiced, -document.deducted_minor, -document.deducted_tax_minor, document.currency))
    return rows


def _row(what: str, gross: int, tax: int, currency: str) -> list[str]:
    return [what, *(money(minor, currency) for minor in (gross - tax, tax, gross))]


def _totals(document: Document) -> list[list[Any]]:
    gross = document.gross_minor - document.deducted_minor
    tax = document.tax_minor - document.deducted_tax_minor
    rate = format_decimal(Decimal(document.tax_rate_bp).scaleb(-2), locale=locale())
    totals = [
        Total(_("Net"), money(gross - tax, document.currency)),
        Total(_("Tax %(rate)s%%") % {"rate": rate}, money(tax, document.currency)),
        Total(_("With tax"), money(gross, document.currency), True),
    ]
    paid = document.paid_minor - document.deducted_minor
    if document.series != CREDIT_NOTE:
        if paid > 0:
            totals.append(Total(_("Paid"), money(-paid, document.currency)))
        totals.append(Total(_("Still to be paid"), money(document.due_minor, document.currency), True))
    return [list(total) for total in totals]


def _notes(document: Document) -> list[str]:
    if document.series == CREDIT_NOTE:
        return [_("The money goes back as the refund of your reservation, by its own day.")]
    notes = []
    if document.series == DEPOSIT_INVOICE:
        notes.append(_("Payment on account; the final invoice deducts it with its tax."))
    if document.source:
        notes.append(_("Tax due on receipt: %(source)s.") % {"source": document.source})
    if document.due_minor:
        notes.append(
            _("Please transfer the rest with the number %(number)s as the reference.")
            % {"number": document.reservation}
        )
    return notes


def _typeset(shown: dict[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "sheet.typ").write_bytes((HERE / "sheet.typ").read_bytes())
        (root / "shown.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        made = typst.compile(str(root / "sheet.typ"), root=folder, format="pdf", pdf_standards=["a-3b"])
    assert isinstance(made, bytes)
    return made
