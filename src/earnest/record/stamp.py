"""RFC 3161 time stamps: that these bytes existed at a time, on the word of an authority.

A token with one bit changed holds no more. What stays open is the order of its certificates, which many authorities
do not keep as DER asks, and what stands above the certificate that is trusted.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from earnest.record.certificate import HASHES, Certificate, Unsupported, verifies
from earnest.record.der import INTEGER, OCTETS, OID, SEQUENCE, Item, NotDer, inside, oid, whole
from earnest.record.stamp_token import TST_INFO, BadStamp, Stamp, Token, known_hash, read_token

__all__ = ["BadStamp", "CheckedStamp", "Stamp", "check_stamp", "read_stamp"]

_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_CERTIFICATE_V1: Final = "1.2.840.113549.1.9.16.2.12"
_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"


class CheckedStamp(NamedTuple):
    """Who stamped, by the name given to one of the certificates, or None; and when."""

    name: str | None
    gen_time: str


def read_stamp(der: bytes) -> Stamp:
    """What a TimeStampToken (DER of its ContentInfo, at most 64 kB) says, unchecked. Raises BadStamp."""
    return read_token(der).stamp


def check_stamp(der: bytes, message: bytes, trusted: Mapping[str, str]) -> CheckedStamp:
    """Who stamped these bytes, and when. Raises BadStamp.

    `trusted` has SHA-256 fingerprints (small hexadecimal) of stamping certificates, or of their issuers in the token,
    by the names to give to them. A stamp of somebody else is checked all the same, and has no name. That a
    certificate expired after the stamp does not matter; whether it was revoked cannot be seen.
    """
    token = read_token(der)
    if token.stamp.hashed != hashlib.new(token.stamp.hash, message).digest():
        raise BadStamp("other-bytes", "it is a time stamp of other bytes")
    try:
        signer = _signer(token)
        _check_signature(token, signer)
        _check_certificate(signer, token.stamp.gen_time)
        issuers = _issuers(signer, token.certificates, token.stamp.gen_time)
    except Unsupported as error:
        raise BadStamp("unsupported", str(error)) from None
    except NotDer as error:
        raise BadStamp("not-der", f"not a time stamp: {error}") from None
    known = {each.fingerprint for each in (signer, *issuers)}
    return CheckedStamp(
        next((n for n, digest in trusted.items() if digest in known), None), token.stamp.gen_time
    )


def _signer(token: Token) -> Certificate:
    """The signer's certificate, wherever it stands, which the signed attributes must name too (RFC 5816)."""
    sid = token.signer.sid
    named = [each for each in token.certificates if _is_named(each, sid)]
    if not named:
        raise BadStamp("no-certificate", "the certificate that signed it is not in the time stamp")
    signer = next((each for each in named if _names(token.signer.attributes, each)), None)
    if signer is None:
        raise BadStamp("other-certificate", "the time stamp was signed by another certificate than it says")
    return signer


def _is_named(certificate: Certificate, sid: Item) -> bool:
    if sid.tag != SEQUENCE:
        return certificate.key_id == sid.body
    reader = inside(sid)
    issuer, serial = reader.next(SEQUENCE).raw, reader.next(INTEGER).body
    reader.end()
    return (certificate.issuer, certificate.serial) == (issuer, serial)


def _names(attributes: Mapping[str, Item], certificate: Certificate) -> bool:
    """Whether the attributes name this certificate: by SHA-1 (RFC 2634), by another hash (RFC 5035), or by both."""
    found = []
    if _CERTIFICATE_V1 in attributes:
        first = inside(_first_certificate(attributes[_CERTIFICATE_V1]))
        sha1 = hashlib.sha1(certificate.raw, usedforsecurity=False).digest()
        found.append(first.next(OCTETS).body == sha1)
    if _CERTIFICATE_V2 in attributes:
        first = inside(_first_certificate(attributes[_CERTIFICATE_V2]))
        given = first.maybe(SEQUENCE)
        hashed_by = HASHES[known_hash(given) if given else _SHA256]
        found.append(first.next(OCTETS).body == hashlib.new(hashed_by.name, certificate.raw).digest())
    return bool(found) and all(found)


def _first_certificate(values: Item) -> Item:
    listed = inside(whole(values.body, SEQUENCE)).next(SEQUENCE)
    return inside(listed).next(SEQUENCE)


def _check_signature(token: Token, certificate: Certificate) -> None:
    """The attributes are those of the content (RFC 5652, 5.4), and signed."""
    signer = token.signer
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= set(signer.attributes):
        raise NotDer("an attribute is missing")
    kind = oid(whole(signer.attributes[_CONTENT_TYPE].body, OID))
    digest = whole(signer.attributes[_MESSAGE_DIGEST].body, OCTETS).body
    said = hashlib.new(HASHES[signer.digest].name, token.content).digest()
    if kind != TST_INFO or digest != said:
        raise BadStamp("bad-signature", "what was signed is another time stamp")
    if not verifies(certificate, signer.algorithm, signer.digest, signer.signature, signer.signed):
        raise BadStamp("bad-signature", "the signature of the time stamp does not verify")


def _check_certificate(certificate: Certificate, at: str) -> None:
    if not certificate.stamps():
        raise BadStamp(
            "wrong-usage", "the certificate that signed it is not one for time stamps, and for nothing else"
        )
    if at < certificate.not_before:
        raise BadStamp(
            "not-yet-valid", f"its certificate is valid from {certificate.not_before} on, after the stamp"
        )
    if at > certificate.not_after:
        raise BadStamp(
            "expired-at-stamp", f"its certificate had expired on {certificate.not_after}, before the stamp"
        )


def _issuers(signer: Certificate, certificates: Sequence[Certificate], at: str) -> list[Certificate]:
    """The issuers of the signer in the token that were valid then. Whatever else is in it does not belong there."""
    rest = [each for each in certificates if each is not signer]
    found: list[Certificate] = []
    level, below = [(signer, True)], 0
    while level:
        above: list[tuple[Certificate, bool]] = []
        for issuer in list(rest):
            holds = [holds for each, holds in level if issuer.issued(each, below)]
            if holds:
                rest.remove(issuer)
                above.append((issuer, any(holds) and issuer.valid(at)))
        found += [issuer for issuer, holds in above if holds]
        level, below = above, below + 1
    if rest:
        raise BadStamp(
            "stray-certificate", "a certificate in the time stamp has not issued the one that signed it"
        )
    return found
