"""Documents follow the money: each that is lacking is issued once, and tax, ledger and series agree to the unit."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.core import entries, vat
from earnest.core.commands.convert import Convert
from earnest.core.commands.issue_invoices import IssueInvoices
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.commands.take_back import TakeBack
from earnest.core.invoice import number
from earnest.core.invoicing import documented
from earnest.core.offer import Instalment, Sale, Variant
from earnest.core.refusals import Refusal
from tests.core.driver import HOLDER, MAKER, TERMS, WORKER, Case, at, opened, with_policy

KNOWN = with_policy(seller_country="FR")


def case(kind: str = "acompte", rate_bp: int = 2000, quantity: int = 1, **placed: Any) -> Case:
    """A place for 12,000.00 EUR, tax included, reserved in 2026."""
    terms = replace(
        TERMS,
        currency="EUR",
        variants=(Variant("one", "One", 1_200_000),),
        plan=(Instalment(1, 100_000, "card", 0), Instalment(2, 200_000, "transfer", 100)),
        sale=Sale("distance", kind, False, rate_bp),
    )
    made = Case(now=at(2026, 3, 2), offer=opened(terms, at(2026, 1, 1)), policy=KNOWN)
    return made.place(quantity, **placed)


def pay(made: Case, minor: int = 100_000, rail: str = "card") -> list[str]:
    return made.pay(minor, rail, "EUR")


def issue(made: Case) -> list[str]:
    """Issue what lacks; the numbers."""
    before = len(made.held.invoices)
    made.do(IssueInvoices(**WORKER, number="N"))
    return [each.number for each in made.held.invoices[before:]]


def ledger(made: Case) -> dict[str, int]:
    """Account of the chart -> what stands on it, on its own side."""
    found: Counter[str] = Counter()
    for act in made.acts:
        for entry in entries.from_text(str(act.get("entries") or "")):
            for account, side in ((entry.debit, entries.DEBIT), (entry.credit, entries.CREDIT)):
                found[entries.class_of(account)] += entries.signed(account, side, entry.amount_minor)
    return dict(found)


def test_a_deposit_on_account_is_invoiced_with_its_tax_when_it_is_received() -> None:
    made = case()
    pay(made)
    assert issue(made) == ["DEP-2026-000001"] and issue(made) == []
    act = made.acts[-1]
    assert act.fields["tax_minor"] == 16_667 and act.fields["rule"] == "fr-cgi-269"
    assert act.fields["tax_rate_bp"] == 2000 and act.fields["payment"] == made.held.payments[0].seq
    assert (ledger(made)["tax"], ledger(made)["tax-on-deposits"]) == (16_667, 16_667)
    assert [key.split("/")[0] for key in made.duties].count("invoices") == 1


def test_a_cancellation_is_followed_by_a_credit_note_that_names_what_it_corrects() -> None:
    made = case()
    pay(made)
    issue(made)
    made.cancel()
    assert issue(made) == ["CRN-2026-000001"]
    assert (
        made.acts[-1].fields["of"] == ["DEP-2026-000001"] and made.acts[-1].fields["gross_minor"] == 100_000
    )
    assert (ledger(made)["tax"], ledger(made)["tax-on-deposits"]) == (0, 0)
    made.do(TakeBack(**HOLDER, number="N"))
    assert issue(made) == ["DEP-2026-000002"]


def test_a_cancellation_that_is_taken_back_before_its_pause_is_over_leaves_no_document() -> None:
    made = case()
    pay(made)
    issue(made)
    made.cancel()
    made.do(TakeBack(**HOLDER, number="N"))
    assert issue(made) == []


def test_the_final_invoice_deducts_the_deposits_with_their_tax() -> None:
    made = case()
    pay(made)
    issue(made)
    pay(made, 200_000, "transfer")
    made.do(Convert(**MAKER, number="N", sale="S-1"))
    assert issue(made) == ["DEP-2026-000002", "INV-2026-000001"]
    fields = made.acts[-1].fields
    assert (fields["gross_minor"], fields["tax_minor"]) == (1_200_000, 200_000)
    assert (fields["deducted_minor"], fields["deducted_tax_minor"]) == (300_000, 16_667 + 33_333)
    assert fields["of"] == ["DEP-2026-000001", "DEP-2026-000002"] and fields["paid_minor"] == 300_000
    held = ledger(made)
    assert (held["sales"], held["tax"], held["tax-on-deposits"]) == (250_000, 50_000, 0)
    made.cancel()
    assert issue(made) == ["CRN-2026-000001"]
    assert made.acts[-1].fields["of"] == ["INV-2026-000001"]
    held = ledger(made)
    assert (held["sales"], held["tax"], held["tax-on-deposits"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("seller", "residence", "kind", "received", "consumer", "rule"),
    [
        ("FR", "FR", "acompte", date(2023, 1, 1), True, "fr-cgi-269"),
        ("FR", "FR", "acompte", date(2022, 12, 31), True, None),
        ("FR", "FR", "arrhes", date(2026, 1, 1), True, None),
        ("FR", "FR", "deposit", date(2026, 1, 1), True, None),
        ("FR", "DE", "acompte", date(2026, 1, 1), True, "fr-cgi-269"),
        ("FR", "DE", "acompte", date(2026, 1, 1), False, None),
        ("FR", "US", "acompte", date(2026, 1, 1), True, None),
        ("DE", "DE", "acompte", date(2019, 1, 1), False, "eu-vat-65"),
        ("US", "US", "acompte", date(2026, 1, 1), True, None),
        ("GB", "FR", "acompte", date(2026, 1, 1), True, None),
    ],
)
def test_when_tax_on_a_deposit_is_due(
    seller: str, residence: str, kind: str, received: date, consumer: bool, rule: str | None
) -> None:
    found = vat.on_deposit(seller, residence, kind, received, consumer=consumer)
    assert (found.id if found else None) == rule


def test_where_no_tax_is_due_on_a_deposit_only_the_sale_is_invoiced() -> None:
    made = case("arrhes")
    pay(made)
    assert issue(made) == []
    made.do(Convert(**MAKER, number="N", sale="S-1"))
    assert issue(made) == ["INV-2026-000001"]
    assert "deducted_minor" not in made.acts[-1].fields and made.acts[-1].fields["paid_minor"] == 100_000
    assert (ledger(made)["sales"], ledger(made)["tax"]) == (83_333, 16_667)


def test_passing_it_on_corrects_nothing_and_each_payment_is_taxed_by_who_paid_it() -> None:
    made = case(residence="US")
    pay(made)
    assert issue(made) == []
    made.do(OfferHolder(**HOLDER, number="N", email="c@example.org", language="en"))
    passing = made.held.passing
    assert passing
    other = HOLDER | {"person": "holder:1"}
    taken: dict[str, Any] = {"offered": passing.seq, "name": "Cleo Bram", "residence": "FR", "language": "en"}
    made.do(ChangeHolder(**other, number="N", **taken))
    assert issue(made) == []
    pay(made, 200_000, "transfer")
    assert issue(made) == ["DEP-2026-000001"]
    assert made.acts[-1].fields["payment"] == made.held.payments[1].seq
    made.cancel(**other)
    assert issue(made) == ["CRN-2026-000001"] and made.acts[-1].fields["gross_minor"] == 200_000
    assert [each.series for each in made.held.invoices_of(1)] == ["deposit-invoice", "credit-note"]
    assert made.held.invoices_of(0) == ()


def test_a_maker_who_is_not_known_issues_nothing() -> None:
    made = case()
    made.policy = with_policy()
    pay(made)
    assert issue(made) == [] and not [key for key in made.duties if key.startswith("invoices")]


@given(gross=st.integers(0, 10**12), rate_bp=st.integers(0, 10_000))
def test_tax_is_rounded_to_the_nearest_unit(gross: int, rate_bp: int) -> None:
    tax = vat.tax_in(gross, rate_bp)
    assert abs(tax * (10_000 + rate_bp) - gross * rate_bp) * 2 <= 10_000 + rate_bp


STEPS = st.lists(
    st.sampled_from(
        ("pay", "pay", "odd", "foreign", "cancel", "cancel all", "back", "sell", "issue", "wait")
    ),
    max_size=14,
)


@given(steps=STEPS, quantity=st.integers(1, 3), rate_bp=st.sampled_from((0, 550, 2000, 2550)))
def test_whatever_happens_documents_money_tax_and_ledger_agree(
    steps: list[str], quantity: int, rate_bp: int
) -> None:
    made = case(rate_bp=rate_bp, quantity=quantity)
    for n, step in enumerate(steps):
        try:
            if step in ("pay", "odd"):
                pay(made, 100_001 if step == "odd" else 100_000, "transfer" if n % 2 else "card")
            elif step == "foreign":
                made.pay(333, "card", "USD")
            elif step.startswith("cancel"):
                made.cancel(0 if step.endswith("all") else 1)
            elif step == "back":
                made.do(TakeBack(**HOLDER, number="N"))
            elif step == "sell":
                made.do(Convert(**MAKER, number="N", sale=f"S-{n}"))
            elif step == "issue":
                issue(made)
            else:
                made.later(minutes=40)
        except Refusal:
            pass
    issue(made)
    assert issue(made) == []
    _agree(made, rate_bp)


def _agree(made: Case, rate_bp: int) -> None:
    state, held = made.held, ledger(made)
    for series in ("deposit-invoice", "invoice", "credit-note"):
        given_out = [each.no for each in state.invoices if each.series == series]
        assert given_out == list(range(1, len(given_out) + 1))
    invoiced = any(each.series == "invoice" for each in state.invoices)
    mine = {payment.seq: state.left_of(payment) for payment in state.payments if payment.currency == "EUR"}
    before = {seq: left for seq, left in mine.items() if not state.converted_seq or seq < state.converted_seq}
    for of in (*before, None):
        tax = sum(each.sign * each.tax_minor for each in state.invoices if each.payment == of)
        assert tax == vat.tax_in(documented(state.invoices, of), rate_bp)
    if invoiced:
        assert documented(state.invoices, None) == state.price_minor * state.quantity
        due = vat.tax_in(sum(before.values()), rate_bp)
        assert (held.get("tax", 0), held.get("tax-on-deposits", 0)) == (due, 0)
        assert held["sales"] == sum(before.values()) - due
    else:
        assert {seq: documented(state.invoices, seq) for seq in before} == before
        due = sum(vat.tax_in(left, rate_bp) for left in before.values())
        assert held.get("tax", 0) == held.get("tax-on-deposits", 0) == due


def test_what_documents_are_called() -> None:
    assert number("credit-note", 2026, 17) == "CRN-2026-000017"
