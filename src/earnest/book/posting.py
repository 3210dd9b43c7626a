"""The ledger's writer: entries of many acts at once, and the customers' balances that they move.

One entry is one row, so every set of them balances. What a customer's account holds moves by one sum for each account
and currency, and the database refuses to go below zero. On PostgreSQL all of it is one statement.
"""

from collections.abc import Sequence
from functools import cache
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

ENTRY_TYPES: Final = ("bigint", "int", "text", "text", "bigint", "text")
BALANCE_TYPES: Final = ("bytea", "text", "text", "bigint")
_ENTRY: Final = ("act_id", "n", "debit", "credit", "amount_minor", "currency")
_BALANCE: Final = ("subject_id", "cls", "currency", "amount_minor")
_RAISE: Final = (
    "ON CONFLICT (subject_id, cls, currency) "
    "DO UPDATE SET amount_minor = balance.amount_minor + excluded.amount_minor"
)
_LOWER: Final = (
    "UPDATE balance SET amount_minor = amount_minor + %s WHERE subject_id = %s AND cls = %s AND currency = %s"
)
#: So many rows are written in so many words; more of them as arrays, which take longer to begin with.
FEW: Final = 4


@cache
def _statement(entries_: int | None, raised: int | None, lowered: int | None) -> str:
    """PostgreSQL's one statement for all of it; None for as many as an array holds."""
    written = f"INSERT INTO entry ({', '.join(_ENTRY)}) {_given(entries_, ENTRY_TYPES)}"
    parts = [f"written AS ({written})"]
    if raised != 0:
        up = f"INSERT INTO balance ({', '.join(_BALANCE)}) {_given(raised, BALANCE_TYPES)} {_RAISE}"
        parts.append(f"raised AS ({up})")
    found = "SELECT 0"
    if lowered != 0:
        parts.append(
            "lowered AS (UPDATE balance b SET amount_minor = b.amount_minor + m.minor "  # noqa: S608
            f"FROM ({_given(lowered, BALANCE_TYPES)}) AS m(subject, cls, currency, minor) "
            "WHERE (b.subject_id, b.cls, b.currency) = (m.subject, m.cls, m.currency) RETURNING 1)"
        )
        found = "SELECT count(*) FROM lowered"
    return f"WITH {', '.join(parts)} {found}"


def _given(many: int | None, types: Sequence[str]) -> str:
    if many is None:
        return f"SELECT * FROM {sql.unnest(types)}"  # noqa: S608
    row = ", ".join(f"%b::{each}" for each in types)
    return f"VALUES {', '.join([f'({row})'] * many)}"


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
        return _at_once(rows, raised, lowered) == len(lowered)
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


def _at_once(rows: Sequence[tuple[Any, ...]], raised: Sequence[Move], lowered: Sequence[Move]) -> int:
    """How many accounts were lowered. Bound by the server, so that a set of any size is one prepared statement."""
    sets = ((rows, 6), (raised, 4), (lowered, 4))
    if len(rows) + len(raised) + len(lowered) <= FEW:
        statement = _statement(len(rows), len(raised), len(lowered))
        given = [value for values, _ in sets for row in values for value in row]
    else:
        statement = _statement(None, None, None)
        given = [column for values, width in sets for column in sql.columns_of(values, width)]
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(statement, given, prepare=True).fetchone()
    if row is None:
        raise IntegrityError("no answer from the ledger")
    return int(row[0])
