"""One file from a bank, of whatever kind it turns out to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from earnest.rails.bank import camt, mt940, pain002
from earnest.rails.bank.pain002 import Report
from earnest.rails.bank.statement import BankFile, Unreadable

BYTES_MAX: Final = 1_000_000_000
#: An MT940 is read at once; a camt streams.
MT940_BYTES_MAX: Final = 100_000_000
_CHUNK: Final = 1 << 18
#: So far into a file its message is named.
_PEEK: Final = 4096
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read(path: Path, name: str = "") -> BankFile:
    """Read a file whole. `name` is what it is called in what is said of it. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            return read_open(file, name or str(path))
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror or error})") from None


def answer(path: Path, name: str = "") -> Report | None:
    """A bank's answer to a file of ours (pain.002); None for a file of another kind. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            return answer_open(file, name or str(path))
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror or error})") from None


def answer_open(file: BinaryIO, name: str) -> Report | None:
    """As `answer`, from an open file, whose place is where it was if it is of another kind."""
    start = file.read(_PEEK)
    if not pain002.is_one(start):
        file.seek(0)
        return None
    return pain002.read(name, _joined(start.lstrip(b"\xef\xbb\xbf \t\r\n"), _chunks(file)))


def read_open(file: BinaryIO, name: str) -> BankFile:
    """As `read`, from an open file."""
    chunks = _chunks(file)
    start = b""
    for chunk in chunks:
        start += chunk
        if start.strip(b" \t\r\n\xef\xbb\xbf"):
            break
    plain = start.lstrip(b"\xef\xbb\xbf").lstrip()
    if not start.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise Unreadable("it is empty")
    if plain.startswith(b"<") or start.startswith(_BOMS[1:]):
        if not start.startswith(_BOMS[1:]):
            # Blank lines before the XML declaration, as some portals write them, would be an error of their own.
            start = start if not plain.startswith(b"<?xml") else plain
        return camt.read(name, _joined(start, chunks))
    if plain.startswith((b":20:", b"{1:")) or b"\n:20:" in start[:2000] or b"\r:20:" in start[:2000]:
        return mt940.read(name, _whole(start, chunks))
    raise Unreadable("it is neither a camt.052, camt.053 or camt.054 nor an MT940", 1)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    total = 0
    while chunk := file.read(_CHUNK):
        total += len(chunk)
        if total > BYTES_MAX:
            raise Unreadable(f"it is larger than {BYTES_MAX // 1_000_000} MB")
        yield chunk


def _joined(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _whole(start: bytes, rest: Iterator[bytes]) -> bytes:
    data = [start]
    total = len(start)
    for chunk in rest:
        total += len(chunk)
        if total > MT940_BYTES_MAX:
            raise Unreadable(f"it is larger than {MT940_BYTES_MAX // 1_000_000} MB")
        data.append(chunk)
    return b"".join(data)
