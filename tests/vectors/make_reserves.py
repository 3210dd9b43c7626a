"""Makes the files of `reserves/`: proofs that a reservation is counted, true ones, and one for each attack.

PYTHONPATH=src:. python -m tests.vectors.make_reserves        writes them again; the same bytes each time
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from earnest.record import chain, checkpoint, merkle, reserves, sumtree
from earnest.record.canonical import b64, canonical
from earnest.record.notes import Signer
from earnest.record.sumtree import Node, Sums
from tests.vectors.small_log import SmallLog, witness

FOLDER = Path(__file__).parent / "reserves"
ORIGIN, NUMBER = "demo.vectors.example", "K7QF-2M9X-4"
AT, NOW = "2026-03-31T12:00:00Z", "2026-04-02T00:00:00Z"
SEED = b"one statement's secret, 32 bytes"
W1, AUDITOR = witness("w1.example", 40), witness("auditor.example", 60)
MINE: Final[Sums] = (500_000, 0)
#: What five people are owed in EUR and USD.
OWED: Final[dict[str, Sums]] = {
    NUMBER: MINE,
    "3BB0-J47G-5": (700_000, 0),
    "7P2M-4XWC-9": (0, 120_000),
    "9ZKD-0QT1-V": (2_500_000, 50_000),
    "W4H8-61NE-R": (1, 0),
}


def key_of(number: str) -> bytes:
    """The key of a subject."""
    return chain.subject_key(ORIGIN, number)


def sums_of(owed: Sums) -> dict[str, dict[str, dict[str, int]]]:
    """Accounts that add up: all of it owed as deposits, a fee and a sale besides."""
    return {
        currency: {
            "owed": {"deposit": minor, "refund": 0},
            "held": {"bank": minor - 1_000, "card-clearing": 4_000},
            "more": {"sales": 5_000},
            "less": {"provider-fees": 2_000},
        }
        for currency, minor in zip(("EUR", "USD"), owed, strict=True)
    }


def signer(first: int = 1, name: str = f"{ORIGIN}/receipts") -> Signer:
    """A key of receipts that everybody can make."""
    return Signer(name, bytes(range(first, first + 32)))


@dataclass(frozen=True)
class Made:
    """What a maker signs and gives to one customer; any part may be of the maker's own liking."""

    owed: Sums
    tree: bytes
    place: int
    path: tuple[Node, ...]
    sums: Sums = MINE
    number: str = NUMBER
    accounts: dict[str, dict[str, dict[str, int]]] | None = None
    depth: int | None = None
    signer: Signer = field(default_factory=signer)
    counted: tuple[int, bytes] | None = None

    @property
    def statement(self) -> reserves.Statement:
        """What is signed."""
        depth = len(self.path) if self.depth is None else self.depth
        accounts = self.accounts or sums_of(self.owed)
        return reserves.Statement(ORIGIN, 0, *(self.counted or first()), AT, self.tree, depth, accounts)

    def proof(self, log: dict[str, Any] | None = None) -> bytes:
        """The file."""
        note = reserves.sign_statement(self.signer, self.statement)
        opened = (self.sums, sumtree.salt(SEED, key_of(self.number)))
        return reserves.build_proof(self.signer.vkey, note, self.number, opened, self.place, self.path, log)


def honest(owed: dict[str, Sums] = OWED, number: str = NUMBER) -> Made:
    """A true statement, and the proof of one of the reservations."""
    levels = sumtree.levels(sumtree.padded(SEED, {key_of(each): sums for each, sums in owed.items()}, 2))
    own = sumtree.leaf(key_of(number), sumtree.salt(SEED, key_of(number)), owed[number])
    place = levels[0].index(own)
    path = tuple(level[(place >> height) ^ 1] for height, level in enumerate(levels[:-1]))
    root = levels[-1][0]
    return Made(root.sums, root.hash, place, path, owed[number], number)


def begun() -> SmallLog:
    """A log of one act, sealed: the checkpoint that is stated."""
    log = SmallLog(ORIGIN)
    log.act(NUMBER, "reservation.placed", "customer", "2026-03-01T08:00:00Z", {"queue": 1})
    log.seal(AT)
    return log


@cache
def first() -> tuple[int, bytes]:
    """Its size and root."""
    log = begun()
    return log.tree.size, log.tree.root()


def state(log: SmallLog, made: Made, *, number: str = reserves.SUBJECT, type: str = reserves.ACT) -> None:
    """The statement becomes an act."""
    log.act(number, type, "maker", "2026-03-31T12:01:00Z", made.statement.fields())


