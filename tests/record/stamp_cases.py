"""Time stamps and what must be said of them, by the verifier in Python and by the one in the browser."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any, Final

from cryptography.x509.oid import ExtendedKeyUsageOID

from earnest.testing import der, tsa
from earnest.testing.tsa import AT, VALID, Authority

MESSAGE: Final = b"log.example\n42\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
WHEN: Final = "2026-03-02T09:30:00Z"
FILES: Final = Path(__file__).parent / "stamps"
FOR_STAMPS: Final = (ExtendedKeyUsageOID.TIME_STAMPING,)
RSA, ECDSA, PSS = (Authority.made(kind) for kind in ("rsa", "ecdsa", "pss"))
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """A token, and (name, time) of whoever is believed, or the code of a refusal."""

    token: bytes
    says: tuple[str | None, str] | str
    trusted: Mapping[str, str]
    message: bytes = MESSAGE


def by_root(authority: Authority) -> dict[str, str]:
    """Its root is believed."""
    return {"the root": tsa.pin(authority.root)}


def by_signer(authority: Authority) -> dict[str, str]:
    """Its stamping certificate is believed."""
    return {"it": tsa.pin(authority.signer)}


def three(**middle: Any) -> Authority:
    """Root, intermediate, signer; in this order, from below."""
    key = tsa.new_key("rsa", "middle")
    given = {"authority": True, "path_length": 0} | middle
    between = tsa.certificate("Middle", key, (RSA.root, RSA.root_key), **given)
    signer = tsa.certificate("Test TSA", RSA.key, (between, key), usage=FOR_STAMPS)
    return replace(RSA, signer=signer, certificates=[tsa.raw(each) for each in (signer, between, RSA.root)])


def four() -> Authority:
    """One authority more than the intermediate may have below it."""
    key, low = tsa.new_key("rsa", "middle"), tsa.new_key("rsa", "lowest")
    middle = tsa.certificate("Middle", key, (RSA.root, RSA.root_key), authority=True, path_length=0)
    lowest = tsa.certificate("Lowest", low, (middle, key), authority=True)
    signer = tsa.certificate("Test TSA", RSA.key, (lowest, low), usage=FOR_STAMPS)
    raws = [tsa.raw(each) for each in (signer, lowest, middle, RSA.root)]
    return replace(RSA, signer=signer, certificates=raws)


def with_twin() -> Authority:
    """In place of the signer's certificate another one with its key, issuer and serial number."""
    twin = tsa.certificate("Test TSA", RSA.key, (RSA.root, RSA.root_key), usage=FOR_STAMPS, authority=True)
    assert twin.serial_number == RSA.signer.serial_number
    return replace(RSA, certificates=[tsa.raw(twin), tsa.raw(RSA.root)])


def cases() -> dict[str, Case]:
    """All of them, by name."""
    return {**_good(), **_unknown(), **_refused()}


def _good() -> dict[str, Case]:
    found = {}
    for authority in (RSA, ECDSA, PSS):
        for how in ({}, {"named_by": "ski"}, {"ess": "v1"}, {"nonce": 2**63}):
            token = authority.stamp(MESSAGE, **how)
            name = f"{authority.kind} {how}"
            found[f"{name} by its root"] = Case(token, ("the root", WHEN), by_root(authority))
            found[f"{name} by itself"] = Case(token, ("it", WHEN), by_signer(authority))
    chain = three()
    for number, order in enumerate(permutations(chain.certificates)):
        token = replace(chain, certificates=order).stamp(MESSAGE)
        found[f"order {number} of certificates"] = Case(token, ("the root", WHEN), by_root(chain))
    until = Authority.made(valid=(VALID[0], AT))
    found["expired after the stamp"] = Case(until.stamp(MESSAGE), ("the root", WHEN), by_root(until))
    old = three(valid=(VALID[0], AT - SECOND))
    found["an issuer had expired, the signer is believed"] = Case(
        old.stamp(MESSAGE), ("it", WHEN), by_signer(old)
    )
    for usage in ("digital_signature", "content_commitment"):
        limited = Authority.made(key_usage=usage)
        found[f"only for {usage}"] = Case(limited.stamp(MESSAGE), ("the root", WHEN), by_root(limited))
    for name, number in (("sha384", 2), ("sha512", 3)):
        imprint = der.sequence(der.oid(f"2.16.840.1.101.3.4.2.{number}"))
        token = RSA.token(hashlib.new(name, MESSAGE).digest(), AT, imprint=imprint)
        found[f"hashed by {name}"] = Case(token, ("the root", WHEN), by_root(RSA))
    for file in sorted(FILES.glob("*.tst")):
        at, pin = file.with_suffix(".txt").read_text().split()
        found[file.name] = Case(file.read_bytes(), ("openssl", at), {"openssl": pin})
    return found


