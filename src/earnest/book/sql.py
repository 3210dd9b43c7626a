"""Plain SQL for the hot path. The ORM builds each statement anew, which costs more than running it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

#: Rows of one statement of `put`; a parameter each for their columns, and SQLite takes 32,766.
PUT_AT_ONCE: Final = 500


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a SELECT. A parameter that is a list stands for `IN (…)`: write it as `IN %s`."""
    flat: list[Any] = []
    for each in parameters:
        if isinstance(each, list):
            marks = ", ".join(["%s"] * len(each)) or "NULL"
            statement = statement.replace("IN %s", f"IN ({marks})", 1)
            flat += each
        else:
            flat.append(each)
    with connection.cursor() as cursor:
        cursor.execute(statement, flat)
        return list(cursor.fetchall())


def one(statement: str, *parameters: Any) -> tuple[Any, ...] | None:
    """The first row, or None."""
    found = rows(statement, *parameters)
    return found[0] if found else None


def run(statement: str, *parameters: Any) -> int:
    """Carry out a statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        touched: int = cursor.rowcount
        return touched


def keep_pages(megabytes: int) -> None:
    """For whoever writes much at once: SQLite keeps so much of the database at hand on this connection (2 MB else)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{megabytes * 1024:d}")


def moment(found: Any) -> datetime:
    """An instant as a plain SELECT gives it: text without a zone on SQLite, and always UTC."""
    read = datetime.fromisoformat(found) if isinstance(found, str) else found
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def insert(table: str, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Insert rows in one go: on PostgreSQL hundreds in a statement, on SQLite, where a statement is cheap, one each."""
    given = list(values)
    if connection.vendor == "postgresql":
        put(table, columns, given)
    elif given:
        with connection.cursor() as cursor:
            cursor.executemany(_insert(table, columns), given)


def put(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]], otherwise: str = "") -> None:
    """Insert many short rows, hundreds in one statement: on PostgreSQL a statement a row costs more than the row.

    `otherwise` is an ON CONFLICT clause.
    """
    for start in range(0, len(values), PUT_AT_ONCE):
        some = values[start : start + PUT_AT_ONCE]
        marks = ", ".join(["%s"] * len(columns))
        rest = f", ({marks})" * (len(some) - 1) + (f" {otherwise}" if otherwise else "")
        with connection.cursor() as cursor:
            cursor.execute(_insert(table, columns) + rest, [each for row in some for each in row])


def insert_ids(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> list[int]:
    """Insert rows and return their `id`s, which ascend as the rows do."""
    at_once = PUT_AT_ONCE if connection.vendor == "postgresql" else 1
    made: list[int] = []
    for start in range(0, len(values), at_once):
        some = values[start : start + at_once]
        rest = f", ({', '.join(['%s'] * len(columns))})" * (len(some) - 1)
        with connection.cursor() as cursor:
            statement = f"{_insert(table, columns)}{rest} RETURNING id"
            cursor.execute(statement, [each for row in some for each in row])
            made += [row[0] for row in cursor.fetchall()]
    if made != sorted(made) or len(made) != len(values):
        raise AssertionError(f"the rows of {table} did not get their numbers in their order")
    return made


def update_each(statement: str, values: Sequence[Sequence[Any]]) -> bool:
    """One statement for each row of values; whether each of them found its row."""
    if not values:
        return True
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
        found: bool = cursor.rowcount == len(values)
        return found


def _insert(table: str, columns: Sequence[str]) -> str:
    """Names come from our own code, never from a request."""
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
