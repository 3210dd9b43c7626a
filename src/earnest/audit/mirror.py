"""The auditor's copy of the leaves: one file that only grows, each leaf after its length in two bytes.

It is what brings a log back that was lost (`./earnest record recover --mirror DIR`).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


class Mirror:
    """`leaves` in a folder. What a crash cut off at the end is fetched again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = folder / "leaves"
        self.file.touch(mode=0o600)

    def leaves(self) -> Iterator[bytes]:
        """Every whole leaf, in order; what is left of a broken one is cut off."""
        end = 0
        for leaf in framed(self.file):
            end += 2 + len(leaf)
            yield leaf
        if self.file.stat().st_size != end:
            os.truncate(self.file, end)

    def append(self, leaves: Iterable[bytes]) -> None:
        """More leaves, durably."""
        with self.file.open("ab") as file:
            for leaf in leaves:
                file.write(len(leaf).to_bytes(2, "big") + leaf)
            file.flush()
            os.fsync(file.fileno())


def framed(file: Path) -> Iterator[bytes]:
    """The whole leaves of a mirror's file, in order."""
    with file.open("rb") as source:
        while len(length := source.read(2)) == 2:
            leaf = source.read(int.from_bytes(length, "big"))
            if len(leaf) < int.from_bytes(length, "big"):
                return
            yield leaf


def unframed(data: bytes) -> list[bytes]:
    """The leaves of an answer. Raises ValueError where it is cut off."""
    leaves, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        leaf = data[at + 2 : at + 2 + length]
        if len(data) < at + 2 or len(leaf) < length:
            raise ValueError("the answer was cut off")
        leaves.append(leaf)
        at += 2 + length
    return leaves
