"""Replaying a whole log, leaf by leaf: what an auditor does before signing, and what nobody else can.

A witness sees only that a log grows. Whoever replays sees every subject's chain, and rebuilds the map under each
seal from them: a map in which one subject was rolled back, or an act that is in the log and in no map, shows here.
"""

import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from earnest.record import merkle, submap
from earnest.record.chain import SPEAKERS, BadLeaf, genesis, instant, next_head, read_leaf
from earnest.record.checkpoint import NO_ANCHOR, Seal, read_seal

#: How a seal's leaf begins, and no act's.
SEAL: Final = b'{"anchor":'
#: 32 bytes; the last letter has two bits that must be zero.
_B64: Final = rb"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
#: An act's leaf in its one form: day, prev, digests, seq, subject. Members are in the order of their names.
_ACT: Final = re.compile(
    rb'\{"at":"(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ",'
    rb'"by":"(?:' + "|".join(SPEAKERS).encode() + rb')",'
    rb'(?:"cites":\["' + _B64 + rb'"(?:,"' + _B64 + rb'")*\],)?'
    rb'"k":"act","prev":"(' + _B64 + rb')","sd":\{((?:"[a-z][a-z0-9_]{0,63}":"' + _B64 + rb'",?)*)\},'
    rb'"seq":(0|[1-9][0-9]{0,14}),"subj":"(' + _B64 + rb')","tv":[1-9][0-9]{0,8},'
    rb'"type":"[a-z]+(?:\.[a-z_]+)+","v":1\}'
)
_URL: Final = bytes.maketrans(b"-_", b"+/")
_NAMES: Final = re.compile(rb'"([a-z0-9_]+)":')


class DoesNotHold(ValueError):
    """The log is not what its seals say: a stable code, the leaf where it shows, and a sentence."""

    def __init__(self, code: str, index: int, why: str) -> None:
        self.code, self.index, self.why = code, index, why
        super().__init__(f"leaf {index}: {why} [{code}]")


@dataclass
class Replay:
    """Everything that was seen so far. `anchor` gives the anchor that seal `no` must have, or None if unknown."""

    anchor: Callable[[int], bytes | None] = lambda no: NO_ANCHOR if no == 0 else None
    tree: "Frontier" = field(default_factory=lambda: Frontier())
    subjects: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    map: "LiveMap" = field(default_factory=lambda: LiveMap())
    seals: int = 0
    acts: int = 0
    sealed_at: str = ""
    #: How many leaves the newest checkpoint has, and its root.
    sealed_size: int = 0
    sealed_root: bytes = merkle.EMPTY_ROOT
    last_is_seal: bool = True
    _changed: set[bytes] = field(default_factory=set)

    def feed(self, leaves: Iterable[bytes]) -> None:
        """Take the next leaves. Raises DoesNotHold; then nothing more can be taken."""
        for leaf in leaves:
            if leaf.startswith(SEAL):
                self._seal(leaf)
                self.tree.append(merkle.leaf_hash(leaf))
                self.sealed_size, self.sealed_root = self.tree.size, self.tree.root()
            else:
                self.tree.append(self._act(leaf))

    def check_root(self, size: int, root: bytes) -> None:
        """The tree is the one that was signed, and the seal is its last leaf. Raises DoesNotHold."""
        if self.tree.size != size or self.tree.root() != root:
            raise DoesNotHold("root", size, "the leaves are not those that the checkpoint was signed for")
        if not self.last_is_seal:
            raise DoesNotHold("seal-not-last", size - 1, "the checkpoint does not end with its seal")

    def _act(self, leaf: bytes) -> bytes:
        """The leaf's hash."""
        index = self.tree.size
        try:
            key, seq, prev = fast_chain(leaf)
        except BadLeaf as error:
            raise DoesNotHold("leaf", index, str(error)) from None
        count, head = self.subjects.get(key) or (0, genesis(key))
        if seq != count or prev != head:
            raise DoesNotHold("chain", index, "this act does not follow its subject's act before it")
        hashed = merkle.leaf_hash(leaf)
        self.subjects[key] = (seq + 1, next_head(head, hashed))
        self._changed.add(key)
        self.acts += 1
        self.last_is_seal = False
        return hashed

    def _seal(self, leaf: bytes) -> None:
        index = self.tree.size
        try:
            seal = read_seal(leaf)
        except BadLeaf as error:
            raise DoesNotHold("seal", index, str(error)) from None
        if seal.no != self.seals:
            raise DoesNotHold("seal-number", index, f"this is seal {seal.no}, and {self.seals} was to come")
        if seal.at < self.sealed_at:
            raise DoesNotHold("seal-time", index, "this seal is dated before the one before it")
        self.map.move({key: self.subjects[key] for key in self._changed})
        self._changed.clear()
        self._check_map(seal, index)
        expected = self.anchor(seal.no)
        if expected is not None and seal.anchor != expected:
            raise DoesNotHold("anchor", index, "this seal does not name the checkpoint before it")
        self.seals, self.sealed_at, self.last_is_seal = seal.no + 1, seal.at, True

    def _check_map(self, seal: Seal, index: int) -> None:
        if seal.subjects != len(self.subjects):
            why = f"the seal counts {seal.subjects} subjects, and the log has {len(self.subjects)}"
            raise DoesNotHold("subjects", index, why)
        if seal.map != self.map.root():
            raise DoesNotHold(
                "map", index, "the map under this seal is not that of the acts: rolled back or forged"
            )


