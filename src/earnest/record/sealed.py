"""Values at rest: AES-256-GCM under a key per person and class, with nothing random, so that bytes repeat.

A nonce must never serve twice under one key. Each (key, identity) is sealed once: an act is written once, and an
identity names the act and the class. So the nonce is derived from both, and the identity is authenticated too.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from earnest.record.mac import mac


class Unsealable(ValueError):
    """The key is not the one, or the bytes were altered."""


def seal(key: bytes, identity: bytes, plaintext: bytes) -> bytes:
    """Ciphertext and tag. `key` has 32 bytes; `identity` must be sealed under it only once."""
    return AESGCM(key).encrypt(_nonce(key, identity), plaintext, identity)


def unseal(key: bytes, identity: bytes, ciphertext: bytes) -> bytes:
    """The plaintext. Raises Unsealable."""
    return _open(AESGCM(key), key, identity, ciphertext)


def wrap(kek: bytes, name: bytes, key: bytes) -> bytes:
    """A key under the master key; `name` says whose and which it is."""
    identity = b"key\x00" + name
    return _cipher(kek).encrypt(_nonce(kek, identity), key, identity)


def unwrap(kek: bytes, name: bytes, wrapped: bytes) -> bytes:
    """The key again. Raises Unsealable."""
    identity = b"key\x00" + name
    return _open(_cipher(kek), kek, identity, wrapped)


#: A book has one master key, which every command uses a few times.
_cipher = lru_cache(maxsize=4)(AESGCM)


def _open(cipher: AESGCM, key: bytes, identity: bytes, ciphertext: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(key, identity), ciphertext, identity)
    except InvalidTag:
        raise Unsealable("a sealed value cannot be opened") from None


def _nonce(key: bytes, identity: bytes) -> bytes:
    return mac(key, b"earnest/nonce/v1\x00" + identity)[:12]
