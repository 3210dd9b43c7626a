"""Each guard of policy, witness and auditor is needed: taken out, what it alone stops would pass."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import earnest.record.policy
import earnest.record.replay
import earnest.record.witnessing  # noqa: F401 - all three are read again below
from earnest.record import chain, checkpoint, merkle
from earnest.record.checkpoint import Checkpoint, Seal
from earnest.record.notes import COSIGNATURE, Signer
from earnest.record.submap import root

LOG = Signer("log.example", bytes([1] * 32))
KEY, OTHER = (chain.subject_key("log.example", number) for number in ("A", "B"))
AT = ("2026-03-30T10:00:00Z", "2026-03-31T10:00:00Z")
DAY = b"2026-03-30"


def read_again(name: str, guard: str = "", instead: str = "") -> ModuleType:
    """A module of the record from its source text, with a guard taken out."""
    whole = sys.modules[f"earnest.record.{name}"]
    source = Path(str(whole.__file__)).read_text()
    if guard:
        assert source.count(guard) == 1, f"{guard!r} stands {source.count(guard)} times in {name}"
        source = source.replace(guard, instead)
    found = ModuleType(whole.__name__)
    found.__file__ = whole.__file__
    exec(compile(source, str(whole.__file__), "exec"), vars(found))  # noqa: S102 - our own text
    return found


class Log:
    """Leaves as a maker likes them."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.heads: dict[bytes, list[bytes]] = {}
        self.anchor = checkpoint.NO_ANCHOR

    def act(self, key: bytes = KEY, *, seq: int | None = None, prev: bytes | None = None) -> "Log":
        """One more act, in its place unless said otherwise."""
        heads = self.heads.setdefault(key, [chain.genesis(key)])
        place, before = len(heads) - 1 if seq is None else seq, heads[-1] if prev is None else prev
        digests = {"amount": checkpoint.b64(bytes(32)), "name": checkpoint.b64(bytes(32))}
        leaf = chain.leaf_bytes(
            chain.Leaf(key, place, before, "mail.received", 1, "customer", AT[0], digests)
        )
        self.leaves.append(leaf)
        heads.append(chain.next_head(heads[-1], merkle.leaf_hash(leaf)))
        return self

    def seal(
        self,
        no: int = 0,
        at: str = AT[0],
        *,
        back: int = 0,
        more: int = 0,
        subjects: int = 0,
        anchor: bytes = checkpoint.NO_ANCHOR,
    ) -> "Log":
        """A seal of all, with the first subject's last `back` acts rolled back, or its number too high."""
        pairs = [(key, len(heads) - 1, heads[-1]) for key, heads in self.heads.items()]
        if back:
            heads = self.heads[KEY]
            pairs[0] = (KEY, len(heads) - 1 - back, heads[-1 - back])
        if more:
            pairs[0] = (KEY, pairs[0][1] + more, pairs[0][2])
        seal = Seal(no, at, root(pairs), len(pairs) + subjects, anchor)
        self.leaves.append(checkpoint.seal_leaf(seal))
        return self

    def edit(self, before: bytes, after: bytes) -> "Log":
        """The newest act spelt otherwise."""
        assert before in self.leaves[-1]
        self.leaves[-1] = self.leaves[-1].replace(before, after, 1)
        heads = self.heads[KEY]
        heads[-1] = chain.next_head(heads[-2], merkle.leaf_hash(self.leaves[-1]))
        return self


def holds(replay: ModuleType, log: Log, signed: list[bytes] | None = None) -> bool:
    """Whether an auditor takes the log; `signed` are the leaves that the checkpoint was signed for."""
    tree = merkle.Tree([merkle.leaf_hash(leaf) for leaf in signed or log.leaves])
    found = replay.Replay(lambda no: checkpoint.NO_ANCHOR)
    try:
        found.feed(log.leaves)
        found.check_root(tree.size, tree.root())
    except replay.DoesNotHold:
        return False
    return True


def doubled(leaf: bytes) -> tuple[bytes, bytes]:
    """The digests, and the digests with the first of them twice."""
    first = leaf[leaf.index(b'"amount"') : leaf.index(b',"name"')]
    return first, first + b"," + first


TRUE = Log().act().act(OTHER).act().seal().act().seal(1, AT[1])
AUDITOR: dict[str, tuple[str, str, Callable[[], Log]]] = {
    "map rolled back for one subject": (
        "seal.map != self.map.root()",
        "False",
        lambda: Log().act().act().seal(back=1),
    ),
    "act in the log and never in the map": (
        "seal.map != self.map.root()",
        "False",
        lambda: Log().act().seal().act().act().seal(1, back=2),
    ),
    "subjects counted falsely": (
        "seal.subjects != len(self.subjects)",
        "False",
        lambda: Log().act().seal(subjects=1),
    ),
    "number skipped in a chain": ("seq != count or ", "", lambda: Log().act().act(seq=2).seal(more=1)),
    "act rewritten or left out": (" or prev != head", "", lambda: Log().act().act(prev=bytes(32)).seal()),
    "seal left out": ("seal.no != self.seals", "False", lambda: Log().act().seal().act().seal(2)),
    "seal dated back": (
        "seal.at < self.sealed_at",
        "False",
        lambda: Log().act().seal(0, AT[1]).act().seal(1, AT[0]),
    ),
    "another checkpoint before it": (
        "expected is not None and seal.anchor != expected",
        "False",
        lambda: Log().act().seal(anchor=bytes(32)),
    ),
    "acts behind the seal": ("if not self.last_is_seal:", "if False:", lambda: Log().act().seal().act()),
    "day that the calendar has not": (
        " and _is_day(day)",
        "",
        lambda: Log().act().edit(DAY, b"2026-02-30").seal(),
    ),
    "digest that stands twice": (
        "_ordered(digests) and ",
        "",
        lambda: (log := Log().act()).edit(*doubled(log.leaves[0])).seal(),
    ),
}


