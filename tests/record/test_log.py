"""The tree, the map of subjects, checkpoints and seals, against slow and obvious versions of themselves."""

import hashlib
from random import Random

import pytest

from earnest.record import checkpoint, merkle, submap
from earnest.record.chain import BadLeaf
from earnest.record.notes import COSIGNATURE, BadNote, Signer

LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(70)]
LOG = Signer("log.example", bytes(32))
WITNESS = Signer("witness.example/w1", bytes(range(32)), COSIGNATURE)


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return merkle.node_hash(naive_root(hashes[:half]), naive_root(hashes[half:]))


def test_roots_are_those_of_the_rfc() -> None:
    tree = merkle.Tree(LEAVES)
    for size in range(len(LEAVES) + 1):
        assert tree.root(size) == naive_root(LEAVES[:size])


def test_each_leaf_is_proved_under_each_root_and_no_other() -> None:
    tree = merkle.Tree(LEAVES)
    for size in range(1, 40):
        for index in range(size):
            path = merkle.inclusion(index, size, tree.node)
            assert merkle.root_from_inclusion(index, size, LEAVES[index], path) == tree.root(size)
            assert merkle.root_from_inclusion(index, size, LEAVES[index + 1], path) != tree.root(size)
            for wrong in (path[:-1], [*path, LEAVES[0]]):
                if wrong != path:
                    with pytest.raises(merkle.BadProof):
                        merkle.root_from_inclusion(index, size, LEAVES[index], wrong)


def test_an_older_log_is_the_beginning_of_a_newer_one_or_not() -> None:
    tree, forked = merkle.Tree(LEAVES), merkle.Tree([LEAVES[1], *LEAVES[1:]])
    for new in range(40):
        for old in range(new + 1):
            path = merkle.consistency(old, new, tree.node)
            merkle.check_consistency(old, new, tree.root(old), tree.root(new), path)
            if old:
                with pytest.raises(merkle.BadProof):
                    merkle.check_consistency(old, new, forked.root(old), tree.root(new), path)
            if 0 < old < new:
                with pytest.raises(merkle.BadProof):
                    merkle.check_consistency(old, new, tree.root(old), tree.root(new), [*path, LEAVES[0]])
                if path:
                    with pytest.raises(merkle.BadProof):
                        merkle.check_consistency(old, new, tree.root(old), tree.root(new), path[:-1])


def subjects(count: int) -> list[tuple[bytes, int, bytes]]:
    return [(hashlib.sha256(bytes([n, 7])).digest(), n + 1, LEAVES[n]) for n in range(count)]


def test_every_subject_is_proved_under_the_maps_root_with_its_own_count_and_head_alone() -> None:
    for count in (1, 2, 3, 17, 60):
        pairs = subjects(count)
        root = submap.root(pairs)
        leaves = sorted((key, submap.map_leaf(key, n, head)) for key, n, head in pairs)
        for key, n, head in pairs:
            path = submap.path_in(leaves, 0, key)
            assert submap.fold_proof(key, n, head, path) == root
            assert submap.fold_proof(key, n - 1, head, path) != root
            assert submap.fold_proof(key, n, LEAVES[69], path) != root
            if path:
                # A shallower leaf for the same key is another root: the leaf binds the whole key, the path its place.
                assert submap.fold_proof(key, n, head, path[1:]) != root


def test_the_map_does_not_depend_on_the_order_of_its_subjects() -> None:
    pairs = subjects(50)
    shuffled = pairs[:]
    Random(1).shuffle(shuffled)
    assert submap.root(pairs) == submap.root(shuffled)
    assert submap.root([]) == submap.EMPTY


def test_a_map_is_the_same_in_pages_as_in_one_piece() -> None:
    pairs = subjects(60)
    leaves = sorted((key, submap.map_leaf(key, n, head)) for key, n, head in pairs)
    cells = [submap.subtree([leaf for leaf in leaves if leaf[0][0] == first], 8) for first in range(256)]
    assert submap.cells_above(cells)[-1][0].hash == submap.root(pairs)