@cache
def logged() -> SmallLog:
    """A log in which the true statement is an act, sealed after it was made; and what is none of it."""
    log = begun()
    state(log, honest())
    state(log, replace(honest(), owed=(1, 1)))
    state(log, honest(), type="reserves.other")
    state(log, replace(honest(), counted=(first()[0], bytes(32))))
    state(log, replace(honest(), counted=(0, bytes(32))))
    state(log, honest(), number="reserves/other")
    log.seal("2026-03-31T13:00:00Z", (W1, AUDITOR))
    return log


@cache
def rotated(*, before: bool) -> SmallLog:
    """A log that got another key, before or after the statement was sealed."""
    log = begun()
    state(log, honest())
    if before:
        log.rotate(3, "2026-03-31T12:30:00Z")
    log.seal("2026-03-31T13:00:00Z")
    if not before:
        log.rotate(3, "2026-03-31T12:30:00Z")
    return log


def in_log(
    subject: str = reserves.SUBJECT, seq: int = 0, *, of: int | None = None, log: SmallLog | None = None
) -> dict[str, Any]:
    """Where the log holds an act; `of` proves the place of another one."""
    log = log or logged()
    sealed, found = log.seals[-1], log.subject(subject)
    place = found.places[seq] if of is None else of
    path = merkle.inclusion(place, sealed.size, log.tree.node)
    grown = merkle.consistency(first()[0], sealed.size, log.tree.node)
    said: dict[str, Any] = {
        "key": log.log.vkey,
        "leaf": found.leaves[seq].decode(),
        "open": found.opened[seq],
        "proof": checkpoint.write_proof(place, path, sealed.note),
        "grown": [b64(hashed) for hashed in grown],
    }
    return said | ({"rotations": log.rotations} if log.rotations else {})


def policy(*more: str, quorum: str = "auditor") -> str:
    """The log's key and an auditor."""
    lines = [
        f"log {logged().log.vkey}",
        f"witness auditor {AUDITOR.vkey}",
        f"witness w9 {witness('w9.example', 90).vkey}",
        f"quorum {quorum}",
        "# earnest auditor auditor",
        *more,
    ]
    return "\n".join(lines) + "\n"


def changed(change: Callable[[dict[str, Any]], Any], of: bytes | None = None) -> bytes:
    """A proof after somebody edited it, written in its one form again."""
    file = json.loads(of or honest().proof())
    change(file)
    return canonical(file) + b"\n"


# --- what a maker with the key could try


def _own() -> Node:
    return sumtree.leaf(key_of(NUMBER), sumtree.salt(SEED, key_of(NUMBER)), MINE)


def _over(left: Node, right: Node, sums: Sums) -> Node:
    """The true hash over two children, and sums of the maker's own liking."""
    said = b"earnest/reserves-node/v1\x00"
    for child in (left, right):
        said += child.hash + b"".join(minor.to_bytes(8, "big", signed=True) for minor in child.sums)
    return Node(hashlib.sha256(said).digest(), sums)


def _negative() -> Made:
    """A leaf of nobody that owes: 400,000 less are owed in all."""
    beside = Node(hashlib.sha256(b"debt").digest(), (-400_000, 0))
    root = _over(_own(), beside, (100_000, 0))
    return Made(root.sums, root.hash, 0, (beside,))


def _wrapped() -> Made:
    """A sum so large that the total begins again at zero."""
    beside = Node(hashlib.sha256(b"much").digest(), (sumtree.LIMIT - 400_000, 0))
    root = _over(_own(), beside, (100_000, 0))
    return Made(root.sums, root.hash, 0, (beside,))


def _other_halves() -> Made:
    """Maxwell's tree: a node says the total alone, so each is shown another half. 700,000 instead of 1,200,000."""
    other = sumtree.leaf(key_of("3BB0-J47G-5"), bytes(32), (700_000, 0))
    total = b"".join(minor.to_bytes(8, "big", signed=True) for minor in (700_000, 0))
    said = b"earnest/reserves-node/v1\x00" + _own().hash + other.hash + total
    return Made((700_000, 0), hashlib.sha256(said).digest(), 0, (Node(other.hash, (200_000, 0)),))


def _left_out() -> Made:
    """The tree is of everybody else; the customer is shown the path of a place that is another's."""
    rest = {number: sums for number, sums in OWED.items() if number != NUMBER}
    return replace(honest(rest, "3BB0-J47G-5"), number=NUMBER, sums=MINE)


