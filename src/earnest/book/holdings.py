"""What the entries come to at a checkpoint: every account of the chart, and what is owed to each reservation.

Only what the log holds is counted: the entries of acts up to a seal, and no others, in one statement of SQL and so in
one moment's view. The same rows give the accounts and each reservation's part, so neither can differ from the other.
"""

from dataclasses import dataclass

from earnest.book import slices, sql
from earnest.core.entries import CHART, DEBIT, OWED
from earnest.record.sumtree import Sums


@dataclass(frozen=True)
class Holdings:
    """What the entries up to a seal come to, in minor units.

    `balances` are (account, currency), counted on the side on which the account grows; `owed` has subject key ->
    currency, of those to whom something is owed.
    """

    balances: dict[tuple[str, str], int]
    owed: dict[bytes, dict[str, int]]

    @property
    def currencies(self) -> list[str]:
        """In the order of the sums in a tree."""
        return sorted({currency for _, currency in self.balances})

    def leaves(self) -> dict[bytes, Sums]:
        """Subject key -> sums, in the order of the currencies."""
        return {key: tuple(of.get(each, 0) for each in self.currencies) for key, of in self.owed.items()}


def up_to(seal: int) -> Holdings:
    """Everything that the log holds up to a seal."""
    balances: dict[tuple[str, str], int] = {}
    owed: dict[bytes, dict[str, int]] = {}
    for account, subject, currency, debit, credit in sql.rows(_summed("l.seal_id <= %s"), seal, seal):
        minor = debit - credit if CHART[account].side == DEBIT else credit - debit
        balances[account, currency] = balances.get((account, currency), 0) + minor
        if subject is not None:
            of = owed.setdefault(bytes(subject), {})
            of[currency] = of.get(currency, 0) + minor
    return Holdings(balances, {key: of for key, of in owed.items() if any(of.values())})


def own(key: bytes, seal: int, currencies: list[str]) -> Sums:
    """What is owed to one reservation by the acts up to a seal, in the order of the currencies."""
    found: dict[str, int] = {}
    where = "l.seal_id <= %s AND a.subject_id = %s"
    for account, subject, currency, debit, credit in sql.rows(_summed(where), seal, key, seal, key):
        if subject is not None:
            assert account in OWED
            found[currency] = found.get(currency, 0) + credit - debit
    return tuple(found.get(each, 0) for each in currencies)


def _summed(of: str) -> str:
    """A SELECT of (account, subject where it is owed to one, currency, debits, credits) over the entries `e` of acts
    `a` in the log `l` that a condition names; it is put in twice."""
    names = ", ".join(f"'{name}'" for name in OWED)
    sides = " UNION ALL ".join(
        f"SELECT {slices.class_sql('e.' + side)} AS account, a.subject_id AS subject, e.currency AS currency, "  # noqa: S608
        f"{'e.amount_minor' if side == 'debit' else '0'} AS d, {'e.amount_minor' if side == 'credit' else '0'} AS c "
        f"FROM entry e JOIN act a ON a.id = e.act_id JOIN log_leaf l ON l.act_id = e.act_id WHERE {of}"
        for side in ("debit", "credit")
    )
    whose = f"CASE WHEN account IN ({names}) THEN subject END"
    return (
        f"SELECT account, {whose}, currency, CAST(SUM(d) AS BIGINT), CAST(SUM(c) AS BIGINT) "  # noqa: S608
        f"FROM ({sides}) AS sides GROUP BY account, {whose}, currency"
    )
