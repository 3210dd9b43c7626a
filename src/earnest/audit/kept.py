"""What an auditor keeps beside the leaves: what each seal names, and what it found that does not hold."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from earnest.record.canonical import NotCanonical, canonical, parse_canonical
from earnest.record.replay import DoesNotHold

#: How a time stamp begins (DER), and no note's text can go on: what an anchor's bytes are cut at.
STAMP: Final = b"\x30\x82"
_MEMBERS: Final = {"code", "index", "why", "note"}


class Anchors:
    """`anchors` in a folder: for each seal from the second on, the bytes whose hash it names, after their length.

    So a log is replayed again from the folder alone, after a crash at any point.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "anchors"
        self.file.touch(mode=0o600)
        self._places: list[tuple[int, int]] = []
        end, size = 0, self.file.stat().st_size
        with self.file.open("rb") as file:
            while len(length := file.read(4)) == 4:
                start = end + 4
                if start + int.from_bytes(length, "big") > size:
                    break
                end = file.seek(start + int.from_bytes(length, "big"))
                self._places.append((start, end - start))
        os.truncate(self.file, end)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, no: int) -> bytes:
        """What seal `no` names, from 1 up to how many there are."""
        start, length = self._places[no - 1]
        with self.file.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def append(self, data: bytes) -> None:
        """What the next seal names, durably."""
        start = append(self.file, len(data).to_bytes(4, "big") + data)
        self._places.append((start + 4, len(data)))


def anchors_in(folder: Path) -> Iterator[bytes]:
    """What a folder's seals name, from the second seal on; nothing is made, and what was cut off is left out."""
    try:
        data = (folder / "anchors").read_bytes()
    except FileNotFoundError:
        return
    at = 0
    while at + 4 <= len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        yield data[at + 4 : end]
        at = end


class Finding:
    """`does-not-hold` in a folder: the first thing that did not, with the checkpoint that says otherwise.

    An auditor that forgot it when it is started again would sign after all.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "does-not-hold"

    def read(self) -> DoesNotHold | None:
        """What was found before, if anything. Raises OSError where the file cannot be understood."""
        if not self.file.exists():
            return None
        try:
            said = parse_canonical(self.file.read_bytes())
        except NotCanonical:
            said = None
        if not isinstance(said, dict) or set(said) != _MEMBERS:
            raise OSError(f"{self.file} is damaged; nothing is signed while it is there")
        return DoesNotHold(said["code"], said["index"], said["why"])

    def write(self, found: DoesNotHold, note: str) -> None:
        """Keep it, durably."""
        members = {"code": found.code, "index": found.index, "why": found.why, "note": note}
        draft = self.file.with_name(".does-not-hold")
        draft.unlink(missing_ok=True)
        append(draft, canonical(members))
        draft.replace(self.file)


def append(file: Path, data: bytes) -> int:
    """Add to a file durably, wholly or not at all, a full disk included; where it begins."""
    with file.open("ab") as out:
        start = out.tell()
        try:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        except OSError:
            os.truncate(file, start)
            raise
    return start
