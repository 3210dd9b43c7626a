"""Reading RFC 3161 tokens: CMS SignedData (RFC 5652) over a TSTInfo (RFC 3161, 2.4.2). Nothing is checked here.

Whatever nobody signed and nothing needs is refused: lists of revocations, attributes that are not signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from earnest.record.certificate import HASHES, Certificate, extension, plain_algorithm
from earnest.record.der import (
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    SET,
    Item,
    NotDer,
    boolean,
    inside,
    instant,
    integer,
    oid,
    whole,
)

MAX_BYTES: Final = 65_536
MAX_CERTIFICATES: Final = 10
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"


class BadStamp(ValueError):
    """Not a stamp of these bytes. `code` is a stable word:

    too-large, not-der, unsupported, other-bytes, no-certificate, other-certificate, bad-signature, wrong-usage,
    not-yet-valid, expired-at-stamp, stray-certificate.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Stamp(NamedTuple):
    """What a token says; nothing of it is checked yet.

    `hashed` is the hash of the stamped bytes under the algorithm `hash` (sha256, sha384, sha512). `gen_time` is
    `YYYY-MM-DDTHH:MM:SSZ`, fractions of a second cut off. `certificates` are DER, in the order of the token.
    """

    hashed: bytes
    gen_time: str
    nonce: int | None
    policy: str
    certificates: tuple[bytes, ...]
    hash: str


@dataclass(frozen=True)
class Signer:
    """The one SignerInfo of a token: who signed, and what."""

    sid: Item
    digest: str
    attributes: Mapping[str, Item]
    signed: bytes
    algorithm: Item
    signature: bytes


@dataclass(frozen=True)
class Token:
    """A token as it was read: what it says, the exact bytes of that, and who signed them."""

    stamp: Stamp
    content: bytes
    certificates: Sequence[Certificate]
    signer: Signer


def read_token(der: bytes) -> Token:
    """The token of its exact bytes. Raises BadStamp."""
    if len(der) > MAX_BYTES:
        raise BadStamp("too-large", "a time stamp has at most 64 kB")
    try:
        return _token(der)
    except NotDer as error:
        raise BadStamp("not-der", f"not a time stamp: {error}") from None


def _token(der: bytes) -> Token:
    """ContentInfo and SignedData (RFC 5652, 3 and 5.1). Raises NotDer, BadStamp."""
    info = inside(whole(der, SEQUENCE))
    if oid(info.next(OID)) != _SIGNED_DATA:
        raise NotDer("it is not signed data")
    data = inside(whole(info.next(0xA0).body, SEQUENCE))
    info.end()
    # Version 3: the content is no plain data, and neither revocation lists nor foreign certificates are in it.
    if integer(data.next(INTEGER)) != 3:
        raise NotDer("its version is not 3")
    digests = [plain_algorithm(each) for each in inside(data.next(SET)).all(SEQUENCE)]
    content = inside(data.next(SEQUENCE))
    if oid(content.next(OID)) != TST_INFO:
        raise NotDer("what is signed is no time stamp")
    said = whole(content.next(0xA0).body, OCTETS).body
    content.end()
    held = data.maybe(0xA0)
    raws = inside(held).all(SEQUENCE) if held else []
    signers = inside(data.next(SET)).all(SEQUENCE)
    data.end()
    if len(signers) != 1 or len(raws) > MAX_CERTIFICATES:
        raise NotDer(f"it has one signature and at most {MAX_CERTIFICATES} certificates")
    signer = _signer_info(signers[0])
    if digests != [signer.digest]:
        raise NotDer("it names other hashes than its signature")
    stamp = _tst_info(said, tuple(each.raw for each in raws))
    return Token(stamp, said, [Certificate.read(each.raw) for each in raws], signer)


def _signer_info(item: Item) -> Signer:
    """SignerInfo (RFC 5652, 5.3), without attributes that are not signed. Raises NotDer, BadStamp."""
    reader = inside(item)
    version = integer(reader.next(INTEGER))
    sid = reader.next(SEQUENCE, 0x80)
    if version != (1 if sid.tag == SEQUENCE else 3):
        raise NotDer("the version of its signature is not the right one")
    digest = known_hash(reader.next(SEQUENCE))
    attributes = reader.next(0xA0)
    algorithm = reader.next(SEQUENCE)
    signature = reader.next(OCTETS).body
    reader.end()
    found: dict[str, Item] = {}
    for each in inside(attributes).all(SEQUENCE):
        pair = inside(each)
        name, values = oid(pair.next(OID)), pair.next(SET)
        pair.end()
        if name in found:
            raise NotDer("an attribute stands twice")
        found[name] = values
    # RFC 5652, 5.4: signed as a SET OF, not as the [0] that stands in the token.
    return Signer(sid, digest, found, bytes([SET]) + attributes.raw[1:], algorithm, signature)


def _tst_info(data: bytes, certificates: tuple[bytes, ...]) -> Stamp:
    """TSTInfo (RFC 3161, 2.4.2). Raises NotDer, BadStamp."""
    reader = inside(whole(data, SEQUENCE))
    if integer(reader.next(INTEGER)) != 1:
        raise NotDer("it is of a version that is not known")
    policy = oid(reader.next(OID))
    imprint = inside(reader.next(SEQUENCE))
    hashed_by = HASHES[known_hash(imprint.next(SEQUENCE))]
    hashed = imprint.next(OCTETS).body
    imprint.end()
    integer(reader.next(INTEGER))
    gen_time = instant(reader.next(GENERALIZED_TIME), fractions=True)
    reader.maybe(SEQUENCE)
    if (ordering := reader.maybe(BOOLEAN)) is not None:
        boolean(ordering)
    nonce = reader.maybe(INTEGER)
    reader.maybe(0xA0)
    extensions = reader.maybe(0xA1)
    reader.end()
    if len(hashed) != hashed_by.digest_size:
        raise NotDer("the hash of the stamped bytes is not as long as its kind")
    if extensions and any(extension(inside(each))[1] for each in inside(extensions).all(SEQUENCE)):
        raise BadStamp("unsupported", "the time stamp says something that is not understood here")
    return Stamp(
        hashed, gen_time, None if nonce is None else integer(nonce), policy, certificates, hashed_by.name
    )


def known_hash(item: Item) -> str:
    """The object identifier of a hash that is known here. Raises NotDer, BadStamp."""
    name = plain_algorithm(item)
    if name not in HASHES:
        raise BadStamp("unsupported", "the time stamp uses another hash than SHA-256, SHA-384 and SHA-512")
    return name
