"""A Merkle sum tree: what is owed to each customer, added up so that whoever is left out can see it.

leaf = H("earnest/reserves-leaf/v1" 0x00 || subject key || salt || sums)
node = H("earnest/reserves-node/v1" 0x00 || left hash || left sums || right hash || right sums)

`sums` are one whole number of minor units for each currency of the statement, in its order, eight bytes each,
big-endian. The tree is perfect: 2**depth leaves, in the order of their hashes, so a place tells nothing of who has it.

Three things make the root's sums binding. A node commits to the sums of *both* children: one that commits to their
total alone may show each customer other halves, and hide all but one of them (Hu, Zhang and Guo, "Breaking the
Binding", Computers & Security 87, 2019, on Maxwell's tree). No sum is below zero, so none takes another away. And no
sum reaches 2**53, at any level, so none wraps round: not here, and not in a language whose numbers are doubles
(Chalkias, Lewi, Mohassel and Nikolaenko, "Distributed Auditing Proofs of Liabilities", 2020, get both from range
proofs, which hide the sums too; here each customer sees the sums on the way to the root).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_LEAF: Final = b"earnest/reserves-leaf/v1\x00"
_NODE: Final = b"earnest/reserves-node/v1\x00"
_SALT: Final = b"earnest/reserves-salt/v1\x00"
_PAD: Final = b"earnest/reserves-pad/v1\x00"
HASH: Final = 32
#: No sum reaches it: whole numbers below it are exact in JSON everywhere (RFC 7493, section 2.2).
LIMIT: Final = 2**53
#: More leaves than there are people.
MAX_DEPTH: Final = 40

Sums = tuple[int, ...]


class BadSum(ValueError):
    """A sum is below zero, too large, or there are not as many as there are currencies."""


class Node(NamedTuple):
    """A subtree: its hash, and what is owed within it, per currency."""

    hash: bytes
    sums: Sums


def salt(seed: bytes, key: bytes) -> bytes:
    """What hides a subject's leaf from its neighbours, 32 bytes; `seed` is a secret of one statement."""
    return hmac.digest(seed, _SALT + key, "sha256")


def leaf(key: bytes, salted: bytes, sums: Sums) -> Node:
    """One reservation: its subject key, 32 bytes, and what it is owed. Raises BadSum."""
    if len(key) != HASH or len(salted) != HASH:
        raise BadSum("a key or a salt does not have 32 bytes")
    return Node(hashlib.sha256(_LEAF + key + salted + _bytes(checked(sums))).digest(), sums)


def pad(seed: bytes, number: int, currencies: int) -> Node:
    """A leaf of nobody, owed nothing; without the seed none can be told from a customer's."""
    key = hmac.digest(seed, _PAD + number.to_bytes(8, "big"), "sha256")
    return leaf(key, salt(seed, key), (0,) * currencies)


def join(left: Node, right: Node) -> Node:
    """The node over two children. Raises BadSum."""
    sums = checked(_added(left.sums, right.sums))
    said = _NODE + left.hash + _bytes(left.sums) + right.hash + _bytes(right.sums)
    return Node(hashlib.sha256(said).digest(), sums)


def checked(sums: Sums) -> Sums:
    """The sums themselves. Raises BadSum where one is below zero or reaches the limit."""
    if any(minor < 0 for minor in sums):
        raise BadSum("a sum is below zero")
    if any(minor >= LIMIT for minor in sums):
        raise BadSum(f"a sum reaches {LIMIT}")
    return sums


def levels(leaves: Sequence[Node]) -> list[list[Node]]:
    """All levels of a perfect tree over 2**depth leaves, the leaves first, the root last. Raises BadSum."""
    if not leaves or len(leaves) & (len(leaves) - 1):
        raise ValueError("a perfect tree has a power of two of leaves")
    made = [list(leaves)]
    while len(made[-1]) > 1:
        below = made[-1]
        made.append([join(below[at], below[at + 1]) for at in range(0, len(below), 2)])
    return made


def padded(seed: bytes, owed: Mapping[bytes, Sums], currencies: int) -> list[Node]:
    """The leaves of subject key -> sums and as many of nobody as make a power of two, in their order. Raises BadSum."""
    made = [leaf(key, salt(seed, key), sums) for key, sums in owed.items()]
    made += (pad(seed, number, currencies) for number in range(_room(len(made))))
    return sorted(made)


def fold(found: Node, place: int, path: Sequence[Node]) -> Node:
    """The root that a leaf's siblings lead to, its own sibling first.

    Raises BadSum; ValueError for a place that such a tree does not have.
    """
    if not 0 <= place < 1 << len(path):
        raise ValueError(f"a tree of depth {len(path)} has no place {place}")
    for sibling in path:
        if len(sibling.hash) != HASH:
            raise ValueError("a hash does not have 32 bytes")
        checked(sibling.sums)
        found = join(sibling, found) if place & 1 else join(found, sibling)
        place >>= 1
    return found


def _room(leaves: int) -> int:
    """How many leaves of nobody make a perfect tree of so many."""
    return (1 << max(leaves - 1, 0).bit_length()) - leaves


def _added(left: Sums, right: Sums) -> Sums:
    if len(left) != len(right):
        raise BadSum("two sums are not of the same currencies")
    return tuple(one + other for one, other in zip(left, right, strict=True))


def _bytes(sums: Sums) -> bytes:
    return b"".join(minor.to_bytes(8, "big", signed=True) for minor in sums)