def test_a_checkpoint_has_one_form() -> None:
    point = checkpoint.Checkpoint("log.example", 70, merkle.Tree(LEAVES).root())
    note = checkpoint.sign_checkpoint(LOG, point)
    assert checkpoint.open_checkpoint(note, LOG.verifier) == point
    body = point.body
    for wrong in (body + "extension\n", body.replace("70", "070"), body.replace("70", "+70"), "\n70\n\n", ""):
        with pytest.raises(BadNote):
            checkpoint.parse_checkpoint(wrong)
    with pytest.raises(BadNote):
        checkpoint.open_checkpoint(Signer("other.example", bytes(32)).sign(body), LOG.verifier)


def test_a_cosignature_is_over_this_checkpoint_at_this_time() -> None:
    point = checkpoint.Checkpoint("log.example", 70, merkle.Tree(LEAVES).root())
    line = checkpoint.cosign(point.body, WITNESS, 1_774_000_000)
    note = checkpoint.sign_checkpoint(LOG, point)
    keys = {"w1": WITNESS.verifier}
    assert checkpoint.cosigned_at(note + line, keys) == {"w1": 1_774_000_000}
    assert checkpoint.cosigned_at(note, keys) == {}
    other = checkpoint.sign_checkpoint(LOG, checkpoint.Checkpoint("log.example", 71, point.root))
    for wrong in (other + line, note + line + line):
        with pytest.raises(BadNote):
            checkpoint.cosigned_at(wrong, keys)


def test_a_plain_signature_by_a_witness_key_is_no_cosignature() -> None:
    point = checkpoint.Checkpoint("log.example", 70, merkle.Tree(LEAVES).root())
    plain = Signer(WITNESS.name, WITNESS.seed).sign(point.body).rpartition("\n\n")[2]
    note = checkpoint.sign_checkpoint(LOG, point) + plain
    assert checkpoint.cosigned_at(note, {"w1": WITNESS.verifier}) == {}


def test_a_seal_has_one_form() -> None:
    seal = checkpoint.Seal(0, "2026-03-31T12:00:00Z", LEAVES[0], 3, checkpoint.NO_ANCHOR)
    data = checkpoint.seal_leaf(seal)
    assert checkpoint.read_seal(data) == seal
    for wrong in (
        data.replace(b'"no":0', b'"no":-1'),
        data.replace(b'"no":0', b'"no":true'),
        data.replace(b'"subjects":3', b'"subjects":3.0'),
        data.replace(b'"k":"seal"', b'"k":"act"'),
        data.replace(b'"v":1', b'"v":2'),
        data.replace(b"03-31", b"02-31"),
        data.replace(b'"no":0', b'"no":0,"x":1'),
        data + b"\n",
    ):
        with pytest.raises(BadLeaf):
            checkpoint.read_seal(wrong)


def test_a_proof_as_text_is_read_back_and_has_one_form() -> None:
    tree = merkle.Tree(LEAVES)
    point = checkpoint.Checkpoint("log.example", 70, tree.root())
    path = merkle.inclusion(13, 70, tree.node)
    text = checkpoint.write_proof(13, path, checkpoint.sign_checkpoint(LOG, point))
    assert checkpoint.read_proof(text)[:2] == (13, path)
    checkpoint.check_proof(13, path, LEAVES[13], point)
    for wrong in (
        text.replace("index 13", "index 013"),
        text.replace("index 13", "extra YQ==\nindex 13"),
        text.replace("=\n\n", "\n\n", 1),
        "\n".join(["c2sp.org/tlog-proof@v1", "index 1", *["A" * 43 + "="] * 64, "", "note"]),
    ):
        with pytest.raises(merkle.BadProof):
            checkpoint.read_proof(wrong)
    with pytest.raises(merkle.BadProof):
        checkpoint.check_proof(14, path, LEAVES[13], point)
