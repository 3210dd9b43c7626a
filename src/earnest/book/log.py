"""The log as it lies in the database: tiles of its tree, notes with their cosignatures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from earnest.book import models, sql
from earnest.book.pages import Pages, Sealed
from earnest.record import merkle

TILE: int = 256
HASH: int = 32
#: Of tiles, in a log of less than 2**40 leaves.
LEVELS: int = 5


@dataclass
class Tiles:
    """Reads tiles, each once; `node` is the getter that `merkle` asks."""

    _read: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _inner: dict[tuple[int, int], list[list[bytes]]] = field(default_factory=dict)

    def tile(self, level: int, i: int) -> bytes:
        """The hashes of a tile, as many as there are; empty where there is none yet."""
        if (level, i) not in self._read:
            row = sql.one("SELECT data FROM log_tile WHERE level = %s AND i = %s", level, i)
            self._read[level, i] = bytes(row[0]) if row else b""
        return self._read[level, i]

    def loading(self, indexes: Iterable[int]) -> sql.Reader[None]:
        """Read the tiles above leaves, each once and all in one go."""
        wanted = {(level, index >> 8 * (level + 1)) for index in indexes for level in range(LEVELS)}
        missing = sorted(place for place in wanted if place not in self._read)
        self._read |= dict.fromkeys(missing, b"")
        asked = []
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            marks = " OR ".join(["(level = %s AND i = %s)"] * len(some))
            statement = f"SELECT level, i, data FROM log_tile WHERE {marks}"  # noqa: S608
            asked.append(sql.ask(statement, *(each for place in some for each in place)))
        for found in (yield asked):
            self._read |= {(level, i): bytes(data) for level, i, data in found}

    def put(self, level: int, i: int, data: bytes) -> None:
        """What a tile has become."""
        self._read[level, i] = data
        self._inner.pop((level, i), None)

    def node(self, height: int, index: int) -> bytes:
        """The hash of a complete subtree (see `merkle`)."""
        level, inside = divmod(height, 8)
        first = index << inside
        i, place = divmod(first, TILE)
        if (level, i) not in self._inner:
            data = self.tile(level, i)
            self._inner[level, i] = [[data[at : at + HASH] for at in range(0, len(data), HASH)]]
        levels = self._inner[level, i]
        while len(levels) <= inside:
            below = levels[-1]
            whole = len(below) - len(below) % 2
            levels.append([merkle.node_hash(below[at], below[at + 1]) for at in range(0, whole, 2)])
        return levels[inside][place >> inside]


def appended(tiles: Tiles, size: int, hashes: Sequence[bytes]) -> set[tuple[int, int]]:
    """Put more leaf hashes behind the first `size`; the tiles that changed."""
    changed: set[tuple[int, int]] = set()
    level, start, more = 0, size, list(hashes)
    while more:
        above: list[bytes] = []
        at = 0
        while at < len(more):
            i, width = divmod(start + at, TILE)
            part = more[at : at + TILE - width]
            tiles.put(level, i, tiles.tile(level, i)[: width * HASH] + b"".join(part))
            changed.add((level, i))
            at += len(part)
            if width + len(part) == TILE:
                above.append(_full(tiles.tile(level, i)))
        level, start, more = level + 1, start >> 8, above
    return changed


def _full(data: bytes) -> bytes:
    """The hash of a full tile."""
    below = [data[at : at + HASH] for at in range(0, len(data), HASH)]
    while len(below) > 1:
        below = [merkle.node_hash(below[at], below[at + 1]) for at in range(0, len(below), 2)]
    return below[0]


_SEALED: Final = sql.Change("subject", {"key": "bytea"}, {"sealed_n": "integer", "sealed_head": "bytea"})


def save(tiles: Tiles, changed: set[tuple[int, int]], pages: Pages, moved: Sealed) -> None:
    """Write what a seal changed, in the caller's transaction."""
    for table, data in (
        ("log_tile", [(level, i, tiles.tile(level, i)) for level, i in sorted(changed)]),
        ("map_page", pages.written()),
    ):
        newer = "ON CONFLICT (level, i) DO UPDATE SET data = excluded.data"
        sql.put(table, ("level", "i", "data"), data, newer)
    # Locked in the order of keys, as the door locks them: so the two never wait for each other in a ring.
    rows = [(key, count, head) for key, (count, head) in moved.items()]
    sql.lock(_SEALED, rows)
    sql.change(_SEALED, rows)


