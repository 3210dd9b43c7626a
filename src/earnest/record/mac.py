"""HMAC-SHA-256 for short texts under 32-byte keys."""

import hashlib
from typing import Final

BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


def mac(key: bytes, said: bytes) -> bytes:
    """RFC 2104 over SHA-256: what `hmac.digest` gives. OpenSSL looks its algorithm up anew for each, which takes
    three times as long as the hashing, and an act has a dozen. Raises ValueError for a key beyond a block.
    """
    if len(key) > BLOCK:
        raise ValueError("a key is no longer than a block")
    padded = key.ljust(BLOCK, b"\x00")
    inner = hashlib.sha256(padded.translate(_INNER) + said).digest()
    return hashlib.sha256(padded.translate(_OUTER) + inner).digest()
