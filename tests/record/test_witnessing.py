"""What a witness answers, case by case as C2SP tlog-witness says, without a server."""

import base64

import pytest

from earnest.record import checkpoint, merkle, witnessing
from earnest.record.checkpoint import Checkpoint
from earnest.record.notes import COSIGNATURE, DASH, Signer, open_note
from earnest.record.witnessing import SIZE, Seen, Verdict, judge

ORIGIN = "log.example"
LOG, SUCCESSOR, STRANGER = (Signer(ORIGIN, bytes([n] * 32)) for n in (1, 2, 3))
TREE = merkle.Tree([merkle.leaf_hash(b"%d" % n) for n in range(20)])
REWRITTEN = merkle.Tree([merkle.leaf_hash(b"%d" % (n or 99)) for n in range(20)])


def note(size: int, tree: merkle.Tree = TREE, signer: Signer = LOG) -> str:
    """The checkpoint of the first leaves."""
    return checkpoint.sign_checkpoint(signer, Checkpoint(ORIGIN, size, tree.root(size)))


def request(old: int, text: str, proof: list[bytes] | None = None) -> bytes:
    """A submission."""
    lines = "".join(base64.b64encode(hashed).decode() + "\n" for hashed in proof or [])
    return f"old {old}\n{lines}\n{text}".encode()


def answer(body: bytes, seen: int = 0, tree: merkle.Tree = TREE) -> Verdict:
    """Of a witness that has seen so many leaves of that tree."""
    logs = [LOG.verifier, SUCCESSOR.verifier, Signer("other.example", bytes(32)).verifier]
    return judge(body, logs, lambda origin: Seen(seen, tree.root(seen)) if origin == ORIGIN else Seen())


def test_every_step_from_what_was_seen_and_no_other() -> None:
    for seen in range(13):
        for new in range(13):
            for old in range(13):
                proof = merkle.consistency(old, new, TREE.node) if old <= new else []
                verdict = answer(request(old, note(new), proof), seen)
                want = 400 if old > new else 409 if old != seen else 200
                assert verdict.status == want, (seen, old, new)
                if want == 409:
                    assert (verdict.body, verdict.type) == (f"{seen}\n", SIZE)
                assert (verdict.checkpoint is None) == (want != 200)


def test_a_history_that_was_rewritten_is_422_at_every_size() -> None:
    for seen in range(1, 12):
        for new in range(seen + 1, 13):
            for proof in (
                merkle.consistency(seen, new, REWRITTEN.node),
                merkle.consistency(seen, new, TREE.node),
            ):
                assert answer(request(seen, note(new, REWRITTEN), proof), seen).status == 422


def test_another_root_at_the_size_that_was_seen_is_409() -> None:
    verdict = answer(request(7, note(7, REWRITTEN)), 7)
    assert (verdict.status, verdict.body, verdict.type) == (409, "7\n", SIZE)


def test_a_root_of_no_leaves_is_the_empty_one() -> None:
    lie = checkpoint.sign_checkpoint(LOG, Checkpoint(ORIGIN, 0, bytes(32)))
    assert answer(request(0, lie)).status == 409


def test_a_proof_with_a_hash_too_few_or_too_many_is_422() -> None:
    proof = merkle.consistency(5, 12, TREE.node)
    assert answer(request(5, note(12), proof), 5).status == 200
    for wrong in (proof[:-1], [*proof, proof[-1]], proof[::-1], []):
        assert answer(request(5, note(12), wrong), 5).status == 422
    assert answer(request(0, note(12), proof)).status == 422
    assert answer(request(12, note(12), proof), 12).status == 422


def test_a_log_that_is_not_known_is_404_and_a_key_that_is_not_403() -> None:
    unknown = checkpoint.sign_checkpoint(
        Signer("new.example", LOG.seed), Checkpoint("new.example", 1, bytes(32))
    )
    assert answer(request(0, unknown)).status == 404
    assert answer(request(0, note(5, signer=STRANGER))).status == 403
    assert answer(request(0, note(5).replace("\n5\n", "\n6\n"))).status == 403


