"""What the double remembers: objects, answers by idempotency key, and what falls due; in one SQLite file."""

import hashlib
import hmac
import json
import sqlite3
from threading import RLock
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, kind TEXT, made INTEGER, n INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, route TEXT, body TEXT, status INTEGER, answer TEXT);
CREATE TABLE IF NOT EXISTS due (n INTEGER PRIMARY KEY, at INTEGER, what TEXT, id TEXT);
CREATE TABLE IF NOT EXISTS delivery (n INTEGER PRIMARY KEY, event TEXT, at INTEGER, tries INTEGER);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value INTEGER);
"""


class Store:
    """Rows under one lock; ids come from a seed, so the same calls make the same ids."""

    def __init__(self, path: str, seed: str) -> None:
        self.lock = RLock()
        self.seed = seed.encode()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # A stand-in may lose its last second at a power cut; nothing real depends on it.
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.db.close()

    def fact(self, name: str, default: int = 0) -> int:
        """A number that is remembered."""
        row = self.db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def set_fact(self, name: str, value: int) -> None:
        """Remember a number."""
        self.db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def currencies(self) -> list[str]:
        """Currencies in which there ever was money."""
        rows = self.db.execute(
            "SELECT name FROM fact WHERE name LIKE 'available ___' ORDER BY name"
        ).fetchall()
        return [str(row[0]).split(" ")[1] for row in rows]

    def new_id(self, prefix: str) -> str:
        """The next id with a prefix such as `pi_`."""
        count = self.fact(f"ids {prefix}") + 1
        self.set_fact(f"ids {prefix}", count)
        made = hmac.new(self.seed, f"{prefix}{count}".encode(), hashlib.sha256).hexdigest()
        return f"{prefix}{made[:24]}"

    def put(self, kind: str, body: dict[str, Any]) -> None:
        """Write an object, new or changed."""
        count = self.db.execute("SELECT n FROM object WHERE id = ?", (body["id"],)).fetchone()
        if count is None:
            count = self.db.execute("SELECT COALESCE(MAX(n), 0) + 1 FROM object").fetchone()
        row = (body["id"], kind, body.get("created", 0), count[0], json.dumps(body))
        self.db.execute("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?)", row)

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        """An object, or None."""
        row = self.db.execute("SELECT body FROM object WHERE id = ? AND kind = ?", (id, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str, **having: str) -> list[dict[str, Any]]:
        """Objects of a kind with these members, the newest first."""
        rows = self.db.execute("SELECT body FROM object WHERE kind = ? ORDER BY n DESC", (kind,))
        found = (json.loads(row[0]) for row in rows)
        return [body for body in found if all(body.get(name) == value for name, value in having.items())]

    def answered(self, key: str) -> tuple[str, str, int, str] | None:
        """(route, body, status, answer) given under an idempotency key; status 0 while it is being worked on."""
        row = self.db.execute(
            "SELECT route, body, status, answer FROM answer WHERE key = ?", (key,)
        ).fetchone()
        return tuple(row) if row else None

    def answer(self, key: str, route: str, body: str, status: int, answer: str) -> None:
        """Remember an answer."""
        self.db.execute(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)", (key, route, body, status, answer)
        )

    def forget_answer(self, key: str) -> None:
        """An answer that Stripe would not keep: the request never began."""
        self.db.execute("DELETE FROM answer WHERE key = ?", (key,))

    def when(self, at: int, what: str, id: str) -> None:
        """Something falls due."""
        self.db.execute("INSERT INTO due (at, what, id) VALUES (?, ?, ?)", (at, what, id))

    def take_due(self, now: int) -> list[tuple[str, str]]:
        """(what, id) of everything that is due, once."""
        rows = self.db.execute("SELECT n, what, id FROM due WHERE at <= ? ORDER BY at, n", (now,)).fetchall()
        self.db.executemany("DELETE FROM due WHERE n = ?", [(row[0],) for row in rows])
        return [(row[1], row[2]) for row in rows]
