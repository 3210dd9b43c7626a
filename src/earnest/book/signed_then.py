"""Checkpoints as they were signed then, for a log whose seals came back from a mirror.

Best is a copy with the very signatures: a published file, or what a mirror or a story has of the checkpoint that a
seal names, with its time stamps.
Without one the key of that time signs again, if it is kept here: Ed25519 signs the same bytes the same way.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from earnest.audit.kept import STAMP, anchors_in
from earnest.book import clock, log, models, publish, stamped_then
from earnest.book.logkeys import LogKeys
from earnest.book.stamped_then import Kept, Told
from earnest.record import checkpoint
from earnest.record.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    read_seal,
    sign_checkpoint,
)
from earnest.record.notes import BadNote, Verifier, signatures_of
from earnest.record.replay import SEAL


class Unusable(Exception):
    """What was given is not a continuation of this book, or not whole."""


class NotReadable(Unusable):
    """What was given cannot be read as its kind at all."""


class Copy(NamedTuple):
    """A checkpoint as the log's key signed it, the lines that others put beside it, and its time stamps."""

    signed: str
    lines: tuple[str, ...]
    stamps: tuple[Kept, ...] = ()


def text_of(path: Path) -> str:
    """A checkpoint that somebody keeps. Raises NotReadable, OSError."""
    try:
        note = path.read_text(encoding="utf-8")
        parse_checkpoint(signatures_of(note)[0])
    except UnicodeDecodeError:
        raise NotReadable(f"{path.name} is not UTF-8 text, and so no checkpoint.") from None
    except BadNote as error:
        raise NotReadable(f"{path.name} is no checkpoint: {error}.") from None
    return note


def opened(note: str, keys: LogKeys) -> Checkpoint:
    """The checkpoint of a note that a key of this log signed. Raises Unusable."""
    for verifier in keys.verifiers.values():
        try:
            return open_checkpoint(note, verifier)
        except BadNote:
            continue
    raise Unusable("The checkpoint is not signed by this book's key.")


class Copies:
    """The copies at hand: the note up to which is recovered, published files, a mirror's, and those in stories."""

    def __init__(self, keys: LogKeys, mirror: Path, leaves: Sequence[bytes], note: str, told: Told) -> None:
        self.keys, self.note, self.told = keys, note, told
        seals = [read_seal(leaf) for leaf in leaves if leaf.startswith(SEAL)]
        #: Number of a checkpoint -> what the next seal names it by.
        self.anchors: Mapping[int, bytes] = {seal.no - 1: seal.anchor for seal in seals}
        self.mirrored: Mapping[int, bytes] = dict(enumerate(anchors_in(mirror)))

    def of(self, no: int, point: Checkpoint, logs: Sequence[str]) -> Copy:
        """A checkpoint as one of `logs` signed it, the newest of them first. Raises Unusable."""
        copy = self._signed(no, point, logs)
        return copy._replace(stamps=self._stamps(no, point.body))

    def since(self, point: log.Point) -> Copy:
        """A checkpoint that the backup has, with what came beside it afterwards."""
        wanted = parse_checkpoint(point.body)
        for note in self._at_hand(point.no):
            for verifier in self.keys.verifiers.values():
                found = _by(note, verifier, wanted)
                if found is not None and found.signed == point.signed:
                    return found._replace(stamps=self._stamps(point.no, point.body))
        return Copy(point.signed, (), self._stamps(point.no, point.body))

    def _signed(self, no: int, point: Checkpoint, logs: Sequence[str]) -> Copy:
        for vkey in logs:
            for note in self._at_hand(no):
                found = _by(note, self.keys.verifiers[vkey], point)
                if found is not None:
                    return found
        if point == opened(self.note, self.keys):
            raise Unusable("The checkpoint is signed by a key of this log that another had taken over from.")
        signer = self.keys.signers.get(logs[0])
        if signer is None:
            id = self.keys.verifiers[logs[0]].id.hex()
            raise Unusable(
                f"Checkpoint {no} was signed by the key {id}, which is not kept here, and no copy of it with that "
                f"signature is at hand: put keys/log.{id} or record/checkpoints back into the data folder."
            )
        return Copy(sign_checkpoint(signer, point), ())

    def _at_hand(self, no: int) -> Iterator[str]:
        published = publish.folder() / "checkpoints" / str(no)
        if published.exists():
            yield published.read_text(encoding="utf-8", errors="replace")
        yield self._named(no).partition(STAMP)[0].decode("utf-8", "replace")
        yield self.note

    def _named(self, no: int) -> bytes:
        """What the next seal names: a checkpoint's note with what stood beside it then, and its stamps; or nothing."""
        anchor = self.anchors.get(no)
        published = publish.folder() / "anchors" / str(no + 1)
        at_hand = (
            self.mirrored.get(no, b""),
            published.read_bytes() if published.exists() else b"",
            self.told.anchors.get(anchor or b"", b""),
        )
        for data in at_hand:
            if data and hashlib.sha256(data).digest() == anchor:
                return data
        return b""

    def _stamps(self, no: int, body: str) -> tuple[Kept, ...]:
        """Those that the next seal names, in their order, and behind them those that came later."""
        later = self.told.stamps.get((no, body), ())
        return (*stamped_then.named(self._named(no), body), *stamped_then.given(later, body))


def _by(note: str, verifier: Verifier, point: Checkpoint) -> Copy | None:
    """What one key signed in a note, if it is this checkpoint."""
    try:
        if open_checkpoint(note, verifier) != point:
            return None
        body, signatures = signatures_of(note)
    except BadNote:
        return None
    lines = note[len(body) + 1 :].splitlines(keepends=True)
    own = signatures.index(next(each for each in signatures if each[:2] == (verifier.name, verifier.id)))
    return Copy(f"{body}\n{lines[own]}", tuple(line for at, line in enumerate(lines) if at != own))


def keep_beside(no: int, copy: Copy) -> int:
    """What stood beside a checkpoint is ours to keep again; how many time stamps came back."""
    for line in copy.lines:
        name = line.split(" ")[1]
        models.Cosignature.objects.get_or_create(
            seal_id=no, name=name, defaults={"line": line, "at": clock.now()}
        )
    return stamped_then.keep(no, copy.stamps)


def anchored(before: log.Point | None, seal: checkpoint.Seal) -> tuple[int, int]:
    """How many cosignatures and stamps of the checkpoint before this seal named, as far as we still have them."""
    if before is None:
        return 0, 0
    for count in range(len(before.lines) + 1):
        for stamps in range(len(before.stamps) + 1):
            if checkpoint.anchor_of(*before.as_anchor(count, stamps)) == seal.anchor:
                return count, stamps
    return 0, 0