def fast_chain(leaf: bytes) -> tuple[bytes, int, bytes]:
    """(subject, seq, prev) of a leaf in its one form. Raises BadLeaf.

    The pattern takes only what `read_leaf` would take; whatever it does not take is read slowly and judged there.
    """
    found = _ACT.fullmatch(leaf)
    if found is not None:
        day, prev, digests, seq, subject = found.groups()
        if _ordered(digests) and _is_day(day):
            return _unb64(subject), int(seq), _unb64(prev)
    read = read_leaf(leaf)
    return read.subject, read.seq, read.prev


def _ordered(digests: bytes) -> bool:
    """Members stand once each, in the order of their names, one comma between them."""
    names = _NAMES.findall(digests)
    commas = max(0, len(names) - 1)
    return names == sorted(set(names)) and digests.count(b",") == commas and not digests.endswith(b",")


@lru_cache(maxsize=100_000)
def _is_day(day: bytes) -> bool:
    """Whether the calendar has it; few days have most of the acts."""
    try:
        instant(f"{day.decode()}T00:00:00Z")
    except BadLeaf:
        return False
    return True


def _unb64(text: bytes) -> bytes:
    """32 bytes of base64url that the pattern has found to be in its one form."""
    return binascii.a2b_base64(text.translate(_URL) + b"=")


class Frontier:
    """The right edge of the tree: enough for its root, however large it is."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append(self, hashed: bytes) -> None:
        """Add the hash of one more leaf."""
        size = self.size
        while size & 1:
            hashed = merkle.node_hash(self._edge.pop(), hashed)
            size >>= 1
        self._edge.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self._edge:
            return merkle.EMPTY_ROOT
        found = self._edge[-1]
        for hashed in reversed(self._edge[:-1]):
            found = merkle.node_hash(hashed, found)
        return found


class LiveMap:
    """The map of all subjects in memory, in buckets by the first bits of their keys, so that few hashes change at a
    time: under a million subjects, about one is in a bucket."""

    BITS: Final = 20

    def __init__(self) -> None:
        self._leaves: dict[bytes, bytes] = {}
        self._buckets: dict[int, tuple[bytes, ...]] = {}
        #: All subtrees down to the buckets: the root is 1, and under n are 2n and 2n + 1.
        self._cells: list[tuple[int, bytes]] = [submap.NOTHING] * (2 << self.BITS)

    def move(self, moved: dict[bytes, tuple[int, bytes]]) -> None:
        """Subjects whose count and head are new."""
        leaves, buckets = self._leaves, self._buckets
        dirty = set()
        for key, (count, head) in moved.items():
            bucket = (1 << 24 | int.from_bytes(key[:3], "big")) >> 24 - self.BITS
            if key not in leaves:
                buckets[bucket] = (*buckets.get(bucket, ()), key)
            leaves[key] = submap.map_leaf(key, count, head)
            dirty.add(bucket)
        for bucket in dirty:
            keys = buckets[bucket]
            if len(keys) == 1:
                self._cells[bucket] = (1, leaves[keys[0]])
            else:
                self._cells[bucket] = submap.subtree(sorted((key, leaves[key]) for key in keys), self.BITS)
        self._climb(dirty)

    def _climb(self, dirty: set[int]) -> None:
        """Bring what is above these cells up to date."""
        cells, node = self._cells, submap.map_node
        for _ in range(self.BITS):
            dirty = {place >> 1 for place in dirty}
            for place in dirty:
                # submap.join, without a call and an object for each: it is where an auditor's time goes
                many, left = cells[place * 2]
                more, right = cells[place * 2 + 1]
                if many + more > 1:
                    cells[place] = (2, node(left, right))
                else:
                    cells[place] = cells[place * 2 + (not many)]

    def root(self) -> bytes:
        """The root of the map."""
        return self._cells[1][1]
