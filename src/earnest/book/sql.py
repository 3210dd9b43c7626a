"""Plain SQL for the hot path. The ORM builds each statement anew, which costs more than running it."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from django.db import connection

Rows = list[tuple[Any, ...]]

#: Rows of one statement of `put`; a parameter each for their columns, and SQLite takes 32,766.
PUT_AT_ONCE: Final = 500


class Asked(NamedTuple):
    """A SELECT with its parameters, as `ask` makes it."""

    statement: str
    parameters: Sequence[Any]


#: What reads the database in steps: at each it yields what it asks, and is sent the rows of each.
T = TypeVar("T")
Reader = Generator[Sequence[Asked], Sequence[Rows], T]


def ask(statement: str, *parameters: Any) -> Asked:
    """A SELECT. A parameter that is a list stands for `IN (…)`: write it as `IN %s`."""
    flat: list[Any] = []
    for each in parameters:
        if isinstance(each, list):
            marks = ", ".join(["%s"] * len(each)) or "NULL"
            statement = statement.replace("IN %s", f"IN ({marks})", 1)
            flat += each
        else:
            flat.append(each)
    return Asked(statement, flat)


def rows(statement: str, *parameters: Any) -> Rows:
    """All rows of a SELECT; parameters as in `ask`."""
    asked = ask(statement, *parameters)
    with connection.cursor() as cursor:
        cursor.execute(*asked)
        return list(cursor.fetchall())


def answers(asked: Sequence[Asked]) -> list[Rows]:
    """The rows of several SELECTs. PostgreSQL is sent all of them at once, and waited for once."""
    if len(asked) < 2 or connection.vendor != "postgresql":
        return [rows(*each) for each in asked]
    with ExitStack() as stack:
        cursors = [stack.enter_context(connection.cursor()) for _ in asked]
        with pipelined():
            for cursor, each in zip(cursors, asked, strict=True):
                cursor.execute(*each)
        return [list(cursor.fetchall()) for cursor in cursors]


def read(reader: Reader[T]) -> T:
    """What a reader finds."""
    try:
        asked = next(reader)
        while True:
            asked = reader.send(answers(asked))
    except StopIteration as end:
        found: T = end.value
        return found


def beside(*readers: Reader[Any]) -> Reader[list[Any]]:
    """Several readers as one: their first steps are one step, and so on. What each of them finds."""
    found: list[Any] = [None] * len(readers)
    got: dict[int, Sequence[Rows]] | None = None
    while got is None or got:
        step: dict[int, Sequence[Asked]] = {}
        for place in range(len(readers)) if got is None else got:
            try:
                step[place] = next(readers[place]) if got is None else readers[place].send(got[place])
            except StopIteration as end:
                found[place] = end.value
        answered = iter((yield [each for asked in step.values() for each in asked]) if step else ())
        got = {place: [next(answered) for _ in asked] for place, asked in step.items()}
    return found


@contextmanager
def pipelined() -> Iterator[None]:
    """PostgreSQL is not waited for after each statement, only at the end, where what was wrong with one is raised;
    what a statement found is there then. On SQLite there is nobody to wait for."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


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


def change(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Set columns of many rows; the first column is the table's key.

    On PostgreSQL hundreds in a statement, whose join may touch rows in any order: so all of them are locked first, in
    the order of their keys. Whoever has more rows gives them in that order.
    """
    key, *others = columns
    if connection.vendor != "postgresql":
        statement = f"UPDATE {table} SET {', '.join(f'{each} = %s' for each in others)} WHERE {key} = %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(*rest, first) for first, *rest in values])
        return
    marks = f"({', '.join(['%s'] * len(columns))})"
    for start in range(0, len(values), PUT_AT_ONCE):
        some = values[start : start + PUT_AT_ONCE]
        lock = f"SELECT {key} FROM {table} WHERE {key} IN %s ORDER BY {key} FOR NO KEY UPDATE"  # noqa: S608
        statement, keys = ask(lock, [row[0] for row in some])
        run(statement, *keys)
        run(
            f"UPDATE {table} AS t SET {', '.join(f'{each} = v.{each}' for each in others)} "  # noqa: S608
            f"FROM (VALUES {', '.join([marks] * len(some))}) AS v ({', '.join(columns)}) WHERE t.{key} = v.{key}",
            *(each for row in some for each in row),
        )


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
