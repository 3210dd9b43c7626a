"""What IFRS 15 asks of deposits at a date: the contract liability, the refund liability, and what they are made of.

A deposit is a contract liability until what was promised is handed over (paragraphs 106 and B44); so is a sale that is
not delivered. Tax that was collected for the state is no part of either (paragraph 47). What is owed back is a refund
liability (paragraph 55). What a maker expects to pay back of deposits that nobody has asked back is an estimate, and
stands in no account.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from earnest.book import ledger, slices, sql
from earnest.core import entries


@dataclass(frozen=True)
class Position:
    """One currency at the end of a day (UTC); minor units.

    Each part is an account, or what of `sales` and of `tax-on-deposits` is of reservations not delivered, or delivered.
    """

    currency: str
    deposits_minor: int
    tax_on_deposits_minor: int
    undelivered_minor: int
    owed_minor: int
    in_transit_minor: int
    unclaimed_minor: int
    delivered_minor: int
    receivable_minor: int

    @property
    def contract_liability_minor(self) -> int:
        """Received, without the tax in it, for what is not handed over yet."""
        return self.deposits_minor - self.tax_on_deposits_minor + self.undelivered_minor

    @property
    def refund_liability_minor(self) -> int:
        """Owed back, and not known to have left."""
        return self.owed_minor + self.in_transit_minor + self.unclaimed_minor


def positions(on: date | None = None) -> list[Position]:
    """By currency, at the end of a day or now.

    Raises ValueError where the sales of all reservations do not come to the account: the ledger is broken.
    """
    standing = ledger.balances(on)
    sales, taxes = _by_delivery(entries.SALES, on), _by_delivery(entries.TAX_ON_DEPOSITS, on)
    found = []
    for currency in sorted({currency for _, currency in standing}):

        def of(account: str, currency: str = currency) -> int:
            return standing.get((account, currency), 0)

        (undelivered, delivered), (tax, tax_of_delivered) = sales(currency), taxes(currency)
        if (undelivered + delivered, tax + tax_of_delivered) != (
            of(entries.SALES),
            of(entries.TAX_ON_DEPOSITS),
        ):
            raise ValueError(f"the sales in {currency} are not those of the reservations")
        found.append(
            Position(
                currency,
                of(entries.DEPOSIT),
                tax,
                undelivered,
                of(entries.REFUND),
                of(entries.IN_TRANSIT),
                of(entries.UNCLAIMED),
                delivered - tax_of_delivered,
                of(entries.RECEIVABLE),
            )
        )
    return found


def _by_delivery(account: str, on: date | None) -> Callable[[str], tuple[int, int]]:
    """Currency -> what stands on an account of reservations that were not delivered by then, and of those that were."""
    span = ledger.Span(until=on)
    of, given = ledger.of_days(span)
    before = f"{slices.day_sql('d.at')} < %s"
    delivered = (
        "EXISTS (SELECT 1 FROM act d WHERE d.subject_id = a.subject_id "  # noqa: S608
        f"AND d.type = 'reservation.delivered' AND {before})"
    )
    sums: dict[tuple[str, int], int] = {}
    for side in (entries.CREDIT, entries.DEBIT):
        rows = sql.rows(
            f"SELECT currency, done, SUM(amount) FROM (SELECT e.currency AS currency, e.amount_minor AS amount, "  # noqa: S608
            f"CASE WHEN {delivered} THEN 1 ELSE 0 END AS done FROM entry e JOIN act a ON a.id = e.act_id "
            f"WHERE e.{side} = %s AND {of}) AS moved GROUP BY currency, done",
            span.end,
            account,
            *given,
        )
        for currency, done, minor in rows:
            sums[currency, done] = sums.get((currency, done), 0) + entries.signed(account, side, int(minor))
    return lambda currency: (sums.get((currency, 0), 0), sums.get((currency, 1), 0))
