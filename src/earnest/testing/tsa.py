"""A time stamping authority for tests: real certificates, real signatures (RFC 3161), over HTTP on the loopback.

It is honest as it stands; a test that needs another one says in which way it differs. Where the machine has OpenSSL,
`openssl_answers` lets `openssl ts` stamp with the same keys, and its verdict is asked too.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from earnest.record.der import INTEGER, OCTETS, OID, SEQUENCE, Reader, inside, whole
from earnest.record.der import integer as read_integer
from earnest.testing import der

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
#: From when to when certificates are valid unless a test says otherwise, and when things are stamped.
VALID: Final = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC))
AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
POLICY: Final = "1.3.6.1.4.1.99999.1"
_KEY_USAGES: Final = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null())
_TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
#: How each kind of key names its signature.
_SIGNED_BY: Final = {
    "rsa": der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()),
    "ecdsa": der.sequence(der.oid("1.2.840.10045.4.3.2")),
    "pss": der.sequence(
        der.oid("1.2.840.113549.1.1.10"),
        der.sequence(
            der.tlv(0xA0, _SHA256),
            der.tlv(0xA1, der.sequence(der.oid("1.2.840.113549.1.1.8"), _SHA256)),
            der.tlv(0xA2, der.integer(32)),
        ),
    ),
}
CONFIG: Final = """[tsa]
serial = {folder}/serial
default_policy = {policy}
digests = sha256, sha384, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
"""


@cache
def new_key(kind: str, who: str) -> Key:
    """A key, made once for each name: an RSA key takes a while."""
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def certificate(
    name: str,
    key: Key,
    issuer: "tuple[x509.Certificate, Key] | None" = None,
    *,
    usage: Sequence[ObjectIdentifier] | None = None,
    critical: bool = True,
    authority: bool = False,
    path_length: int | None = None,
    key_usage: str = "",
    valid: tuple[datetime, datetime] = VALID,
) -> x509.Certificate:
    """A certificate, by its issuer or by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, with_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    serial = int.from_bytes(hashlib.sha256(repr((name, usage, valid)).encode()).digest()[:8], "big") | 1
    made = (
        x509.CertificateBuilder(by, subject, key.public_key(), serial, *valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.BasicConstraints(authority, path_length), True)
    )
    if key_usage:
        made = made.add_extension(x509.KeyUsage(**{name: name == key_usage for name in _KEY_USAGES}), True)
    if usage is not None:
        made = made.add_extension(x509.ExtendedKeyUsage(usage), critical)
    return made.sign(with_key, hashes.SHA256())


def raw(made: x509.Certificate) -> bytes:
    """Its DER."""
    return made.public_bytes(Encoding.DER)


def pin(made: x509.Certificate) -> str:
    """Its SHA-256, as settings and policies name it."""
    return hashlib.sha256(raw(made)).hexdigest()


@dataclass
class Authority:
    """A root, the stamping certificate that it issued, and what goes into a token: `certificates`, in this order."""

    kind: str
    key: Key
    signer: x509.Certificate
    root_key: Key
    root: x509.Certificate
    certificates: Sequence[bytes]

    @classmethod
    def made(
        cls,
        kind: str = "rsa",
        *,
        usage: Sequence[ObjectIdentifier] | None = (ExtendedKeyUsageOID.TIME_STAMPING,),
        critical: bool = True,
        key_usage: str = "",
        valid: tuple[datetime, datetime] = VALID,
    ) -> "Authority":
        """`kind` is rsa, ecdsa or pss (RSASSA-PSS, with the token only)."""
        of_keys = "ecdsa" if kind == "ecdsa" else "rsa"
        root_key, key = new_key(of_keys, "root"), new_key(of_keys, "tsa")
        root = certificate("Test root", root_key, authority=True)
        given: dict[str, Any] = {"usage": usage, "critical": critical, "key_usage": key_usage, "valid": valid}
        signer = certificate("Test TSA", key, (root, root_key), **given)
        return cls(kind, key, signer, root_key, root, sorted([raw(signer), raw(root)]))

    def token(
        self,
        hashed: bytes,
        at: datetime,
        nonce: int | None = None,
        *,
        named_by: str = "serial",
        ess: str = "v2",
        imprint: bytes = _SHA256,
    ) -> bytes:
        """A TimeStampToken. The signer is named by issuer and `serial` or by `ski`, and by ESSCertID `v1` or `v2`.

        `imprint` is the algorithm that made the hash."""
        info = der.sequence(
            der.integer(1),
            der.oid(POLICY),
            der.sequence(imprint, der.octets(hashed)),
            der.integer(int.from_bytes(hashed[:8], "big")),
            der.generalized_time(at),
            b"" if nonce is None else der.integer(nonce),
        )
        attributes = [
            _attribute("1.2.840.113549.1.9.3", _TST_INFO),
            _attribute("1.2.840.113549.1.9.4", der.octets(hashlib.sha256(info).digest())),
            self._names_signer(ess),
        ]
        signed = self._sign(der.set_of(*attributes))
        signer = der.sequence(
            der.integer(3 if named_by == "ski" else 1),
            self._sid(named_by),
            _SHA256,
            der.set_of(*attributes, tag=0xA0),
            _SIGNED_BY[self.kind],
            der.octets(signed),
        )
        data = der.sequence(
            der.integer(3),
            der.set_of(_SHA256),
            der.sequence(_TST_INFO, der.tlv(0xA0, der.octets(info))),
            der.tlv(0xA0, *self.certificates),
            der.set_of(signer),
        )
        return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(0xA0, data))

    def stamp(self, message: bytes, at: datetime = AT, **how: Any) -> bytes:
        """A token for a message."""
        return self.token(hashlib.sha256(message).digest(), at, **how)

    def answer(self, request: bytes, at: datetime = AT) -> bytes:
        """The TimeStampResp to a TimeStampReq: granted."""
        hashed, nonce = read_request(request)
        return granted(self.token(hashed, at, nonce))

    def _sid(self, named_by: str) -> bytes:
        if named_by == "ski":
            return der.tlv(0x80, x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest)
        return der.sequence(self.signer.issuer.public_bytes(), der.integer(self.signer.serial_number))

    def _names_signer(self, ess: str) -> bytes:
        if ess == "v1":
            hashed = hashlib.sha1(raw(self.signer), usedforsecurity=False).digest()
            return _attribute("1.2.840.113549.1.9.16.2.12", _ess(hashed))
        return _attribute("1.2.840.113549.1.9.16.2.47", _ess(hashlib.sha256(raw(self.signer)).digest()))

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        if self.kind == "pss":
            return self.key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def read_request(request: bytes) -> tuple[bytes, int | None]:
    """(hash, nonce) of a TimeStampReq (RFC 3161, 2.4.1). Raises NotDer."""
    reader = inside(whole(request, SEQUENCE))
    reader.next(INTEGER)
    imprint = inside(reader.next(SEQUENCE))
    imprint.next(SEQUENCE)
    hashed = imprint.next(OCTETS).body
    reader.maybe(OID)
    nonce = reader.maybe(INTEGER)
    return hashed, None if nonce is None else read_integer(nonce)


