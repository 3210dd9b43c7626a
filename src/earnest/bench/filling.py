"""A million subjects at once: rows written straight into the tables, which no command can do.

One reservation is placed and paid through the door; the others are its copies under numbers of their own. One in
`WHOLE` is a reservation in all tables, the rest are subjects of the record with one act. Their chains are true, and
so is the log that takes them in one seal: tree, map and signature are made by the sealer's own functions. Their sealed
values are the first one's, and nobody can open them: such a book seals, replays and takes new reservations, and does
not pass `./earnest check`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from earnest.book import chapters, log, mode, sealing, sql
from earnest.book.pages import Pages
from earnest.core.commands.base import Ref
from earnest.core.numbers import number_from
from earnest.record import chain
from earnest.record.canonical import b64

WHOLE: Final = 10
#: Any odd stride goes through all of the numbers, each once.
STRIDE: Final = 0x9E3779B97F
NUMBERS: Final = 32**8

_SUBJECT: Final = ("key", "kind", "number", "n", "head", "sealed_n", "sealed_head")
_ACT: Final = ("subject_id", "seq", "leaf", "leaf_hash", "head", "type", "at", "receipt_key")
#: What stands beside the first act of a whole reservation, copied from the pattern's for all acts after a given one.
_COPIES: Final = (
    "INSERT INTO act_open (act_id, cls, sealed) SELECT a.id, o.cls, o.sealed FROM act a "
    "CROSS JOIN act_open o WHERE o.act_id = (SELECT id FROM act WHERE subject_id = %(pattern)s AND seq = 0) "
    "AND a.id > %(after)s AND a.type = 'reservation.placed'",
    "INSERT INTO subject_key (subject_id, person, identity, contact, bank, money, text) "
    "SELECT a.subject_id, k.person, k.identity, k.contact, k.bank, k.money, k.text FROM act a "
    "CROSS JOIN subject_key k WHERE k.subject_id = %(pattern)s "
    "AND a.id > %(after)s AND a.type = 'reservation.placed'",
    "INSERT INTO reservation (subject_id, number, offer_id, queue_no, variant, quantity, holds, status, state, n, "
    "identity, contact, bank, contact_index, placed_at, changed_at) "
    "SELECT s.key, s.number, o.subject_id, o.queue_last + ROW_NUMBER() OVER (ORDER BY a.id), r.variant, r.quantity, "
    "r.holds, r.status, r.state, 1, r.identity, r.contact, r.bank, r.contact_index, r.placed_at, r.changed_at "
    "FROM act a JOIN subject s ON s.key = a.subject_id CROSS JOIN reservation r "
    "JOIN offer o ON o.subject_id = r.offer_id WHERE r.subject_id = %(pattern)s "
    "AND a.id > %(after)s AND a.type = 'reservation.placed'",
    "UPDATE variant SET taken = taken + %(whole)s WHERE offer_id = %(offer)s",
    "UPDATE offer SET taken = taken + %(whole)s, queue_last = queue_last + %(whole)s WHERE subject_id = %(offer)s",
)
_IN_LOG: Final = (
    "INSERT INTO log_leaf (idx, seal_id, act_id) "
    "SELECT %(first)s + ROW_NUMBER() OVER (ORDER BY id) - 1, %(no)s, id FROM act WHERE id > %(after)s"
)


class Filling:
    """Copies of the reservation `number` of the offer `slug`: of its first act, and of its last for all others."""

    def __init__(self, slug: str, number: str) -> None:
        self.origin = mode.origin()
        self.offer = chapters.key_of(self.origin, Ref("offer", slug))
        self.pattern = chapters.key_of(self.origin, Ref("reservation", number))
        acts = sql.rows(
            "SELECT leaf, type, at, receipt_key FROM act WHERE subject_id = %s ORDER BY seq", self.pattern
        )
        self.placed, self.short = _Pattern(acts[0]), _Pattern(acts[-1])
        self._numbers = _numbers()
        #: The copies' chains: key, number of acts, head.
        self.chains: list[tuple[bytes, int, bytes]] = []

    def fill(self, count: int, at: datetime) -> None:
        """So many more subjects, each with its first act, all in one seal. Nothing else may wait for the log."""
        if sealing.waiting()[0]:
            raise ValueError("something waits for the log")
        subjects, acts = self._made(count)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT MAX(id) FROM act")
            named = {"after": cursor.fetchone()[0], "offer": self.offer, "pattern": self.pattern}
            _load("subject", _SUBJECT, subjects)
            _load("act", _ACT, acts)
            for statement in _COPIES:
                cursor.execute(statement, {**named, "whole": -(-count // WHOLE)})
            self._seal([act[3] for act in acts], int(named["after"]), at)
        with connection.cursor() as cursor:
            # As a database that grew by itself has it from its own upkeep: PostgreSQL's, and SQLite's checkpoints.
            cursor.execute(
                "VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)"
            )

    def move(self, places: Sequence[int]) -> None:
        """One act more on each of the copies at these places; it waits for the log."""
        acts, moved = [], []
        for place in places:
            key, count, before = self.chains[place]
            row, head = self.short.on(key, count, before)
            acts.append(row)
            moved.append((count + 1, head, key))
            self.chains[place] = (key, count + 1, head)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("UPDATE subject SET n = %s, head = %s WHERE key = %s", moved)
            sql.insert("act", _ACT, acts)

    def _made(self, count: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """(subjects, acts) in the order of their keys, in which a table takes them fastest."""
        given = (next(self._numbers) for _ in range(count))
        named = sorted((chapters.key_of(self.origin, Ref("reservation", number)), number) for number in given)
        subjects, acts = [], []
        for place, (key, number) in enumerate(named):
            pattern = self.short if place % WHOLE else self.placed
            row, head = pattern.on(key, 0, chain.genesis(key))
            subjects.append((key, "reservation", number, 1, head, 1, head))
            acts.append(row)
            self.chains.append((key, 1, head))
        return subjects, acts

    def _seal(self, hashes: Sequence[bytes], after: int, at: datetime) -> None:
        """As `sealing.seal` does, but for the map: it is made from all subjects at once."""
        last = log.latest()
        sql.run("DELETE FROM map_page")
        tiles, pages = log.Tiles(), Pages()
        pages.update({})
        row = sql.one("SELECT COUNT(*) FROM subject WHERE sealed_n > 0")
        assert last and row
        point, changed = sealing.signed(last, at, tiles, hashes, pages.root(), row[0])
        sealing.keep(point)
        with connection.cursor() as cursor:
            cursor.execute(_IN_LOG, {"first": last.size, "no": point.no, "after": after})
        sql.put("log_leaf", ("idx", "seal_id", "act_id"), [(point.size - 1, point.no, None)])
        log.save(tiles, changed, pages, {})


class _Pattern:
    """An act that is written again on other chains; `row` is (leaf, type, at, receipt key)."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        leaf, *self.rest = bytes(row[0]), *row[1:]
        was = chain.read_leaf(leaf)
        # The members that differ, in the order in which the one text of a leaf has them.
        self.text = leaf.replace(b"%", b"%%")
        for name, value in (
            ("prev", f'"{b64(was.prev)}"'),
            ("seq", was.seq),
            ("subj", f'"{b64(was.subject)}"'),
        ):
            quoted = b"%d" if name == "seq" else b'"%b"'
            self.text = self.text.replace(f'"{name}":{value}'.encode(), f'"{name}":'.encode() + quoted, 1)

    def on(self, key: bytes, seq: int, before: bytes) -> tuple[tuple[Any, ...], bytes]:
        """(the act's row, the head after it)."""
        leaf = self.text % (b64(before).encode(), seq, b64(key).encode())
        hashed = chain.leaf_hash(leaf)
        head = chain.next_head(before, hashed)
        return (key, seq, leaf, hashed, head, *self.rest), head


def _numbers() -> Iterator[str]:
    """Reservation numbers, scattered and each once."""
    value = 0
    while True:
        value = (value + STRIDE) % NUMBERS
        found = number_from(value)
        if found:
            yield found


def _load(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert very many rows, the quickest way that the database has."""
    if connection.vendor != "postgresql":
        sql.insert(table, columns, rows)
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
