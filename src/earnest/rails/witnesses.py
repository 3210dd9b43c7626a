"""Asking witnesses and auditors to sign beside the log (C2SP tlog-witness, the submitting side)."""

import base64
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any, Final

from earnest.rails.outward import outward
from earnest.record.canonical import decimal
from earnest.record.checkpoint import cosigned_at
from earnest.record.notes import DASH, BadNote, Verifier, signatures_of
from earnest.record.witnessing import tree_head

TIMEOUT_SECONDS: Final = 10
MAX_ANSWER: Final = 100_000
#: The year 9999: beyond it no calendar shows a time, and every story with that line would be refused.
MAX_TIME: Final = 253_402_300_799


@dataclass(frozen=True)
class Conflict:
    """409: the witness saw a checkpoint of another size last."""

    size: int


@dataclass(frozen=True)
class Declined:
    """The witness answered, and did not sign."""

    status: int
    said: str


@dataclass(frozen=True)
class Unreachable:
    """Nothing came back in time, or nothing that can be understood."""

    why: str


Answer = str | Conflict | Declined | Unreachable


def ask(
    url: str, old: int, proof: Sequence[bytes], note: str, key: Verifier, timeout: float = TIMEOUT_SECONDS
) -> Answer:
    """The cosignature line of the key that is expected, checked; or why there is none."""
    lines = "".join(base64.b64encode(hashed).decode() + "\n" for hashed in proof)
    status, answer = _call(
        f"{url.rstrip('/')}/add-checkpoint", f"old {old}\n{lines}\n{note}".encode(), timeout
    )
    if status == 0:
        return Unreachable(answer)
    if status == 409:
        size = decimal(answer.strip())
        return Conflict(size) if size is not None else Declined(status, answer[:200])
    if status != 200:
        return Declined(status, answer[:200])
    why = "no cosignature of the key that was expected"
    for line in answer.split("\n"):
        if line.startswith(f"{DASH}{key.name} "):
            try:
                at = cosigned_at(f"{note}{line}\n", {"it": key}).get("it")
            except BadNote as error:
                why = str(error)
                continue
            if at is not None and 0 < at <= MAX_TIME:
                return f"{line}\n"
            why = why if at is None else f"signed at an impossible time, {at} s"
    return Declined(status, why)


def seen(url: str, origin: str, timeout: float = TIMEOUT_SECONDS) -> int | None:
    """How many leaves of a log a witness has seen; None where it does not say, or cannot be reached."""
    named = hashlib.sha256(origin.encode()).hexdigest()
    status, answer = _call(f"{url.rstrip('/')}/{named}/checkpoint", None, timeout)
    try:
        found = tree_head(signatures_of(answer)[0])
    except BadNote:
        return None
    return found.size if status == 200 and found.origin == origin else None


def _call(url: str, body: bytes | None, timeout: float) -> tuple[int, str]:
    """(status, text); status 0 where nobody answered within the time, however the answer trickles in."""
    with outward(), _hurried(timeout) as opener:
        try:
            request = urllib.request.Request(url, data=body)  # noqa: S310 - the address is a setting, http or https
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, _text(answer)
        except urllib.error.HTTPError as error:
            with suppress(OSError, HTTPException):
                return error.code, _text(error)
            return error.code, ""
        except (OSError, ValueError, HTTPException) as error:
            return 0, str(error) or type(error).__name__


def _text(answer: Any) -> str:
    data: bytes = answer.read(MAX_ANSWER)
    return data.decode("utf-8", "replace")


@contextmanager
def _hurried(seconds: float) -> Iterator[urllib.request.OpenerDirector]:
    """Calls that are hung up on after so long in all; a socket's own limit is for each piece of an answer alone."""
    sockets: list[socket] = []

    def hang_up() -> None:
        for each in sockets:
            with suppress(OSError):
                each.shutdown(SHUT_RDWR)

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Over(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> HTTPResponse:
            return self.do_open(Plain, req)

    class OverTls(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> HTTPResponse:
            return self.do_open(Secure, req)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield urllib.request.build_opener(Over, OverTls, _Nowhere)
    finally:
        timer.cancel()


class _Nowhere(urllib.request.HTTPRedirectHandler):
    """A witness is where the policy says."""

    def redirect_request(self, *given: Any) -> None:
        """Not followed: the answer is an error like any other."""
