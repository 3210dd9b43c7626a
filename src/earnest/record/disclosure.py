"""A value behind a salted digest: only the digest enters a leaf, the disclosure travels beside it or not at all.

RFC 9901 (Selective Disclosure for JWTs), section 4.2: a disclosure is base64url of the UTF-8 JSON array
[salt, name, value]; its digest is base64url of the SHA-256 of the disclosure's ASCII.
"""

import binascii
import hashlib
import json
from typing import Any

from earnest.record.canonical import NotCanonical, b64, canonical_text, strict_json, unb64
from earnest.record.mac import mac

#: RFC 9901, section 9.3: at least 128 bits.
SALT_BYTES = 16


def salt(secret: bytes, seq: int, name: str) -> bytes:
    """The salt of one field of one act; gone with the secret, and never the same for two fields."""
    said = b"earnest/salt/v1\x00" + seq.to_bytes(8, "big") + name.encode()
    return mac(secret, said)[:SALT_BYTES]


def disclosure(salted: bytes, name: str, value: Any) -> str:
    """The disclosure of a value. Raises NotCanonical for a value outside the restricted JSON, ValueError for a
    salt that is too short."""
    if len(salted) < SALT_BYTES:
        raise ValueError("a salt has at least 128 bits")
    return b64(f'["{b64(salted)}",{canonical_text(name)},{canonical_text(value)}]'.encode())


def digest(written: str) -> str:
    """The digest by which a leaf commits to a disclosure."""
    return b64(hashlib.sha256(written.encode("ascii")).digest())


def read_disclosure(written: str) -> tuple[str, str, Any]:
    """(salt, name, value). Raises NotCanonical for anything that is not a disclosure."""
    try:
        read = strict_json(unb64(written))
    except (json.JSONDecodeError, UnicodeEncodeError):
        raise NotCanonical("not a disclosure") from None
    if not isinstance(read, list) or len(read) != 3 or not all(isinstance(part, str) for part in read[:2]):
        raise NotCanonical("a disclosure is [salt, name, value]")
    return read[0], read[1], read[2]


def name_in(written: str) -> str:
    """The name in a disclosure that comes from our own sealed store, where nobody else can have put it: unchecked."""
    plain = binascii.a2b_base64(written.replace("-", "+").replace("_", "/") + "==")
    name: str = json.loads(plain.decode())[1]
    return name
