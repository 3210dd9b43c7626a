"""What a witness remembers: the newest checkpoint that it signed of each log, written down before it answers."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from earnest.record.notes import COSIGNATURE, BadNote, Signer, good_name, signatures_of
from earnest.record.witnessing import Seen, tree_head


class Held(OSError):
    """Another process is at work in the folder."""


class Store:
    """One folder; `lock` makes looking, judging and writing one step, for one process that has claimed it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Keep every other process out meanwhile. Raises Held: two of them would take each other back."""
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Held(f"another process is at work in {self.folder}") from None
            yield

    def signer(self, name: str) -> Signer:
        """The key, made at the first start; a witness's key and its name live as long as it does.

        Raises BadNote for no name or another name, OSError for a damaged file.
        """
        if not good_name(name):
            raise BadNote(f"“{name}” is no name for a key: no spaces, no plus signs")
        file, named = self.folder / "key", self.folder / "name"
        if not file.exists():
            _write(named, name.encode(), 0o644)
            _write(file, os.urandom(32), 0o600)
        seed = file.read_bytes()
        if len(seed) != 32:
            raise OSError(f"{file} does not hold a key of 32 bytes; restore it from your backup")
        known = named.read_text(encoding="utf-8")
        if known != name:
            raise BadNote(f"this key is known as “{known}”, and under “{name}” nobody would believe it")
        return Signer(name, seed, COSIGNATURE)

    def note(self, origin: str) -> str:
        """The newest note of a log as it was signed here, or nothing."""
        try:
            return self._file(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def seen(self, origin: str) -> Seen:
        """What was signed of a log. Raises BadNote where the file is damaged: then nothing may be signed."""
        try:
            note = self._file(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Seen()
        checkpoint = tree_head(signatures_of(note)[0])
        return Seen(checkpoint.size, checkpoint.root)

    def keep(self, origin: str, note: str) -> None:
        """Write it down, durably: a witness that forgets can be shown another log."""
        _write(self._file(origin), note.encode(), 0o644)

    def _file(self, origin: str) -> Path:
        return self.folder / hashlib.sha256(origin.encode()).hexdigest()


def _write(file: Path, data: bytes, mode: int) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
