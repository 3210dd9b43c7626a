"""The third guard: triggers in the database that refuse what must never happen, whoever asks.

Acts and entries are never changed or deleted; the state of a reservation or an offer does not move without an
act of its own. SQLite's table remakes drop triggers, so `install` runs after every migrate, and `missing` is
asked at start and by `./earnest check`. The table of acts cannot be remade at all while guards stand that ask
it, which is right: what is signed is not altered by a migration.
"""

from typing import Any, Final, NamedTuple

from django.db import transaction


class Guard(NamedTuple):
    """One trigger: `event` on `table` is refused where `condition` holds, with `said` as the reason."""

    table: str
    event: str
    condition: str
    said: str


ALWAYS: Final = "TRUE"
#: The act that made the row what it is must be there already; a row's `n` is how many acts it has seen.
WITHOUT_ACT: Final = "NOT EXISTS (SELECT 1 FROM act WHERE subject_id = NEW.subject_id AND seq = NEW.n - 1)"

#: On both databases, by the name of the trigger.
GUARDS: Final = {
    "act_no_update": Guard("act", "UPDATE", ALWAYS, "acts are for ever"),
    "act_no_delete": Guard("act", "DELETE", ALWAYS, "acts are for ever"),
    "entry_no_update": Guard("entry", "UPDATE", ALWAYS, "entries are for ever"),
    "entry_no_delete": Guard("entry", "DELETE", ALWAYS, "entries are for ever"),
    # The sealer moves what is sealed, and nothing else.
    "subject_no_rewind": Guard(
        "subject",
        "UPDATE",
        "NEW.n < OLD.n OR NEW.sealed_n < OLD.sealed_n"
        " OR (NEW.n = OLD.n AND OLD.kind <> 'lost' AND (NEW.head <> OLD.head OR NEW.sealed_n = OLD.sealed_n))",
        "a chain only grows",
    ),
    "subject_no_delete": Guard("subject", "DELETE", ALWAYS, "chains are for ever"),
    "reservation_needs_act": Guard(
        "reservation", "INSERT", WITHOUT_ACT, "a reservation is made by an act alone"
    ),
    "reservation_no_silent_change": Guard(
        "reservation", "UPDATE", "NEW.n <= OLD.n", "a reservation changes by an act alone"
    ),
    "reservation_change_needs_act": Guard(
        "reservation", "UPDATE", WITHOUT_ACT, "a reservation changes by an act alone"
    ),
    "reservation_no_delete": Guard("reservation", "DELETE", ALWAYS, "reservations are for ever"),
    "offer_needs_act": Guard("offer", "INSERT", WITHOUT_ACT, "an offer is made by an act alone"),
    # The counters are caches of the reservations' acts, so they may move without an act of the offer.
    "offer_no_silent_change": Guard(
        "offer",
        "UPDATE",
        "NEW.n < OLD.n OR (NEW.n = OLD.n AND (NEW.state <> OLD.state OR NEW.status <> OLD.status"
        " OR NEW.capacity <> OLD.capacity OR NEW.slug <> OLD.slug))",
        "an offer changes by an act alone",
    ),
    "offer_change_needs_act": Guard(
        "offer", "UPDATE", f"NEW.n <> OLD.n AND {WITHOUT_ACT}", "an offer changes by an act alone"
    ),
    "offer_no_delete": Guard("offer", "DELETE", ALWAYS, "offers are for ever"),
    "log_leaf_no_update": Guard("log_leaf", "UPDATE", ALWAYS, "the log only grows"),
    "log_leaf_no_delete": Guard("log_leaf", "DELETE", ALWAYS, "the log only grows"),
    "log_seal_no_update": Guard("log_seal", "UPDATE", ALWAYS, "what was signed stays signed"),
    "log_seal_no_delete": Guard("log_seal", "DELETE", ALWAYS, "what was signed stays signed"),
    "log_tile_no_shrink": Guard(
        "log_tile", "UPDATE", "LENGTH(NEW.data) < LENGTH(OLD.data)", "the log only grows"
    ),
    "log_tile_no_delete": Guard("log_tile", "DELETE", ALWAYS, "the log only grows"),
    "invoice_no_update": Guard("invoice", "UPDATE", ALWAYS, "a number that was given stays given"),
    "invoice_no_delete": Guard("invoice", "DELETE", ALWAYS, "a number that was given stays given"),
    "series_no_rewind": Guard("series", "UPDATE", "NEW.last < OLD.last", "a series only grows"),
    "look_no_update": Guard("look", "UPDATE", ALWAYS, "who looked stays written"),
    "look_no_delete": Guard("look", "DELETE", ALWAYS, "who looked stays written"),
    "book_no_conversion": Guard(
        "book",
        "UPDATE",
        "NEW.mode <> OLD.mode OR NEW.origin <> OLD.origin",
        "a book stays what it was opened as",
    ),
}

