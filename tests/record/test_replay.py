"""The auditor's replay: it holds for a true log, and each way in which a maker cheats shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.record import chain, checkpoint, merkle, submap
from earnest.record.chain import BadLeaf
from earnest.record.checkpoint import NO_ANCHOR
from earnest.record.replay import DoesNotHold, Frontier, LiveMap, Replay, fast_chain
from tests.vectors import make_v1
from tests.vectors.small_log import SmallLog


def replayed(log: SmallLog) -> Replay:
    """The whole log, held against each of its checkpoints."""

    def anchor(no: int) -> bytes:
        return checkpoint.anchor_of(log.seals[no - 1].note, log.seals[no - 1].stamps) if no else NO_ANCHOR

    replay, start = Replay(anchor), 0
    for sealed in log.seals:
        replay.feed(log.leaves[start : sealed.size])
        point = checkpoint.parse_checkpoint(sealed.body)
        replay.check_root(point.size, point.root)
        start = sealed.size
    return replay


def refused(log: SmallLog) -> str:
    with pytest.raises(DoesNotHold) as caught:
        replayed(log)
    return caught.value.code


def test_a_true_log_holds() -> None:
    replay = replayed(make_v1.told())
    assert (replay.seals, replay.acts, len(replay.subjects)) == (3, 22, 12)


def test_a_map_that_was_rolled_back_for_one_subject() -> None:
    assert refused(make_v1.rolled_back()) in ("map", "subjects")
    log = make_v1.begun()
    make_v1.founding(log)
    subject = log.subject(make_v1.NUMBER)
    for number in list(log.subjects):
        log.subject(number)
    true = [(s.key, len(s.leaves), s.heads[-1]) for s in log.subjects.values()]
    pairs = [(k, n, h) if k != subject.key else (k, n - 2, subject.heads[n - 3]) for k, n, h in true]
    log.seal(make_v1.SEALS[2], pairs=pairs)
    assert refused(log) == "map"


def test_an_act_in_the_log_and_never_in_the_map() -> None:
    assert refused(make_v1.never_mapped()) in ("map", "subjects")


def test_an_act_in_the_map_and_not_in_the_log() -> None:
    log = make_v1.begun()
    make_v1.founding(log)
    ghost = log.subject("GHOST")
    pairs = [(s.key, len(s.leaves), s.heads[-1]) for s in log.subjects.values() if s.leaves]
    log.seal(make_v1.SEALS[2], pairs=[*pairs, (ghost.key, 1, bytes(32))])
    assert refused(log) == "subjects"


def test_a_chain_with_a_gap_and_a_chain_that_begins_twice() -> None:
    for skip in (0, 1):
        log = make_v1.begun()
        make_v1.founding(log)
        log.waiting = [each for each in log.waiting if each[1] != 6 - skip]
        log.seal(make_v1.SEALS[2])
        assert refused(log) == "chain"


def test_a_seal_that_is_not_the_last_leaf() -> None:
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0], after=(log.subject("OTHER-1").leaves[0],))
    assert refused(log) == "chain"
    log = SmallLog("log.example")
    log.act("A", "reservation.placed", "customer", make_v1.SEALS[0], {})
    log.seal(make_v1.SEALS[0])
    log.act("A", "mail.received", "customer", make_v1.SEALS[1], {})
    log.leaves.append(log.subject("A").leaves[1])
    log.tree.append(chain.leaf_hash(log.leaves[-1]))
    replay = Replay()
    replay.feed(log.leaves)
    with pytest.raises(DoesNotHold, match="seal-not-last"):
        replay.check_root(log.tree.size, log.tree.root())


def test_seals_that_are_misnumbered_or_go_back_in_time() -> None:
    log = make_v1.begun()
    log.seal(make_v1.SEALS[1])
    log.seal(make_v1.SEALS[0])
    assert refused(log) == "seal-time"
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0])
    del log.seals[0]
    log.seal(make_v1.SEALS[1])
    assert refused(log) == "seal-number"


def test_an_anchor_that_names_another_checkpoint() -> None:
    log = make_v1.begun()
    log.seal(make_v1.SEALS[0], (make_v1.W1,))
    log.seal(make_v1.SEALS[1])
    log.seals[0].note += checkpoint.cosign(log.seals[0].body, make_v1.W2, 1)
    assert refused(log) == "anchor"


def test_leaves_other_than_the_checkpoints() -> None:
    """The auditor is fed other bytes than those that readers are shown."""
    log = make_v1.begun()
    log.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[0], {"why": "unpaid"})
    log.seal(make_v1.SEALS[0])
    other = make_v1.begun()
    other.act("OTHER-1", "reservation.lapsed", "maker", make_v1.SEALS[0], {"why": "unpaid"})
    other.seal(make_v1.SEALS[0])
    replay = Replay()
    replay.feed(other.leaves)
    point = checkpoint.parse_checkpoint(log.seals[0].body)
    with pytest.raises(DoesNotHold, match="root"):
        replay.check_root(point.size, point.root)


def test_the_edge_of_the_tree_and_the_live_map_are_the_slow_ones() -> None:
    hashes = [merkle.leaf_hash(bytes([n])) for n in range(70)]
    tree, edge, live = merkle.Tree(), Frontier(), LiveMap()
    assert edge.root() == tree.root() and live.root() == submap.EMPTY
    known: dict[bytes, tuple[int, bytes]] = {}
    for n, hashed in enumerate(hashes):
        tree.append(hashed)
        edge.append(hashed)
        assert edge.root() == tree.root()
        moved = {hashed: (1, hashed), hashes[n // 2]: (n + 2, hashed)}
        known |= moved
        live.move(moved)
        assert live.root() == submap.root((key, count, head) for key, (count, head) in known.items())


FIELDS = (b'"cites":["', b'"prev":"', b'"slip":"', b'"subj":"')
LEAF = make_v1.told().subject(make_v1.NUMBER).leaves[2]


def slow(leaf: bytes) -> object:
    try:
        read = chain.read_leaf(leaf)
    except BadLeaf:
        return "bad"
    return read.subject, read.seq, read.prev


def quick(leaf: bytes) -> object:
    try:
        return fast_chain(leaf)
    except BadLeaf:
        return "bad"


@given(st.integers(0, len(LEAF) - 1), st.binary(min_size=0, max_size=3), st.integers(0, 3))
def test_the_quick_way_to_read_a_leaf_takes_what_the_slow_one_takes(place: int, put: bytes, cut: int) -> None:
    broken = LEAF[:place] + put + LEAF[place + cut :]
    assert quick(broken) == slow(broken)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"2021-03-02", b"2021-02-30"),
        (b'"seq":2', b'"seq":02'),
        (b'"seq":2', b'"seq":9007199254740993'),
        (b'"tv":1', b'"tv":1000000000'),
        (b'"sd":{"', b'"sd":{"a":"","'),
        (b'"slip":', b'"zzz":'),
        (b'"by":"system"', b'"by":"nobody"'),
        (b'"v":1}', b'"v":1,"x":1}'),
        (b'"v":1}', b'"v":1}\n'),
        (b'"sd":{', b'"sd":{,'),
        *((field + LEAF.split(field)[1][:43], field + LEAF.split(field)[1][:42] + b"_") for field in FIELDS),
    ],
)
def test_what_the_slow_way_refuses_the_quick_one_refuses(before: bytes, after: bytes) -> None:
    assert before in LEAF
    broken = LEAF.replace(before, after, 1)
    assert quick(broken) == slow(broken)


def test_a_leaf_whose_digests_stand_twice_or_out_of_order_is_refused() -> None:
    members = LEAF[LEAF.index(b'"sd":{') + 6 : LEAF.index(b"}")].split(b",")
    for odd in (members[::-1], [*members, members[-1]], [members[0], *members]):
        broken = LEAF.replace(b",".join(members), b",".join(odd))
        assert quick(broken) == slow(broken) == "bad"