def granted(token: bytes) -> bytes:
    """A TimeStampResp that holds a token."""
    return der.sequence(der.sequence(der.integer(0)), token)


def refused(why: str) -> bytes:
    """A TimeStampResp that says no."""
    return der.sequence(der.sequence(der.integer(2), der.sequence(der.tlv(0x0C, why.encode()))))


def token_of(response: bytes) -> bytes:
    """The token that a TimeStampResp holds. Raises NotDer."""
    reader: Reader = inside(whole(response, SEQUENCE))
    reader.next(SEQUENCE)
    return reader.next(SEQUENCE).raw


def openssl() -> str | None:
    """Where OpenSSL's command line is, if the machine has it."""
    return shutil.which("openssl")


def openssl_answers(authority: Authority, folder: Path) -> Callable[[bytes], bytes]:
    """The same authority, with `openssl ts -reply` at work; it stamps at the time of the machine."""
    pem = Encoding.PEM
    (folder / "root.pem").write_bytes(authority.root.public_bytes(pem))
    (folder / "tsa.pem").write_bytes(authority.signer.public_bytes(pem))
    key = authority.key.private_bytes(pem, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder, policy=POLICY))
    (folder / "serial").write_text("01\n")

    def answer(request: bytes) -> bytes:
        (folder / "request").write_bytes(request)
        run_openssl(
            *("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "request"),
            *("-signer", "tsa.pem", "-inkey", "key.pem", "-chain", "root.pem", "-out", "response"),
            folder=folder,
        )
        return (folder / "response").read_bytes()

    return answer


def openssl_verifies(
    token: bytes, message: bytes, trusted: x509.Certificate, at: datetime, folder: Path, *more: str
) -> bool:
    """What `openssl ts -verify` says of a token for a message, under a certificate, as of a time."""
    (folder / "token").write_bytes(token)
    (folder / "message").write_bytes(message)
    (folder / "trusted.pem").write_bytes(trusted.public_bytes(Encoding.PEM))
    done = run_openssl(
        *("ts", "-verify", "-token_in", "-in", "token", "-data", "message", "-CAfile", "trusted.pem"),
        *("-attime", str(int(at.timestamp())), *more),
        folder=folder,
        check=False,
    )
    return done.returncode == 0


def run_openssl(*words: str, folder: Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """OpenSSL's command line."""
    return subprocess.run(
        [openssl() or "openssl", *words], cwd=folder, check=check, capture_output=True, text=True, timeout=60
    )


@contextmanager
def serving(answer: Callable[[bytes], bytes], status: int = 200) -> Iterator[str]:
    """Answers requests over HTTP until the end of the block; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            right = self.headers["content-type"] == "application/timestamp-query"
            said = answer(body) if right else b"not a query"
            self.send_response(status if right else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), name="tsa", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def _attribute(name: str, value: bytes) -> bytes:
    return der.sequence(der.oid(name), der.set_of(value))


def _ess(hashed: bytes) -> bytes:
    return der.sequence(der.sequence(der.sequence(der.octets(hashed))))