#: PostgreSQL alone: emptying a table fires no DELETE.
_TRUNCATED: Final = (
    *("act", "entry", "subject", "reservation", "offer", "log_leaf", "log_seal", "log_tile", "invoice"),
)
#: SQLite alone: INSERT OR REPLACE removes the row in its way without firing DELETE. When a row is in its way.
_REPLACED: Final = {
    "act": "SELECT 1 FROM act WHERE id = NEW.id OR (subject_id = NEW.subject_id AND seq = NEW.seq)",
    "entry": "SELECT 1 FROM entry WHERE act_id = NEW.act_id AND n = NEW.n",
    "subject": "SELECT 1 FROM subject WHERE key = NEW.key OR (kind = NEW.kind AND number = NEW.number)",
    "reservation": "SELECT 1 FROM reservation WHERE subject_id = NEW.subject_id OR number = NEW.number"
    " OR (offer_id = NEW.offer_id AND queue_no = NEW.queue_no)",
    "invoice": "SELECT 1 FROM invoice WHERE (series_id = NEW.series_id AND no = NEW.no)"
    " OR (subject_id = NEW.subject_id AND seq = NEW.seq)",
    "offer": "SELECT 1 FROM offer WHERE subject_id = NEW.subject_id OR slug = NEW.slug",
    "log_leaf": "SELECT 1 FROM log_leaf WHERE idx = NEW.idx OR act_id = NEW.act_id",
    "log_seal": "SELECT 1 FROM log_seal WHERE no = NEW.no OR size = NEW.size",
}


def expected(vendor: str) -> dict[str, Guard]:
    """Every guard of a book on a database (`sqlite` or `postgresql`), by name."""
    if vendor == "sqlite":
        return GUARDS | {
            f"{table}_no_replace": Guard(table, "INSERT", f"EXISTS ({row})", "it is there already")
            for table, row in _REPLACED.items()
        }
    return GUARDS | {
        f"{table}_no_truncate": Guard(table, "TRUNCATE", ALWAYS, "it is for ever") for table in _TRUNCATED
    }


def install(connection: Any) -> None:
    """Put every guard in place, at once; those that stand are replaced. Missing tables are left out."""
    put = _sqlite if connection.vendor == "sqlite" else _postgres
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for name, guard in expected(connection.vendor).items():
            if guard.table in tables:
                put(cursor, name, guard)


def standing(connection: Any) -> set[str]:
    """The names of the guards that are in the database and awake."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal"
                " AND tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace"
            )
        return {row[0] for row in cursor.fetchall()} & set(expected(connection.vendor))


def missing(connection: Any) -> list[str]:
    """The guards that are not in place; none in a sound book."""
    return sorted(set(expected(connection.vendor)) - standing(connection))


def _sqlite(cursor: Any, name: str, guard: Guard) -> None:
    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
    cursor.execute(
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW WHEN {guard.condition} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.said}'); END"
    )


def _postgres(cursor: Any, name: str, guard: Guard) -> None:
    """A function of its own for each, because the condition of a trigger may not ask another table."""
    level = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {guard.condition} THEN RAISE EXCEPTION '{guard.said}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    cursor.execute(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH {level} "
        f"EXECUTE FUNCTION guard_{name}()"
    )
