"""RFC 3161 stamps: what holds, in whatever order its certificates stand; and what does not."""

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import example, given
from hypothesis import strategies as st

from earnest.record import certificate as certificates
from earnest.record import stamp as stamps
from earnest.record.der import NotDer, Reader, instant, integer, oid, whole
from earnest.record.stamp import BadStamp, check_stamp, read_stamp
from earnest.testing import der, tsa
from earnest.testing.tsa import AT, Authority
from tests.record.stamp_cases import (
    ECDSA,
    FILES,
    MESSAGE,
    PSS,
    RSA,
    WHEN,
    Case,
    by_root,
    by_signer,
    cases,
    three,
)
from tests.vectors import make_v1

NEEDS_OPENSSL = pytest.mark.skipif(tsa.openssl() is None, reason="openssl is not on this machine")
CASES = cases()
TOKENS = {each.kind: (each, each.stamp(MESSAGE, nonce=5)) for each in (RSA, ECDSA, PSS)}


def said(case: Case) -> tuple[str | None, str] | str:
    try:
        return tuple(check_stamp(case.token, case.message, case.trusted))
    except BadStamp as error:
        assert str(error)
        return error.code


def refusal(token: bytes) -> str:
    with pytest.raises(BadStamp) as caught:
        check_stamp(token, MESSAGE, {})
    return caught.value.code


@pytest.mark.parametrize("name", CASES)
def test_a_stamp_is_judged_as_it_must_be(name: str) -> None:
    assert said(CASES[name]) == CASES[name].says


def test_the_cases_have_what_they_are_there_for() -> None:
    codes = {case.says for case in CASES.values() if isinstance(case.says, str)}
    assert len(codes) == 11 and len(list(FILES.glob("*.tst"))) == 2
    orders = [read_stamp(case.token).certificates for name, case in CASES.items() if name.startswith("order")]
    assert sum(list(order) != sorted(order) for order in orders) == 5
    assert sum(order[0] != tsa.raw(three().signer) for order in orders) == 4


def test_what_a_token_says() -> None:
    said = read_stamp(RSA.stamp(MESSAGE, nonce=2**63))
    assert said.hashed == hashlib.sha256(MESSAGE).digest() and said.hash == "sha256"
    assert (said.gen_time, said.nonce, said.policy) == (WHEN, 2**63, tsa.POLICY)
    assert said.certificates == tuple(RSA.certificates)


@pytest.mark.parametrize("kind", TOKENS)
@given(place=st.integers(0, 2**20), bit=st.integers(0, 7))
def test_one_bit_changed_is_never_believed(kind: str, place: int, bit: int) -> None:
    authority, token = TOKENS[kind]
    broken = bytearray(token)
    broken[place % len(token)] ^= 1 << bit
    try:
        assert check_stamp(bytes(broken), MESSAGE, by_root(authority)).name is None
        # The signature holds: what was changed is the root, which is no longer the one that is believed.
        assert tsa.raw(authority.root) not in broken
    except BadStamp:
        pass


def test_every_bit_outside_of_the_root_is_held_by_the_signer_alone() -> None:
    token = ECDSA.stamp(MESSAGE)
    root = token.index(tsa.raw(ECDSA.root))
    free = range(root, root + len(tsa.raw(ECDSA.root)))
    for place in set(range(len(token))) - set(free):
        broken = bytearray(token)
        broken[place] ^= 1 << place % 8
        with pytest.raises(BadStamp):
            check_stamp(bytes(broken), MESSAGE, by_signer(ECDSA))


@given(st.binary(max_size=200), st.integers(0, 3000))
@example(b"", 0)
@example(b"\x30\x84\xff\xff\xff\xff", 0)
@example(b"\x30\x80\x00\x00", 0)
def test_garbage_and_pieces_are_refused(garbage: bytes, cut: int) -> None:
    token = RSA.stamp(MESSAGE)
    for wrong in (
        garbage,
        token[: min(cut, len(token) - 1)],
        token[:cut] + garbage + token[cut + len(garbage) :] + b"\0",
    ):
        with pytest.raises(BadStamp):
            check_stamp(wrong, MESSAGE, {})


def test_unsigned_attributes_and_lists_of_revocations_are_refused() -> None:
    token = RSA.stamp(MESSAGE)
    info = Reader(whole(token, 0x30).body)
    name, data = info.next(0x06), whole(info.next(0xA0).body, 0x30)
    parts = [each.raw for each in Reader(data.body).all(0x02, 0x31, 0x30, 0xA0)]

    def rebuilt(*changed: bytes) -> bytes:
        return der.sequence(name.raw, der.tlv(0xA0, der.sequence(*changed)))

    assert rebuilt(*parts) == token
    assert refusal(rebuilt(*parts[:4], der.tlv(0xA1), parts[4])) == "not-der"
    signer = whole(whole(parts[4], 0x31).body, 0x30).body
    assert refusal(rebuilt(*parts[:4], der.set_of(der.sequence(signer, der.tlv(0xA1))))) == "not-der"
    assert refusal(rebuilt(*parts[:4], der.set_of(der.sequence(signer), der.sequence(signer)))) == "not-der"


@pytest.mark.parametrize(
    "data",
    [
        *(b"\x30\x81\x05", b"\x30\x81\x7f" + bytes(127), b"\x30\x82\x00\x80" + bytes(128)),
        *(b"\x30\x80\x00\x00", b"\x30\x01\x00\x00", b"\x31\x00", b"\x30", b""),
    ],
)
def test_a_length_has_one_form(data: bytes) -> None:
    with pytest.raises(NotDer):
        whole(data, 0x30)


