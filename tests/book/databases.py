"""A database whose commits are real, on the engine that the run is on: for threads and processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, connections


@contextmanager
def copied(folder: Path) -> Iterator[str]:
    """Point Django at a copy of the migrated test database; gives its address for other processes."""
    original = connections["default"]
    settings = original.settings_dict
    name = settings["NAME"]
    settings["NAME"] = _copy_sqlite(folder) if original.vendor == "sqlite" else _copy_postgres(original)
    del connections["default"]
    try:
        yield _address(settings, connection.vendor)
    finally:
        connection.close()
        copy, settings["NAME"] = settings["NAME"], name
        connections["default"] = original
        if original.vendor == "postgresql":
            with original._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def environment(address: str, folder: Path) -> dict[str, str]:
    """For a process of its own on that database."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EARNEST_")}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "earnest.settings",
        "EARNEST_DATA": str(folder / "data"),
        "EARNEST_SECRET_KEY": "a secret for tests, long enough and known to all",
        "EARNEST_DATABASE_URL": address,
    }


def _copy_sqlite(folder: Path) -> str:
    file = folder / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    return str(file)


def _copy_postgres(original: Any) -> str:
    name = f"{original.settings_dict['NAME']}_copy"
    original.close()
    with original._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original.settings_dict["NAME"]}"')
    return name


def _address(settings: dict[str, Any], vendor: str) -> str:
    if vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    host, port = settings["HOST"] or "localhost", settings["PORT"] or 5432
    account = f"{quote(settings['USER'], safe='')}:{quote(settings['PASSWORD'], safe='')}"
    return f"postgresql://{account}@{host}:{port}/{settings['NAME']}"
