"""Asking a time stamping authority over HTTP: one that answers well, and every way to answer badly."""

import hashlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earnest import config
from earnest.rails.tsa import MAX_ANSWER, Refused, Stamped, Unreachable, ask
from earnest.record.der import SEQUENCE, inside, whole
from earnest.record.stamp import check_stamp, read_stamp
from earnest.testing import der, tsa
from earnest.testing.tsa import AT, Authority

MESSAGE = b"log.example\n42\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
RSA, ECDSA = Authority.made("rsa"), Authority.made("ecdsa")
PIN = tsa.pin(RSA.root)

pytestmark = pytest.mark.once


def answered(
    answer: Callable[[bytes], bytes], pin: str = PIN, status: int = 200
) -> Stamped | Refused | Unreachable:
    with tsa.serving(answer, status) as url:
        return ask("fair", url, pin, MESSAGE)


def reason(answer: Callable[[bytes], bytes], pin: str = PIN, status: int = 200) -> str:
    said = answered(answer, pin, status)
    assert isinstance(said, Refused)
    return said.reason


@pytest.mark.parametrize("authority", [RSA, ECDSA], ids=["rsa", "ecdsa"])
def test_a_stamp_is_brought_home_and_checked(authority: Authority) -> None:
    for pin in (tsa.pin(authority.root), tsa.pin(authority.signer)):
        said = answered(authority.answer, pin)
        assert isinstance(said, Stamped)
        assert said.gen_time == "2026-03-02T09:30:00Z"
        assert check_stamp(said.token, MESSAGE, {"fair": pin}) == ("fair", said.gen_time)
        assert read_stamp(said.token).nonce is not None


def test_the_token_is_kept_as_it_came_whatever_the_order_of_its_certificates() -> None:
    for raws in (RSA.certificates, list(reversed(RSA.certificates))):
        said = answered(replace(RSA, certificates=raws).answer)
        assert isinstance(said, Stamped)
        assert list(read_stamp(said.token).certificates) == raws


@pytest.mark.skipif(tsa.openssl() is None, reason="openssl is not on this machine")
@pytest.mark.parametrize("authority", [RSA, ECDSA], ids=["rsa", "ecdsa"])
def test_openssl_as_the_authority(authority: Authority, tmp_path: Path) -> None:
    said = answered(tsa.openssl_answers(authority, tmp_path), tsa.pin(authority.root))
    assert isinstance(said, Stamped)
    raws = read_stamp(said.token).certificates
    assert list(raws) != sorted(raws), "OpenSSL writes the signer first, and DER wants the shorter one first"
    at = datetime.strptime(said.gen_time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert tsa.openssl_verifies(said.token, MESSAGE, authority.root, at, tmp_path)


def test_each_request_has_a_nonce_of_its_own_and_wants_the_certificate() -> None:
    seen = []

    def answer(request: bytes) -> bytes:
        seen.append(request)
        return RSA.answer(request)

    assert isinstance(answered(answer), Stamped) and isinstance(answered(answer), Stamped)
    nonces = {tsa.read_request(request)[1] for request in seen}
    assert len(nonces) == 2 and None not in nonces
    assert all(tsa.read_request(request)[0] == hashlib.sha256(MESSAGE).digest() for request in seen)
    assert all(inside(whole(request, SEQUENCE)).data.endswith(b"\x01\x01\xff") for request in seen)


def test_a_stamp_for_another_request_is_refused() -> None:
    hashed = hashlib.sha256(MESSAGE).digest()
    assert "another request" in reason(lambda request: tsa.granted(RSA.token(hashed, AT, 1)))
    assert "another request" in reason(lambda request: tsa.granted(RSA.token(hashed, AT)))


def test_a_stamp_of_other_bytes_is_refused() -> None:
    def answer(request: bytes) -> bytes:
        return tsa.granted(RSA.token(bytes(32), AT, tsa.read_request(request)[1]))

    assert "other bytes" in reason(answer)


def test_a_stamp_by_another_certificate_is_refused() -> None:
    assert "another certificate" in reason(ECDSA.answer)
    without_root = replace(RSA, certificates=[tsa.raw(RSA.signer)])
    assert "another certificate" in reason(without_root.answer)


def test_a_stamp_that_does_not_verify_is_refused() -> None:
    assert "signature" in reason(replace(RSA, key=tsa.new_key("rsa", "thief")).answer)
    assert "for time stamps" in reason(Authority.made(usage=None).answer)


def test_an_authority_that_says_no() -> None:
    assert reason(lambda request: tsa.refused("not today")) == (
        "fair: the stamp is not granted (status 2) not today"
    )
    assert "status 503" in reason(RSA.answer, status=503)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello",
        b"\x30\x80\x00\x00",
        der.sequence(der.integer(0)),
        der.sequence(der.sequence(der.integer(0))),
        der.sequence(der.sequence(der.integer(0)), der.sequence(der.integer(1))),
        der.sequence(der.sequence(der.integer(9)), RSA.stamp(MESSAGE)),
        tsa.granted(RSA.stamp(MESSAGE)) + b"\0",
        bytes(MAX_ANSWER + 10),
    ],
    ids=lambda said: said[:8].hex() or "nothing",
)
def test_garbage_is_refused(said: bytes) -> None:
    assert reason(lambda request: said)


def test_an_answer_that_is_cut_off_is_refused() -> None:
    assert reason(lambda request: RSA.answer(request)[:-1])


def test_nobody_there_and_silence_and_no_http_are_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert isinstance(ask("fair", url, PIN, MESSAGE, timeout=0.3), Unreachable)
    assert isinstance(ask("fair", url, PIN, MESSAGE, timeout=0.3), Unreachable)


def load(tmp_path: Path, given: Mapping[str, str]) -> config.Config:
    database = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    return config.load({"EARNEST_DATA": str(tmp_path), "EARNEST_DATABASE_URL": database, **given})


def test_authorities_are_a_setting(tmp_path: Path) -> None:
    one, two = f"fair=https://tsa.example/stamp?a=b#{PIN}", f"second-1=http://127.0.0.1:8080#{'0' * 64}"
    loaded = load(tmp_path, {"EARNEST_TSAS": f"{one}, {two}"})
    assert loaded.tsas[0] == config.Tsa("fair", "https://tsa.example/stamp?a=b", PIN)
    assert config.shown(loaded)["EARNEST_TSAS"] == f"{one},{two}"
    assert load(tmp_path, {"EARNEST_TSAS": config.shown(loaded)["EARNEST_TSAS"]}).tsas == loaded.tsas
    assert load(tmp_path, {}).tsas == ()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "https://tsa.example",
        f"fair=https://tsa.example#{PIN[:-1]}",
        f"fair=https://tsa.example#{PIN.upper()}",
        f"fair=ftp://tsa.example#{PIN}",
        f"fair=https://me:secret@tsa.example#{PIN}",
        f"fair=https:///#{PIN}",
        f"two words=https://tsa.example#{PIN}",
        f"fair=https://tsa.example#{PIN},fair=https://other.example#{PIN}",
    ],
)
def test_authorities_that_cannot_be_used_are_one_sentence(value: str, tmp_path: Path) -> None:
    with pytest.raises(config.BadSetting, match=r"^EARNEST_TSAS [^\n]*\.$"):
        load(tmp_path, {"EARNEST_TSAS": value})
