"""The map of all subjects: under its root, each subject has one number of acts and one head, and nobody is left out.

A binary tree over the bits of the subjects' keys, most significant bit first. A subtree with exactly one subject is
that subject's leaf hash, one with none a constant, so nothing but the subjects themselves need be kept. A leaf
contains its whole key, so under one root a key has at most one value, whoever built the tree.

map leaf = H("earnest/map-leaf/v1" 0x00 || key || count, 8 bytes, big-endian || head)
map node = H("earnest/map-node/v1" 0x00 || left || right)
empty    = H("earnest/map-empty/v1" 0x00)
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_LEAF: Final = b"earnest/map-leaf/v1\x00"
_NODE: Final = b"earnest/map-node/v1\x00"
EMPTY: Final = hashlib.sha256(b"earnest/map-empty/v1\x00").digest()
KEY_BITS: Final = 256


class Cell(NamedTuple):
    """A subtree: how many subjects are in it (0, 1, or 2 for more), and its hash."""

    many: int
    hash: bytes


NOTHING: Final = Cell(0, EMPTY)


def map_leaf(key: bytes, count: int, head: bytes) -> bytes:
    """The hash of one subject: it has `count` acts, and `head` after the last of them."""
    return hashlib.sha256(_LEAF + key + count.to_bytes(8, "big") + head).digest()


def map_node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(_NODE + left + right).digest()


def join(left: Cell, right: Cell) -> Cell:
    """A subtree from its two halves: a single subject moves up as it is."""
    if left.many + right.many <= 1:
        return left if left.many else right
    return Cell(2, map_node(left.hash, right.hash))


def subtree(leaves: Sequence[tuple[bytes, bytes]], depth: int) -> Cell:
    """The subtree at `depth` of (key, leaf hash), sorted by key, all of which share their first `depth` bits."""
    if not leaves:
        return NOTHING
    if len(leaves) == 1:
        return Cell(1, leaves[0][1])
    if depth == KEY_BITS:
        raise ValueError("one key twice")
    cut = _cut(leaves, depth)
    return join(subtree(leaves[:cut], depth + 1), subtree(leaves[cut:], depth + 1))


def path_in(leaves: Sequence[tuple[bytes, bytes]], depth: int, key: bytes) -> list[bytes]:
    """The siblings of `key` within the subtree at `depth`, deepest first. Raises KeyError where it is not."""
    path: list[bytes] = []
    while len(leaves) > 1:
        cut = _cut(leaves, depth)
        inside, beside = (leaves[cut:], leaves[:cut]) if bit(key, depth) else (leaves[:cut], leaves[cut:])
        path.append(subtree(beside, depth + 1).hash)
        leaves, depth = inside, depth + 1
    if not leaves or leaves[0][0] != key:
        raise KeyError(key)
    return path[::-1]


def cells_above(cells: Sequence[Cell]) -> list[list[Cell]]:
    """A complete tree over `cells`, whose number is a power of two: all its levels, the root's last."""
    levels = [list(cells)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([join(below[place], below[place + 1]) for place in range(0, len(below), 2)])
    return levels


def over(cells: Sequence[tuple[int, bytes]]) -> Cell:
    """The subtree over `cells`, whose number is a power of two."""
    level: list[tuple[int, bytes]] = list(cells)
    while len(level) > 1:
        # `join`, without a call and an object for each: most of a seal's hashing is here.
        level = [
            (2, map_node(left[1], right[1])) if left[0] + right[0] > 1 else left if left[0] else right
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return Cell(*level[0])


def root(pairs: Iterable[tuple[bytes, int, bytes]]) -> bytes:
    """The root of the map of (key, count, head)."""
    return subtree(sorted((key, map_leaf(key, count, head)) for key, count, head in pairs), 0).hash


def fold_proof(key: bytes, count: int, head: bytes, siblings: Sequence[bytes]) -> bytes:
    """The root that the siblings (deepest first) lead to. Raises ValueError for more than a key has bits."""
    if len(siblings) > KEY_BITS:
        raise ValueError("a proof is deeper than a key is long")
    found = map_leaf(key, count, head)
    for depth, sibling in zip(range(len(siblings) - 1, -1, -1), siblings, strict=True):
        found = map_node(sibling, found) if bit(key, depth) else map_node(found, sibling)
    return found


def bit(key: bytes, depth: int) -> int:
    """Bit `depth` of a key, the most significant first."""
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def _cut(leaves: Sequence[tuple[bytes, bytes]], depth: int) -> int:
    """How many of the sorted leaves have a 0 at `depth`."""
    low, high = 0, len(leaves)
    while low < high:
        middle = (low + high) // 2
        if bit(leaves[middle][0], depth):
            high = middle
        else:
            low = middle + 1
    return low
