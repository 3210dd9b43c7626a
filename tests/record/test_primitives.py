"""Canonical text, disclosures, chains and notes, against other people's vectors and libraries."""

import ast
import sys
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import earnest.record
from earnest.record import chain, disclosure, sealed
from earnest.record.canonical import NotCanonical, b64, canonical, parse_canonical, strict_json, unb64
from earnest.record.notes import BadNote, Signer, Verifier, open_note
from earnest.record.receipt import read_receipt, sign_receipt

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
#: Every name that the restricted form allows: all of ASCII, with quotes, controls and the empty name.
NAMES = st.text(st.characters(max_codepoint=0x7F), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_agrees_with_rfc8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)
    assert parse_canonical(canonical(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a": 1}',
        '{"a":1,"a":1}',
        "1.0",
        "1e3",
        "-0",
        "NaN",
        "9007199254740992",
        '"\\u0041"',
        "",
    ],
)
def test_what_is_not_the_one_text_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse_canonical(text)


def test_lone_surrogates_and_deep_nesting_are_refused() -> None:
    with pytest.raises(NotCanonical):
        strict_json('"\\ud800"')
    with pytest.raises(NotCanonical):
        strict_json("[" * 100 + "]" * 100)


@given(st.binary(max_size=40))
def test_base64url_has_one_text(data: bytes) -> None:
    assert unb64(b64(data)) == data


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q+", "Q Q"])
def test_other_base64_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        unb64(text)


#: RFC 9901: of section 4.2.1 and of the example in section 5; (disclosure, digest, what it says).
RFC_9901: tuple[tuple[str, str, tuple[str, str, object]], ...] = (
    (
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"),
    ),
    (
        "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
        "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
        ("2GLC42sKQveCfGfryNRN9w", "given_name", "John"),
    ),
    (
        "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
        "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
        ("eluV5Og3gSNII8EYnsxA_A", "family_name", "Doe"),
    ),
    (
        "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ",
        "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE",
        ("6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com"),
    ),
    (
        "WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgInBob25lX251bWJlcl92ZXJpZmllZCIsIHRydWVd",
        "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM",
        ("Qg_O64zqAxe412a108iroA", "phone_number_verified", True),
    ),
    (
        "WyJBSngtMDk1VlBycFR0TjRRTU9xUk9BIiwgImFkZHJlc3MiLCB7InN0cmVldF9hZGRyZXNzIjogIjEyMyBNYWluIFN0IiwgImxvY2Fsa"
        "XR5IjogIkFueXRvd24iLCAicmVnaW9uIjogIkFueXN0YXRlIiwgImNvdW50cnkiOiAiVVMifV0",
        "XzFrzwscM6Gn6CJDc6vVK8BkMnfG8vOSKfpPIZdAfdE",
        (
            "AJx-095VPrpTtN4QMOqROA",
            "address",
            {"street_address": "123 Main St", "locality": "Anytown", "region": "Anystate", "country": "US"},
        ),
    ),
    (
        "WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ",
        "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI",
        ("G02NSrQfjFXQ7Io09syajA", "updated_at", 1570000000),
    ),
)


@pytest.mark.parametrize(("written", "digest", "said"), RFC_9901, ids=[row[2][1] for row in RFC_9901])
def test_disclosures_of_rfc_9901(written: str, digest: str, said: tuple[str, str, object]) -> None:
    """As they are written there, spaces and all: a digest is of the text, whatever wrote it."""
    assert disclosure.digest(written) == digest
    assert disclosure.read_disclosure(written) == said


def test_salts_differ_by_act_and_name_and_short_ones_are_refused() -> None:
    made = {disclosure.salt(b"k" * 32, seq, name) for seq in range(3) for name in ("a", "b")}
    assert len(made) == 6 and all(len(salt) == 16 for salt in made)
    with pytest.raises(ValueError):
        disclosure.disclosure(b"short", "a", 1)


def test_a_digest_does_not_tell_its_value() -> None:
    """Whoever guesses the value but not the salt cannot confirm the guess."""
    true = disclosure.digest(disclosure.disclosure(disclosure.salt(b"k" * 32, 0, "name"), "name", "Ada"))
    guesses = {disclosure.digest(disclosure.disclosure(bytes([n]) * 16, "name", "Ada")) for n in range(256)}
    assert true not in guesses


def test_the_note_of_the_go_library() -> None:
    """The example of golang.org/x/mod/sumdb/note."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    signed = f"{text}\n\u2014 PeterNeumann {signature}\n"
    verifier = Verifier.parse(vkey)
    assert verifier.vkey == vkey
    assert open_note(signed, [verifier]) == text
    with pytest.raises(BadNote):
        open_note(signed.replace("answer", "Answer"), [verifier])


def test_notes_refuse_what_is_not_one() -> None:
    signer = Signer("a.example/receipts", bytes(32))
    note = signer.sign("hello\n")
    assert note == signer.sign("hello\n")
    for broken in (
        note + "x\n",
        note.replace("\u2014 ", "- "),
        note.rstrip("\n"),
        "hello\n",
        note + note.split("\n\n")[1],
    ):
        with pytest.raises(BadNote):
            open_note(broken, [signer.verifier])
    with pytest.raises(BadNote):
        signer.sign("no newline")


def test_a_receipt_is_bound_to_its_key() -> None:
    signer, other = Signer("a.example/receipts", bytes(32)), Signer("a.example/receipts", b"1" * 32)
    note = sign_receipt(signer, "a.example", b"k" * 32, 7, b"h" * 32)
    assert read_receipt(note, signer.verifier).seq == 7
    with pytest.raises(BadNote):
        read_receipt(note, other.verifier)
    with pytest.raises(BadNote):
        read_receipt(note.replace("\n7\n", "\n8\n"), signer.verifier)


def test_a_leaf_reads_back_and_no_other_bytes_do() -> None:
    leaf = chain.Leaf(
        b"k" * 32, 0, b"p" * 32, "deposit.received", 1, "bank", "2018-06-15T09:30:00Z", {}, (b"c" * 32,)
    )
    raw = chain.leaf_bytes(leaf)
    assert chain.read_leaf(raw) == leaf
    for before, after in (
        (b'"v":1', b'"v":2'),
        (b'"by":"bank"', b'"by":"god"'),
        (b'"seq":0', b'"seq":-1'),
        (b'"seq":0', b'"seq":true'),
        (b"09:30:00Z", b"09:30:00z"),
        (b"2018-06-15", b"2018-02-30"),
        (b'"cites":[', b'"cites":1,"x":['),
    ):
        with pytest.raises(chain.BadLeaf):
            chain.read_leaf(raw.replace(before, after))


def test_sealed_values_open_with_their_key_and_identity_alone() -> None:
    key = b"k" * 32
    ciphertext = sealed.seal(key, b"act 1", b"secret")
    assert sealed.unseal(key, b"act 1", ciphertext) == b"secret"
    for wrong_key, identity, data in (
        (b"x" * 32, b"act 1", ciphertext),
        (key, b"act 2", ciphertext),
        (key, b"act 1", ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])),
    ):
        with pytest.raises(sealed.Unsealable):
            sealed.unseal(wrong_key, identity, data)


def test_the_record_needs_nothing_but_the_standard_library_and_cryptography() -> None:
    folder = Path(earnest.record.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.split(".")[0]
                assert (
                    top in sys.stdlib_module_names
                    or top == "cryptography"
                    or name.startswith("earnest.record")
                )