def test_a_key_of_the_log_that_only_cosigns_does_not_sign_for_it() -> None:
    cosigner = Signer(ORIGIN, LOG.seed, COSIGNATURE)
    body = Checkpoint(ORIGIN, 5, TREE.root(5)).body
    assert answer(request(0, f"{body}\n{checkpoint.cosign(body, cosigner, 5)}")).status == 403


def test_either_of_a_logs_keys_will_do() -> None:
    assert answer(request(0, note(5, signer=SUCCESSOR))).status == 200


def test_the_order_of_what_is_looked_at() -> None:
    """Whoever has no key of the log learns nothing of what was seen of it."""
    assert answer(request(9, note(5, signer=STRANGER)), 7).status == 403
    assert answer(request(9, note(5)), 7).status == 400


def test_signatures_that_others_put_beside_it_are_neither_judged_nor_kept() -> None:
    mine = Signer("w.example", bytes([7] * 32), COSIGNATURE)
    text = note(5)
    body = text.partition("\n\n")[0] + "\n"
    beside = STRANGER.sign(body).rpartition("\n\n")[2]
    earlier = checkpoint.cosign(body, mine, 5)
    junk = f"{DASH}{ORIGIN} {base64.b64encode(LOG.verifier.id + bytes(64)).decode()}\n"
    own = text.rpartition("\n\n")[2]
    verdict = answer(request(0, text + beside + earlier + junk + own))
    assert (verdict.status, verdict.note) == (200, text)
    assert open_note(verdict.note, [LOG.verifier]) == body


def test_extension_lines_of_others_logs_are_signed_with_the_rest() -> None:
    body = Checkpoint(ORIGIN, 5, TREE.root(5)).body + "extended\nand more\n"
    verdict = answer(request(0, LOG.sign(body)))
    assert (verdict.status, verdict.note) == (200, LOG.sign(body))
    assert verdict.checkpoint == Checkpoint(ORIGIN, 5, TREE.root(5))
    assert answer(request(0, LOG.sign(body + "\nlast\n"))).status == 400


GOOD = request(0, note(5))


@pytest.mark.parametrize(
    "body",
    {
        "nothing": b"",
        "no old size": note(5).encode(),
        "a leading zero": GOOD.replace(b"old 0", b"old 00"),
        "a sign": GOOD.replace(b"old 0", b"old -0"),
        "two spaces": GOOD.replace(b"old 0", b"old  0"),
        "capital letters": GOOD.replace(b"old 0", b"OLD 0"),
        "a number of another script": GOOD.replace(b"old 0", "old \u0660".encode()),
        "line ends of another kind": GOOD.replace(b"\n", b"\r\n"),
        "no empty line": GOOD.replace(b"old 0\n\n", b"old 0\n"),
        "a hash of three bytes": GOOD.replace(b"old 0\n", b"old 0\nQUJD\n"),
        "a hash with stray bits": GOOD.replace(b"old 0\n", b"old 0\n" + b"A" * 42 + b"B=\n"),
        "64 hashes": request(0, note(5), [bytes(32)] * 64),
        "no end of line at the end": GOOD[:-1],
        "not UTF-8": GOOD + b"\xff",
        "a size with a leading zero": request(0, LOG.sign(f"{ORIGIN}\n05\n{note(5).split(chr(10))[2]}\n")),
        "a root of three bytes": request(0, LOG.sign(f"{ORIGIN}\n5\nQUJD\n")),
        "no root": request(0, LOG.sign(f"{ORIGIN}\n5\n")),
        "more than a request may have": GOOD + b"\n" * witnessing.MAX_BODY,
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_request_is_400(body: tuple[str, bytes]) -> None:
    assert answer(GOOD).status == 200
    assert answer(body[1]).status == 400


def test_63_hashes_are_a_request_and_no_proof() -> None:
    assert answer(request(0, note(5), [bytes(32)] * 63)).status == 422
