"""What a log signs: checkpoints, the seal that each of them ends with, and what others sign beside it.

checkpoint   signed note: origin / size / standard base64 of the root, one a line      (C2SP tlog-checkpoint)
seal leaf    CJ({"v":1,"k":"seal","no":…,"at":…,"map":root of the subject map,"subjects":…,"anchor":…})
cosignature  timestamped, over "cosignature/v1" / "time T" / the checkpoint's text     (C2SP tlog-cosignature)
proof        leaf index, path and checkpoint in one text                               (C2SP tlog-proof)
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from earnest.record.canonical import NotCanonical, b64, canonical, decimal, parse_canonical, unb64
from earnest.record.chain import BadLeaf, instant
from earnest.record.merkle import BadProof, root_from_inclusion
from earnest.record.notes import (
    COSIGNATURE,
    DASH,
    BadNote,
    Signer,
    Verifier,
    open_note,
    read_base64,
    sign_raw,
    signatures_of,
)

PROOF: Final = "c2sp.org/tlog-proof@v1"
_SEAL_MEMBERS: Final = {"v", "k", "no", "at", "map", "subjects", "anchor"}
MAX_SIZE: Final = 2**53 - 1
#: What stands before the first seal instead of a checkpoint.
NO_ANCHOR: Final = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Checkpoint:
    """A log's tree head."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Seal:
    """The last leaf of a checkpoint: the root of the map of all subjects as the log holds them up to here."""

    no: int
    at: str
    map: bytes
    subjects: int
    anchor: bytes


def parse_checkpoint(body: str) -> Checkpoint:
    """The tree head of a note's text, in its one form and without extension lines. Raises BadNote."""
    lines = body.split("\n")
    size = decimal(lines[1]) if len(lines) == 4 else None
    if size is None or not lines[0]:
        raise BadNote("not a checkpoint: origin, size and root, one a line")
    found = Checkpoint(lines[0], size, read_base64(lines[2]))
    if len(found.root) != 32 or found.size > MAX_SIZE or found.body != body:
        raise BadNote("not a checkpoint in its one form")
    return found


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint of a note that the log's key signed, under its own name. Raises BadNote."""
    found = parse_checkpoint(open_note(note, [verifier]))
    if found.origin != verifier.name:
        raise BadNote("the checkpoint's origin is not the name of the key")
    return found


def sign_checkpoint(signer: Signer, checkpoint: Checkpoint) -> str:
    """The signed note."""
    return signer.sign(checkpoint.body)


def cosign(body: str, signer: Signer, at: int) -> str:
    """The signature line of a witness or auditor; `signer` has a cosignature key, `at` is POSIX seconds."""
    signature = at.to_bytes(8, "big") + sign_raw(signer, _cosigned(body, at))
    line = signer.verifier.id + signature
    return f"{DASH}{signer.name} {base64.b64encode(line).decode()}\n"


def cosigned_at(note: str, cosigners: Mapping[str, Verifier]) -> dict[str, int]:
    """Whose cosignatures a note carries, with their times (POSIX seconds): by the names given to their keys.

    Lines of unknown keys are let be; a line of a known key that does not verify, or stands twice, is refused.
    Raises BadNote.
    """
    known = {(key.name, key.id): name for name, key in cosigners.items()}
    body, lines = signatures_of(note)
    found: dict[str, int] = {}
    for name, id, signature in lines:
        who = known.get((name, id))
        if who is None:
            continue
        at = int.from_bytes(signature[:8], "big")
        if (
            who in found
            or len(signature) != 72
            or not cosigners[who].verifies(_cosigned(body, at), signature[8:])
        ):
            raise BadNote(f"the cosignature of {name} does not verify")
        found[who] = at
    return found


def is_cosigner(verifier: Verifier) -> bool:
    """Whether a key is one for cosignatures."""
    return verifier.type == COSIGNATURE


def seal_leaf(seal: Seal) -> bytes:
    """The exact bytes of a seal."""
    return canonical(
        {
            "v": 1,
            "k": "seal",
            "no": seal.no,
            "at": seal.at,
            "map": b64(seal.map),
            "subjects": seal.subjects,
            "anchor": b64(seal.anchor),
        }
    )


def read_seal(data: bytes) -> Seal:
    """The seal of exact bytes. Raises BadLeaf."""
    try:
        members = parse_canonical(data)
        if not isinstance(members, dict) or set(members) != _SEAL_MEMBERS:
            raise BadLeaf("a seal has other members than a seal's")
        seal = Seal(
            members["no"], members["at"], unb64(members["map"]), members["subjects"], unb64(members["anchor"])
        )
        whole = all(type(number) is int and number >= 0 for number in (seal.no, seal.subjects))
        if (type(members["v"]), members["v"], members["k"]) != (int, 1, "seal") or not whole:
            raise BadLeaf("not a seal, version 1")
        if len(seal.map) != 32 or len(seal.anchor) != 32:
            raise BadLeaf("a hash of the seal does not have 32 bytes")
        instant(seal.at)
    except (NotCanonical, TypeError, AttributeError) as error:
        raise BadLeaf(f"a seal is not well formed: {error}") from None
    return seal


def anchor_of(note: str, stamps: Sequence[bytes]) -> bytes:
    """By what a seal names the checkpoint before it: its note with the cosignatures, and its time stamps."""
    return hashlib.sha256(note.encode() + b"".join(stamps)).digest()


def write_proof(index: int, path: Sequence[bytes], note: str) -> str:
    """A leaf's inclusion under a checkpoint, as one text."""
    hashes = "".join(base64.b64encode(hashed).decode() + "\n" for hashed in path)
    return f"{PROOF}\nindex {index}\n{hashes}\n{note}"


def read_proof(text: str) -> tuple[int, list[bytes], str]:
    """(index, path, checkpoint's note). Raises BadProof. Extra data is not used here and refused."""
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or len(lines) < 2 or lines[0] != PROOF or not lines[1].startswith("index "):
        raise BadProof("not a proof of a log")
    index = decimal(lines[1].removeprefix("index "))
    if index is None or len(lines) > 65:
        raise BadProof("the proof has no index, or too many hashes")
    try:
        path = [read_base64(line) for line in lines[2:]]
    except BadNote as error:
        raise BadProof(str(error)) from None
    if any(len(hashed) != 32 for hashed in path) or write_proof(index, path, note) != text:
        raise BadProof("the proof is not written in its one form")
    return index, path, note


def check_proof(index: int, path: Sequence[bytes], leaf_hash: bytes, checkpoint: Checkpoint) -> None:
    """Raises BadProof unless the leaf is in the log at that place."""
    if root_from_inclusion(index, checkpoint.size, leaf_hash, path) != checkpoint.root:
        raise BadProof("the path does not lead to the root that was signed")


def _cosigned(body: str, at: int) -> str:
    return f"cosignature/v1\ntime {at}\n{body}"
