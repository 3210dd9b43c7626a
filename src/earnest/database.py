"""A database address as Django wants it: SQLite made safe, PostgreSQL by psycopg."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# WAL lets readers go on while one writes; FULL makes a commit survive a power cut; waiting is better than failing;
# what was erased is overwritten, not only let go. A connection keeps 16 MB of pages at hand (2 MB else): rows of a
# batch land in as many pages.
SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON; "
    "PRAGMA cache_size=-16384;"
)


def django_database(url: str) -> dict[str, Any]:
    """Django's entry for DATABASES. `url` has been checked by `earnest.config`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            # IMMEDIATE: a transaction that will write waits at its start, instead of failing in the middle.
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": SQLITE_START},
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "earnest", **dict(parse_qsl(parts.query))},
    }
