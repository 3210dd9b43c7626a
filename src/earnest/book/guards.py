"""The third guard: triggers in the database that refuse what must never happen, whoever asks.

Acts and entries are never changed or deleted; a reservation's or an offer's state does not move without an act
(its count of acts grows with it). SQLite's table remakes drop triggers, so `install` runs after every migrate.
"""

from typing import Any, Final

#: name -> (table, event, condition under which it refuses, what it says)
GUARDS: Final = {
    "act_no_update": ("act", "UPDATE", "TRUE", "acts are for ever"),
    "act_no_delete": ("act", "DELETE", "TRUE", "acts are for ever"),
    "entry_no_update": ("entry", "UPDATE", "TRUE", "entries are for ever"),
    "entry_no_delete": ("entry", "DELETE", "TRUE", "entries are for ever"),
    "reservation_no_silent_change": (
        "reservation",
        "UPDATE",
        "NEW.n <= OLD.n",
        "a reservation changes by an act alone",
    ),
    "reservation_no_delete": ("reservation", "DELETE", "TRUE", "reservations are for ever"),
    # The counters are caches of the reservations' acts, so they may move without an act of the offer.
    "offer_no_silent_change": (
        "offer",
        "UPDATE",
        "NEW.n < OLD.n OR (NEW.n = OLD.n AND (NEW.state <> OLD.state OR NEW.capacity <> OLD.capacity))",
        "an offer changes by an act alone",
    ),
    "subject_no_rewind": ("subject", "UPDATE", "NEW.n <= OLD.n", "a chain only grows"),
    "subject_no_delete": ("subject", "DELETE", "TRUE", "chains are for ever"),
}

_TRUNCATE: Final = ("act", "entry", "subject", "reservation")


def install(connection: Any) -> None:
    """Put every guard in place; those that stand already are replaced. Tables that are missing are left out."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for name, (table, event, condition, said) in GUARDS.items():
            if table not in tables:
                continue
            if connection.vendor == "sqlite":
                _sqlite(cursor, name, table, event, condition, said)
            else:
                _postgres(cursor, name, table, event, condition, said)
        if connection.vendor != "sqlite":
            for table in sorted(tables.intersection(_TRUNCATE)):
                _postgres_truncate(cursor, table)


def standing(connection: Any) -> set[str]:
    """The names of the guards that are in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT tgisinternal AND tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace"
            )
        return {row[0] for row in cursor.fetchall()} & set(GUARDS)


def missing(connection: Any) -> list[str]:
    """The guards that are not in place; none in a sound book."""
    return sorted(set(GUARDS) - standing(connection))


def _sqlite(cursor: Any, name: str, table: str, event: str, condition: str, said: str) -> None:
    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
    cursor.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    )


def _postgres(cursor: Any, name: str, table: str, event: str, condition: str, said: str) -> None:
    _postgres_function(cursor)
    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    cursor.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) "
        f"EXECUTE FUNCTION earnest_refuse('{said}')"
    )


def _postgres_truncate(cursor: Any, table: str) -> None:
    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
    cursor.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"EXECUTE FUNCTION earnest_refuse('{table} is for ever')"
    )


def _postgres_function(cursor: Any) -> None:
    cursor.execute(
        "CREATE OR REPLACE FUNCTION earnest_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
