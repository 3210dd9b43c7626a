"""Fetch, replay, compare: every leaf of a maker's log, up to a checkpoint that its key signed."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from earnest.audit.kept import STAMP, Anchors, Finding
from earnest.audit.mirror import Mirror, unframed
from earnest.record import merkle
from earnest.record.chain import BadLeaf
from earnest.record.checkpoint import NO_ANCHOR, Checkpoint, open_checkpoint, read_seal
from earnest.record.notes import BadNote, Verifier
from earnest.record.replay import SEAL, DoesNotHold, Frontier, Replay

AT_ONCE: Final = 4096
TIMEOUT_SECONDS: Final = 60
MAX_ANSWER: Final = 300_000_000

#: (leaves so far, leaves in all; 0 while the mirror is read again)
Progress = Callable[[int, int], None]


class Unreachable(Exception):
    """The maker did not answer, or not with what was asked."""


@dataclass
class Auditor:
    """`url` is the maker's `/record`, `key` an auditor's key that was made in its console.

    `logs` are all keys that the log has had. Raises DoesNotHold where the mirror does not hold, Unreachable where
    the mirror lacks what only the maker has.
    """

    url: str
    key: str
    logs: Sequence[Verifier]
    folder: Path
    progress: Progress = lambda done, total: None
    broken: DoesNotHold | None = field(init=False)
    replay: Replay = field(init=False)
    mirror: Mirror = field(init=False)
    anchors: Anchors = field(init=False)

    def __post_init__(self) -> None:
        self.mirror = Mirror(self.folder)
        self.anchors = Anchors(self.folder)
        self.finding = Finding(self.folder)
        self.broken = self.finding.read()
        self.replay = Replay(self._anchor)
        if self.broken is None:
            self._resume()

    def newest(self) -> str:
        """The note that the maker shows everybody now. Raises Unreachable or DoesNotHold."""
        note = self._get("checkpoint").decode("utf-8", "replace")
        try:
            self._open(note)
        except BadNote as error:
            raise DoesNotHold("signature", 0, f"the newest checkpoint does not hold: {error}") from None
        return note

    def follow(self, note: str) -> Checkpoint:
        """Replay the log up to a checkpoint. Raises BadNote, Unreachable, and DoesNotHold: then for good.

        A checkpoint older than what was replayed is "rollback", and not for good: anybody may have kept it.
        """
        checkpoint = self._open(note)
        if self.broken:
            raise self.broken
        try:
            self._follow(checkpoint)
        except DoesNotHold as error:
            if error.code != "rollback":
                self._found(error, note)
            raise
        return checkpoint

    def _follow(self, checkpoint: Checkpoint) -> None:
        size = self.replay.tree.size
        if checkpoint.size < size:
            self._older(checkpoint)
        while size < checkpoint.size:
            end = min(size + AT_ONCE, checkpoint.size)
            leaves = self._leaves(size, end)
            self._fetch_anchors(leaves)
            # Kept before it is judged: what does not hold is evidence, and a crash here loses nothing.
            self._keep(leaves)
            self.replay.feed(leaves)
            size = end
            self.progress(size, checkpoint.size)
        self.replay.check_root(checkpoint.size, checkpoint.root)

    def _older(self, checkpoint: Checkpoint) -> None:
        """Raises DoesNotHold: "fork" if it is not a beginning of what was replayed, "rollback" if it is."""
        beginning, size = Frontier(), checkpoint.size
        for leaf in islice(self.mirror.leaves(), size):
            beginning.append(merkle.leaf_hash(leaf))
        if beginning.root() != checkpoint.root:
            raise DoesNotHold("fork", size, "another log was signed at a size that was replayed before")
        raise DoesNotHold("rollback", size, f"the log had {self.replay.tree.size} leaves before")

    def _resume(self) -> None:
        """Replay the mirror."""
        leaves = self.mirror.leaves()
        while some := list(islice(leaves, AT_ONCE)):
            self._fetch_anchors(some)
            try:
                self.replay.feed(some)
            except DoesNotHold as error:
                self._found(error, "")
                raise
            self.progress(self.replay.tree.size, 0)

    def _found(self, error: DoesNotHold, note: str) -> None:
        self.broken = error
        self.finding.write(error, note)

    def _keep(self, leaves: Sequence[bytes]) -> None:
        """Whole or not at all: after a half-written leaf the next ones would not be found again."""
        before = self.mirror.file.stat().st_size
        try:
            self.mirror.append(leaves)
        except OSError:
            os.truncate(self.mirror.file, before)
            raise

    def _leaves(self, start: int, end: int) -> list[bytes]:
        try:
            found = unframed(self._get(f"leaves?from={start}&to={end}"))
        except ValueError as error:
            raise Unreachable(str(error)) from None
        if len(found) != end - start:
            raise Unreachable(f"{end - start} leaves were asked for, and {len(found)} came")
        return found

    def _fetch_anchors(self, leaves: Sequence[bytes]) -> None:
        """Fetch what these seals name before anything is replayed: an answer that is missing changes nothing."""
        for leaf in leaves:
            try:
                no = read_seal(leaf).no if leaf.startswith(SEAL) else 0
            except BadLeaf:
                return  # the replay says what is wrong with it
            if no == len(self.anchors) + 1:
                self.anchors.append(self._get(f"anchors/{no}"))

    def _anchor(self, no: int) -> bytes:
        """What seal `no` must name: the published bytes, which begin with the checkpoint before it."""
        if no == 0:
            return NO_ANCHOR
        index, before = self.replay.tree.size, self.replay
        data = self.anchors.get(no)
        try:
            named = self._open(data.partition(STAMP)[0].decode())
        except (BadNote, UnicodeDecodeError) as error:
            raise DoesNotHold("anchor", index, f"what it names is no checkpoint: {error}") from None
        if (named.size, named.root) != (before.sealed_size, before.sealed_root):
            raise DoesNotHold("anchor", index, "what it names is not the checkpoint before it")
        return hashlib.sha256(data).digest()

    def _open(self, note: str) -> Checkpoint:
        """The checkpoint of a note that one of the log's keys signed. Raises BadNote."""
        error = BadNote("no key of the log is known")
        for log in self.logs:
            try:
                return open_checkpoint(note, log)
            except BadNote as reason:
                error = reason
        raise error

    def _get(self, path: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - http or https, see the command
            f"{self.url.rstrip('/')}/{path}", headers={"Authorization": f"Bearer {self.key}"}
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
                data: bytes = answer.read(MAX_ANSWER)
                if answer.length:  # what is missing of the length that was announced; read() says nothing
                    raise Unreachable(f"{path}: the answer was cut off")
        except urllib.error.HTTPError as error:
            raise Unreachable(f"{path}: {error.code} {_said(error)}".strip()) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"{path}: {error or type(error).__name__}") from None
        return data


class _Nowhere(urllib.request.HTTPRedirectHandler):
    """The auditor's key goes to the address that was given, and to nobody else."""

    def redirect_request(self, *given: Any) -> None:
        """Not followed: the answer is an error like any other."""


_OPENER: Final = urllib.request.build_opener(_Nowhere)


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return error.read(200).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException):
        return ""
