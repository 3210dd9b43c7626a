"""The largest stories that a verifier must read, each made and each verified in a process of its own.

    python -m earnest.bench.worst make KIND SHARE FILE      writes one, as large as SHARE of what is allowed
    python -m earnest.bench.worst verify FILE               verifies it; prints whether it holds, acts and peak memory

The limits are `record.verify`'s: 16 MB, 10,000 acts, 32 linked stories, 16 levels.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from earnest.bench.figures import Figure
from earnest.record import chain, checkpoint, disclosure, merkle, submap
from earnest.record.canonical import b64
from earnest.record.notes import Signer
from earnest.record.receipt import receipts_name
from earnest.record.story import ActText, Group, Place, build_story
from earnest.record.verify import MAX_ACTS, MAX_BYTES, MAX_DEPTH, MAX_LINKED, verify_story

ORIGIN: Final = "worst.example"
AT: Final = "2026-03-02T09:00:00Z"
NOW: Final = datetime(2026, 3, 3, tzinfo=UTC)
SECONDS_MOST: Final = 5
MEGABYTES_MOST: Final = 300
_LOG: Final = Signer(ORIGIN, bytes(32))
_RECEIPTS: Final = Signer(receipts_name(ORIGIN), bytes(range(32)))
#: Bytes left free for what is not acts.
_ROOM: Final = 4_000


def _acts(key: bytes, count: int, letters: int) -> tuple[list[ActText], bytes]:
    """A chain of payments with a remark of so many letters, all open; (acts, head)."""
    acts: list[ActText] = []
    head = chain.genesis(key)
    for seq in range(count):
        fields = {"entries": f"bank customer/{b64(key)}/deposit 1 EUR", "text": "x" * letters}
        opened = {
            name: disclosure.disclosure(disclosure.salt(bytes(32), seq, name), name, value)
            for name, value in fields.items()
        }
        digests = {name: disclosure.digest(line) for name, line in opened.items()}
        leaf = chain.leaf_bytes(chain.Leaf(key, seq, head, "deposit.received", 1, "bank", AT, digests))
        head = chain.next_head(head, chain.leaf_hash(leaf))
        acts.append((leaf, opened))
    return acts, head


def _story(
    number: str, acts: Sequence[ActText], linked: Sequence[bytes] = (), *, apart: bool = False
) -> bytes:
    """The story of the one subject of a log: its acts in one seal, or each in its own (`apart`)."""
    key, tree, groups = chain.subject_key(ORIGIN, number), merkle.Tree(), []
    head, note, count, seals = chain.genesis(key), "", 0, 0
    step = 1 if apart else len(acts)
    for start in range(0, len(acts), step):
        first = tree.size
        for leaf, _ in acts[start : start + step]:
            hashed = chain.leaf_hash(leaf)
            tree.append(hashed)
            head, count = chain.next_head(head, hashed), count + 1
        anchor = checkpoint.anchor_of(note, ()) if note else checkpoint.NO_ANCHOR
        seal = checkpoint.seal_leaf(checkpoint.Seal(seals, AT, submap.map_leaf(key, count, head), 1, anchor))
        tree.append(chain.leaf_hash(seal))
        point = checkpoint.Checkpoint(ORIGIN, tree.size, tree.root())
        before, note, seals = note, checkpoint.sign_checkpoint(_LOG, point), seals + 1
        groups.append(_group(tree, (start, count - 1), first, seal, note, before))
    path = merkle.inclusion(tree.size - 1, tree.size, tree.node)
    place = Place([], seal, checkpoint.write_proof(tree.size - 1, path, note))
    keys = [_LOG.vkey, _RECEIPTS.vkey]
    return build_story(ORIGIN, number, keys, acts, place=place, groups=groups, linked=linked)


def _group(
    tree: merkle.Tree, seqs: tuple[int, int], first: int, seal: bytes, note: str, before: str
) -> Group:
    last, size = first + seqs[1] - seqs[0], tree.size
    opening = (first, merkle.inclusion(first, size, tree.node)) if first < last else None
    proof = checkpoint.write_proof(last, merkle.inclusion(last, size, tree.node), note)
    return Group(*seqs, opening, proof, seal, merkle.inclusion(size - 1, size, tree.node), (), before)


def _fitting(most: int, made: Callable[[int], bytes]) -> bytes:
    """`made(n)` with the largest n whose bytes are not more than `most`; they grow about as n does."""
    low = len(made(0))
    each = (len(made(1000)) - low) / 1000
    n = int((most - low) / each)
    while len(story := made(n)) > most:
        n -= max(1, int((len(story) - most) / each))
    return story


def many_acts(share: float) -> bytes:
    """As many acts as are allowed, in one seal, and their remarks as long as there is room for."""
    count, key = int(MAX_ACTS * share), chain.subject_key(ORIGIN, "MANY")
    most = int(MAX_BYTES * share)
    return _fitting(most, lambda letters: _story("MANY", _acts(key, count, letters)[0]))


def many_seals(share: float) -> bytes:
    """As many acts as there is room for when each was sealed alone."""
    key = chain.subject_key(ORIGIN, "APART")
    most = int(MAX_BYTES * share)
    return _fitting(most, lambda more: _story("APART", _acts(key, 1 + more, 0)[0], apart=True))


def many_bytes(share: float) -> bytes:
    """One act, whose one remark takes all the room."""
    key = chain.subject_key(ORIGIN, "LONG")
    return _fitting(int(MAX_BYTES * share), lambda letters: _story("LONG", _acts(key, 1, letters)[0]))


def many_linked(share: float) -> bytes:
    """As many stories as are allowed beside the first, which share all the acts."""
    each = int(MAX_ACTS * share) // (MAX_LINKED + 1)
    linked = [_share(f"L-{n}", each, share / (MAX_LINKED + 1)) for n in range(MAX_LINKED)]
    return _story("FIRST", _acts(chain.subject_key(ORIGIN, "FIRST"), each, 0)[0], linked)


def deep(share: float) -> bytes:
    """As many stories in one another as are allowed, which share all the acts."""
    each = int(MAX_ACTS * share) // MAX_DEPTH
    bare = len(_story("D", _acts(chain.subject_key(ORIGIN, "D"), each, 0)[0]))
    # Three letters are four of base64.
    letters = (int(MAX_BYTES * share) // MAX_DEPTH - _ROOM - bare) * 3 // 4 // each
    linked: list[bytes] = []
    for n in range(MAX_DEPTH):
        acts = _acts(chain.subject_key(ORIGIN, f"D-{n}"), each, max(0, letters))[0]
        linked = [_story(f"D-{n}", acts, linked)]
    return linked[0]


def _share(number: str, count: int, share: float) -> bytes:
    key = chain.subject_key(ORIGIN, number)
    most = int(MAX_BYTES * share) - _ROOM
    return _fitting(most, lambda letters: _story(number, _acts(key, count, letters)[0]))


KINDS: Final = {
    "acts": (many_acts, "10,000 acts in one seal"),
    "seals": (many_seals, "each act sealed alone"),
    "bytes": (many_bytes, "one value"),
    "linked": (many_linked, "32 linked stories"),
    "deep": (deep, "16 levels of stories"),
}


def measure(folder: Path, share: float, say: Callable[[str], None]) -> tuple[list[Figure], dict[str, bool]]:
    """(time and memory of the verifying processes, whether all hold). `share` of 1 is the largest legal file."""
    figures, hold = [], True
    for kind, (_, what) in KINDS.items():
        say(f"the largest story files: {what}")
        file = folder / f"{kind}.json"
        _child("make", kind, str(share), str(file))
        began = time.perf_counter()
        found = _child("verify", str(file))
        seconds = time.perf_counter() - began
        hold &= found["ok"]
        size = file.stat().st_size / 1e6
        file.unlink()
        what = f"largest story, {what}"
        named = {
            "its megabytes": size,
            "its acts": found["acts"],
            "verified in the process, s": found["seconds"],
        }
        figures += [
            Figure(
                f"worst_{kind}_seconds", f"{what}: a process that verifies it", "s", (seconds,), SECONDS_MOST
            ),
            Figure(
                f"worst_{kind}_memory",
                f"{what}: its memory",
                "MB",
                (found["peak"],),
                MEGABYTES_MOST,
                beside=named,
            ),
        ]
    return figures, {"the largest story files hold": hold}


def _child(*arguments: str) -> dict[str, Any]:
    """Run this file as a process of its own; what it prints. A child's peak begins with its parent's size on Linux,
    so the parent stays small: files are made by a child too."""
    command = [sys.executable, "-P", "-m", "earnest.bench.worst", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(arguments: Sequence[str]) -> None:
    """One child."""
    if arguments[0] == "make":
        kind, share, file = arguments[1:]
        Path(file).write_bytes(KINDS[kind][0](float(share)))
        print("{}")
        return
    data = Path(arguments[1]).read_bytes()
    began = time.perf_counter()
    report = verify_story(data, NOW, key=_LOG.vkey)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    acts = data.count(b'"leaf":')
    print(json.dumps({"ok": report.ok, "acts": acts, "seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1:])