@pytest.mark.parametrize("body", [b"", b"\x00\x01", b"\xff\xff"])
def test_a_whole_number_has_one_form(body: bytes) -> None:
    with pytest.raises(NotDer):
        integer(whole(der.tlv(2, body), 2))


@given(st.integers(-(2**200), 2**200))
def test_whole_numbers_come_back(number: int) -> None:
    shortest = (number if number >= 0 else ~number).bit_length() // 8 + 1
    assert integer(whole(der.tlv(2, number.to_bytes(shortest, "big", signed=True)), 2)) == number


@pytest.mark.parametrize("dotted", ["1.2.840.113549.1.9.16.1.4", "2.999.3", "0.9.2342", "2.5.29.37"])
def test_object_identifiers_come_back(dotted: str) -> None:
    assert oid(whole(der.oid(dotted), 6)) == dotted


def test_times_have_one_form() -> None:
    def read(tag: int, text: bytes, **how: bool) -> str:
        return instant(whole(der.tlv(tag, text), tag), **how)

    assert read(0x17, b"491231235959Z") == "2049-12-31T23:59:59Z"
    assert read(0x17, b"500101000000Z") == "1950-01-01T00:00:00Z"
    assert read(0x18, b"20260302093000.25Z", fractions=True) == WHEN
    for wrong in (
        b"20260302093000.25Z",
        b"20260302093000",
        b"20260230093000Z",
        b"202603020930Z",
        b"00010101000000Z",
    ):
        with pytest.raises(NotDer):
            read(0x18, wrong)
    with pytest.raises(NotDer):
        read(0x18, b"20260302093000.50Z", fractions=True)


@NEEDS_OPENSSL
@pytest.mark.parametrize("authority", [RSA, ECDSA], ids=["rsa", "ecdsa"])
def test_openssl_agrees(authority: Authority, tmp_path: Path) -> None:
    token = authority.stamp(MESSAGE)
    for order in (authority.certificates, list(reversed(authority.certificates))):
        token = replace(authority, certificates=order).stamp(MESSAGE)
        assert tsa.openssl_verifies(token, MESSAGE, authority.root, AT, tmp_path)
        assert not tsa.openssl_verifies(token, MESSAGE + b" ", authority.root, AT, tmp_path)
        assert not tsa.openssl_verifies(
            token, MESSAGE, tsa.certificate("Other", authority.root_key), AT, tmp_path
        )
    wrong = Authority.made(usage=(ExtendedKeyUsageOID.CODE_SIGNING,))
    assert not tsa.openssl_verifies(wrong.stamp(MESSAGE), MESSAGE, wrong.root, AT, tmp_path)
    thief = replace(authority, key=tsa.new_key(authority.kind, "thief"))
    assert not tsa.openssl_verifies(thief.stamp(MESSAGE), MESSAGE, authority.root, AT, tmp_path)


@NEEDS_OPENSSL
def test_openssl_agrees_on_the_stamps_of_the_vectors(tmp_path: Path) -> None:
    """What `valid-stamped.json` shows, checkpoint by checkpoint; and none of them is another's.

    The root is valid from 2020 on: as of 2018 the stamp of 2018 is refused under it by both, unless the signer's own
    certificate is the one that is believed.
    """
    log = make_v1.stamped()
    for n, sealed in enumerate(log.seals):
        (token,), body, other = sealed.stamps, sealed.body.encode(), log.seals[n - 1].body.encode()
        shown = [x509.load_der_x509_certificate(each) for each in read_stamp(token).certificates]
        (root,) = [each for each in shown if each.issuer == each.subject]
        (signer,) = [each for each in shown if each is not root]
        at = datetime.fromisoformat(read_stamp(token).gen_time)
        later = max(at, root.not_valid_before_utc)
        assert tsa.openssl_verifies(token, body, root, later, tmp_path)
        assert not tsa.openssl_verifies(token, other, root, later, tmp_path)
        assert check_stamp(token, body, {"signer": tsa.pin(signer)}).name == "signer"
        assert tsa.openssl_verifies(token, body, root, at, tmp_path) == (n > 0)
        assert check_stamp(token, body, {"root": tsa.pin(root)}).name == ("root" if n else None)


@pytest.mark.parametrize(
    ("guard", "instead", "name"),
    [
        ("token.stamp.hashed != hashlib", "False and hashlib", "other bytes"),
        ("or digest != said", "", "another time"),
        ("not verifies(certificate", "False and not verifies(certificate", "another rsa key"),
        ("not certificate.stamps()", "False", "two usages"),
        ("at < certificate.not_before", "False", "not yet valid"),
        ("at > certificate.not_after", "False", "expired before the stamp"),
        ("if rest:", "if False:", "a stray certificate"),
        ("if rest:", "if False:", "an authority too many"),
        ("bool(found) and all(found)", "True", "a twin of the signer"),
    ],
)
def test_without_this_guard_a_bad_stamp_passes(guard: str, instead: str, name: str) -> None:
    source = Path(stamps.__file__ or "").read_text()
    assert source.count(guard) == 1
    without = ModuleType("earnest.record.stamp_without")
    exec(compile(source.replace(guard, instead), "without", "exec"), without.__dict__)  # noqa: S102
    case = CASES[name]
    assert without.check_stamp(case.token, case.message, case.trusted).gen_time


def test_small_keys_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "RSA_BITS", range(3072, 8193))
    assert refusal(RSA.stamp(MESSAGE)) == "unsupported"
