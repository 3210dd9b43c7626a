"""Asking time stamping authorities that something exists now (RFC 3161, over HTTP as in 3.4)."""

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

from earnest.rails.outward import outward
from earnest.record.der import SEQUENCE, Item, NotDer, inside, whole
from earnest.record.stamp import BadStamp, check_stamp, read_stamp
from earnest.record.stamp_token import MAX_BYTES

TIMEOUT_SECONDS: Final = 10
#: A token, and a status around it.
MAX_ANSWER: Final = MAX_BYTES + 1024
GRANTED: Final = (0, 1)


@dataclass(frozen=True)
class Stamped:
    """The token's exact bytes, checked, and its time (`YYYY-MM-DDTHH:MM:SSZ`)."""

    token: bytes
    gen_time: str


@dataclass(frozen=True)
class Refused:
    """The authority answered, and what it said is no stamp of the message by the certificate that is expected."""

    reason: str


@dataclass(frozen=True)
class Unreachable:
    """Nothing came back in time."""

    why: str


Answer = Stamped | Refused | Unreachable


def ask(name: str, url: str, sha256: str, message: bytes, timeout: float = TIMEOUT_SECONDS) -> Answer:
    """A time stamp of the message, checked; or why there is none.

    `sha256` is the fingerprint of the stamping certificate or of one of its issuers, in small hexadecimal digits;
    `timeout` in seconds is for the connection and for the whole answer, each.
    """
    asked = TimestampRequestBuilder(message, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()
    try:
        said = _post(url, asked.as_bytes(), timeout)
    except urllib.error.HTTPError as error:
        return Refused(f"{name} answered with status {error.code}")
    except (OSError, ValueError, HTTPException) as error:
        return Unreachable(f"{name}: {error}")
    try:
        token = _granted(said)
        stamp = read_stamp(token)
        if asked.nonce is None or stamp.nonce != asked.nonce:
            raise BadStamp("other-nonce", "the stamp answers another request")
        checked = check_stamp(token, message, {name: sha256})
    except (BadStamp, NotDer) as error:
        return Refused(f"{name}: {error}")
    if checked.name is None:
        return Refused(
            f"{name}: the stamp is by another certificate than {sha256[:16]}…, or does not hold its issuers"
        )
    return Stamped(token, checked.gen_time)


def _granted(said: bytes) -> bytes:
    """The token of an answer that grants one (RFC 3161, 2.4.2). Raises NotDer, BadStamp.

    rfc3161-client reads it too, and is given the certificates in the order that it insists on: OpenSSL and others
    send them signer first. They are not signed, and their order means nothing.
    """
    if len(said) > MAX_ANSWER:
        raise BadStamp("too-large", "the answer is larger than any time stamp")
    held = inside(whole(said, SEQUENCE))
    held.next(SEQUENCE)
    token = held.maybe(SEQUENCE)
    held.end()
    try:
        answer = decode_timestamp_response(_in_order(said, token) if token else said)
        status, words = answer.status, ", ".join(answer.status_string)
    except ValueError:
        raise NotDer("the answer cannot be read") from None
    if status not in GRANTED or token is None:
        raise BadStamp("not-granted", f"the stamp is not granted (status {status}) {words}".rstrip()[:200])
    return token.raw


def _in_order(said: bytes, token: Item) -> bytes:
    certificates = read_stamp(token.raw).certificates
    return said.replace(b"".join(certificates), b"".join(sorted(certificates)), 1)


def _post(url: str, query: bytes, timeout: float) -> bytes:
    """The body of the answer, cut off where it is too large. Raises OSError, ValueError, HTTPException."""
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, data=query, headers=headers)  # noqa: S310 - a setting, http or https
    said = b""
    with outward(), urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
        until = time.monotonic() + timeout
        # Byte by byte, an answer could take for ever without one long silence.
        while len(said) <= MAX_ANSWER and (part := answer.read1(MAX_ANSWER)):
            said += part
            if time.monotonic() > until:
                raise TimeoutError("the answer takes too long")
    return said
