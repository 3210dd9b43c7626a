"""Plain SQL for the hot path. The ORM builds each statement anew, which costs more than running it."""

import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from django.db import connection

Rows = list[tuple[Any, ...]]

#: Rows of one statement of `put`; a parameter each for their columns, and SQLite takes 32,766.
PUT_AT_ONCE: Final = 500
_IN_LIST: Final = re.compile(r"(NOT )?IN %s")


class Asked(NamedTuple):
    """A SELECT with its parameters, as `ask` makes it."""

    statement: str
    parameters: Sequence[Any]


#: What reads the database in steps: at each it yields what it asks, and is sent the rows of each.
T = TypeVar("T")
Reader = Generator[Sequence[Asked], Sequence[Rows], T]


def ask(statement: str, *parameters: Any) -> Asked:
    """A SELECT. A parameter that is a list stands for `IN (…)`: write it as `IN %s`, or `NOT IN %s`."""
    flat: list[Any] = []
    for each in parameters:
        if not isinstance(each, list):
            flat.append(each)
        elif connection.vendor == "postgresql":
            # One array, however long it is: nothing to be parsed by anybody.
            statement = _IN_LIST.sub(
                lambda found: "<> ALL(%b)" if found[1] else "= ANY(%b)", statement, count=1
            )
            flat.append(each)
        else:
            marks = ", ".join(["%s"] * len(each)) or "NULL"
            statement = statement.replace("IN %s", f"IN ({marks})", 1)
            flat += each
    return Asked(statement, flat)


def texts(values: Collection[tuple[str, ...]], width: int) -> tuple[str, list[Any]]:
    """What to SELECT from to have so many rows of texts, as `column1`, `column2`, …, and its parameters."""
    if connection.vendor != "postgresql":
        row = f"({', '.join(['%s'] * width)})"
        return f"(VALUES {', '.join([row] * len(values))})", [each for row in values for each in row]
    names = ", ".join(f"column{n + 1}" for n in range(width))
    table = f"(SELECT * FROM {unnest(['text'] * width)} AS v ({names}))"  # noqa: S608
    return table, columns_of([*values], width)


def rows(statement: str, *parameters: Any) -> Rows:
    """All rows of a SELECT; parameters as in `ask`."""
    return run_asked(ask(statement, *parameters))


def run_asked(asked: Asked) -> Rows:
    """All rows of a SELECT."""
    with _cursor() as cursor:
        cursor.execute(*asked)
        return list(cursor.fetchall())


def answers(asked: Sequence[Asked]) -> list[Rows]:
    """The rows of several SELECTs. PostgreSQL is sent all of them at once, and waited for once."""
    if len(asked) < 2 or connection.vendor != "postgresql":
        return [run_asked(each) for each in asked]
    with ExitStack() as stack:
        cursors = [stack.enter_context(_cursor()) for _ in asked]
        with pipelined():
            for cursor, each in zip(cursors, asked, strict=True):
                cursor.execute(*each)
        return [list(cursor.fetchall()) for cursor in cursors]


def _cursor() -> Any:
    """On PostgreSQL one whose parameters the server binds; Django's own writes them into the statement, which takes
    longer than finding the rows."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrapped(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]


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
    """Insert rows in one go: on PostgreSQL by COPY, on SQLite, where a statement is cheap, one each.

    Not while statements are pipelined, where COPY is not taken: `put` is for there.
    """
    given = list(values)
    if not given:
        return
    if connection.vendor == "postgresql":
        _copy(table, columns, given)
        return
    with connection.cursor() as cursor:
        cursor.executemany(_insert(table, columns), given)


def insert_ids(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> list[int]:
    """Insert rows, in the caller's transaction, and return their `id`s, which ascend as the rows do."""
    if not values:
        return []
    if connection.vendor == "postgresql":
        given = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        made = sorted(row[0] for row in rows(given, table, len(values)))
    else:
        # Nobody else writes until this transaction ends, and what is numbered here moves the sequence.
        last = one("SELECT seq FROM sqlite_sequence WHERE name = %s", table)
        first = (last[0] if last else 0) + 1
        made = list(range(first, first + len(values)))
    insert(table, ("id", *columns), [(id, *row) for id, row in zip(made, values, strict=True)])
    return made


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


class Change(NamedTuple):
    """Columns of rows to be set: a row of values is its `key`, then `sets`, then what `was` there, if that matters.

    Each name has the type that PostgreSQL gives it.
    """

    table: str
    key: Mapping[str, str]
    sets: Mapping[str, str]
    was: Mapping[str, str] = {}


def change(what: Change, values: Sequence[Sequence[Any]]) -> bool:
    """Set columns of many rows, on PostgreSQL in one statement; whether each was found, and as it was.

    That statement takes its rows in any order: whoever has not locked them has `lock` do it before, in the order of
    their keys.
    """
    if not values:
        return True
    if connection.vendor == "postgresql":
        width = len(what.key) + len(what.sets) + len(what.was)
        return bound(_changes(what), columns_of(values, width)) == len(values)
    return _one_by_one(what, values) == len(values)


def lock(what: Change, values: Sequence[Sequence[Any]]) -> None:
    """Lock the rows that are to be changed, in the order of their keys: nobody waits for another in a ring.

    On SQLite whoever writes has locked everything.
    """
    if values and connection.vendor == "postgresql":
        (key,) = what.key
        held = f"SELECT {key} FROM {what.table} WHERE {key} IN %s ORDER BY {key} FOR NO KEY UPDATE"  # noqa: S608
        rows(held, [row[0] for row in values])


def _changes(what: Change) -> str:
    types = [*what.key.values(), *what.sets.values(), *what.was.values()]
    names = [*what.key, *what.sets, *(f"was_{name}" for name in what.was)]
    return (
        f"UPDATE {what.table} AS t SET {', '.join(f'{each} = v.{each}' for each in what.sets)} "  # noqa: S608
        f"FROM {unnest(types)} AS v ({', '.join(names)}) WHERE "
        + " AND ".join(
            [
                *(f"t.{each} = v.{each}" for each in what.key),
                *(f"t.{each} = v.was_{each}" for each in what.was),
            ]
        )
    )


def _one_by_one(what: Change, values: Sequence[Sequence[Any]]) -> int:
    sets = ", ".join(f"{each} = %s" for each in what.sets)
    found = " AND ".join(f"{each} = %s" for each in (*what.key, *what.was))
    keys, last = len(what.key), len(what.key) + len(what.sets)
    turned = [(*row[keys:last], *row[:keys], *row[last:]) for row in values]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {what.table} SET {sets} WHERE {found}", turned)  # noqa: S608
        many: int = cursor.rowcount
        return many


def unnest(types: Iterable[str]) -> str:
    """PostgreSQL's table of so many arrays, a parameter each."""
    return f"unnest({', '.join(f'%b::{each}[]' for each in types)})"


def columns_of(values: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into columns, of which there are `width` even where there is no row."""
    return [list(column) for column in zip(*values, strict=True)] if values else [[] for _ in range(width)]


def bound(statement: str, arrays: Sequence[list[Any]]) -> int:
    """Carry out a statement of PostgreSQL on rows given as arrays: how many it touched.

    Bound by the server, which so need not parse the rows. While statements are pipelined the answer means nothing.
    """
    with _cursor() as cursor:
        cursor.execute(statement, arrays)
        touched: int = cursor.rowcount
        return touched


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


def _copy(table: str, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)
