"""`./earnest bench record`, `money` and `rights`: measure, in a database of its own that is thrown away at the end.

Exit codes: 0 all targets met, 1 a full run missed one or something measured was wrong, 2 it could not begin. A run
that is smaller than a full one judges nothing by its targets: they are for a full one.
"""

import argparse
import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from earnest.bench.figures import Figure, table

#: What can be measured: `measure(options, say) -> (figures, checks)`, asked in the database made for it.
SUBJECTS: Final = {
    "record": "earnest.bench.record:measure",
    "money": "earnest.bench.money:measure",
    "rights": "earnest.bench.rights:measure",
}
Measure = Callable[["Options", Callable[[str], None]], tuple[list[Figure], dict[str, bool]]]
FULL: Final = {"record": 1_000_000, "money": 1_000_000, "rights": 100_000}
QUICK: Final = 3_000
LEAST: Final = 1_000


class Options(argparse.Namespace):
    """As given on the command line."""

    subject: str
    subjects: int
    quick: bool
    json: bool
    database: str
    folder: Path


class CannotBegin(Exception):
    """Why not, in one sentence."""


def main(arguments: list[str]) -> int:
    """The command line; returns the exit code."""
    options = _options(arguments)
    if options.subjects < LEAST:
        print(f"At least {LEAST:,} subjects are needed.", file=sys.stderr)
        return 2
    # Stopped from outside, it still drops its database.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="earnest-bench-") as folder:
            options.folder = Path(folder)
            with _database(options.database, options.folder) as address:
                return _run(options, address)
    except CannotBegin as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        signal.signal(signal.SIGTERM, before)


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="./earnest bench",
        description="Measure what record, money and rights cost on this machine, beside their targets.",
    )
    parser.add_argument("subject", choices=sorted(SUBJECTS))
    parser.add_argument(
        "--subjects",
        type=int,
        default=-1,
        metavar="N",
        help="of the largest book; default: as the targets are meant",
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK:,} subjects, seconds instead of minutes"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--database",
        default="sqlite",
        metavar="sqlite|postgres|ADDRESS",
        help="postgres starts a server of its own; on the one at postgresql://… a database is made and dropped",
    )
    options = parser.parse_args(arguments, Options())
    if options.subjects == -1:
        options.subjects = QUICK if options.quick else FULL[options.subject]
    return options


def _run(options: Options, address: str) -> int:
    os.environ["EARNEST_DATA"] = str(options.folder)
    os.environ["EARNEST_DATABASE_URL"] = address
    os.environ["EARNEST_LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "earnest.settings"
    module, function = SUBJECTS[options.subject].split(":")
    measure: Measure = getattr(importlib.import_module(module), function)
    figures, checks, where = *measure(options, _say), _where()
    full = options.subjects >= FULL[options.subject] and not options.quick
    if options.json:
        print(json.dumps(_plain(options, figures, checks, where), indent=2))
    else:
        print(_text(options, figures, checks, where, full))
    right = all(checks.values()) and not (full and any(each.met is False for each in figures))
    return 0 if right else 1


def _plain(
    options: Options, figures: list[Figure], checks: dict[str, bool], where: dict[str, Any]
) -> dict[str, Any]:
    return {
        "bench": options.subject,
        "subjects": options.subjects,
        "machine": where,
        "figures": [each.plain() for each in figures],
        "checks": checks,
    }


def _text(
    options: Options, figures: list[Figure], checks: dict[str, bool], where: dict[str, Any], full: bool
) -> str:
    lines = [
        f"{where['database']}, Python {where['python']}, {where['system']}, {where['cores']} cores; "
        f"load at the end {where['load']}; {options.subjects:,} subjects",
        "",
        table(figures),
        "",
        *(f"{what}: {'yes' if right else 'NO'}" for what, right in checks.items()),
    ]
    if not full:
        lines.append(f"The targets are for a run with {FULL[options.subject]:,} subjects.")
    return "\n".join(lines)


def _where() -> dict[str, Any]:
    from django.db import connection

    from earnest.bench.figures import machine

    statement = "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        version = str(cursor.fetchone()[0]).split()[0]
    return machine(f"{connection.display_name} {version}")


def _say(what: str) -> None:
    """How far it is; on a terminal in one line that is written again."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="\n" if what.endswith(".") else "", file=sys.stderr, flush=True)


@contextmanager
def _database(wanted: str, folder: Path) -> Iterator[str]:
    """The address of an empty database that nobody else has; it is gone at the end. Raises CannotBegin."""
    if wanted == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
    elif wanted == "postgres":
        from earnest.testing import postgres

        try:
            with postgres.running() as address:
                yield address
        except postgres.CannotStart as error:
            raise CannotBegin(str(error)) from None
    elif urlsplit(wanted).scheme in ("postgres", "postgresql"):
        with _made_there(wanted) as address:
            yield address
    else:
        raise CannotBegin("--database is sqlite, postgres, or the address of a PostgreSQL server.")


@contextmanager
def _made_there(server: str) -> Iterator[str]:
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = Identifier(f"earnest_bench_{os.getpid()}")
    try:
        with psycopg.connect(server, autocommit=True) as there:
            there.execute(SQL("CREATE DATABASE {}").format(name))
    except psycopg.Error as error:
        raise CannotBegin(f"No database can be made there: {str(error).strip()}") from None
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/earnest_bench_{os.getpid()}"))
    finally:
        with psycopg.connect(server, autocommit=True) as there:
            there.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
