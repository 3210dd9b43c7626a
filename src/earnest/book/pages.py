"""The map of subjects as it lies in the database: its upper 20 levels as pages, below them the subjects themselves.

A page has 16 cells, each the subtree under four bits more of a key; there are five levels of pages. So a seal and a
path read and write a few small rows for each subject, however many there are: under the last page a cell has about
one subject at a million, and about sixteen at ten millions. Pages are a cache; where there are none they are made
from all subjects again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from earnest.book import sql
from earnest.record import submap
from earnest.record.submap import Cell

BITS: Final = 4
LEVELS: Final = 5
DEPTH: Final = BITS * LEVELS
CELLS: Final = 1 << BITS
#: A cell as it is stored: its place, how many subjects are in it (2 for more), its hash. Empty ones are left out.
_STORED: Final = 2 + 32

_ALL: Final = sql.ask("SELECT key, sealed_n, sealed_head FROM subject WHERE sealed_n > 0")

#: Subjects as the log has them: key -> (number of acts, head).
Sealed = Mapping[bytes, tuple[int, bytes]]
_Leaves = dict[int, list[tuple[bytes, bytes]]]


@dataclass
class Pages:
    """Reads pages, each once, and remembers which changed. Page `i` of a level stands under the first bits of keys."""

    _cells: dict[tuple[int, int], list[Cell]] = field(default_factory=dict)
    changed: set[tuple[int, int]] = field(default_factory=set)
    #: (key, leaf hash) of the subjects under cells of the last pages, where they were read for paths.
    _under: _Leaves = field(default_factory=dict)

    def loading(self, wanted: Mapping[int, Iterable[int]]) -> sql.Reader[None]:
        """Read pages by their levels, several in one go; those that are not there are empty."""
        missing = [(at, i) for at, numbers in wanted.items() for i in numbers if (at, i) not in self._cells]
        for each in missing:
            self._cells[each] = [submap.NOTHING] * CELLS
        asked = []
        for start in range(0, len(missing), 500):
            by_level: dict[int, list[int]] = {}
            for at, i in missing[start : start + 500]:
                by_level.setdefault(at, []).append(i)
            where = " OR ".join(f"(level = {at} AND i IN %s)" for at in by_level)
            statement = f"SELECT level, i, data FROM map_page WHERE {where}"  # noqa: S608
            asked.append(sql.ask(statement, *by_level.values()))
        for found in (yield asked):
            self._cells |= {(at, i): _read_page(bytes(data)) for at, i, data in found}

    def cells(self, level: int, i: int) -> list[Cell]:
        """The cells of a page."""
        if (level, i) not in self._cells:
            sql.read(self.loading({level: [i]}))
        return self._cells[level, i]

    def put(self, level: int, below: Mapping[int, Cell]) -> dict[int, Cell]:
        """What cells of a level have become, by the first bits of their keys; what becomes of those above them."""
        pages = {number >> BITS for number in below}
        sql.read(self.loading({level: pages}))
        for number, cell in below.items():
            self._cells[level, number >> BITS][number % CELLS] = cell
        self.changed |= {(level, i) for i in pages}
        return {i: submap.over(self._cells[level, i]) for i in pages}

    def written(self) -> list[tuple[int, int, bytes]]:
        """(level, i, data) of the pages that changed."""
        return [(level, i, _write_page(self._cells[level, i])) for level, i in sorted(self.changed)]

    def root(self) -> bytes:
        """The map's root."""
        return submap.over(self.cells(0, 0)).hash

    def update(self, moved: Sealed) -> None:
        """Bring the pages up to date with subjects whose (count, head) moved; the others are read."""
        there = any(cell.many for cell in self.cells(0, 0))
        leaves = sql.read(_reading({_bucket(key) for key in moved} if there else None, moved))
        cells = {number: submap.subtree(found, DEPTH) for number, found in leaves.items()}
        for level in reversed(range(LEVELS)):
            cells = self.put(level, cells)

    def load_under(self, keys: Iterable[bytes]) -> None:
        """Read all that the paths of some subjects need, in one go."""
        sql.read(self.loading_under(keys))

    def loading_under(self, keys: Iterable[bytes]) -> sql.Reader[None]:
        """As `load_under`, beside other readers."""
        numbers = {_bucket(key) for key in keys}
        wanted = {level: {number >> BITS * (LEVELS - level) for number in numbers} for level in range(LEVELS)}
        _, under = yield from sql.beside(self.loading(wanted), _reading(numbers - set(self._under), {}))
        if not any(cell.many for cell in self.cells(0, 0)):
            self.update({})
        self._under |= under

    def path(self, key: bytes) -> list[bytes]:
        """A subject's siblings in the map, deepest first. Raises KeyError where it is not in the map."""
        number = _bucket(key)
        if number not in self._under:
            self.load_under([key])
        found = submap.path_in(self._under[number], DEPTH, key)
        for level in reversed(range(LEVELS)):
            number, place = divmod(number, CELLS)
            for cells in submap.cells_above(self.cells(level, number))[:-1]:
                # A subject that is alone so far up has moved up as it is: nothing stands beside it.
                if cells[place].many > 1 or cells[place ^ 1].many:
                    found.append(cells[place ^ 1].hash)
                place >>= 1
        return found


def _bucket(key: bytes) -> int:
    """The first bits of a key, under which its subject stands in the last pages."""
    return int.from_bytes(key[:4], "big") >> 32 - DEPTH


def _reading(numbers: set[int] | None, moved: Sealed) -> sql.Reader[_Leaves]:
    """(key, leaf hash) of the sealed subjects in buckets, or in all of them, sorted; `moved` as they will be."""
    found: _Leaves = {number: [] for number in numbers or ()}
    for some in (yield [_ALL] if numbers is None else _in(sorted(numbers))):
        for key, count, head in some:
            key = bytes(key)
            if key not in moved:
                found.setdefault(_bucket(key), []).append((key, submap.map_leaf(key, count, bytes(head))))
    for key, (count, head) in moved.items():
        found.setdefault(_bucket(key), []).append((key, submap.map_leaf(key, count, head)))
    for leaves in found.values():
        leaves.sort()
    return found


def _in(numbers: Sequence[int]) -> list[sql.Asked]:
    """The sealed subjects of buckets. As a join with their bounds, which both databases answer from the index."""
    asked = []
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        bounds = [bound for number in some for bound in (_low(number), _high(number))]
        rows = ", ".join(["(%s, %s)"] * len(some))
        asked.append(
            sql.ask(
                f"WITH wanted (low, high) AS (VALUES {rows}) SELECT s.key, s.sealed_n, s.sealed_head "  # noqa: S608
                "FROM wanted CROSS JOIN subject s "
                "WHERE s.key >= wanted.low AND s.key <= wanted.high AND s.sealed_n > 0",
                *bounds,
            )
        )
    return asked


def _low(number: int) -> bytes:
    return (number << 32 - DEPTH).to_bytes(4, "big")


def _high(number: int) -> bytes:
    """Not below any key of the bucket."""
    return ((number + 1 << 32 - DEPTH) - 1).to_bytes(4, "big") + b"\xff" * 28


def _read_page(data: bytes) -> list[Cell]:
    cells = [submap.NOTHING] * CELLS
    for at in range(0, len(data), _STORED):
        cells[data[at]] = Cell(data[at + 1], data[at + 2 : at + _STORED])
    return cells


def _write_page(cells: Sequence[Cell]) -> bytes:
    return b"".join(bytes([place, cell.many]) + cell.hash for place, cell in enumerate(cells) if cell.many)
