"""A small story told to an empty book, and the hash of every byte that the record keeps of it.

Run as a process of its own it tells it on SQLite and prints that hash: `python -m tests.book.told_bytes`, with the
name of a guard in `tests/mutants.py` without that guard.
"""

import hashlib
import os
import sys
from contextlib import ExitStack
from datetime import timedelta
from itertools import chain

from django.db import connection


def told() -> str:
    """Reserve, pay, slip, cancel, seal and seal again; SHA-256 of leaves, heads, values at rest, tiles, map, notes,
    receipts and the story. The book must be empty; it is left open."""
    from earnest.book import export, reads, sealing
    from tests import scene

    def seal() -> None:
        sealing.seal(sealing.acquire("tests", clock.now()), clock.now())

    clock = scene.begin()
    number = scene.place()
    scene.pay(number)
    seal()
    clock.advance(timedelta(days=3))
    scene.slip()
    scene.account(number)
    other = scene.place(name="Ben Ode")
    seal()
    clock.advance(timedelta(hours=5))
    scene.cancel(number)
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for statement in (
            "SELECT a.leaf, a.leaf_hash, a.head FROM act a ORDER BY a.leaf_hash",
            "SELECT o.sealed FROM act_open o ORDER BY o.sealed",
            "SELECT l.idx, a.leaf FROM log_leaf l LEFT JOIN act a ON a.id = l.act_id ORDER BY l.idx",
            "SELECT level, i, data FROM log_tile ORDER BY level, i",
            "SELECT level, i, data FROM map_page ORDER BY level, i",
            "SELECT no, size, leaf, map_root, note FROM log_seal ORDER BY no",
        ):
            cursor.execute(statement)
            for value in chain.from_iterable(cursor.fetchall()):
                raw = bytes(value) if isinstance(value, memoryview) else value
                found.update(repr(raw).encode() + b"\n")
    assert sealing.waiting()[0] > 0
    for each in (number, other):
        found.update(export.story(each) + reads.receipt("reservation", each).encode())
    return found.hexdigest()


def main() -> None:
    """On SQLite, whatever the run that asks is on."""
    os.environ.pop("EARNEST_TEST_DSN", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "earnest.testing.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    from tests.mutants import MUTANTS
    from tests.without import without

    databases = setup_databases(verbosity=0, interactive=False)
    with ExitStack() as stack:
        for each in MUTANTS:
            if each.name in sys.argv[1:]:
                stack.enter_context(without(each))
        print(told())
    teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
