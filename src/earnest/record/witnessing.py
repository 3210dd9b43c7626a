"""What a witness answers when a log submits a checkpoint (C2SP tlog-witness, add-checkpoint)."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from earnest.record import merkle
from earnest.record.canonical import decimal
from earnest.record.checkpoint import Checkpoint, parse_checkpoint
from earnest.record.notes import DASH, BadNote, Verifier, read_base64, signatures_of

TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
#: Old size, 63 hashes, and a checkpoint with a few signatures.
MAX_BODY: Final = 64_000


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint of a log that the witness signed; size 0 before the first."""

    size: int = 0
    root: bytes = merkle.EMPTY_ROOT


@dataclass(frozen=True)
class Verdict:
    """An HTTP answer. `checkpoint` and `note` are what may be signed, once it has been written down.

    The note is the checkpoint with its log's own signatures, and nothing else that the submitter put beside them.
    """

    status: int
    body: str = ""
    type: str = TEXT
    checkpoint: Checkpoint | None = None
    note: str = ""


def judge(body: bytes, logs: Sequence[Verifier], seen: Callable[[str], Seen]) -> Verdict:
    """Whether a checkpoint continues what was seen of its log. `seen` gives that by the log's origin."""
    try:
        old, proof, note = _read(body)
        text, lines = signatures_of(note)
        checkpoint = tree_head(text)
    except BadNote as error:
        return Verdict(400, f"{error}\n")
    keys = [log for log in logs if log.name == checkpoint.origin]
    if not keys:
        return Verdict(404, "this log is not known here\n")
    signed = _signed(text, lines, keys)
    if not signed:
        return Verdict(403, "the log's key has not signed this\n")
    if old > checkpoint.size:
        return Verdict(400, "the old size is larger than the checkpoint's\n")
    last = seen(checkpoint.origin)
    if old != last.size:
        return Verdict(409, f"{last.size}\n", SIZE)
    if old == checkpoint.size and last.root != checkpoint.root:
        return Verdict(409, f"{last.size}\n", SIZE)
    try:
        merkle.check_consistency(old, checkpoint.size, last.root, checkpoint.root, proof)
    except merkle.BadProof as error:
        return Verdict(422, f"{error}\n")
    return Verdict(200, checkpoint=checkpoint, note=f"{text}\n{signed}")


def tree_head(text: str) -> Checkpoint:
    """The tree head of a checkpoint of any log: others' may have extension lines, and ours do not. Raises BadNote."""
    lines = text.split("\n")
    if "" in lines[3:-1]:
        raise BadNote("an extension line of a checkpoint is not empty")
    return parse_checkpoint("\n".join([*lines[:3], ""]))


def _read(body: bytes) -> tuple[int, list[bytes], str]:
    """(old size, proof, note). Raises BadNote."""
    if len(body) > MAX_BODY:
        raise BadNote("the request is too large")
    try:
        head, separator, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise BadNote("the request is not UTF-8") from None
    lines = head.split("\n")
    old = decimal(lines[0].removeprefix("old ")) if lines[0].startswith("old ") else None
    if not separator or old is None or len(lines) - 1 > merkle.MAX_PROOF:
        raise BadNote("a request is the old size, at most 63 hashes, an empty line and a checkpoint")
    proof = [read_base64(line) for line in lines[1:]]
    if any(len(hashed) != 32 for hashed in proof):
        raise BadNote("a hash does not have 32 bytes")
    return old, proof, note


def _signed(text: str, lines: Sequence[tuple[str, bytes, bytes]], keys: Sequence[Verifier]) -> str:
    """The signature lines that these keys made, once each; whatever else stands there is let be."""
    known = {(key.name, key.id): key for key in keys}
    good = [
        f"{DASH}{name} {base64.b64encode(id + signature).decode()}\n"
        for name, id, signature in lines
        if (name, id) in known and known[name, id].verifies(text, signature)
    ]
    return "".join(dict.fromkeys(good))
