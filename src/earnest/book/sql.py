"""Plain SQL for the hot path. The ORM builds each statement anew, which costs more than running it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection


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
    """Insert rows in one go."""
    given = list(values)
    if given:
        with connection.cursor() as cursor:
            cursor.executemany(_insert(table, columns), given)


def insert_one(table: str, columns: Sequence[str], values: Sequence[Any]) -> int:
    """Insert a row and return its `id`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_insert(table, columns)} RETURNING id", list(values))
        made: int = cursor.fetchone()[0]
        return made


def _insert(table: str, columns: Sequence[str]) -> str:
    """Names come from our own code, never from a request."""
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