def test_a_true_log_holds() -> None:
    assert holds(read_again("replay"), TRUE)


@pytest.mark.parametrize("attack", AUDITOR)
def test_the_auditor_refuses_it_and_without_the_guard_does_not(attack: str) -> None:
    guard, instead, log = AUDITOR[attack]
    assert not holds(read_again("replay"), log())
    assert holds(read_again("replay", guard, instead), log())


def test_other_leaves_than_the_checkpoints_and_without_the_guard() -> None:
    other = Log().act().act(OTHER).seal().leaves
    assert not holds(read_again("replay"), Log().act(OTHER).act().seal(), other)
    assert holds(
        read_again("replay", " or self.tree.root() != root", ""), Log().act(OTHER).act().seal(), other
    )


TREE = merkle.Tree([merkle.leaf_hash(b"%d" % n) for n in range(9)])
SIGNED = {n: checkpoint.sign_checkpoint(LOG, Checkpoint("log.example", n, TREE.root(n))) for n in (3, 5, 9)}
FORGED = checkpoint.sign_checkpoint(
    Signer("log.example", bytes(32)), Checkpoint("log.example", 9, TREE.root())
)
REWRITTEN = checkpoint.sign_checkpoint(LOG, Checkpoint("log.example", 9, bytes(32)))
FORK = checkpoint.sign_checkpoint(LOG, Checkpoint("log.example", 5, bytes(32)))

WITNESS = {
    "a signature of another key": ("known[name, id].verifies(text, signature)", "True", FORGED, 5, 403),
    "a history rewritten": (
        "merkle.check_consistency(old, checkpoint.size, last.root, checkpoint.root, proof)",
        "pass",
        REWRITTEN,
        5,
        422,
    ),
    "a step from where the log never was": ("if old != last.size:", "if False:", SIGNED[9], 0, 409),
}


@pytest.mark.parametrize("attack", WITNESS)
def test_the_witness_refuses_it_and_without_the_guard_does_not(attack: str) -> None:
    guard, instead, note, old, status = WITNESS[attack]
    for module, want in (
        (read_again("witnessing"), status),
        (read_again("witnessing", guard, instead), 200),
    ):
        # What the forger of a signature cannot help is that it names the key under which it would be believed.
        text = note
        if note == FORGED:
            forged = checkpoint.read_base64(note.split()[-1])[4:]
            line = checkpoint.base64.b64encode(LOG.verifier.id + forged).decode()
            text = note.replace(note.split()[-1], line)
        path = merkle.consistency(old, 9, TREE.node)
        hashes = "".join(checkpoint.base64.b64encode(each).decode() + "\n" for each in path)
        body = f"old {old}\n{hashes}\n{text}".encode()
        seen = module.Seen(5, TREE.root(5))
        assert module.judge(body, [LOG.verifier], lambda origin, seen=seen: seen).status == want


def test_a_fork_at_one_size_is_stopped_twice() -> None:
    """By the witness itself, with 409 as specified, and without that by the proof that two roots cannot have."""
    body = f"old 5\n\n{FORK}".encode()
    for module, want in (
        (read_again("witnessing"), 409),
        (
            read_again("witnessing", "old == checkpoint.size and last.root != checkpoint.root", "False"),
            422,
        ),
    ):
        seen = module.Seen(5, TREE.root(5))
        assert module.judge(body, [LOG.verifier], lambda origin, seen=seen: seen).status == want


def key(n: int, name: str = "w.example") -> str:
    """The key of a witness."""
    return Signer(name, bytes([n] * 32), COSIGNATURE).vkey


TWO = f"witness a {key(1)}\nwitness b {key(2, 'x.example')}\n"
POLICY = {
    "one witness counted twice under two names": (
        "any(each.public == key.public for each in known)",
        "False",
        f"witness a {key(1)}\nwitness b {key(1, 'x.example')}\ngroup g all a b\nquorum g\n",
    ),
    "a member counted twice": (
        "if member in self.members:",
        "if False:",
        f"{TWO}group g 2 a a b\nquorum g\n",
    ),
    "a quorum of nobody": ("not 1 <= count <= len(members)", "False", f"{TWO}group g 0 a b\nquorum g\n"),
    "a second quorum, weaker": (
        " or self.quorum is not None",
        "",
        f"{TWO}group g all a b\nquorum g\nquorum none\n",
    ),
    "an auditor whom nobody asked": (
        "not self.auditors <= set(self.witnesses)",
        "False",
        "quorum none\n# earnest auditor z\n",
    ),
    "a group called none": ('name == "none" or ', "", f"{TWO}group none all a b\nquorum none\n"),
    "a log's key that cosigns": ("if key.type != ED25519:", "if False:", f"log {key(1)}\nquorum none\n"),
}


@pytest.mark.parametrize("trick", POLICY)
def test_the_policy_is_refused_and_without_the_guard_is_not(trick: str) -> None:
    guard, instead, text = POLICY[trick]
    whole = read_again("policy")
    with pytest.raises(whole.BadPolicy):
        whole.Policy.parse(text)
    read_again("policy", guard, instead).Policy.parse(text)
