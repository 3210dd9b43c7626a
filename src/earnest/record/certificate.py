"""Certificates (RFC 5280) as far as time stamps need them: whose, from when to when, what for, signed by whom."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from earnest.record.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    NULL,
    OCTETS,
    OID,
    SEQUENCE,
    UTC_TIME,
    Item,
    NotDer,
    Reader,
    bits,
    boolean,
    inside,
    instant,
    integer,
    oid,
    whole,
)

HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_SHA256, _SHA384, _SHA512 = HASHES
_RSA: Final = "1.2.840.113549.1.1.1"
_PSS: Final = "1.2.840.113549.1.1.10"
_MGF1: Final = "1.2.840.113549.1.1.8"
_RSA_WITH: Final = {
    "1.2.840.113549.1.1.11": _SHA256,
    "1.2.840.113549.1.1.12": _SHA384,
    "1.2.840.113549.1.1.13": _SHA512,
}
_ECDSA_WITH: Final = {
    "1.2.840.10045.4.3.2": _SHA256,
    "1.2.840.10045.4.3.3": _SHA384,
    "1.2.840.10045.4.3.4": _SHA512,
}
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
RSA_BITS: Final = range(2048, 8193)

KEY_ID: Final = "2.5.29.14"
KEY_USAGE: Final = "2.5.29.15"
CONSTRAINTS: Final = "2.5.29.19"
POLICIES: Final = "2.5.29.32"
EXTENDED_USAGE: Final = "2.5.29.37"
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
#: What may be critical: anything else would limit a certificate in a way that is not followed here.
_FOLLOWED: Final = {KEY_USAGE, CONSTRAINTS, POLICIES, EXTENDED_USAGE}
_SIGNS, _COMMITS, _ISSUES = 0x80, 0x40, 0x04  # digitalSignature, nonRepudiation, keyCertSign


class Unsupported(ValueError):
    """An algorithm that is not known here, or a key that is too small or too large."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """One certificate. Names are their exact bytes, times are texts that sort."""

    raw: bytes
    signed: bytes
    algorithm: Item
    signature: bytes
    serial: bytes
    issuer: bytes
    subject: bytes
    not_before: str
    not_after: str
    key_info: Item
    extensions: Mapping[str, tuple[bool, bytes]]

    @classmethod
    def read(cls, raw: bytes) -> "Certificate":
        """The certificate of exact bytes. Raises NotDer."""
        outer = inside(whole(raw, SEQUENCE))
        signed, algorithm = outer.next(SEQUENCE), outer.next(SEQUENCE)
        signature = bits(outer.next(BIT_STRING))
        outer.end()
        reader = inside(signed)
        if (version := reader.maybe(0xA0)) is not None and integer(whole(version.body, INTEGER)) != 2:
            raise NotDer("a certificate is of a version that is not known")
        serial = reader.next(INTEGER)
        if integer(serial) <= 0:
            raise NotDer("a certificate has no serial number")
        if reader.next(SEQUENCE).raw != algorithm.raw:
            raise NotDer("a certificate names its signature in two ways")
        issuer = reader.next(SEQUENCE).raw
        times = [instant(each) for each in inside(reader.next(SEQUENCE)).all(UTC_TIME, GENERALIZED_TIME)]
        subject, key = reader.next(SEQUENCE).raw, reader.next(SEQUENCE)
        reader.maybe(0x81)
        reader.maybe(0x82)
        extensions = reader.maybe(0xA3)
        reader.end()
        if len(times) != 2:
            raise NotDer("a certificate is valid from one time to another")
        found = _extensions(extensions) if extensions else {}
        return cls(
            raw,
            signed.raw,
            algorithm,
            signature,
            serial.body,
            issuer,
            subject,
            times[0],
            times[1],
            key,
            found,
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in small hexadecimal digits."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def key(self) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
        """The public key. Raises Unsupported, NotDer."""
        reader = inside(self.key_info)
        reader.next(SEQUENCE)
        key, point = None, bits(reader.next(BIT_STRING))
        try:
            key = load_der_public_key(self.key_info.raw)
        except (UnsupportedAlgorithm, ValueError, TypeError):
            pass
        if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
            return key
        # The point in full: other ways to write it are not known everywhere.
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES and point[:1] == b"\x04":
            return key
        raise Unsupported("the key of the certificate is of a kind or size that is not known here")

    @property
    def key_id(self) -> bytes | None:
        """The subject key identifier. Raises NotDer."""
        found = self.extensions.get(KEY_ID)
        return whole(found[1], OCTETS).body if found else None

    def valid(self, at: str) -> bool:
        """Whether a time is within its validity."""
        return self.not_before <= at <= self.not_after

    def stamps(self) -> bool:
        """Whether it is for time stamps and for nothing else (RFC 3161, 2.3). Raises NotDer."""
        critical, value = self.extensions.get(EXTENDED_USAGE, (False, b""))
        if not critical or not self._followed():
            return False
        purposes = [oid(each) for each in inside(whole(value, SEQUENCE)).all(OID)]
        return purposes == [TIME_STAMPING] and self._usage(_SIGNS | _COMMITS)

    def issued(self, other: "Certificate", below: int = 0) -> bool:
        """Whether it signed the other one and may: it is an authority, and so many more may stand below it."""
        if self.subject != other.issuer or not self._authority(below):
            return False
        try:
            return verifies(self, other.algorithm, "", other.signature, other.signed)
        except (Unsupported, NotDer):
            return False

    def _authority(self, below: int) -> bool:
        reader = inside(whole(self.extensions.get(CONSTRAINTS, (True, b"\x30\x00"))[1], SEQUENCE))
        authority = reader.maybe(BOOLEAN)
        most = reader.maybe(INTEGER)
        reader.end()
        if authority is None or not boolean(authority) or (most is not None and integer(most) < below):
            return False
        return self._usage(_ISSUES) and self._followed()

    def _usage(self, wanted: int) -> bool:
        if KEY_USAGE not in self.extensions:
            return True
        body = whole(self.extensions[KEY_USAGE][1], BIT_STRING).body
        return len(body) >= 2 and bool(body[1] & wanted)

    def _followed(self) -> bool:
        return all(name in _FOLLOWED for name, (critical, _) in self.extensions.items() if critical)


def plain_algorithm(item: Item) -> str:
    """An algorithm without parameters, which may be written as NULL. Raises NotDer."""
    reader = inside(item)
    name = oid(reader.next(OID))
    if (parameters := reader.maybe(NULL)) is not None and parameters.body:
        raise NotDer("an algorithm has parameters that it cannot have")
    reader.end()
    return name


def verifies(key: Certificate, algorithm: Item, digest: str, signature: bytes, data: bytes) -> bool:
    """Whether a signature over the data is this key's. `digest` is the hash where the algorithm names none, or "".

    Raises Unsupported, NotDer.
    """
    name = oid(inside(algorithm).next(OID))
    public = key.key
    try:
        if isinstance(public, rsa.RSAPublicKey):
            pad, hashed = _rsa(name, algorithm, digest)
            public.verify(signature, data, pad, HASHES[hashed])
        elif plain_algorithm(algorithm) in _ECDSA_WITH:
            public.verify(signature, data, ec.ECDSA(HASHES[_ECDSA_WITH[name]]))
        else:
            raise Unsupported("the signature is of a kind that is not known here")
    except InvalidSignature:
        return False
    return True


def _rsa(name: str, algorithm: Item, digest: str) -> tuple[padding.AsymmetricPadding, str]:
    if name == _PSS:
        hashed, salt = _pss(algorithm)
        return padding.PSS(padding.MGF1(HASHES[hashed]), salt), hashed
    hashed = digest if plain_algorithm(algorithm) == _RSA else _RSA_WITH.get(name, "")
    if not hashed:
        raise Unsupported("the signature is of a kind that is not known here")
    return padding.PKCS1v15(), hashed


def _pss(algorithm: Item) -> tuple[str, int]:
    """(hash, length of the salt) of RSASSA-PSS (RFC 4055, 3.1), both hashes being one."""
    reader = inside(algorithm)
    reader.next(OID)
    reader = inside(reader.next(SEQUENCE))
    hashed = plain_algorithm(whole(reader.next(0xA0).body, SEQUENCE))
    mask = inside(whole(reader.next(0xA1).body, SEQUENCE))
    salt = integer(whole(reader.next(0xA2).body, INTEGER))
    reader.end()
    if oid(mask.next(OID)) != _MGF1 or plain_algorithm(mask.next(SEQUENCE)) != hashed:
        raise Unsupported("the signature's mask is of a kind that is not known here")
    if hashed not in HASHES or not 0 <= salt <= 64:
        raise Unsupported("the signature is of a kind that is not known here")
    return hashed, salt


def _extensions(item: Item) -> dict[str, tuple[bool, bytes]]:
    found: dict[str, tuple[bool, bytes]] = {}
    for each in inside(whole(item.body, SEQUENCE)).all(SEQUENCE):
        name, critical, value = extension(inside(each))
        if name in found:
            raise NotDer("an extension stands twice")
        found[name] = critical, value
    return found


def extension(reader: Reader) -> tuple[str, bool, bytes]:
    """(name, whether it is critical, value). Raises NotDer."""
    name = oid(reader.next(OID))
    critical = reader.maybe(BOOLEAN)
    value = reader.next(OCTETS).body
    reader.end()
    return name, critical is not None and boolean(critical), value
