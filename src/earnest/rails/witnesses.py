"""Asking witnesses and auditors to sign beside the log (C2SP tlog-witness, the submitting side)."""

import base64
import hashlib
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from earnest.rails.outward import outward
from earnest.record.canonical import decimal
from earnest.record.checkpoint import cosigned_at
from earnest.record.notes import DASH, BadNote, Verifier

TIMEOUT_SECONDS: Final = 10
MAX_ANSWER: Final = 100_000


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
    for line in answer.split("\n"):
        if line.startswith(f"{DASH}{key.name} "):
            try:
                if cosigned_at(f"{note}{line}\n", {"it": key}):
                    return f"{line}\n"
            except BadNote as error:
                return Declined(status, str(error))
    return Declined(status, "no cosignature of the key that was expected")


def seen(url: str, origin: str, timeout: float = TIMEOUT_SECONDS) -> int | None:
    """How many leaves of a log a witness has seen; None where it does not say, or cannot be reached."""
    named = hashlib.sha256(origin.encode()).hexdigest()
    status, answer = _call(f"{url.rstrip('/')}/{named}/checkpoint", None, timeout)
    lines = answer.split("\n")
    if status != 200 or len(lines) < 3 or lines[0] != origin:
        return None
    return decimal(lines[1])


def _call(url: str, body: bytes | None, timeout: float) -> tuple[int, str]:
    """(status, text); status 0 where nobody answered."""
    request = urllib.request.Request(url, data=body)  # noqa: S310 - the address is a setting, http or https
    with outward():
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
                return answer.status, answer.read(MAX_ANSWER).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read(MAX_ANSWER).decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            return 0, str(error)
