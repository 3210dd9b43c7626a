"""Every entry in the order in which it was committed: the one reader from which all exports of the books are made.

Rows come in portions, each found by the key of the one before it, so a book of millions of entries takes no more
memory than a small one. Days are UTC, by the instant at which an act was committed.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from earnest.book import slices, sql
from earnest.book.ledger import Span, of_days, trial

#: Rows read at once.
_PORTION: Final = 20_000


class Movement(NamedTuple):
    """One entry: by which act, and the two accounts of the chart between which it moved `amount_minor` (> 0).

    `act` is its number in the book, `seq` its place in the chain of its subject (`kind`, `number`), both of which
    the story names. A customer's account is that of the subject.
    """

    at: datetime
    act: int
    type: str
    kind: str
    number: str
    seq: int
    n: int
    debit: str
    credit: str
    amount_minor: int
    currency: str


def movements(span: Span, after: tuple[int, int] = (0, -1)) -> Iterator[Movement]:
    """The entries of the days of a span, each once."""
    of, given = of_days(span)
    statement = (
        "SELECT a.at, e.act_id, a.type, s.kind, s.number, a.seq, e.n, "  # noqa: S608
        f"{slices.class_sql('e.debit')}, {slices.class_sql('e.credit')}, e.amount_minor, e.currency "
        "FROM entry e JOIN act a ON a.id = e.act_id JOIN subject s ON s.key = a.subject_id "
        f"WHERE {of} AND (e.act_id > %s OR (e.act_id = %s AND e.n > %s)) ORDER BY e.act_id, e.n LIMIT %s"
    )
    while True:
        found = sql.rows(statement, *given, after[0], *after, _PORTION)
        for at, *rest in found:
            moved = Movement(sql.moment(at), *rest)
            after = (moved.act, moved.n)
            yield moved
        if len(found) < _PORTION:
            return


def writings(span: Span) -> Iterator[list[Movement]]:
    """The same by act: what was written at once, and balances together."""
    for _, rows in groupby(movements(span), key=lambda each: each.act):
        yield list(rows)


def count(span: Span) -> int:
    """How many acts of a span moved money."""
    of, given = of_days(span)
    row = sql.one(
        f"SELECT COUNT(DISTINCT e.act_id) FROM entry e JOIN act a ON a.id = e.act_id WHERE {of}",  # noqa: S608
        *given,
    )
    return int(row[0]) if row else 0


def currencies(span: Span) -> list[str]:
    """In which money was moved, or stood brought forward."""
    moved = {
        line.currency for line in trial(span) if line.debit_minor or line.credit_minor or line.opening_minor
    }
    return sorted(moved)
