"""The document lists the chart of accounts, all of it."""

import re
from pathlib import Path

from earnest.core.entries import CHART, CUSTOMER

DOCUMENT = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()


def test_the_document_has_the_chart() -> None:
    found = dict(re.findall(r"^\| `([a-zA-Z/-]+)` \| (debit|credit) \|", DOCUMENT, re.MULTILINE))
    chart = {f"customer/KEY/{n}" if n in CUSTOMER else n: account.side for n, account in CHART.items()}
    assert found == chart
    for name, account in CHART.items():
        if account.clears_in_days:
            assert re.search(rf"`{name}` .* after {account.clears_in_days} days \|", DOCUMENT), name
