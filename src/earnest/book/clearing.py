"""What stands on a clearing account longer than its term: an alarm, and whose it is.

What came in first goes out first. So of a balance, whatever is more than came in within the term has stood longer,
and no more than the sums of days is needed to know it.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from earnest.book import ledger
from earnest.book.ledger import Span
from earnest.core.entries import CHART, DEBIT


class Overdue(NamedTuple):
    """`amount_minor` of `currency` has stood on a clearing account for more than `days`; `owner` sees to it."""

    account: str
    currency: str
    amount_minor: int
    days: int
    owner: str


def overdue(now: datetime) -> list[Overdue]:
    """Every clearing account with something on it that should have left, in the order of currencies and the chart."""
    found = []
    for term in sorted({account.clears_in_days for account in CHART.values() if account.clears_in_days}):
        for line in ledger.trial(Span(since=(now - timedelta(days=term)).date())):
            account = CHART[line.account]
            came_in = line.debit_minor if account.side == DEBIT else line.credit_minor
            late = line.balance_minor - came_in
            if account.clears_in_days == term and late > 0:
                found.append(Overdue(line.account, line.currency, late, term, account.owner))
    order = list(CHART)
    return sorted(found, key=lambda each: (each.currency, order.index(each.account)))
