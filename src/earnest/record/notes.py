"""Signed notes: text that ends in a newline, a blank line, and signature lines (C2SP signed-note, Ed25519)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

#: Signature types of C2SP signed-note: plain, and the timestamped cosignature of a checkpoint.
ED25519, COSIGNATURE = 0x01, 0x04
DASH = "\u2014 "
MAX_NOTE = 1_000_000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(ValueError):
    """Not a signed note, or not signed by a key that was asked for."""


def key_id(name: str, public: bytes, type: int = ED25519) -> bytes:
    """The first four bytes of SHA-256(name, newline, type, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([type]) + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A named public key, as `vkey` writes it: name+hash+base64(type, key)."""

    name: str
    public: bytes
    type: int = ED25519

    @cached_property
    def id(self) -> bytes:
        """The key's four-byte id."""
        return key_id(self.name, self.public, self.type)

    @property
    def vkey(self) -> str:
        """The verifier key as text."""
        encoded = base64.b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """The key of a text. Raises BadNote."""
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not good_name(parts[0]):
            raise BadNote("not a verifier key: name+hash+key")
        raw = read_base64(parts[2])
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise BadNote("not an Ed25519 verifier key")
        found = cls(parts[0], raw[1:], raw[0])
        if found.vkey != vkey:
            raise BadNote("the hash of the verifier key is not its own")
        return found

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def verifies(self, body: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            self._key.verify(signature, body.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A named private key, 32 bytes of seed (RFC 8032)."""

    name: str
    seed: bytes
    type: int = ED25519

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self._private.public_key().public_bytes_raw(), self.type)

    @property
    def vkey(self) -> str:
        """The public half as text."""
        return self.verifier.vkey

    def sign(self, body: str) -> str:
        """The signed note of a text that ends in a newline. Raises BadNote for any other text."""
        _check_body(body)
        signature = self.verifier.id + self._private.sign(body.encode())
        return f"{body}\n{DASH}{self.name} {base64.b64encode(signature).decode()}\n"


def open_note(text: str, verifiers: Sequence[Verifier]) -> str:
    """The text of a note that carries a good signature of each key given. Raises BadNote.

    Signatures of unknown keys are let be; a known key's signature that is wrong, or stands twice, is refused.
    """
    body, lines = signatures_of(text)
    known = {(key.name, key.id): key for key in verifiers}
    missing = set(known)
    for name, id, signature in lines:
        key = known.get((name, id))
        if key is None:
            continue
        if (name, id) not in missing or not key.verifies(body, signature):
            raise BadNote("a signature does not verify")
        missing.remove((name, id))
    if missing:
        raise BadNote("the note is not signed by the key")
    return body


def signatures_of(text: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and its lines of signature as (key name, key id, signature), unchecked. Raises BadNote."""
    if len(text) > MAX_NOTE:
        raise BadNote("the note is too large")
    body, separator, lines = text.rpartition("\n\n")
    body += "\n"
    if not separator or not lines.endswith("\n"):
        raise BadNote("not a signed note")
    _check_body(body)
    return body, [_signature(line) for line in lines[:-1].split("\n")]


def sign_raw(signer: Signer, said: str) -> bytes:
    """The bare signature of a text, 64 bytes: for signature types that wrap it in more."""
    return signer._private.sign(said.encode())


def good_name(name: str) -> bool:
    """A key's name has no spaces and no plus signs, and is not empty."""
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    signature = read_base64(encoded)
    if not line.startswith(DASH) or not good_name(name) or len(signature) < 5:
        raise BadNote("a signature line is not well formed")
    return name, signature[:4], signature[4:]


def _check_body(body: str) -> None:
    if not body.endswith("\n") or _CONTROL.search(body):
        raise BadNote("the text of a note ends in a newline and has no control characters")


def read_base64(text: str) -> bytes:
    """The bytes of standard base64 (RFC 4648 section 4) in its one form. Raises BadNote."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise BadNote("not base64") from None
    if binascii.b2a_base64(data, newline=False).decode() != text:
        raise BadNote("not the one base64 text of its bytes")
    return data
