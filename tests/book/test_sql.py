"""Plain SQL: several questions in one wait, and many rows changed in one statement."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import clock, models, sql
from tests import scene
from tests.scene import place

book = scene.book

pytestmark = pytest.mark.django_db


def counting(steps: int, start: int) -> sql.Reader[list[int]]:
    found = []
    for step in range(steps):
        asked = [sql.ask("SELECT %s + 0", start + step)] * (step + 1)
        found += [rows[0][0] for rows in (yield asked)]
    return found


def test_readers_beside_each_other_find_what_each_finds_alone() -> None:
    wanted = [(3, 10), (0, 0), (1, 40), (2, 70)]
    alone = [sql.read(counting(*each)) for each in wanted]
    assert sql.read(sql.beside(*(counting(*each) for each in wanted))) == alone
    assert alone == [[10, 11, 11, 12, 12, 12], [], [40], [70, 71, 71]]
    assert sql.read(sql.beside()) == []


def test_several_questions_are_answered_in_their_order(book: clock.ManualClock) -> None:
    place()
    kinds = [
        sql.ask("SELECT COUNT(*) FROM subject WHERE kind IN %s", [kind]) for kind in ("offer", "keys", "x")
    ]
    assert sql.answers(kinds) == [[(1,)], [(1,)], [(0,)]]
    assert sql.answers([]) == []


def test_what_is_wrong_with_one_of_several_statements_is_raised_and_nothing_is_written() -> None:
    def twice() -> None:
        with transaction.atomic(), sql.pipelined():
            for no in (1, 2, 2, 3):
                sql.put("log_tile", ("level", "i", "data"), [(no, 0, b"x")])

    with pytest.raises(IntegrityError):
        twice()
    assert models.LogTile.objects.count() == 0


@pytest.mark.parametrize("many", [1, 3, sql.PUT_AT_ONCE + 1])
def test_many_rows_are_changed_each_to_its_own(many: int) -> None:
    sql.put("log_tile", ("level", "i", "data"), [(0, i, b"old") for i in range(many + 1)])
    with transaction.atomic():
        sql.change("log_tile", ("i", "data"), [(i, b"%d" % i) for i in range(many)])
    found = sql.rows("SELECT i, data FROM log_tile ORDER BY i")
    assert [(i, bytes(data)) for i, data in found] == [(i, b"%d" % i) for i in range(many)] + [(many, b"old")]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_the_order_given_whatever_the_statement_does(real_database: str) -> None:
    """Two who change the same rows wait for each other once, and never both."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    many = 400
    sql.put("log_tile", ("level", "i", "data"), [(0, i, b"old") for i in range(many)])
    failed: list[Exception] = []

    def change(data: bytes) -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    sql.change("log_tile", ("i", "data"), [(i, data) for i in range(many)])
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(data,)) for data in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed and not any(thread.is_alive() for thread in threads)
    assert len({bytes(data) for (data,) in sql.rows("SELECT data FROM log_tile")}) == 1
