"""Whom a verifier believes: a policy or a key that was given from outside the file, or nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from earnest.record.canonical import b64
from earnest.record.checkpoint import Checkpoint, cosigned_at, open_checkpoint
from earnest.record.notes import BadNote, Verifier, open_note
from earnest.record.policy import Policy
from earnest.record.receipt import receipts_name
from earnest.record.stamp import check_stamp

ROTATION: Final = "rotation"


def rotation_body(origin: str, old: Verifier, new: Verifier, at: str) -> str:
    """What the old and the new key of a log both sign when one takes over from the other."""
    return f"{origin}\n{ROTATION}\n{old.vkey}\n{new.vkey}\n{at}\n"


def read_rotation(note: str) -> tuple[Verifier, Verifier, str]:
    """(old key, new key, time) of a note that both signed. Raises BadNote."""
    lines = note.split("\n")
    if len(lines) < 6 or lines[1] != ROTATION:
        raise BadNote("not a change of keys")
    old, new = Verifier.parse(lines[2]), Verifier.parse(lines[3])
    if open_note(note, [old, new]) != rotation_body(lines[0], old, new, lines[4]):
        raise BadNote("not a change of keys in its one form")
    if lines[0] != old.name or lines[0] != new.name:
        raise BadNote("a change of keys is for another log")
    return old, new, lines[4]


@dataclass
class Trust:
    """What was given from outside. With neither `policy` nor `key` the file's own keys are used, and it is said."""

    policy: Policy | None = None
    key: Verifier | None = None
    #: Notes are the same in linked stories; each is checked once.
    _seen: dict[str, tuple[Checkpoint, dict[str, int]]] = field(default_factory=dict)

    @property
    def pinned(self) -> bool:
        """Whether the log's key was given from outside."""
        return self.key is not None or (self.policy is not None and bool(self.policy.logs))

    def believes(self, log: Verifier) -> bool:
        """Whether a log key is one of those given."""
        given = [*(self.policy.logs if self.policy else ()), *([self.key] if self.key else [])]
        return any((each.name, each.public, each.type) == (log.name, log.public, log.type) for each in given)

    def checkpoint(self, note: str, logs: Sequence[Verifier]) -> tuple[Checkpoint, dict[str, int]]:
        """A checkpoint that one of the log's keys signed, and the times of known cosigners. Raises BadNote."""
        if note not in self._seen:
            self._seen[note] = (_signed_by_any(note, logs), cosigned_at(note, self.witnesses))
        return self._seen[note]

    @property
    def witnesses(self) -> Mapping[str, Verifier]:
        """Keys of witnesses and auditors by their names in the policy."""
        return self.policy.witnesses if self.policy else {}

    def stamp(self, der: bytes, checkpoint: Checkpoint) -> tuple[str | None, str]:
        """(name of a trusted time stamping authority or None, time) of a stamp of a checkpoint. Raises BadStamp."""
        checked = check_stamp(der, checkpoint.body.encode(), self.policy.tsas if self.policy else {})
        return checked.name, checked.gen_time


def receipt_keys(vkeys: Sequence[str], origin: str) -> list[Verifier]:
    """Receipt keys of a story, under their one name. Raises BadNote."""
    keys = [Verifier.parse(vkey) for vkey in vkeys]
    if any(key.name != receipts_name(origin) for key in keys) or len(
        {b64(key.public) for key in keys}
    ) != len(keys):
        raise BadNote("a receipt key has another name than the book's, or stands twice")
    return keys


def _signed_by_any(note: str, logs: Sequence[Verifier]) -> Checkpoint:
    failure = BadNote("the file names no key of the log")
    for log in logs:
        try:
            return open_checkpoint(note, log)
        except BadNote as error:
            failure = error
    raise failure