def _shared() -> Made:
    """Two customers who are owed the same are both shown the one leaf."""
    rest = {number: sums for number, sums in OWED.items() if number != NUMBER}
    return replace(honest(rest | {"3BB0-J47G-5": MINE}, "3BB0-J47G-5"), number=NUMBER)


def _pair() -> Made:
    """A tree of two, the customer's leaf on the left."""
    beside = sumtree.pad(SEED, 0, 2)
    root = sumtree.join(_own(), beside)
    return Made(root.sums, root.hash, 0, (beside,))


def _understated() -> Made:
    """The tree is true, and the statement says that less is owed."""
    made = honest()
    return replace(made, owed=(made.owed[0] - 500_000, made.owed[1]))


def _unexplained() -> Made:
    """A thousand euros are missing at the bank, and nothing says why."""
    made = honest()
    accounts = sums_of(made.owed)
    accounts["EUR"]["held"]["bank"] -= 100_000
    return replace(made, accounts=accounts)


def _owed_below_zero() -> Made:
    """An account of what is owed that takes away from another."""
    made = honest()
    accounts = sums_of(made.owed)
    accounts["EUR"]["owed"] = {"deposit": made.owed[0] + 5, "refund": -5}
    return replace(made, accounts=accounts)


def _edited_path(file: dict[str, Any]) -> None:
    file["path"][0][1][0] += 1


def _other_hash(file: dict[str, Any]) -> None:
    file["path"][1][0] = b64(bytes(32))


def _opened_otherwise(file: dict[str, Any]) -> None:
    file["log"]["open"]["depth"] = in_log(seq=1)["open"]["depth"]


@dataclass(frozen=True)
class Vector:
    """A file, what is given beside it, and what is said of it."""

    make: Callable[[], bytes]
    error: str = ""
    exit: int = 0
    key: str = field(default_factory=lambda: signer().vkey)
    policy: str = ""
    expects: dict[str, Any] = field(default_factory=dict)


def bad(make: Callable[[], bytes], error: str, **given: Any) -> Vector:
    """A file that does not hold."""
    return Vector(make, error, 1, **given)


TOTALS: Final = {"EUR": 3_700_001, "USD": 170_000}

VALID: dict[str, Vector] = {
    "counted": Vector(
        lambda: honest().proof(), expects={"yours": {"EUR": 500_000, "USD": 0}, "owed": TOTALS}
    ),
    "unpinned": Vector(lambda: honest().proof(), key="", expects={"key_pinned": False}),
    "alone": Vector(lambda: honest({NUMBER: MINE}).proof(), expects={"owed": {"EUR": 500_000, "USD": 0}}),
    "last-place": Vector(lambda: _at_the_end().proof(), expects={"owed": TOTALS}),
    "logged": Vector(
        lambda: honest().proof(in_log()),
        key="",
        policy=policy(),
        expects={"key_pinned": True, "logged": logged().seals[-1].size, "audited": True},
    ),
    "logged-under-the-log-key": Vector(
        lambda: honest().proof(in_log()), key=logged().log.vkey, expects={"key_pinned": True}
    ),
    "logged-after-a-change-of-key": Vector(
        lambda: honest().proof(in_log(log=rotated(before=True))),
        key=begun().log.vkey,
        expects={"key_pinned": True},
    ),
    "warned-log-not-given": Vector(
        lambda: honest().proof(in_log()),
        expects={"warnings": ["the key of the log was named by the file itself and not checked"]},
    ),
}


def _at_the_end() -> Made:
    found = [honest(number=each) for each in OWED]
    return max(found, key=lambda made: made.place)