@dataclass(frozen=True)
class Point:
    """A checkpoint as it stands now: the seal, the note with all cosignatures so far, and the stamps."""

    no: int
    size: int
    at: datetime
    leaf: bytes
    map_root: bytes
    signed: str
    lines: tuple[str, ...]
    stamps: tuple[bytes, ...]
    anchor_cosignatures: int
    anchor_stamps: int

    @property
    def note(self) -> str:
        """The log's signature and all others."""
        return self.signed + "".join(self.lines)

    @property
    def body(self) -> str:
        """What is signed."""
        return self.signed.rpartition("\n\n")[0] + "\n"

    def as_anchor(self, cosignatures: int, stamps: int) -> tuple[str, tuple[bytes, ...]]:
        """The note and the stamps as they were when the next seal named them."""
        return self.signed + "".join(self.lines[:cosignatures]), self.stamps[:stamps]


def points(numbers: Iterable[int]) -> dict[int, Point]:
    """Checkpoints by their number."""
    return sql.read(reading_points(numbers))


def reading_points(numbers: Iterable[int]) -> sql.Reader[dict[int, Point]]:
    """As `points`, beside other readers."""
    wanted = sorted(set(numbers))
    found: dict[int, Point] = {}
    for start in range(0, len(wanted), 500):
        found |= yield from _reading_points(wanted[start : start + 500])
    return found


def latest() -> Point | None:
    """The newest checkpoint, or None before the first seal."""
    newest = sql.read(reading_newest())
    return points([newest[0]])[newest[0]] if newest else None


def reading_newest() -> sql.Reader[tuple[int, int] | None]:
    """(number, size) of the newest checkpoint."""
    (found,) = yield [sql.ask("SELECT no, size FROM log_seal ORDER BY no DESC LIMIT 1")]
    return (found[0][0], found[0][1]) if found else None


def leaves(start: int, end: int) -> list[bytes]:
    """The exact bytes of the leaves [start, end), acts and seals."""
    rows = sql.rows(
        "SELECT COALESCE(a.leaf, s.leaf) FROM log_leaf l LEFT JOIN act a ON a.id = l.act_id "
        "LEFT JOIN log_seal s ON s.no = l.seal_id AND l.act_id IS NULL WHERE l.idx >= %s AND l.idx < %s ORDER BY l.idx",
        start,
        end,
    )
    return [bytes(leaf) for (leaf,) in rows]


def cosigned_size(name: str) -> int:
    """How many leaves the newest checkpoint has that this cosigner signed; 0 for none."""
    rows = models.Cosignature.objects.filter(name=name).order_by("-seal_id")
    return rows.values_list("seal__size", flat=True).first() or 0


def last_stamp(name: str) -> datetime | None:
    """When the newest checkpoint that an authority stamped was sealed."""
    rows = models.Stamp.objects.filter(name=name).order_by("-seal_id")
    return rows.values_list("seal__at", flat=True).first()


def _reading_points(numbers: list[int]) -> sql.Reader[dict[int, Point]]:
    cosigned, stamped, seals = yield [
        sql.ask("SELECT seal_id, line FROM cosignature WHERE seal_id IN %s ORDER BY id", numbers),
        sql.ask("SELECT seal_id, token FROM stamp WHERE seal_id IN %s ORDER BY id", numbers),
        sql.ask(
            "SELECT no, size, at, leaf, map_root, note, anchor_cosignatures, anchor_stamps FROM log_seal "
            "WHERE no IN %s",
            numbers,
        ),
    ]
    lines: dict[int, list[str]] = {}
    for no, line in cosigned:
        lines.setdefault(no, []).append(line)
    stamps: dict[int, list[bytes]] = {}
    for no, token in stamped:
        stamps.setdefault(no, []).append(bytes(token))
    return {
        no: Point(
            no,
            size,
            sql.moment(at),
            bytes(leaf),
            bytes(root),
            note,
            tuple(lines.get(no, ())),
            tuple(stamps.get(no, ())),
            *anchored,
        )
        for no, size, at, leaf, root, note, *anchored in seals
    }
