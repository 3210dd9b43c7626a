"""Plain SQL: several questions in one wait, and many rows changed in one statement."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import clock, models, sql
from tests import scene
from tests.scene import place

book = scene.book


def counting(steps: int, start: int) -> sql.Reader[list[int]]:
    found = []
    for step in range(steps):
        asked = [sql.ask("SELECT %s + 0", start + step)] * (step + 1)
        found += [rows[0][0] for rows in (yield asked)]
    return found


@pytest.mark.django_db
def test_readers_beside_each_other_find_what_each_finds_alone() -> None:
    wanted = [(3, 10), (0, 0), (1, 40), (2, 70)]
    alone = [sql.read(counting(*each)) for each in wanted]
    assert sql.read(sql.beside(*(counting(*each) for each in wanted))) == alone
    assert alone == [[10, 11, 11, 12, 12, 12], [], [40], [70, 71, 71]]
    assert sql.read(sql.beside()) == []


@pytest.mark.django_db
def test_several_questions_are_answered_in_their_order(book: clock.ManualClock) -> None:
    place()
    kinds = [
        sql.ask("SELECT COUNT(*) FROM subject WHERE kind IN %s", [kind]) for kind in ("offer", "keys", "x")
    ]
    assert sql.answers(kinds) == [[(1,)], [(1,)], [(0,)]]
    assert sql.answers([]) == []


@pytest.mark.django_db
def test_what_is_wrong_with_one_of_several_statements_is_raised_and_nothing_is_written() -> None:
    def twice() -> None:
        with transaction.atomic(), sql.pipelined():
            for no in (1, 2, 2, 3):
                sql.put("map_page", ("level", "i", "data"), [(no, 0, b"x")])

    with pytest.raises(IntegrityError):
        twice()
    assert models.MapPage.objects.count() == 0


PAGE = sql.Change("map_page", {"level": "integer", "i": "integer"}, {"data": "bytea"})
PAGE_AS_IT_WAS = PAGE._replace(was={"data": "bytea"})
PAGE_ALONE = sql.Change("map_page", {"i": "integer"}, {"data": "bytea"})


@pytest.mark.django_db
@pytest.mark.parametrize("many", [0, 1, 3, sql.PUT_AT_ONCE + 1])
def test_many_rows_are_changed_each_to_its_own(many: int) -> None:
    sql.put("map_page", ("level", "i", "data"), [(0, i, b"old") for i in range(many + 1)])
    with transaction.atomic():
        assert sql.change(PAGE, [(0, i, b"%d" % i) for i in range(many)])
    found = sql.rows("SELECT i, data FROM map_page ORDER BY i")
    assert [(i, bytes(data)) for i, data in found] == [(i, b"%d" % i) for i in range(many)] + [(many, b"old")]


@pytest.mark.django_db
def test_a_row_that_is_not_there_or_not_as_it_was_is_told() -> None:
    sql.put("map_page", ("level", "i", "data"), [(0, 0, b"old"), (0, 1, b"newer")])
    assert not sql.change(PAGE, [(0, 0, b"a"), (0, 2, b"c")])
    assert sql.change(PAGE_AS_IT_WAS, [(0, 0, b"b", b"a"), (0, 1, b"b", b"newer")])
    assert not sql.change(PAGE_AS_IT_WAS, [(0, 0, b"c", b"a"), (0, 1, b"c", b"b")])
    assert [bytes(data) for (data,) in sql.rows("SELECT data FROM map_page ORDER BY i")] == [b"b", b"c"]


@pytest.mark.django_db
@pytest.mark.parametrize("many", [0, 1, 3, 700])
def test_inserted_rows_get_their_numbers_in_their_order(book: clock.ManualClock, many: int) -> None:
    place()
    subject = models.Subject.objects.get(kind="offer").key
    columns = ("rail", "reference", "subject_id")
    before = sql.insert_ids("claim", columns, [("x", "first", subject)])[0]
    rows = [("x", f"a\\b\t{n}\n", subject) for n in range(many)]
    ids = sql.insert_ids("claim", columns, rows)
    assert sql.rows("SELECT rail, reference, subject_id FROM claim WHERE id > %s ORDER BY id", before) == rows
    assert ids == [row[0] for row in sql.rows("SELECT id FROM claim WHERE id > %s ORDER BY id", before)]


@pytest.mark.django_db
def test_a_row_that_must_not_be_there_twice_is_refused_and_none_is_inserted() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.insert("map_page", ("level", "i", "data"), [(0, n % 3, b"x") for n in range(4)])
    assert models.MapPage.objects.count() == 0


def test_two_who_change_the_same_rows_the_other_way_round_never_wait_for_each_other_in_a_ring(
    real_database: str,
) -> None:
    many = 400
    with transaction.atomic():
        sql.put("map_page", ("level", "i", "data"), [(0, i, b"old") for i in range(many)])
    failed: list[Exception] = []

    def change(rows: list[tuple[int, bytes]]) -> None:
        try:
            for _ in range(20):
                with transaction.atomic():
                    sql.lock(PAGE_ALONE, rows)
                    sql.change(PAGE_ALONE, rows)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    forth = [(i, b"a") for i in range(many)]
    threads = [threading.Thread(target=change, args=(rows,)) for rows in (forth, forth[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed and not any(thread.is_alive() for thread in threads)
    assert {bytes(data) for (data,) in sql.rows("SELECT data FROM map_page")} == {b"a"}
