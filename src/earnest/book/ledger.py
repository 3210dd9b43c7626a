"""The ledger as people ask for it: a trial balance at a date or over a period, and the rows of one account.

Days are UTC, by the instant at which an act was committed. Every figure is in minor units of its currency.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from earnest.book import chapters, mode, models, rows, slices, sql
from earnest.core.commands.base import Ref
from earnest.core.entries import CHART, CREDIT, CUSTOMER, DEBIT, customer
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing

#: Before and after any act.
_ALWAYS: Final = ("0000-00-00", "9999-99-99")
#: Rows read at once.
_PORTION: Final = 50_000


@dataclass(frozen=True)
class Span:
    """Days from `since` to `until`, both included; None is without bound."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Raises Invalid where it ends before it begins."""
        if self.since and self.until and self.until < self.since:
            raise Invalid("period", "A period ends no earlier than it begins.")

    @property
    def first(self) -> str:
        """Its first day."""
        return self.since.isoformat() if self.since else _ALWAYS[0]

    @property
    def end(self) -> str:
        """The day after its last."""
        return (self.until + timedelta(days=1)).isoformat() if self.until else _ALWAYS[1]


def period(written: str) -> Span:
    """A year (`2026`) or a month (`2026-11`). Raises Invalid."""
    try:
        year, month = (int(part) for part in (written if len(written) > 4 else written + "-01").split("-"))
        if written not in (f"{year:04d}", f"{year:04d}-{month:02d}"):
            raise ValueError
        first = date(year, month, 1)
        last = date(year, 12, 31) if len(written) == 4 else (first + timedelta(days=31)).replace(day=1)
        return Span(first, last if len(written) == 4 else last - timedelta(days=1))
    except (ValueError, OverflowError):
        raise Invalid(
            "period", "“%(given)s” is no period such as 2026-11 or 2026.", given=written[:20]
        ) from None


class Line(NamedTuple):
    """One account of the chart in one currency: what stood on it, what moved, and what stands on it since.

    `opening_minor` and `balance_minor` are counted on the side on which the account grows.
    """

    account: str
    currency: str
    side: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    balance_minor: int


def trial(span: Span = Span()) -> list[Line]:
    """Every account that has ever moved until the end of the span, by currency and in the order of the chart.

    With a span that has a beginning, debits and credits are those of the span alone.
    """
    found: dict[tuple[str, str], list[int]] = {}
    for account, currency, before_d, before_c, debit, credit in _sums(span):
        had = found.setdefault((currency, account), [0, 0, 0, 0])
        for place, minor in enumerate((before_d, before_c, debit, credit)):
            had[place] += minor
    order = list(CHART)
    lines = []
    for (currency, account), sums in sorted(
        found.items(), key=lambda each: (each[0][0], order.index(each[0][1]))
    ):
        side = CHART[account].side
        sign = 1 if side == DEBIT else -1
        opening, moved = sign * (sums[0] - sums[1]), sign * (sums[2] - sums[3])
        lines.append(Line(account, currency, side, opening, sums[2], sums[3], opening + moved))
    return lines


def totals(lines: list[Line]) -> list[tuple[str, int, int]]:
    """(currency, debits, credits): the two are equal, or the ledger is broken."""
    found: dict[str, list[int]] = {}
    for line in lines:
        sums = found.setdefault(line.currency, [0, 0])
        sums[0] += line.debit_minor
        sums[1] += line.credit_minor
    return [(currency, sums[0], sums[1]) for currency, sums in sorted(found.items())]


def balances(until: date | None = None) -> dict[tuple[str, str], int]:
    """(account, currency) -> what stands on it, on its own side; at the end of a day, now by default."""
    return {(line.account, line.currency): line.balance_minor for line in trial(Span(until=until))}


def _sums(span: Span) -> Iterator[tuple[Any, ...]]:
    """(account, currency, debits before, credits before, debits within, credits within), in several rows each."""
    columns = ", ".join(
        f"CAST(COALESCE(SUM(CASE WHEN day {of} THEN {side}_minor ELSE 0 END), 0) AS BIGINT)"
        for of in ("< %s", ">= %s")
        for side in ("debit", "credit")
    )
    # A slice that is closed while this runs is still read as open: nothing is missed or counted twice.
    after = slices.closed_until()
    yield from sql.rows(
        f"SELECT account, currency, {columns} FROM entry_sum WHERE day < %s AND slice_id < %s "  # noqa: S608
        "GROUP BY account, currency",
        *[span.first] * 4,
        span.end,
        after,
    )
    for day, account, currency, debit, credit in sql.rows(slices.added_up("e.act_id > %s"), after, after):
        if day < span.first:
            yield account, currency, debit, credit, 0, 0
        elif day < span.end:
            yield account, currency, 0, 0, debit, credit


# --- the rows of one account


@dataclass(frozen=True)
class Account:
    """What was asked for: an account of the chart, or one reservation's (`key` of its subject)."""

    name: str
    number: str = ""
    key: str = ""

    @property
    def side(self) -> str:
        """On which it grows."""
        return CHART[self.name].side

    def where(self, side: str) -> tuple[str, list[Any]]:
        """The condition that a column is this account, and its parameters."""
        if self.key:
            return f"e.{side} = %s", [customer(self.key, self.name)]
        if self.name in CUSTOMER:
            return f"{slices.class_sql('e.' + side)} = %s", [self.name]
        return f"e.{side} = %s", [self.name]


