"""Whatever is written through the chart, nothing comes from nowhere and nothing goes."""

from hypothesis import given
from hypothesis import strategies as st

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

ACCOUNTS = [name for name in CHART if name not in CUSTOMER] + [customer("K", cls) for cls in CUSTOMER]

rows = st.tuples(
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ACCOUNTS),
    st.integers(1, 10**15),
    st.sampled_from(["EUR", "USD", "JPY"]),
).filter(lambda row: row[0] != row[1])


@given(st.lists(rows.map(lambda row: Entry(*row)), max_size=30))
def test_debit_balances_equal_credit_balances_in_each_currency(written: list[Entry]) -> None:
    balances: dict[tuple[str, str], int] = {}
    for entry in from_text(to_text(written)):
        for account, side in ((entry.debit, DEBIT), (entry.credit, CREDIT)):
            slot = (class_of(account), entry.currency)
            balances[slot] = balances.get(slot, 0) + signed(account, side, entry.amount_minor)
    for currency in {entry.currency for entry in written}:
        on = {
            side: sum(
                minor for (name, of), minor in balances.items() if of == currency and CHART[name].side == side
            )
            for side in (DEBIT, CREDIT)
        }
        assert on[DEBIT] == on[CREDIT]


@given(rows)
def test_a_row_and_its_reversal_leave_everything_as_it_was(row: tuple[str, str, int, str]) -> None:
    debit, credit, minor, _ = row
    for account, side, other in ((debit, DEBIT, CREDIT), (credit, CREDIT, DEBIT)):
        assert signed(account, side, minor) + signed(account, other, minor) == 0
        assert abs(signed(account, side, minor)) == minor
