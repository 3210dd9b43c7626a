"""Adding up what a story says about money: the field `entries`, and nothing else.

A line is `debit credit amount currency`. What is owed to the customer stands on the accounts `customer/KEY/deposit`
and `customer/KEY/refund` and, while a refund is on its way, on `refund-in-transit`, or on `unclaimed`; all grow by
credit, and none of them is ever below zero. Of the others one subject moves a part alone, so nothing follows from
their sign: they are the maker's, and what the customer owes (`customer/KEY/receivable`) grows by debit.
"""

import re

_LINE = re.compile(r"(\S+) (\S+) ([1-9][0-9]{0,15}) ([A-Z]{3})", re.ASCII)
#: Money of the customer's comes in here, or has come in and was not known to be theirs.
_IN = ("card-clearing", "bank", "bank-unmatched")
#: What had been booked here by mistake goes there again: it was not theirs, and neither received nor paid back.
_MISTAKEN = "bank-unmatched"
#: It goes out here, or a card network took it.
_OUT = ("card-clearing", "bank", "disputes")
#: What is owed, whatever became of it.
_OWED = ("deposit", "refund", "refund-in-transit", "unclaimed")


class MoneyCheck:
    """Balances of one story, act after act."""

    def __init__(self) -> None:
        self.balances: dict[tuple[str, str], int] = {}
        self.received: dict[str, int] = {}
        self.paid_back: dict[str, int] = {}

    def add(self, key: str, entries: object) -> str | None:
        """One act's entries. Why they cannot be, or None."""
        if not isinstance(entries, str):
            return "the entries are not text"
        moved: dict[tuple[str, str], None] = {}
        for line in entries.split("\n") if entries else []:
            match = _LINE.fullmatch(line)
            if match is None or match[1] == match[2]:
                return f"“{line[:60]}” is not an entry"
            debit, credit, amount, currency = match[1], match[2], int(match[3]), match[4]
            for account, change in ((debit, -amount), (credit, amount)):
                if account.startswith("customer/") and account.split("/")[1:2] != [key]:
                    return "the entries move another customer's money"
                slot = (account, currency)
                self.balances[slot] = self.balances.get(slot, 0) + change
                moved[slot] = None
            if debit in _IN and credit.endswith("/deposit"):
                self.received[currency] = self.received.get(currency, 0) + amount
            if credit == _MISTAKEN and debit.startswith("customer/"):
                self.received[currency] = self.received.get(currency, 0) - amount
            if credit in _OUT and debit.split("/")[-1] in _OWED:
                self.paid_back[currency] = self.paid_back.get(currency, 0) + amount
            if debit in _OUT and credit.endswith("/refund"):
                self.paid_back[currency] = self.paid_back.get(currency, 0) - amount
        # Only what this act moved: nobody may send a file that takes an hour to add up.
        below = [slot[0] for slot in moved if self.balances[slot] < 0 and slot[0].split("/")[-1] in _OWED]
        return f"the account {below[0].split('/')[-1]} would be below zero" if below else None

    def totals(self) -> list[tuple[str, int, int, int]]:
        """Per currency, in minor units: received, paid back, and still owed or held."""
        owed = dict.fromkeys(self.received, 0)
        for (account, currency), minor in self.balances.items():
            if currency in owed and account.split("/")[-1] in _OWED:
                owed[currency] += minor
        return [
            (currency, self.received[currency], self.paid_back.get(currency, 0), owed[currency])
            for currency in sorted(self.received)
        ]
