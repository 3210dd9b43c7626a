"""Fetch, replay, compare: every leaf of a maker's log, up to a checkpoint that its key signed."""

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from earnest.audit.mirror import Mirror, unframed
from earnest.record.checkpoint import NO_ANCHOR, Checkpoint, open_checkpoint
from earnest.record.notes import BadNote, Verifier
from earnest.record.replay import DoesNotHold, Replay

AT_ONCE: Final = 4096
TIMEOUT_SECONDS: Final = 60
MAX_ANSWER: Final = 300_000_000

Progress = Callable[[int, int], None]


class Unreachable(Exception):
    """The maker did not answer, or not with what was asked."""


@dataclass
class Auditor:
    """`url` is the maker's `/record`, `key` an auditor's key that was made in its console."""

    url: str
    key: str
    log: Verifier
    folder: Path
    progress: Progress = lambda done, total: None
    broken: DoesNotHold | None = None
    replay: Replay = field(init=False)
    mirror: Mirror = field(init=False)

    def __post_init__(self) -> None:
        self.mirror = Mirror(self.folder)
        self.replay = Replay(self._anchor)
        # What was fetched before was held against its seals then; their anchors were looked at too.
        self.replay.anchor = lambda no: None
        self.replay.feed(self.mirror.leaves())
        self.replay.anchor = self._anchor

    def newest(self) -> Checkpoint:
        """What the maker shows everybody now. Raises Unreachable or DoesNotHold."""
        try:
            return open_checkpoint(self._get("checkpoint").decode("utf-8", "replace"), self.log)
        except BadNote as error:
            raise DoesNotHold("signature", 0, f"the newest checkpoint does not hold: {error}") from None

    def follow(self, checkpoint: Checkpoint) -> None:
        """Replay the log up to a checkpoint. Raises Unreachable, and DoesNotHold: then for good."""
        if self.broken:
            raise self.broken
        try:
            self._follow(checkpoint)
        except DoesNotHold as error:
            self.broken = error
            raise

    def _follow(self, checkpoint: Checkpoint) -> None:
        size = self.replay.tree.size
        if checkpoint.size < size:
            raise DoesNotHold("rollback", checkpoint.size, f"the log had {size} leaves before")
        while size < checkpoint.size:
            end = min(size + AT_ONCE, checkpoint.size)
            leaves = self._leaves(size, end)
            self.replay.feed(leaves)
            # Kept before the root is compared: what does not hold is evidence.
            self.mirror.append(leaves)
            size = end
            self.progress(size, checkpoint.size)
        self.replay.check_root(checkpoint.size, checkpoint.root)

    def _leaves(self, start: int, end: int) -> list[bytes]:
        try:
            found = unframed(self._get(f"leaves?from={start}&to={end}"))
        except ValueError as error:
            raise Unreachable(str(error)) from None
        if len(found) != end - start:
            raise Unreachable(f"{end - start} leaves were asked for, and {len(found)} came")
        return found

    def _anchor(self, no: int) -> bytes:
        """What seal `no` must name: the published bytes, which begin with the checkpoint before it."""
        if no == 0:
            return NO_ANCHOR
        data = self._get(f"anchors/{no}")
        note = data.split(b"\x30\x82", 1)[0] if b"\x30\x82" in data else data
        try:
            before = open_checkpoint(note.decode(), self.log)
        except (BadNote, UnicodeDecodeError) as error:
            raise DoesNotHold(
                "anchor", self.replay.tree.size, f"what it names is no checkpoint: {error}"
            ) from None
        if before.size != self.replay.sealed_size:
            raise DoesNotHold(
                "anchor", self.replay.tree.size, "what it names is not the checkpoint before it"
            )
        return hashlib.sha256(data).digest()

    def _get(self, path: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's, http or https
            f"{self.url.rstrip('/')}/{path}", headers={"Authorization": f"Bearer {self.key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                data: bytes = answer.read(MAX_ANSWER)
        except urllib.error.HTTPError as error:
            raise Unreachable(
                f"{path}: {error.code} {error.read(200).decode('utf-8', 'replace').strip()}"
            ) from None
        except (OSError, ValueError) as error:
            raise Unreachable(f"{path}: {error}") from None
        return data
