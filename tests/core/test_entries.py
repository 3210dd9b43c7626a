"""The chart of accounts, and rows as text."""

import pytest

from earnest.core.entries import (
    CHART,
    CREDIT,
    CUSTOMER,
    DEBIT,
    Entry,
    class_of,
    customer,
    from_text,
    signed,
    to_text,
)


def test_each_account_grows_on_its_own_side() -> None:
    assert signed("bank", DEBIT, 5) == 5 and signed("bank", CREDIT, 5) == -5
    assert signed(customer("K", "deposit"), CREDIT, 5) == 5
    assert signed(customer("K", "receivable"), DEBIT, 5) == 5


@pytest.mark.parametrize("name", ["cash", "customer/K/cash", "customer/K", "deposit", "customer/K/bank", ""])
def test_what_is_in_no_chart_is_no_account(name: str) -> None:
    with pytest.raises(ValueError, match="is no account"):
        class_of(name)


def test_every_clearing_account_has_a_term_and_an_owner() -> None:
    for name, account in CHART.items():
        assert bool(account.clears_in_days) == bool(account.owner), name
        assert account.side in (DEBIT, CREDIT)
    assert not any(CHART[cls].clears_in_days for cls in CUSTOMER)


def test_rows_are_the_same_after_writing_and_reading() -> None:
    rows = (Entry("bank", "bank-unmatched", 1, "EUR"), Entry("interest", customer("K", "refund"), 7, "JPY"))
    assert from_text(to_text(rows)) == rows


@pytest.mark.parametrize("line", ["a b 0 EUR", "a b -1 EUR", "a a 1 EUR", "a b 01 EUR", "a b 1"])
def test_what_to_text_would_not_write_is_not_read(line: str) -> None:
    with pytest.raises(ValueError):
        from_text(line)
