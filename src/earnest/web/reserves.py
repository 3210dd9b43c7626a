"""A statement of reserves as pages show it: accounts in words, in the order of the chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from earnest.core.entries import CHART
from earnest.record.reserves import HELD, LESS, MORE, OWED, Accounts

ACCOUNTS: Final[dict[str, str | Promise]] = {
    "deposit": _("Deposits"),
    "refund": _("Refunds owed"),
    "refund-in-transit": _("Refunds on their way"),
    "unclaimed": _("Refunds that nobody could be paid"),
    "bank": _("At our banks"),
    "card-clearing": _("With the card provider"),
    "payout-in-transit": _("On its way from the provider to our bank"),
    "bank-unmatched": _("Came in, and not known yet from whom"),
    "sales": _("Became the price of a sale"),
    "own-funds": _("Our own money"),
    "receivable": _("Owed to us after a payment was reversed"),
    "disputes": _("Held by card networks while they ask"),
    "interest": _("Interest and surcharges that the law gives"),
    "provider-fees": _("Fees of providers and banks"),
    "exchange-differences": _("Differences of exchange"),
    "tax": _("Tax that we owe on money we hold"),
    "tax-on-deposits": _("Of that tax, what is in deposits"),
}

Rows = list[tuple[str | Promise, int]]


@dataclass(frozen=True)
class CurrencyView:
    """One currency of a statement, amounts in minor units: what is held is what is owed, and more, and not less."""

    currency: str
    owed: Rows
    held: Rows
    more: Rows
    less: Rows
    yours_minor: int = 0

    @property
    def owed_minor(self) -> int:
        """Owed to customers in all."""
        return sum(minor for _, minor in self.owed)

    @property
    def held_minor(self) -> int:
        """Held in all."""
        return sum(minor for _, minor in self.held)

    @property
    def difference_minor(self) -> int:
        """Held less owed; below zero where less is held than is owed."""
        return self.held_minor - self.owed_minor

    @property
    def short_minor(self) -> int:
        """How much less is held than is owed, or 0."""
        return max(0, -self.difference_minor)


def views(sums: Accounts, yours: dict[str, int] | None = None) -> list[CurrencyView]:
    """Each currency; with `yours`, only those in which something is owed to the reader."""
    wanted = sorted(sums) if yours is None else [each for each in sorted(sums) if yours.get(each)]
    return [_view(each, sums[each], (yours or {}).get(each, 0)) for each in wanted]


def _view(currency: str, groups: Mapping[str, Mapping[str, int]], yours_minor: int) -> CurrencyView:
    owed, held, more, less = (_rows(groups[group]) for group in (OWED, HELD, MORE, LESS))
    return CurrencyView(currency, owed, held, more, less, yours_minor)


def _rows(accounts: Mapping[str, int]) -> Rows:
    return [(ACCOUNTS[name], accounts[name]) for name in CHART if accounts.get(name)]
