"""Whom a verifier believes: a policy or a key that was given from outside the file, or nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

from earnest.record.canonical import b64
from earnest.record.chain import BadLeaf, instant
from earnest.record.checkpoint import Checkpoint, cosigned_at, open_checkpoint
from earnest.record.notes import ED25519, BadNote, Verifier, open_note, signatures_of
from earnest.record.policy import Policy
from earnest.record.receipt import receipts_name
from earnest.record.stamp import check_stamp

ROTATION: Final = "rotation"
#: An act commits a moment before it is sealed; the clocks of two machines may differ by this much.
SKEW: Final = timedelta(minutes=5)


def rotation_body(origin: str, old: Verifier, new: Verifier, at: str) -> str:
    """What the old and the new key of a log both sign when one takes over from the other."""
    return f"{origin}\n{ROTATION}\n{old.vkey}\n{new.vkey}\n{at}\n"


def read_rotation(note: str) -> tuple[Verifier, Verifier, str]:
    """(old key, new key, time) of a note that both signed. Raises BadNote."""
    lines = note.split("\n")
    if len(lines) < 6 or lines[1] != ROTATION:
        raise BadNote("not a change of keys")
    old, new = signing_key(lines[2]), signing_key(lines[3])
    if open_note(note, [old, new]) != rotation_body(lines[0], old, new, lines[4]):
        raise BadNote("not a change of keys in its one form")
    if lines[0] != old.name or lines[0] != new.name:
        raise BadNote("a change of keys is for another log")
    try:
        instant(lines[4])
    except BadLeaf as error:
        raise BadNote(f"a change of keys has no time: {error}") from None
    return old, new, lines[4]


@dataclass(frozen=True)
class LogKeys:
    """A log's key and those it had before, the newest first, and until when each of them signed ("" for now)."""

    keys: tuple[Verifier, ...]
    until: tuple[str, ...]

    @classmethod
    def read(cls, log: Verifier, notes: Sequence[str]) -> "LogKeys":
        """Of changes of keys, the oldest first, each signed by both. Raises BadNote."""
        keys, until = [log], [""]
        for old, new, at in reversed([read_rotation(note) for note in notes]):
            if new != keys[-1]:
                raise BadNote("a change of keys does not lead to the log's key")
            keys.append(old)
            until.append(at)
        return cls(tuple(keys), tuple(until))

    def check(self, log: Verifier, at: str) -> None:
        """Whoever has a key that another took over from seals no more, a thief neither. Raises BadNote."""
        until = self.until[self.keys.index(log)]
        if until and instant(at) > instant(until) + SKEW:
            raise BadNote(f"it is signed by a key that another took over from on {until}")


class Signed(NamedTuple):
    """A checkpoint, when known cosigners signed it (POSIX seconds), and which of the log's keys did."""

    checkpoint: Checkpoint
    times: dict[str, int]
    log: Verifier


@dataclass
class Trust:
    """What was given from outside. With neither `policy` nor `key` the file's own keys are used, and it is said."""

    policy: Policy | None = None
    key: Verifier | None = None
    #: Notes are the same in linked stories; each is checked once.
    _seen: dict[str, Signed] = field(default_factory=dict)

    @property
    def pinned(self) -> bool:
        """Whether the log's key was given from outside."""
        return self.key is not None or (self.policy is not None and bool(self.policy.logs))

    def believes(self, log: Verifier) -> bool:
        """Whether a log key is one of those given."""
        given = [*(self.policy.logs if self.policy else ()), *([self.key] if self.key else [])]
        return any((each.name, each.public, each.type) == (log.name, log.public, log.type) for each in given)

    def given_of(self, logs: LogKeys) -> Verifier:
        """The newest of a log's keys that was given, from which its present one follows; that one if none was."""
        return next((log for log in logs.keys if self.believes(log)), logs.keys[0])

    def checkpoint(self, note: str, logs: LogKeys) -> Signed:
        """A checkpoint that one of the log's keys signed, with known cosigners. Raises BadNote."""
        seen = self._seen.get(note)
        if seen is None or seen.log not in logs.keys:
            checkpoint, log = _signed_by_any(note, logs.keys)
            cosigned = cosigned_at(note, self.witnesses) if self.witnesses else {}
            seen = self._seen[note] = Signed(checkpoint, cosigned, log)
        return seen

    @property
    def witnesses(self) -> Mapping[str, Verifier]:
        """Keys of witnesses and auditors by their names in the policy."""
        return self.policy.witnesses if self.policy else {}

    def stamp(self, der: bytes, checkpoint: Checkpoint) -> tuple[str | None, str]:
        """(name of a trusted time stamping authority or None, time) of a stamp of a checkpoint. Raises BadStamp."""
        checked = check_stamp(der, checkpoint.body.encode(), self.policy.tsas if self.policy else {})
        return checked.name, checked.gen_time


def signing_key(vkey: str) -> Verifier:
    """A key of a log or of receipts; one for cosignatures is none. Raises BadNote."""
    key = Verifier.parse(vkey)
    if key.type != ED25519:
        raise BadNote("a key for cosignatures signs neither checkpoints nor receipts")
    return key


def receipt_keys(vkeys: Sequence[str], origin: str) -> list[Verifier]:
    """Receipt keys of a story, under their one name. Raises BadNote."""
    keys = [signing_key(vkey) for vkey in vkeys]
    if any(key.name != receipts_name(origin) for key in keys) or len(
        {b64(key.public) for key in keys}
    ) != len(keys):
        raise BadNote("a receipt key has another name than the book's, or stands twice")
    return keys


def _signed_by_any(note: str, logs: Sequence[Verifier]) -> tuple[Checkpoint, Verifier]:
    failure = BadNote("the note is not signed by the key")
    named = {(name, id) for name, id, _ in signatures_of(note)[1]}
    for log in logs:
        if (log.name, log.id) in named:
            try:
                return open_checkpoint(note, log), log
            except BadNote as error:
                failure = error
    raise failure