ATTACKS: dict[str, Vector] = {
    "negative-sum": bad(lambda: _negative().proof(), "sum"),
    "summed-overflow": bad(lambda: _wrapped().proof(), "sum"),
    "other-halves": bad(lambda: _other_halves().proof(), "root"),
    "leaf-left-out": bad(lambda: _left_out().proof(), "root"),
    "one-leaf-for-two": bad(lambda: _shared().proof(), "root"),
    "path-altered": bad(lambda: changed(_edited_path), "root"),
    "sibling-altered": bad(lambda: changed(_other_hash), "root"),
    "children-swapped": bad(lambda: replace(_pair(), place=1).proof(), "root"),
    "place-beyond-the-tree": bad(lambda: changed(lambda f: f.update(place=f["place"] + 8)), "path"),
    "path-too-short": bad(lambda: replace(_pair(), depth=2).proof(), "path"),
    "own-sum-raised": bad(lambda: changed(lambda f: f.update(sums=[600_000, 0])), "root"),
    "own-sum-of-one-currency": bad(lambda: changed(lambda f: f.update(sums=[500_000])), "sum"),
    "own-sum-as-text": bad(lambda: changed(lambda f: f.update(sums=["500000", 0])), "malformed"),
    "another-number": bad(lambda: changed(lambda f: f.update(number="3BB0-J47G-5")), "root"),
    "another-salt": bad(lambda: changed(lambda f: f.update(salt=b64(bytes(32)))), "root"),
    "total-understated": bad(lambda: _understated().proof(), "total"),
    "difference-unexplained": bad(lambda: _unexplained().proof(), "unexplained"),
    "owed-below-zero": bad(lambda: _owed_below_zero().proof(), "signature"),
    "another-key": bad(lambda: replace(honest(), signer=signer(2)).proof(), "other-key"),
    "key-of-another-name": bad(
        lambda: replace(honest(), signer=signer(1, "other.example/receipts")).proof(), "other-subject", key=""
    ),
    "note-edited": bad(
        lambda: changed(lambda f: f.update(note=f["note"].replace('"deposit":3700001', '"deposit":3700000'))),
        "signature",
    ),
    "unknown-member": bad(lambda: changed(lambda f: f.update(comment="trust me")), "members"),
    "missing-member": bad(lambda: changed(lambda f: f.pop("place")), "members"),
    "unknown-version": bad(lambda: changed(lambda f: f.update(earnest="reserves/v9")), "unknown-version"),
    "member-twice": bad(
        lambda: honest().proof().replace(b'"number":', b'"number":"A","number":', 1), "not-strict-json"
    ),
    "not-canonical": bad(lambda: honest().proof().replace(b'"place":', b'"place": ', 1), "not-canonical"),
    "logged-another-statement": bad(lambda: honest().proof(in_log(seq=1)), "log"),
    "logged-by-another-subject": bad(lambda: honest().proof(in_log("reserves/other")), "log"),
    "logged-as-another-act": bad(lambda: honest().proof(in_log(seq=2)), "log"),
    "logged-elsewhere": bad(lambda: honest().proof(in_log(of=4)), "log"),
    "logged-and-opened-otherwise": bad(lambda: changed(_opened_otherwise, honest().proof(in_log())), "log"),
    "logged-at-another-root": bad(
        lambda: replace(honest(), counted=(first()[0], bytes(32))).proof(in_log(seq=3)), "log"
    ),
    "logged-at-no-checkpoint": bad(
        lambda: replace(honest(), counted=(0, bytes(32))).proof(in_log(seq=4) | {"grown": []}), "log"
    ),
    "logged-by-the-key-before": bad(
        lambda: honest().proof(in_log(log=rotated(before=False))), "log", key=begun().log.vkey
    ),
    "logged-without-quorum": bad(
        lambda: honest().proof(in_log()), "quorum", key="", policy=policy(quorum="w9")
    ),
    "log-of-another-key": bad(
        lambda: replace(honest(), signer=signer(2)).proof(in_log()), "other-key", key=signer(5, ORIGIN).vkey
    ),
    "not-logged-and-the-log-key-given": bad(lambda: honest().proof(), "other-key", key=logged().log.vkey),
    "stale": bad(lambda: honest().proof(in_log()), "stale", key="", policy=policy("# earnest max-age 24h")),
    "truncated": Vector(lambda: honest().proof()[:400], exit=2),
    "not-utf8": Vector(lambda: b"\xff\xfe" + honest().proof(), exit=2),
    "a-story": Vector(lambda: b'{"earnest":"story/v1"}\n', exit=2),
}


def all_vectors() -> dict[str, Vector]:
    """By the names of their files."""
    made = {f"valid-{name}": each for name, each in VALID.items()}
    return made | {f"attack-{name}": each for name, each in ATTACKS.items()}


def files() -> dict[str, bytes]:
    """Every file of the folder."""
    vectors = all_vectors()
    index = [
        {"file": f"{name}.json", "exit": each.exit, "error": each.error, "now": NOW}
        | ({"key": each.key} if each.key else {})
        | ({"policy": each.policy} if each.policy else {})
        | ({"expects": each.expects} if each.expects else {})
        for name, each in vectors.items()
    ]
    made = {f"{name}.json": each.make() for name, each in vectors.items()}
    return made | {"index.json": (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
