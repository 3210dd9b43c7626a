"""Makes the story files that every verifier is held against: valid ones, and one for each attack.

PYTHONPATH=src:. python -m tests.vectors.make        writes them again; the same bytes each time
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from earnest.record import chain, disclosure
from earnest.record.canonical import b64
from earnest.record.notes import Signer
from earnest.record.verify_v0 import story_body
from tests.vectors.story_v0 import build_story_v0, redact

FOLDER = Path(__file__).parent
ORIGIN, NUMBER = "demo.vectors.example", "K7QF-2M9X-4"
SIGNER = Signer(f"{ORIGIN}/receipts", bytes(range(32)))
OTHER = Signer(f"{ORIGIN}/receipts", bytes(range(1, 33)))
SECRET = b"vectors" * 5
SIGNED_AT = "2026-03-31T12:00:00Z"
KEY = b64(chain.subject_key(ORIGIN, NUMBER))
DEPOSIT, REFUND = f"customer/{KEY}/deposit", f"customer/{KEY}/refund"

#: (type, by, at, fields): the founding story, shortened to five acts.
ACTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("reservation.placed", "customer", "2018-06-15T17:20:00Z", {"name": "Zoë Ünïcode", "queue": 3}),
    (
        "deposit.received",
        "provider",
        "2018-06-15T17:26:00Z",
        {"amount_minor": 500000, "entries": f"card-clearing {DEPOSIT} 500000 USD"},
    ),
    ("cancellation.requested", "customer", "2026-03-30T16:42:00Z", {"quantity": 1}),
    (
        "refund.owed",
        "system",
        "2026-03-30T16:42:00Z",
        {"amount_minor": 500000, "entries": f"{DEPOSIT} {REFUND} 500000 USD"},
    ),
    (
        "refund.sent",
        "maker",
        "2026-03-31T09:23:00Z",
        {"reference": "OUT-1", "entries": f"{REFUND} bank 500000 USD"},
    ),
)
Row = tuple[str, str, str, dict[str, Any]]


def linked(acts: tuple[Row, ...] = ACTS, number: str = NUMBER) -> list[tuple[bytes, dict[str, str]]]:
    """Leaves in their chain, with all values open."""
    key = chain.subject_key(ORIGIN, number)
    head, found = chain.genesis(key), []
    for seq, (type, by, at, fields) in enumerate(acts):
        opened = {
            name: disclosure.disclosure(disclosure.salt(SECRET, seq, name), name, value)
            for name, value in fields.items()
        }
        digests = {name: disclosure.digest(line) for name, line in opened.items()}
        leaf = chain.leaf_bytes(chain.Leaf(key, seq, head, type, 1, by, at, digests))
        head = chain.next_head(head, chain.leaf_hash(leaf))
        found.append((leaf, opened))
    return found


def story(acts: tuple[Row, ...] = ACTS, *, signer: Signer = SIGNER, number: str = NUMBER) -> bytes:
    """A true story."""
    return build_story_v0(number, linked(acts, number), ORIGIN, signer, SIGNED_AT)


def changed(change: Callable[[dict[str, Any]], Any], of: bytes | None = None) -> bytes:
    """A story after somebody edited its JSON."""
    file = json.loads(of or story())
    change(file)
    return json.dumps(file, ensure_ascii=False).encode()


def _swap(acts: list[Any], one: int, other: int) -> None:
    acts[one], acts[other] = acts[other], acts[one]


def _edit_leaf(seq: int, before: str, after: str) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        leaf = file["acts"][seq]["leaf"]
        assert before in leaf
        file["acts"][seq]["leaf"] = leaf.replace(before, after)

    return change


def _reopen(seq: int, name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    line = disclosure.disclosure(disclosure.salt(SECRET, seq, name), name, value)
    return lambda file: file["acts"][seq]["open"].update({name: line})


def _older_head(file: dict[str, Any]) -> None:
    """The last act dropped, and `head` put back to what it was; only the signature remembers."""
    file["acts"].pop()
    head = chain.genesis(chain.subject_key(ORIGIN, NUMBER))
    for act in file["acts"]:
        head = chain.next_head(head, chain.leaf_hash(act["leaf"].encode()))
    file["head"] = b64(head)


def _exchange_openings(file: dict[str, Any]) -> None:
    one, other = file["acts"][1]["open"], file["acts"][3]["open"]
    one["amount_minor"], other["amount_minor"] = other["amount_minor"], one["amount_minor"]


def _resigned(file: dict[str, Any]) -> None:
    body = story_body(ORIGIN, chain.subject_key(ORIGIN, NUMBER), 5, bytes(32), SIGNED_AT)
    file["note"] = OTHER.sign(body)


def _erased() -> tuple[Row, ...]:
    gone: Row = (
        "erasure.done",
        "maker",
        "2026-04-01T08:00:00Z",
        {"class": "identity", "erased": {"0": ["name"]}},
    )
    return (*ACTS, gone)


def _without_name(file: dict[str, Any]) -> None:
    del file["acts"][0]["open"]["name"]


def _overdrawn() -> tuple[Row, ...]:
    more: Row = ("refund.sent", "maker", "2026-04-01T08:00:00Z", {"entries": f"{REFUND} bank 500000 USD"})
    return (*ACTS, more)


VALID: dict[str, Callable[[], bytes]] = {
    "full": story,
    "none-open": lambda: redact(story(), "none"),
    "some-open": lambda: redact(story(), {"entries", "queue"}),
    "erased": lambda: changed(_without_name, story(_erased())),
    "one-act": lambda: story(ACTS[:1]),
}

#: name -> (what the file is, exit code, code of the first error)
ATTACKS: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "last-act-dropped": (lambda: changed(lambda f: f["acts"].pop()), 1, "count"),
    "last-act-dropped-head-too": (lambda: changed(_older_head), 1, "count"),
    "middle-act-dropped": (lambda: changed(lambda f: f["acts"].pop(2)), 1, "chain"),
    "first-act-dropped": (lambda: changed(lambda f: f["acts"].pop(0)), 1, "chain"),
    "acts-reordered": (lambda: changed(lambda f: _swap(f["acts"], 2, 3)), 1, "chain"),
    "act-doubled": (lambda: changed(lambda f: f["acts"].append(f["acts"][4])), 1, "chain"),
    "type-edited": (lambda: changed(_edit_leaf(4, "refund.sent", "refund.owed")), 1, "head"),
    "time-edited": (lambda: changed(_edit_leaf(4, "2026-03-31", "2026-03-30")), 1, "head"),
    "speaker-edited": (lambda: changed(_edit_leaf(2, "customer", "maker")), 1, "chain"),
    "impossible-date": (lambda: changed(_edit_leaf(4, "2026-03-31", "2026-02-31")), 1, "leaf"),
    "foreign-act": (
        lambda: changed(
            lambda f: f["acts"].__setitem__(4, json.loads(story(number="K7QF-2M9X-X"))["acts"][4])
        ),
        1,
        "foreign-act",
    ),
    "relabelled": (lambda: changed(lambda f: f.update(number="3BB0-J47G-5")), 1, "other-subject"),
    "value-edited": (lambda: changed(_reopen(1, "amount_minor", 400000)), 1, "value"),
    "values-exchanged": (lambda: changed(_exchange_openings), 1, "value"),
    "value-of-no-field": (lambda: changed(_reopen(1, "discount", 1)), 1, "unknown-field"),
    "value-not-base64": (
        lambda: changed(lambda f: f["acts"][1]["open"].update(amount_minor="%%%")),
        1,
        "disclosure",
    ),
    "head-edited": (lambda: changed(lambda f: f.update(head=b64(bytes(32)))), 1, "head"),
    "note-edited": (
        lambda: changed(lambda f: f.update(note=f["note"].replace("12:00:00", "13:00:00"))),
        1,
        "signature",
    ),
    "note-by-another-key": (lambda: changed(_resigned), 1, "signature"),
    "note-with-trailing-words": (
        lambda: changed(lambda f: f.update(note=f["note"] + "and more\n")),
        1,
        "signature",
    ),
    "unknown-member": (lambda: changed(lambda f: f.update(comment="trust me")), 1, "members"),
    "missing-member": (lambda: changed(lambda f: f.pop("head")), 1, "members"),
    "unknown-version": (lambda: changed(lambda f: f.update(earnest="story/v9")), 1, "unknown-version"),
    "no-acts": (lambda: changed(lambda f: f.update(acts=[])), 1, "no-acts"),
    "member-twice": (
        lambda: story().replace(b'"number":', b'"number":"A","number":', 1),
        1,
        "not-strict-json",
    ),
    "leaf-with-spaces": (lambda: changed(_edit_leaf(4, '"by":"maker"', '"by": "maker"')), 1, "leaf"),
    "lone-surrogate": (lambda: story().replace(b'"log":', b'"x":"\\ud800","log":'), 1, "not-strict-json"),
    "number-as-float": (lambda: changed(_edit_leaf(4, '"seq":4', '"seq":4.0')), 1, "leaf"),
    "money-below-zero": (lambda: story(_overdrawn()), 1, "money"),
    "truncated": (lambda: story()[:900], 2, ""),
    "not-utf8": (lambda: b"\xff\xfe" + story(), 2, ""),
    "not-a-story": (lambda: b'{"hello":"world"}', 2, ""),
    "empty": (lambda: b"", 2, ""),
}


def files() -> dict[str, bytes]:
    """Every file of this folder that is made here."""
    made = {f"valid-{name}.json": make() for name, make in VALID.items()}
    made |= {f"attack-{name}.json": make() for name, (make, _, _) in ATTACKS.items()}
    index: list[dict[str, Any]] = [
        {"file": f"valid-{name}.json", "exit": 0, "error": "", "key": SIGNER.vkey} for name in VALID
    ]
    index += [
        {"file": f"attack-{name}.json", "exit": code, "error": error, "key": SIGNER.vkey}
        for name, (_, code, error) in ATTACKS.items()
    ]
    made["index.json"] = (json.dumps(index, indent=1) + "\n").encode()
    return made


if __name__ == "__main__":
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
