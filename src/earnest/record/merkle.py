"""The tree over all leaves of a log (RFC 6962, section 2.1): roots, inclusion and consistency proofs.

`node(height, index)` is always a getter of the hash over the complete subtree of the leaves
[index * 2**height, (index + 1) * 2**height); a list in memory, tiles in a database, or anything else.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

Node = Callable[[int, int], bytes]

#: The root of a tree without leaves.
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
#: No tree of less than 2**63 leaves needs more hashes (C2SP tlog-witness, add-checkpoint).
MAX_PROOF: Final = 63


class BadProof(ValueError):
    """The hashes do not prove what they should."""


def leaf_hash(leaf: bytes) -> bytes:
    """H(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree in memory: all its nodes, level by level."""

    def __init__(self, hashes: Sequence[bytes] = ()) -> None:
        self.levels: list[list[bytes]] = [[]]
        for each in hashes:
            self.append(each)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self.levels[0])

    def append(self, hashed: bytes) -> None:
        """Add the hash of one more leaf."""
        height = 0
        self.levels[0].append(hashed)
        while len(self.levels[height]) % 2 == 0:
            if height + 1 == len(self.levels):
                self.levels.append([])
            left, right = self.levels[height][-2:]
            self.levels[height + 1].append(node_hash(left, right))
            height += 1

    def node(self, height: int, index: int) -> bytes:
        """The getter of the module's functions."""
        return self.levels[height][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, of all by default."""
        return root(self.size if size is None else size, self.node)


def root(size: int, node: Node) -> bytes:
    """MTH of the first `size` leaves."""
    return _range(0, size, node) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]), the leaf's sibling first. Raises ValueError for a leaf that is not there."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        half = start + _split(end - start)
        if index < half:
            path.append(_range(half, end, node))
            end = half
        else:
            path.append(_range(start, half, node))
            start = half
    return path[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]). Raises ValueError for sizes that are not in order; empty for 0 and for equal sizes."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is no prefix of one of {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        half = start + _split(end - start)
        if old <= half:
            path.append(_range(half, end, node))
            end = half
        else:
            path.append(_range(start, half, node))
            start, whole = half, False
    if not whole:
        path.append(_range(start, end, node))
    return path[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to from the hash of leaf `index` (RFC 9162, section 2.1.3.2). Raises BadProof."""
    if not 0 <= index < size:
        raise BadProof(f"a log of {size} leaves has no leaf {index}")
    place, last, found = index, size - 1, leaf
    for hashed in path:
        if last == 0:
            raise BadProof("the proof has too many hashes")
        if place % 2 or place == last:
            found = node_hash(hashed, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hashed)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("the proof has too few hashes")
    return found


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raises BadProof unless the tree of `old` leaves is a prefix of that of `new` (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        raise BadProof(f"a log of {old} leaves is no prefix of one of {new}")
    if old in (0, new):
        if path or (old == new and old_root != new_root):
            raise BadProof(
                "two logs of one size have two roots" if not path else "the proof has too many hashes"
            )
        return
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise BadProof("the proof has too few hashes")
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    from_old = from_new = hashes[0]
    for hashed in hashes[1:]:
        if last == 0:
            raise BadProof("the proof has too many hashes")
        if place % 2 or place == last:
            from_old, from_new = node_hash(hashed, from_old), node_hash(hashed, from_new)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            from_new = node_hash(from_new, hashed)
        place, last = place >> 1, last >> 1
    if last or from_old != old_root or from_new != new_root:
        raise BadProof("the older log is not the beginning of the newer one")


def _split(count: int) -> int:
    """The largest power of two that is smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(start: int, end: int, node: Node) -> bytes:
    """MTH of the leaves [start, end), where `start` is a multiple of the smallest power of two not below."""
    parts: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        parts.append(node(height, start >> height))
        start += 1 << height
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found
