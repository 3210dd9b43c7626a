"""A sum tree as a file in the data folder, so that a proof reads a few nodes and not everybody's acts.

All levels one after the other, the leaves first; a node is its hash and its sums, eight bytes each, big-endian. The
leaves stand in the order of their hashes, so one is found by halving. It is a cache: whoever it is of is not in it, and
it is made again from the acts where it is missing or has another root.
"""

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from threading import get_ident
from typing import BinaryIO, Final

from earnest.record.sumtree import HASH, Node

#: So many files are kept, of the newest statements.
KEPT: Final = 3


def write(path: Path, levels: Sequence[Sequence[Node]]) -> None:
    """Whole or not at all; older files go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    with draft.open("wb") as out:
        for level in levels:
            for node in level:
                out.write(node.hash + struct.pack(f">{len(node.sums)}Q", *node.sums))
    draft.replace(path)
    older = sorted(path.parent.glob("*.tree"), key=lambda each: each.stat().st_mtime_ns)
    for each in older[:-KEPT]:
        each.unlink(missing_ok=True)


class Reader:
    """A tree of that depth and so many currencies, in an open file."""

    def __init__(self, file: BinaryIO, depth: int, currencies: int) -> None:
        self.file, self.depth = file, depth
        self.form = struct.Struct(f">{HASH}s{currencies}Q")

    @property
    def size(self) -> int:
        """How many bytes such a file has."""
        return ((2 << self.depth) - 1) * self.form.size

    def node(self, level: int, i: int) -> Node:
        """The node `i` of a level; level 0 are the leaves."""
        below = (2 << self.depth) - (2 << (self.depth - level))
        self.file.seek((below + i) * self.form.size)
        hashed, *sums = self.form.unpack(self.file.read(self.form.size))
        return Node(hashed, tuple(sums))

    @property
    def root(self) -> Node:
        """The node over all leaves."""
        return self.node(self.depth, 0)

    def place(self, hashed: bytes) -> int:
        """Where a leaf stands. Raises KeyError where it is not."""
        low, high = 0, 1 << self.depth
        while low < high:
            middle = (low + high) // 2
            if self.node(0, middle).hash < hashed:
                low = middle + 1
            else:
                high = middle
        if low == 1 << self.depth or self.node(0, low).hash != hashed:
            raise KeyError(hashed)
        return low

    def path(self, place: int) -> list[Node]:
        """The siblings from a leaf up to the root."""
        return [self.node(level, (place >> level) ^ 1) for level in range(self.depth)]
