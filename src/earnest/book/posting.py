"""The ledger's writer: entries of many acts at once, and the customers' balances that they move.

One entry is one row, so every set of them balances. What a customer's account holds moves by one sum for each account
and currency, and the database refuses to go below zero. On PostgreSQL all of it is one statement.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg
from django.db import IntegrityError, connection

from earnest.book import sql
from earnest.core import entries
from earnest.core.entries import Entry


class Posting(NamedTuple):
    """The `n`th entry of an act, whose subject's balances it may move."""

    act: int
    subject: bytes
    n: int
    entry: Entry


#: (subject, class, currency) and by how many minor units its balance moves.
Move = tuple[bytes, str, str, int]

_ENTRY: Final = ("act_id", "n", "debit", "credit", "amount_minor", "currency")
_BALANCE: Final = ("subject_id", "cls", "currency", "amount_minor")
_RAISE: Final = (
    "ON CONFLICT (subject_id, cls, currency) "
    "DO UPDATE SET amount_minor = balance.amount_minor + excluded.amount_minor"
)
_LOWER: Final = (
    "UPDATE balance SET amount_minor = amount_minor + %s WHERE subject_id = %s AND cls = %s AND currency = %s"
)
_AT_ONCE: Final = (
    "WITH written AS (INSERT INTO entry (act_id, n, debit, credit, amount_minor, currency) "
    "SELECT * FROM unnest(%b::bigint[], %b::int[], %b::text[], %b::text[], %b::bigint[], %b::text[])), "
    "raised AS (INSERT INTO balance (subject_id, cls, currency, amount_minor) "
    "SELECT * FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::bigint[]) "
    "ON CONFLICT (subject_id, cls, currency) "
    "DO UPDATE SET amount_minor = balance.amount_minor + excluded.amount_minor), "
    "lowered AS (UPDATE balance b SET amount_minor = b.amount_minor + m.minor "
    "FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::bigint[]) AS m(subject, cls, currency, minor) "
    "WHERE (b.subject_id, b.cls, b.currency) = (m.subject, m.cls, m.currency) RETURNING 1) "
    "SELECT count(*) FROM lowered"
)


def post(postings: Sequence[Posting]) -> bool:
    """Write all of them in the caller's transaction, or in one of its own on PostgreSQL where there is none.

    False where an account was to be lowered that does not exist. Raises IntegrityError where one would fall below
    zero, or an entry is there already.
    """
    if not postings:
        return True
    moves = moved(postings)
    raised = [each for each in moves if each[3] > 0]
    lowered = [each for each in moves if each[3] < 0]
    rows = [(each.act, each.n, *each.entry) for each in postings]
    if connection.vendor == "postgresql":
        return _at_once(
            [*sql.columns_of(rows, 6), *sql.columns_of(raised, 4), *sql.columns_of(lowered, 4)]
        ) == len(lowered)
    sql.insert("entry", _ENTRY, rows)
    sql.put("balance", _BALANCE, raised, _RAISE)
    return sql.update_each(_LOWER, [(minor, *slot) for *slot, minor in lowered])


def moved(postings: Sequence[Posting]) -> list[Move]:
    """By how much each customer's account moves; what comes to nothing is left out."""
    sums: dict[tuple[bytes, str, str], int] = {}
    for each in postings:
        for account, side in ((each.entry.credit, entries.CREDIT), (each.entry.debit, entries.DEBIT)):
            owner = entries.customer_class(account)
            if owner:
                slot = (each.subject, owner[1], each.entry.currency)
                change = entries.signed(account, side, each.entry.amount_minor)
                sums[slot] = sums.get(slot, 0) + change
    return [(*slot, minor) for slot, minor in sorted(sums.items()) if minor]


def _at_once(columns: list[list[Any]]) -> int:
    """How many accounts were lowered. Bound by the server: a set of any size is the same prepared statement."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_AT_ONCE, columns, prepare=True)
        row = cursor.fetchone()
    if row is None:
        raise IntegrityError("no answer from the ledger")
    return int(row[0])
