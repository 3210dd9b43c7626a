"""The tree and the notes agree with what others wrote (canonical JSON and disclosures: `test_primitives`)."""

import base64
import hashlib

import pytest
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as their_consistency
from pymerkle import verify_inclusion as their_inclusion

from earnest.record import merkle
from earnest.record.checkpoint import cosigned_at
from earnest.record.notes import BadNote, Signer, Verifier, open_note

LARGEST = 130


def test_roots_agree_with_pymerkle_for_every_size() -> None:
    theirs, ours = InmemoryTree(algorithm="sha256"), merkle.Tree()
    for n in range(LARGEST + 1):
        if n:
            assert theirs.get_root(n) == ours.root(n)
        theirs.append_entry(b"%d" % n)
        ours.append(merkle.leaf_hash(b"%d" % n))


def test_proofs_agree_with_pymerkle_for_every_size() -> None:
    theirs, ours = InmemoryTree(algorithm="sha256"), merkle.Tree()
    for n in range(LARGEST):
        theirs.append_entry(b"%d" % n)
        ours.append(merkle.leaf_hash(b"%d" % n))
    for size in range(1, LARGEST + 1):
        for index in range(0, size, 7):
            proof = theirs.prove_inclusion(index + 1, size)
            their_inclusion(theirs.get_leaf(index + 1), theirs.get_root(size), proof)
            path = merkle.inclusion(index, size, ours.node)
            assert set(path) <= set(proof.path)
            leaf = theirs.get_leaf(index + 1)
            assert merkle.root_from_inclusion(index, size, leaf, path) == theirs.get_root(size)
        for old in range(1, size + 1, 5):
            proof = theirs.prove_consistency(old, size)
            their_consistency(theirs.get_root(old), theirs.get_root(size), proof)
            path = merkle.consistency(old, size, ours.node)
            merkle.check_consistency(old, size, theirs.get_root(old), theirs.get_root(size), path)


#: The example of the note format's first implementation, which C2SP signed-note took over.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_SIGNED = (
    PETER_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcEl"
    + "ZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_note_of_another_implementation_opens() -> None:
    key = Verifier.parse(PETER)
    assert open_note(PETER_SIGNED, [key]) == PETER_TEXT
    with pytest.raises(BadNote):
        open_note(PETER_SIGNED.replace("answer", "cure"), [key])


@pytest.mark.parametrize(
    "broken",
    [
        PETER_SIGNED[:-1],
        PETER_SIGNED.replace("\n\n", "\n"),
        PETER_SIGNED.replace("\u2014 ", "- "),
        PETER_SIGNED.replace("\u2014 PeterNeumann ", "\u2014  PeterNeumann "),
        PETER_SIGNED.replace(" x08go", "x08go"),
        PETER_SIGNED + "and more",
        PETER_SIGNED + "\n",
        "\n" + PETER_SIGNED[len(PETER_TEXT) :],
        PETER_SIGNED.replace("nAM=", "nAN="),
        PETER_SIGNED.replace("cryptography", "crypto\x00graphy"),
    ],
)
def test_notes_that_are_malformed_are_refused(broken: str) -> None:
    with pytest.raises(BadNote):
        open_note(broken, [Verifier.parse(PETER)])


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.replace("ARpc", "AQpc"),
        PETER.replace("+ARpc", "+ZRpc"),
        PETER[:-4],
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_keys_that_are_malformed_are_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


def test_the_id_of_a_key_is_the_beginning_of_a_hash_of_its_name_type_and_bytes() -> None:
    raw = base64.b64decode(PETER.split("+", 2)[2])
    assert hashlib.sha256(b"PeterNeumann\n" + raw).hexdigest()[:8] == "c74f20a3"


def test_a_log_signs_for_its_name_and_a_cosigner_for_the_time() -> None:
    log = Signer("example.com/log", bytes(32))
    assert log.vkey.startswith("example.com/log+")
    assert (
        cosigned_at(log.sign("example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), {}) == {}
    )