def _unknown() -> dict[str, Case]:
    alone = replace(RSA, certificates=[tsa.raw(RSA.signer)])
    old = three(valid=(VALID[0], AT - SECOND))
    return {
        "nobody is believed": Case(RSA.stamp(MESSAGE), (None, WHEN), {}),
        "somebody else is believed": Case(RSA.stamp(MESSAGE), (None, WHEN), by_root(ECDSA)),
        "the root is not in the token": Case(alone.stamp(MESSAGE), (None, WHEN), by_root(RSA)),
        "an issuer had expired": Case(old.stamp(MESSAGE), (None, WHEN), by_root(old)),
    }


def _refused() -> dict[str, Case]:
    until, later = Authority.made(valid=(VALID[0], AT)), Authority.made(valid=(AT, VALID[1]))
    good = RSA.stamp(MESSAGE)
    purposes = (*FOR_STAMPS, ExtendedKeyUsageOID.CODE_SIGNING)
    raws = RSA.certificates
    tokens = {
        "expired before the stamp": (until.stamp(MESSAGE, AT + SECOND), "expired-at-stamp"),
        "not yet valid": (later.stamp(MESSAGE, AT - SECOND), "not-yet-valid"),
        "another time": (good.replace(b"20260302093000Z", b"20250302093000Z"), "bad-signature"),
        "another rsa key": (replace(RSA, key=tsa.new_key("rsa", "thief")).stamp(MESSAGE), "bad-signature"),
        "another ecdsa key": (
            replace(ECDSA, key=tsa.new_key("ecdsa", "thief")).stamp(MESSAGE),
            "bad-signature",
        ),
        "no usage": (Authority.made(usage=None).stamp(MESSAGE), "wrong-usage"),
        "another usage": (Authority.made(usage=purposes[1:]).stamp(MESSAGE), "wrong-usage"),
        "two usages": (Authority.made(usage=purposes).stamp(MESSAGE), "wrong-usage"),
        "usage not critical": (Authority.made(critical=False).stamp(MESSAGE), "wrong-usage"),
        "only for encipherment": (Authority.made(key_usage="key_encipherment").stamp(MESSAGE), "wrong-usage"),
        "an issuer that may not sign certificates": (
            three(key_usage="crl_sign").stamp(MESSAGE),
            "stray-certificate",
        ),
        "hashed by SHA-1": (
            RSA.token(bytes(20), AT, imprint=der.sequence(der.oid("1.3.14.3.2.26"))),
            "unsupported",
        ),
        "a hash too short": (RSA.token(bytes(31), AT), "not-der"),
        "no certificate": (replace(RSA, certificates=[]).stamp(MESSAGE), "no-certificate"),
        "no signer": (replace(RSA, certificates=[tsa.raw(RSA.root)]).stamp(MESSAGE), "no-certificate"),
        "a twin of the signer": (with_twin().stamp(MESSAGE), "other-certificate"),
        "a twin of the signer, by its key": (with_twin().stamp(MESSAGE, named_by="ski"), "other-certificate"),
        "a stray certificate": (
            replace(RSA, certificates=[*raws, tsa.raw(ECDSA.root)]).stamp(MESSAGE),
            "stray-certificate",
        ),
        "the signer twice": (
            replace(RSA, certificates=[*raws, raws[0], raws[1]]).stamp(MESSAGE),
            "stray-certificate",
        ),
        "issued by no authority": (
            three(authority=False, path_length=None).stamp(MESSAGE),
            "stray-certificate",
        ),
        "an authority too many": (four().stamp(MESSAGE), "stray-certificate"),
        "eleven certificates": (replace(RSA, certificates=[*raws, *raws[:1] * 9]).stamp(MESSAGE), "not-der"),
        "something behind it": (good + b"\0", "not-der"),
        "cut off": (good[:-1], "not-der"),
        "nothing": (b"", "not-der"),
        "64 kB of zeros": (bytes(65_536), "not-der"),
        "more than 64 kB": (bytes(65_537), "too-large"),
    }
    found = {name: Case(token, code, {}) for name, (token, code) in tokens.items()}
    return found | {"other bytes": Case(good, "other-bytes", by_root(RSA), MESSAGE + b" ")}
