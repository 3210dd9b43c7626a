"""Each trigger alone, past the door and past Django: plain SQL must not get through either."""

# ruff: noqa: S608

from collections.abc import Sequence

import pytest
from django.db import IntegrityError, connection, transaction

from earnest.book import guards
from tests.book import rows

pytestmark = pytest.mark.django_db


def refused(said: str, statement: str, parameters: Sequence[object] = ()) -> None:
    with pytest.raises(IntegrityError, match=said), transaction.atomic():
        sql(statement, parameters)


def sql(statement: str, parameters: Sequence[object] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def only_on(vendor: str) -> None:
    if connection.vendor != vendor:
        pytest.skip(f"a guard of {vendor} alone")


def test_after_migrate_every_guard_stands() -> None:
    assert guards.missing(connection) == []
    assert guards.standing(connection) == set(guards.expected(connection.vendor))


def test_acts_refuse_change_and_deletion() -> None:
    rows.subject(rows.KEY, "operator", "book")
    refused("acts are for ever", "UPDATE act SET type = 'other'")
    refused("acts are for ever", "DELETE FROM act")


def test_entries_refuse_change_and_deletion() -> None:
    rows.subject(rows.KEY, "operator", "book", acts=0)
    rows.entry(rows.act(rows.KEY, 0))
    refused("entries are for ever", "UPDATE entry SET amount_minor = 1")
    refused("entries are for ever", "DELETE FROM entry")


def test_a_chain_only_grows() -> None:
    rows.subject(rows.KEY, "operator", "book", acts=2)
    refused("a chain only grows", "UPDATE subject SET head = %s", [b"x" * 32])
    refused("a chain only grows", "UPDATE subject SET n = 1")
    refused("chains are for ever", "DELETE FROM subject")
    sql("UPDATE subject SET n = 3")


def test_a_reservation_is_not_made_without_an_act() -> None:
    rows.offer()
    rows.subject(rows.KEY, "reservation", "A", acts=0)
    columns = "subject_id, offer_id, number, variant, queue_no, quantity, holds, status, state, n"
    refused(
        "a reservation is made by an act alone",
        f"INSERT INTO reservation ({columns}, placed_at, changed_at) "
        "VALUES (%s, %s, 'A', 'one', 1, 1, 1, 'placed', '{}', 1, '2026-03-01', '2026-03-01')",
        [rows.KEY, rows.OFFER_KEY],
    )


def test_a_reservation_does_not_change_without_an_act() -> None:
    rows.offer()
    rows.reservation()
    refused("a reservation changes by an act alone", "UPDATE reservation SET status = 'cancelled'")
    refused("a reservation changes by an act alone", "UPDATE reservation SET contact = NULL")
    # Counting up alone is no act.
    refused("a reservation changes by an act alone", "UPDATE reservation SET status = 'cancelled', n = 2")
    refused("reservations are for ever", "DELETE FROM reservation")


def test_a_reservation_changes_with_its_act() -> None:
    rows.offer()
    row = rows.reservation()
    rows.act(rows.KEY, 1)
    sql("UPDATE reservation SET status = 'cancelled', n = 2")
    row.refresh_from_db()
    assert row.status == "cancelled"


@pytest.mark.parametrize(
    "change", ["state = '{}2'", "status = 'closed'", "capacity = 9", "slug = 'ship'", "n = 0"]
)
def test_an_offer_does_not_change_without_an_act(change: str) -> None:
    rows.offer()
    refused("an offer changes by an act alone", f"UPDATE offer SET {change}")


def test_an_offer_is_not_made_counted_up_or_deleted_without_an_act() -> None:
    rows.offer()
    refused("an offer changes by an act alone", "UPDATE offer SET status = 'closed', n = 2")
    refused("offers are for ever", "DELETE FROM offer")
    rows.subject(b"p" * 32, "offer", "ship", acts=0)
    refused(
        "an offer is made by an act alone",
        "INSERT INTO offer (subject_id, slug, status, state, n, capacity, taken, queue_last) "
        "VALUES (%s, 'ship', 'open', '{}', 1, 1, 0, 0)",
        [b"p" * 32],
    )


def test_the_counters_of_an_offer_move_without_an_act_of_the_offer() -> None:
    row = rows.offer()
    sql("UPDATE offer SET taken = 1, queue_last = 1")
    row.refresh_from_db()
    assert (row.taken, row.queue_last) == (1, 1)


@pytest.mark.parametrize("change", ["mode = 'live'", "origin = 'shop.example'"])
def test_a_book_is_never_converted(change: str) -> None:
    sql(
        "INSERT INTO book (id, origin, mode, opened_at, clock_offset_seconds, data) "
        "VALUES (1, 'demo.shop.example', 'demo', '2026-03-01', 0, '{}')"
    )
    refused("a book stays what it was opened as", f"UPDATE book SET {change}")
    sql("UPDATE book SET clock_offset_seconds = 5")


@pytest.mark.parametrize("table", ["act", "entry", "subject", "reservation", "offer"])
def test_postgresql_refuses_to_empty_a_table(table: str) -> None:
    only_on("postgresql")
    refused("it is for ever", f"TRUNCATE {table} CASCADE")


def test_sqlite_refuses_to_replace_what_stands() -> None:
    only_on("sqlite")
    rows.offer()
    rows.reservation()
    rows.entry(rows.act(rows.KEY, 1))
    for table in ("act", "entry", "subject", "reservation", "offer"):
        refused("it is there already", f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_a_replacement_by_another_unique_column_is_refused_too() -> None:
    only_on("sqlite")
    rows.subject(rows.KEY, "operator", "book")
    columns = "subject_id, seq, leaf, leaf_hash, head, type, at, receipt_key"
    other = columns.replace("type", "'other'")
    refused("it is there already", f"INSERT OR REPLACE INTO act ({columns}) SELECT {other} FROM act")


def test_installing_twice_is_installing_once() -> None:
    guards.install(connection)
    guards.install(connection)
    assert guards.missing(connection) == []


def test_a_guard_that_was_dropped_is_missed_and_put_back() -> None:
    on_table = "" if connection.vendor == "sqlite" else " ON act"
    sql(f"DROP TRIGGER act_no_update{on_table}")
    assert guards.missing(connection) == ["act_no_update"]
    guards.install(connection)
    assert guards.missing(connection) == []


def test_a_guard_that_was_put_to_sleep_is_missed() -> None:
    only_on("postgresql")
    sql("ALTER TABLE act DISABLE TRIGGER act_no_update")
    assert guards.missing(connection) == ["act_no_update"]


def test_a_weaker_guard_of_the_same_name_is_replaced() -> None:
    only_on("sqlite")
    rows.subject(rows.KEY, "operator", "book")
    sql("DROP TRIGGER act_no_update")
    sql("CREATE TRIGGER act_no_update BEFORE UPDATE ON act WHEN 0 BEGIN SELECT RAISE(ABORT, ''); END")
    guards.install(connection)
    refused("acts are for ever", "UPDATE act SET type = 'other'")