def account(name: str) -> Account:
    """`bank`, `deposit` (all customers'), or `deposit:K7QF-2M9X-4`. Raises Invalid, Missing."""
    cls, separator, written = name.partition(":")
    if cls not in CHART or (separator and cls not in CUSTOMER):
        raise Invalid(
            "account",
            "“%(given)s” is no account; `./earnest ledger` lists them, and deposit:NUMBER is one reservation's.",
            given=name[:40],
        )
    if not separator:
        return Account(cls)
    number = parse(written)
    key = chapters.key_of(mode.origin(), Ref("reservation", number or ""))
    if number is None or not models.Subject.objects.filter(key=key).exists():
        raise Missing("no-reservation", "There is no reservation of that number.")
    return Account(cls, number, rows.key_text(key))


class Row(NamedTuple):
    """One movement of an account: by which act of which subject, against which account, and what stands after it.

    `amount_minor` and `balance_minor` are counted on the side on which the account grows.
    """

    at: datetime
    act: str
    kind: str
    number: str
    seq: int
    against: str
    currency: str
    amount_minor: int
    balance_minor: int
    place: tuple[int, int]


def currencies(wanted: Account) -> list[str]:
    """In which the account ever moved."""
    if not wanted.key:
        return sorted(currency for name, currency in balances() if name == wanted.name)
    own = customer(wanted.key, wanted.name)
    found = sql.rows("SELECT DISTINCT currency FROM entry WHERE debit = %s OR credit = %s", own, own)
    return sorted(currency for (currency,) in found)


def opening(wanted: Account, currency: str, span: Span, after: tuple[int, int] = (0, -1)) -> int:
    """What stood on an account before the first row that `account_rows` gives."""
    if wanted.key:
        before = _moved(wanted, currency, f"{slices.day_sql('a.at')} < %s", [span.first])
    else:
        lines = trial(Span(until=span.since - timedelta(days=1))) if span.since else []
        before = sum(
            line.balance_minor for line in lines if (line.account, line.currency) == (wanted.name, currency)
        )
    if after == (0, -1):
        return before
    within, given = of_days(span)
    upto = f"{within} AND (e.act_id < %s OR (e.act_id = %s AND e.n <= %s))"
    return before + _moved(wanted, currency, upto, [*given, after[0], *after])


def account_rows(
    wanted: Account,
    currency: str,
    span: Span = Span(),
    after: tuple[int, int] = (0, -1),
    most: int | None = None,
) -> Iterator[Row]:
    """The movements of an account in one currency in the order of their acts; after a place, at most so many."""
    standing = opening(wanted, currency, span, after)
    within, given = of_days(span)
    sides = " UNION ALL ".join(
        f"SELECT a.at, a.type, s.kind, s.number, a.seq, {slices.class_sql('e.' + other)} AS against, "  # noqa: S608
        f"{sign} * e.amount_minor AS amount, e.act_id AS act_id, e.n AS n FROM entry e JOIN act a ON a.id = e.act_id "
        f"JOIN subject s ON s.key = a.subject_id WHERE {wanted.where(side)[0]} AND e.currency = %s AND {within} "
        "AND (e.act_id > %s OR (e.act_id = %s AND e.n > %s))"
        for side, other, sign in _sides(wanted)
    )
    left = most
    while left is None or left > 0:
        size = _PORTION if left is None else min(left, _PORTION)
        parameters: list[Any] = []
        for side, _, _ in _sides(wanted):
            parameters += [*wanted.where(side)[1], currency, *given, after[0], *after]
        found = sql.rows(f"{sides} ORDER BY act_id, n LIMIT %s", *parameters, size)
        for at, type, kind, number, seq, against, amount, act_id, n in found:
            standing += amount
            after = (act_id, n)
            moment = sql.moment(at)
            yield Row(moment, type, kind, number, seq, against, currency, amount, standing, after)
        if len(found) < size:
            return
        left = None if left is None else left - size


def _sides(wanted: Account) -> tuple[tuple[str, str, int], ...]:
    """(column of the account, column of the other, sign)."""
    grows = wanted.side == DEBIT
    return ((DEBIT, CREDIT, 1 if grows else -1), (CREDIT, DEBIT, -1 if grows else 1))


def _moved(wanted: Account, currency: str, of: str, given: list[Any]) -> int:
    moved = 0
    for side, _, sign in _sides(wanted):
        where, own = wanted.where(side)
        row = sql.one(
            "SELECT COALESCE(SUM(e.amount_minor), 0) FROM entry e JOIN act a ON a.id = e.act_id "  # noqa: S608
            f"WHERE {where} AND e.currency = %s AND {of}",
            *own,
            currency,
            *given,
        )
        moved += sign * int(row[0]) if row else 0
    return moved


def of_days(span: Span) -> tuple[str, list[Any]]:
    """The condition that an act is of the span, narrowed to the numbers that its slices hold."""
    if span == Span():
        return "1 = 1", []
    day = slices.day_sql("a.at")
    after, until = slices.acts_between(span.first, span.end)
    return (
        f"((e.act_id > %s AND e.act_id <= %s) OR e.act_id > %s) AND {day} >= %s AND {day} < %s",
        [after, until, slices.closed_until(), span.first, span.end],
    )
