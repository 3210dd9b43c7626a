"""A chain for each subject: every act is a leaf that names the head before it, and the head commits to them all.

key        = H("earnest/subject/v1" 0x00 || canonical([origin, number]))
head -1    = H("earnest/genesis/v1" 0x00 || key)
leaf hash  = H(0x00 || leaf)                                   (RFC 6962, section 2.1)
head n     = H("earnest/chain/v1" 0x00 || head n-1 || leaf hash n)
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from earnest.record.canonical import NotCanonical, b64, canonical, parse_canonical, unb64
from earnest.record.merkle import leaf_hash as leaf_hash  # the hash of a leaf is the tree's

SPEAKERS = ("customer", "maker", "provider", "bank", "court", "system")
_MEMBERS = {"v", "k", "subj", "seq", "prev", "type", "tv", "by", "at", "sd"}
_TYPE = re.compile(r"[a-z]+(\.[a-z_]+)+")
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class BadLeaf(ValueError):
    """The bytes are no leaf of an act."""


@dataclass(frozen=True)
class Leaf:
    """The header of an act, and the digests of its fields; no value is in it."""

    subject: bytes
    seq: int
    prev: bytes
    type: str
    version: int
    by: str
    at: str
    sd: dict[str, str] = field(default_factory=dict)
    cites: tuple[bytes, ...] = ()


def subject_key(origin: str, number: str) -> bytes:
    """The key of a subject, 32 bytes."""
    return _tagged("earnest/subject/v1", canonical([origin, number]))


def genesis(key: bytes) -> bytes:
    """The head before the first act."""
    return _tagged("earnest/genesis/v1", key)


def next_head(head: bytes, hashed: bytes) -> bytes:
    """The head after the leaf of that hash."""
    return _tagged("earnest/chain/v1", head + hashed)


def leaf_bytes(leaf: Leaf) -> bytes:
    """The exact bytes that are hashed and published."""
    members: dict[str, Any] = {
        "v": 1,
        "k": "act",
        "subj": b64(leaf.subject),
        "seq": leaf.seq,
        "prev": b64(leaf.prev),
        "type": leaf.type,
        "tv": leaf.version,
        "by": leaf.by,
        "at": leaf.at,
        "sd": leaf.sd,
    }
    if leaf.cites:
        members["cites"] = [b64(cited) for cited in leaf.cites]
    return canonical(members)


def read_leaf(data: bytes) -> Leaf:
    """The leaf of exact bytes. Raises BadLeaf with what is wrong."""
    try:
        members = parse_canonical(data)
        if not isinstance(members, dict) or set(members) - {"cites"} != _MEMBERS:
            raise BadLeaf("a leaf has other members than an act's")
        leaf = Leaf(
            subject=_hash(members["subj"]),
            seq=members["seq"],
            prev=_hash(members["prev"]),
            type=members["type"],
            version=members["tv"],
            by=members["by"],
            at=members["at"],
            sd=members["sd"],
            cites=_cites(members),
        )
        if members["v"] != 1 or members["k"] != "act":
            raise BadLeaf("not a leaf of an act, version 1")
        _check(leaf)
    except (NotCanonical, TypeError, AttributeError) as error:
        raise BadLeaf(f"a leaf is not well formed: {error}") from None
    return leaf


def instant(text: str) -> datetime:
    """The instant of `YYYY-MM-DDTHH:MM:SSZ`, a real one. Raises BadLeaf."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadLeaf("a time is not of the form 2018-06-15T09:30:00Z")
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise BadLeaf(f"{text} is no time of the calendar") from None


def _check(leaf: Leaf) -> None:
    whole = [number for number in (leaf.seq, leaf.version) if isinstance(number, int) and number is not True]
    if len(whole) != 2 or leaf.seq < 0 or leaf.version < 1:
        raise BadLeaf("a sequence number or version is not a whole number")
    if not _TYPE.fullmatch(leaf.type) or leaf.by not in SPEAKERS:
        raise BadLeaf("the type or the speaker is not one")
    instant(leaf.at)
    if not isinstance(leaf.sd, dict):
        raise BadLeaf("the digests are not an object")
    for name, digest in leaf.sd.items():
        if not _NAME.fullmatch(name):
            raise BadLeaf("a field has no proper name")
        _hash(digest)


def _cites(members: dict[str, Any]) -> tuple[bytes, ...]:
    if "cites" not in members:
        return ()
    if not isinstance(members["cites"], list) or not members["cites"]:
        raise BadLeaf("cites is not a list of hashes")
    return tuple(_hash(cited) for cited in members["cites"])


def _hash(text: str) -> bytes:
    if not isinstance(text, str):
        raise BadLeaf("a hash is not text")
    data = unb64(text)
    if len(data) != 32:
        raise BadLeaf("a hash does not have 32 bytes")
    return data


def _tagged(tag: str, data: bytes) -> bytes:
    return hashlib.sha256(tag.encode() + b"\x00" + data).digest()
