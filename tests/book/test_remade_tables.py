"""SQLite changes a table by making it anew, and what hung on the old one is gone."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, models

from earnest.book import guards


def remake(name: str) -> None:
    """Add a column in the way that a migration of SQLite must."""
    model = apps.get_model("book", name)
    field = models.CharField(max_length=10, default="x")
    field.set_attributes_from_name("added")
    field.model = model
    with connection.schema_editor() as editor:
        editor._remake_table(model, create_field=field)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def on_sqlite(real_database: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL alters tables in place")


def test_a_remade_table_loses_its_guards_and_migrate_puts_them_back() -> None:
    remake("Reservation")
    assert set(guards.missing(connection)) == {
        "reservation_needs_act",
        "reservation_no_silent_change",
        "reservation_change_needs_act",
        "reservation_no_delete",
        "reservation_no_replace",
    }
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []


def test_the_table_of_acts_is_not_altered_by_any_migration() -> None:
    with pytest.raises(OperationalError, match="error in trigger"):
        remake("Act")
    assert guards.missing(connection) == []
