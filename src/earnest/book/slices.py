"""Sums of entries that will never change, so that a trial balance of ten million entries need not read them.

A slice is a range of acts that is closed: each of its numbers was committed, or never will be. Once, after it was
closed, its entries are added up for each day (UTC), account of the chart and currency; whatever came later is added
up when somebody asks. Nothing of this is on the way of a posting. The sums are a cache: `differences` adds every
slice up again, and `forget` lets them be made anew.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db import IntegrityError, OperationalError, connection, transaction

from earnest.book import models, sql
from earnest.core.entries import customer
from earnest.record.canonical import b64

#: A slice is closed when so many acts are open, or when the day on which the last one was closed is over.
LEAST_ACTS: Final = 5_000
#: And takes at most so many, so that no transaction is long.
MOST_ACTS: Final = 50_000
#: In milliseconds, on PostgreSQL: nobody who writes waits longer than this behind us.
_PATIENCE: Final = 500
#: Where the class begins in the name of a customer's account: a subject key is always 43 letters.
_CLASS_AT: Final = len(customer(b64(bytes(32)), "")) + 1


class Sum(NamedTuple):
    """What a slice holds for one day, account of the chart and currency, in minor units."""

    day: str
    account: str
    currency: str
    debit_minor: int
    credit_minor: int


def class_sql(column: str) -> str:
    """The name in the chart of the account that a column names: of a customer's, its class."""
    return (
        f"CASE WHEN SUBSTR({column}, 1, 9) = 'customer/' THEN SUBSTR({column}, {_CLASS_AT}) ELSE {column} END"
    )


def day_sql(column: str) -> str:
    """The day (UTC, `2026-11-30`) of a column that holds an instant."""
    if connection.vendor == "sqlite":
        return f"SUBSTR({column}, 1, 10)"
    return f"TO_CHAR({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


def added_up(of: str) -> str:
    """A SELECT of `Sum` over the entries `e` of acts `a` that a condition names; it is put in twice."""
    sides = " UNION ALL ".join(
        f"SELECT {day_sql('a.at')} AS day, {class_sql('e.' + side)} AS account, e.currency AS currency, "  # noqa: S608
        f"{'e.amount_minor' if side == 'debit' else '0'} AS d, {'e.amount_minor' if side == 'credit' else '0'} AS c "
        f"FROM entry e JOIN act a ON a.id = e.act_id WHERE {of}"
        for side in ("debit", "credit")
    )
    return (
        "SELECT day, account, currency, CAST(SUM(d) AS BIGINT), CAST(SUM(c) AS BIGINT) "  # noqa: S608
        f"FROM ({sides}) AS sides GROUP BY day, account, currency"
    )


def closed_until() -> int:
    """The last act that a slice holds; 0 where there is none."""
    row = sql.one("SELECT MAX(until_act) FROM entry_slice")
    return row[0] or 0 if row else 0


def due(now: datetime) -> bool:
    """Whether it is time to close a slice: many acts are open, or a day is over."""
    newest = models.EntrySlice.objects.order_by("-after_act").first()
    after = newest.until_act if newest else 0
    last = sql.one("SELECT MAX(id) FROM act")
    if not last or not last[0] or last[0] <= after:
        return False
    return last[0] - after >= LEAST_ACTS or newest is None or newest.closed_at.date() < now.date()


def close(now: datetime) -> int:
    """Close everything that is committed; how many slices that made. Who comes second makes none."""
    upto, made = _settled(), 0
    while (after := closed_until()) < upto:
        until = min(upto, after + MOST_ACTS)
        try:
            with transaction.atomic():
                models.EntrySlice.objects.create(after_act=after, until_act=until, closed_at=now)
                sql.run(
                    "INSERT INTO entry_sum (slice_id, day, account, currency, debit_minor, credit_minor) "  # noqa: S608
                    f"SELECT %s, sums.* FROM ({added_up(_WITHIN)}) AS sums",
                    *(after, after, until, after, until),
                )
        except IntegrityError:
            return made
        made += 1
    return made


_WITHIN: Final = "e.act_id > %s AND e.act_id <= %s"


def _settled() -> int:
    """The highest number of an act below which nothing can appear any more; 0 where that cannot be said now.

    Numbers are given before a commit, so a lower one may become visible after a higher one. A table lock that
    conflicts with every INSERT is granted when nobody is between the two; it is held for one statement.
    """
    try:
        with transaction.atomic():
            if connection.vendor != "sqlite":
                sql.run(f"SET LOCAL lock_timeout = {_PATIENCE}")
                sql.run("LOCK TABLE act IN SHARE MODE")
            row = sql.one("SELECT MAX(id) FROM act")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":
            raise
        return 0
    return row[0] or 0 if row else 0


def differences() -> Iterator[str]:
    """What is not as the entries say: a slice whose sums are others, a gap between slices."""
    before = 0
    for after, until in sql.rows("SELECT after_act, until_act FROM entry_slice ORDER BY after_act"):
        if after != before:
            yield f"the sums of entries leave out the acts {before + 1} to {after}"
        before = until
        stored = sql.rows(
            "SELECT day, account, currency, debit_minor, credit_minor FROM entry_sum WHERE slice_id = %s",
            after,
        )
        if set(stored) != set(sql.rows(added_up(_WITHIN), after, until, after, until)):
            yield f"the sums of the acts {after + 1} to {until} are not those of their entries"


def forget() -> None:
    """Drop every slice: acts came back that had been lost. The next `close` adds up anew."""
    with transaction.atomic():
        sql.run("DELETE FROM entry_sum")
        sql.run("DELETE FROM entry_slice")


def acts_between(since: str, before: str) -> tuple[int, int]:
    """(after, until): closed acts of the days from `since` to just before `before` are among these numbers."""
    row = sql.one(
        "SELECT MIN(s.after_act), MAX(s.until_act) FROM entry_slice s WHERE EXISTS "
        "(SELECT 1 FROM entry_sum t WHERE t.slice_id = s.after_act AND t.day >= %s AND t.day < %s)",
        since,
        before,
    )
    return (row[0], row[1]) if row and row[0] is not None else (0, 0)
