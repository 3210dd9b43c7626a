"""From acts to bytes and back: sealing an act's fields, linking it to its chain, and reading it again.

An act's values never enter a leaf, only their salted digests (RFC 9901 disclosures). The disclosures of one act
and one class of personal data are sealed together under that person's key of the class, so destroying the key
erases the values and leaves every hash as it was.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from earnest.core.acts import CLASSES, ERASED, TYPES, Act, Erased, Value, field_class
from earnest.core.commands.base import Ref
from earnest.core.instants import instant, text
from earnest.record import chain, disclosure, sealed

KEY_BYTES = 32


@dataclass(frozen=True)
class Linked:
    """An act with its place in the chain: exact `leaf` bytes, their hash, the head after it, sealed values."""

    act: Act
    leaf: bytes
    leaf_hash: bytes
    head: bytes
    opens: Mapping[str, bytes]


Keys = Mapping[str, bytes | None]


class Ring(Mapping[str, "bytes | None"]):
    """The keys of everybody who has held a subject (0 the first); as a mapping, those of whoever holds it now.

    Raises KeyError, and is empty, for a subject of which no keys are there.
    """

    def __init__(self, held: Mapping[int, Keys] | None = None, *, for_a_holder: bool = False) -> None:
        self._held = dict(held or {})
        #: It opens for one of the holders, and not for the maker.
        self.for_a_holder = for_a_holder
        #: Who holds it now.
        self.holder: int = max(self._held, default=0)

    def of(self, holder: int) -> Keys:
        """The keys of one of them."""
        return self._held.get(holder, {})

    def follow(self, fresh: Keys) -> int:
        """It goes to the next holder, with keys of their own; their number."""
        self.holder += 1
        self._held[self.holder] = fresh
        return self.holder

    def everybody(self) -> list[tuple[int, Keys]]:
        """All of them in their order."""
        return sorted(self._held.items())

    def for_eyes_of(self, holder: int) -> "Ring":
        """What one of them may open: all of their own, and of the others only what the contract itself is."""
        return Ring(
            {
                each: keys if each == holder else {cls: keys[cls] if cls == "money" else None for cls in keys}
                for each, keys in self._held.items()
            },
            for_a_holder=True,
        )

    def without(self, cls: str) -> "Ring":
        """The same keys but those of one class."""
        held = {each: {**keys, cls: None} for each, keys in self._held.items()}
        return Ring(held, for_a_holder=self.for_a_holder)

    def __getitem__(self, cls: str) -> bytes | None:
        return self._held[self.holder][cls]

    def __iter__(self) -> Iterator[str]:
        return iter(self.of(self.holder))

    def __len__(self) -> int:
        return len(self.of(self.holder))


def name_in_record(ref: Ref) -> str:
    """How a subject is named in hashes: a reservation by its number, all others behind their kind."""
    return ref.number if ref.kind == "reservation" else f"{ref.kind}/{ref.number}"


@lru_cache(maxsize=4096)
def key_of(origin: str, ref: Ref) -> bytes:
    """The subject's key, 32 bytes."""
    return chain.subject_key(origin, name_in_record(ref))


def new_keys(random: bytes) -> dict[str, bytes | None]:
    """One key a class, cut from `KEY_BYTES * len(CLASSES)` random bytes."""
    return {cls: random[place * KEY_BYTES : (place + 1) * KEY_BYTES] for place, cls in enumerate(CLASSES)}


def act_id(key: bytes, seq: int) -> bytes:
    """What a sealed value is bound to."""
    return key + seq.to_bytes(8, "big")


def link(key: bytes, head: bytes, act: Act, cites: Sequence[bytes], keys: Keys) -> Linked:
    """Seal an act's values and append it to its chain."""
    digests: dict[str, str] = {}
    disclosed: dict[str, list[str]] = {}
    for name, value in sorted(act.fields.items()):
        cls = field_class(act.type, act.version, name)
        secret = keys[cls]
        if secret is None or isinstance(value, Erased):
            raise ValueError(f"{act.type}.{name}: the key of class {cls} was destroyed")
        written = disclosure.disclosure(disclosure.salt(secret, act.seq, name), name, value)
        digests[name] = disclosure.digest(written)
        disclosed.setdefault(cls, []).append(written)
    leaf = chain.leaf_bytes(
        chain.Leaf(
            subject=key,
            seq=act.seq,
            prev=head,
            type=act.type,
            version=act.version,
            by=act.by,
            at=text(act.at),
            sd=digests,
            cites=tuple(cites),
        )
    )
    leaf_hash = chain.leaf_hash(leaf)
    opens = {cls: seal_lines(keys, cls, key, act.seq, lines) for cls, lines in disclosed.items()}
    return Linked(act, leaf, leaf_hash, chain.next_head(head, leaf_hash), opens)


def seal_lines(keys: Keys, cls: str, key: bytes, seq: int, lines: list[str]) -> bytes:
    """One ciphertext for the disclosures of one act and class."""
    secret = keys[cls]
    assert secret is not None
    return sealed.seal(secret, act_id(key, seq), "\n".join(lines).encode("ascii"))


def open_lines(keys: Keys, cls: str, key: bytes, seq: int, ciphertext: bytes) -> dict[str, str]:
    """Name -> disclosure of one act and class; nothing where the key was destroyed."""
    secret = keys.get(cls)
    if secret is None:
        return {}
    lines = sealed.unseal(secret, act_id(key, seq), ciphertext).decode("ascii").split("\n")
    return {disclosure.name_in(line): line for line in lines}


def read_back(leaf: bytes, openings: Mapping[str, str]) -> Act:
    """The act that a leaf and its disclosures say. Fields whose disclosure is gone are ERASED.

    Raises ValueError where a disclosure is not the one that the leaf committed to.
    """
    read = chain.read_leaf(leaf)
    if (read.type, read.version) not in TYPES:
        raise ValueError(f"unknown act {read.type} version {read.version}")
    fields: dict[str, Value | Erased] = {}
    for name, digest in read.sd.items():
        written = openings.get(name)
        if written is None:
            fields[name] = ERASED
            continue
        if disclosure.digest(written) != digest:
            raise ValueError(f"act {read.seq}: the value kept for {name} is not the one recorded")
        fields[name] = disclosure.read_disclosure(written)[2]
    return Act(read.seq, instant(read.at), read.type, read.version, read.by, fields)


def state_id(key: bytes, cls: str, n: int) -> bytes:
    """What a sealed part of a state row is bound to: it is written once for each act of its subject."""
    return b"state/" + key + n.to_bytes(8, "big") + cls.encode()


def seal_state(keys: Keys, cls: str, key: bytes, n: int, parts: object) -> bytes:
    """The parts of one class of a state row, as one ciphertext with the act count that it is bound to."""
    secret = keys[cls]
    assert secret is not None
    plain = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return n.to_bytes(8, "big") + sealed.seal(secret, state_id(key, cls, n), plain)


def open_state(keys: Keys, cls: str, key: bytes, ciphertext: bytes | None) -> list[object] | None:
    """The parts again; None where they or their key are gone."""
    secret = keys.get(cls)
    if secret is None or ciphertext is None:
        return None
    n = int.from_bytes(ciphertext[:8], "big")
    found: list[object] = json.loads(sealed.unseal(secret, state_id(key, cls, n), bytes(ciphertext[8:])))
    return found
