"""The book's randomness. Below the faces this is the only place where the machine's is read."""

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from earnest.core.numbers import number_from


class Ids(Protocol):
    """A source of random bytes."""

    def token(self, size: int) -> bytes:
        """So many bytes that nobody can guess."""
        ...


class SystemIds:
    """The machine's randomness."""

    def token(self, size: int) -> bytes:
        """From the operating system."""
        return os.urandom(size)


class SeededIds:
    """HMAC-SHA256 over a counter: a seed always gives the same bytes. For demo, tests and simulator."""

    def __init__(self, seed: str) -> None:
        self.seed = seed.encode()
        # One step of `count` is atomic, so two threads never get the same bytes.
        self.blocks = count(1)

    def token(self, size: int) -> bytes:
        """The next bytes of the stream."""
        out = b""
        while len(out) < size:
            out += hmac.digest(self.seed, next(self.blocks).to_bytes(8, "big"), hashlib.sha256)
        return out[:size]


_ids: Ids = SystemIds()


def token(size: int) -> bytes:
    """So many random bytes from the source in use."""
    return _ids.token(size)


def number() -> str:
    """A fresh reservation number."""
    while True:
        found = number_from(int.from_bytes(token(5), "big"))
        if found:
            return found


def use(ids: Ids | None) -> None:
    """Use a source from now on; None goes back to the machine's."""
    global _ids
    _ids = ids or SystemIds()


@contextmanager
def using(ids: Ids) -> Iterator[None]:
    """Use a source for a while."""
    before = _ids
    use(ids)
    try:
        yield
    finally:
        use(before)
