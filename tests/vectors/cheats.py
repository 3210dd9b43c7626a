"""More attacks for `v1/`: of makers who sign what no honest one would, and of thieves who have a true key.

The files that a stranger edits mostly meet several guards at once. These meet one each: everything else in them is
made and signed anew, so that whoever leaves out that one check takes the file for a true story.
"""

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from earnest.record import checkpoint, merkle
from earnest.record.canonical import b64, canonical
from earnest.record.notes import Signer
from earnest.record.report import UNCHECKED
from earnest.record.trust import rotation_body
from tests.vectors import make_v1
from tests.vectors.make_v1 import AUDITOR, KEYS, NUMBER, OFFER, ORIGIN, SEALS, W1, W2, Vector
from tests.vectors.small_log import SmallLog, key_text

THIEF = Signer(ORIGIN, bytes(range(5, 37)))
AT = "2026-03-31T11:30:00Z"
Change = Callable[[dict[str, Any]], Any]


# --- an act that the maker wrote otherwise, and sealed


def _wrote(
    before: str,
    after: str,
    *,
    type: str = "mail.received",
    fields: dict[str, Any] | None = None,
    written: dict[str, str] | None = None,
) -> bytes:
    """The founding story and one act more, with one word of its leaf exchanged before it was hashed and signed."""
    log = make_v1.begun()
    make_v1.founding(log)
    spelt = (before.encode(), after.encode())
    log.act(NUMBER, type, "customer", AT, fields or {}, written=written, respell=spelt)
    if before:
        assert after in log.subject(NUMBER).leaves[-1].decode(), before
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log.story(NUMBER, times=False)


def _digests(name: str, digest: str) -> tuple[str, str]:
    return '"sd":{}', f'"sd":{{"{name}":"{digest}"}}'


def _heads() -> tuple[str, str]:
    """The head before the act to come, and the one before that."""
    heads = make_v1.told().subject(NUMBER).heads
    return b64(heads[-1]), b64(heads[-2])


def _leaves() -> dict[str, tuple[str, str, str]]:
    """name -> (what the leaf says, what the maker wrote instead, the error)."""
    short = b64(bytes(31))
    own, other = (b64(make_v1.told().subject(number).key) for number in (NUMBER, "OTHER-1"))
    return {
        "leaf-of-another-subject": (own, other, "foreign-act"),
        "leaf-with-a-number-twice": ('"seq":9', '"seq":8', "chain"),
        "leaf-after-another-head": (*_heads(), "chain"),
        "leaf-with-another-member": ('"v":1}', '"v":1,"x":1}', "leaf"),
        "leaf-of-another-version": ('"v":1}', '"v":2}', "leaf"),
        "leaf-of-another-kind": ('"k":"act"', '"k":"seal"', "leaf"),
        "leaf-said-by-nobody": ('"by":"customer"', '"by":"witness"', "leaf"),
        "leaf-of-no-type": ('"mail.received"', '"Mail received"', "leaf"),
        "leaf-of-type-version-zero": ('"tv":1', '"tv":0', "leaf"),
        "leaf-with-a-number-that-is-true": ('"tv":1', '"tv":true', "leaf"),
        "leaf-with-a-day-written-short": ("2026-03-31", "2026-3-31", "leaf"),
        "leaf-with-a-day-that-never-was": ("2026-03-31", "2026-02-31", "leaf"),
        "leaf-with-a-field-in-capitals": (*_digests("Subject", b64(bytes(32))), "leaf"),
        "leaf-with-a-look-alike-field": (*_digests("\u0455ubject", b64(bytes(32))), "leaf"),
        "leaf-with-a-short-digest": (*_digests("subject", short), "leaf"),
        "leaf-that-cites-nothing": ('"k":"act"', '"cites":[],"k":"act"', "leaf"),
        "leaf-that-cites-half-a-hash": ('"k":"act"', f'"cites":["{short}"],"k":"act"', "leaf"),
    }


def _committed(written: str, name: str = "subject") -> Callable[[], bytes]:
    """The maker committed to bytes that are no disclosure; their digest is true."""
    line = b64(written.encode("utf-8", "surrogatepass"))
    return lambda: _wrote("", "", written={name: line})


def _values() -> dict[str, Vector]:
    salt = b64(bytes(16))
    said = {
        "value-is-a-fraction": f'["{salt}","subject",1.5]',
        "value-is-an-exponent": f'["{salt}","subject",1e3]',
        "value-is-minus-zero": f'["{salt}","subject",-0]',
        "value-too-large-within": f'["{salt}","subject",{{"a":[9007199254740992]}}]',
        "value-too-large": f'["{salt}","subject",9007199254740992]',
        "value-with-a-lone-surrogate": f'["{salt}","subject","\\ud800"]',
        "value-with-a-member-twice": f'["{salt}","subject",{{"a":1,"a":2}}]',
        "value-with-a-look-alike-member": f'["{salt}","subject",{{"\u0430":1}}]',
        "value-nested-too-deeply": f'["{salt}","subject",{"[" * 60}{"]" * 60}]',
        "value-of-four-parts": f'["{salt}","subject",1,2]',
        "value-whose-salt-is-a-number": '[7,"subject",1]',
    }
    return {name: Vector(_committed(text), 1, "disclosure") for name, text in said.items()}


def _money() -> dict[str, Vector]:
    own, other = (key_text(make_v1.told(), number) for number in (NUMBER, "OTHER-1"))
    said: dict[str, Any] = {
        "money-of-another-customer": f"bank customer/{other}/deposit 5 USD",
        "money-to-itself": "bank bank 5 USD",
        "money-with-a-zero-before": f"bank customer/{own}/deposit 05 USD",
        "money-below-nothing": f"bank customer/{own}/deposit -5 USD",
        "money-is-a-number": 5,
    }

    def made(entries: Any) -> Callable[[], bytes]:
        return lambda: _wrote("", "", type="deposit.received", fields={"entries": entries})

    return {name: Vector(made(entries), 1, "money") for name, entries in said.items()}


def _erasing(erased: dict[str, list[str]], type: str = "erasure.done", more: bool = False) -> bytes:
    """An act that says what it erased; perhaps one more after it."""
    log = make_v1.begun()
    make_v1.founding(log)
    log.act(NUMBER, type, "maker", AT, {"class": "bank", "erased": erased})
    if more:
        log.act(NUMBER, "mail.received", "customer", AT, {"subject": "Thanks"})
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log.story(NUMBER, times=False)


def hidden(story: bytes) -> bytes:
    """The same without the number of the account."""
    return make_v1.changed(lambda file: file["acts"][5]["open"].clear(), story)


# --- seals and checkpoints that the maker wrote otherwise


def _sealed(respell: tuple[str, str] = ("", ""), said: tuple[str, str] = ("", "")) -> bytes:
    log = make_v1.begun()
    make_v1.founding(log)
    log.seal(SEALS[2], (W1, W2), respell=(respell[0].encode(), respell[1].encode()), said=said)
    return log.story(NUMBER, times=False)


def stray(text: str) -> str:
    """The same bytes in base64 with one of the bits set that stand for nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = text.rstrip("=")
    urlsafe = letters.replace("+", "-").replace("/", "_") if {"-", "_"} & set(bare) else letters
    return bare[:-1] + urlsafe[urlsafe.index(bare[-1]) + 1] + text[len(bare) :]


def _seals() -> dict[str, Vector]:
    no, root = ('"no":2', '"no":2'), make_v1.told().seals[-1].body.split("\n")[2]
    size = make_v1.told().seals[-1].size
    respelt = {
        "seal-with-another-member": (no[0], '"no":2,"note":"x"'),
        "seal-of-another-version": ('"v":1', '"v":2'),
        "seal-with-a-number-below-zero": (no[0], '"no":-1'),
        "seal-of-a-day-that-never-was": ("2026-03-31", "2026-02-31"),
        "seal-with-a-short-anchor": (b64(_anchor()), b64(_anchor()[:31])),
        "seal-loosely-written-in-the-log": (no[0], '"no": 2'),
    }
    found = {name: Vector(lambda pair=pair: _sealed(pair), 1, "seal") for name, pair in respelt.items()}
    said = {
        "checkpoint-of-another-origin": (ORIGIN, "demo.other.example"),
        "checkpoint-size-with-a-zero-before": (f"\n{size}\n", f"\n0{size}\n"),
        "checkpoint-root-with-stray-bits": (root, stray(root)),
    }
    return found | {
        name: Vector(lambda pair=pair: _sealed(said=pair), 1, "signature") for name, pair in said.items()
    }


def _anchor() -> bytes:
    """What the last seal names."""
    before = make_v1.told().seals[1]
    return checkpoint.anchor_of(before.note, before.stamps)


def _more_leaves_than_numbers(file: dict[str, Any]) -> None:
    """A checkpoint of more leaves than every program can count; its one path is the maker's invention."""
    size, leaf = 2**53 + 1, merkle.leaf_hash(file["seal"].encode())
    root = merkle.node_hash(bytes(32), leaf)
    note = make_v1.told().log.sign(checkpoint.Checkpoint(ORIGIN, size, root).body)
    file["proof"] = checkpoint.write_proof(size - 1, [bytes(32)], note)


def _log_signs_a_receipt(file: dict[str, Any]) -> None:
    """The log's own key signs a receipt, and that is shown where the checkpoint belongs."""
    body = make_v1.told().receipt(NUMBER, 8).rpartition("\n\n")[0] + "\n"
    file["proof"] = file["proof"].partition("\n\n")[0] + "\n\n" + make_v1.told().log.sign(body)


def _line(number: int, change: Callable[[str], str]) -> Change:
    """Another text in the signature line of that number under the checkpoint."""

    def edit(file: dict[str, Any]) -> None:
        head, separator, lines = file["proof"].rpartition("\n\n")
        written = lines.split("\n")
        name, _, raw = written[number].rpartition(" ")
        written[number] = f"{name} {change(raw)}"
        file["proof"] = head + separator + "\n".join(written)

    return edit


def _first_witness_again(file: dict[str, Any]) -> None:
    file["proof"] += make_v1._cosigned_by(W1, "2026-03-31T13:00:00Z")


def _first_hash(file: dict[str, Any]) -> None:
    lines = file["proof"].split("\n")
    lines[2] = stray(lines[2])
    file["proof"] = "\n".join(lines)


# --- keys


def both(old: Signer, new: Signer, at: str = "2022-01-01T00:00:00Z", origin: str = ORIGIN) -> str:
    """A change of keys that both signed."""
    body = rotation_body(origin, old.verifier, new.verifier, at)
    return old.sign(body) + new.sign(body).rpartition("\n\n")[2]


def _succeeded(rotations: list[str], log_key: Signer = THIEF) -> bytes:
    """A log under another key, with these changes of keys."""
    log = make_v1.begun()
    make_v1.founding(log)
    log.log, log.rotations = log_key, rotations
    log.seal(SEALS[2], (W1, W2))
    return log.story(NUMBER, times=False)


def _half(kept: int) -> str:
    """A change of keys with one of its two signatures."""
    body, separator, lines = both(make_v1.told().log, THIEF).rpartition("\n\n")
    return body + separator + lines.split("\n")[kept] + "\n"


@cache
def by_the_old_key(then_by_the_new: bool = False) -> SmallLog:
    """The key was changed in 2022, and somebody who has the old one seals in 2026 all the same."""
    log = make_v1.begun()
    make_v1.founding(log)
    old = log.log
    log.rotate(5, "2022-01-01T00:00:00Z")
    new, log.log = log.log, old
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    log.log = new
    if then_by_the_new:
        log.seal("2026-03-31T13:00:00Z", (W1, W2, AUDITOR))
    return log


def _keys() -> dict[str, Vector]:
    true, own = make_v1.told().log, Signer("demo.other.example", bytes(range(7, 39)))
    thieves: dict[str, tuple[list[str], str]] = {
        "rotation-signed-by-the-new-key-alone": ([_half(1)], true.vkey),
        "rotation-signed-by-the-old-key-alone": ([_half(0)], true.vkey),
        "rotation-to-another-key-than-this": ([both(true, Signer(ORIGIN, bytes(32)))], true.vkey),
        "rotation-from-another-log": ([both(own, THIEF)], own.vkey),
        "rotation-for-another-log": ([both(true, THIEF, origin="demo.other.example")], true.vkey),
        "rotation-without-a-time": ([both(true, THIEF, at="long ago")], true.vkey),
    }
    found = {
        name: Vector(lambda notes=notes: _succeeded(notes), 1, "signature", key=key)
        for name, (notes, key) in thieves.items()
    }
    return found | {
        "sealed-by-the-key-before": Vector(
            lambda: by_the_old_key().story(NUMBER, times=False), 1, "signature", key=by_the_old_key().log.vkey
        ),
        "times-sealed-by-the-key-before": Vector(
            lambda: by_the_old_key(True).story(NUMBER), 1, "times", key=by_the_old_key(True).log.vkey
        ),
        "log-key-that-cosigns": Vector(lambda: _under(Signer(ORIGIN, THIEF.seed, 4)), 1, "signature"),
        "log-key-of-no-kind": Vector(lambda: _under(Signer(ORIGIN, THIEF.seed, 7)), 1, "signature"),
        "log-key-whose-name-turns-letters-round": Vector(
            lambda: _under(Signer("demo.\u202eexample", bytes(32)), "demo.\u202eexample"), 1, "signature"
        ),
        "log-key-of-another-book": Vector(_under_another_log, 1, "other-subject", key=own.vkey),
        "key-whose-hash-is-not-its-own": _edited(
            lambda file: file["keys"].__setitem__(
                0, file["keys"][0].replace(true.verifier.id.hex(), "0" * 8)
            ),
            "signature",
        ),
        "receipts-key-of-another-name": Vector(_receipts_key_of_another_name, 1, "signature"),
        "tail-signed-for-by-a-key-of-ones-own": Vector(_own_tail, 1, "other-key", key=true.vkey),
        "tail-signed-for-by-a-key-that-the-policy-has-not": Vector(
            _own_tail,
            1,
            "other-key",
            policy=make_v1.policy(f"# earnest receipts {make_v1.told().receipts.vkey}"),
        ),
    }


def _under(key: Signer, origin: str = ORIGIN) -> bytes:
    """The founding story in a log with that key."""
    log = make_v1.begun(origin)
    make_v1.founding(log)
    log.log = key
    log.seal(SEALS[2])
    return log.story(NUMBER, times=False)


def _under_another_log() -> bytes:
    """Acts that say they are of this book, in a log of another name whose key the reader believes."""
    log = make_v1.begun()
    make_v1.founding(log)
    log.log = Signer("demo.other.example", bytes(range(7, 39)))
    log.seal(SEALS[2], said=(ORIGIN, "demo.other.example"))
    return log.story(NUMBER, times=False)


def _own_tail() -> bytes:
    """Somebody who has no key of the maker's adds an act to a true story, and signs the receipt for it himself."""
    log = make_v1.begun()
    make_v1.founding(log)
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    true, log.receipts = log.receipts, Signer(log.receipts.name, bytes(range(9, 41)))
    deposit = f"customer/{key_text(log, NUMBER)}/deposit"
    log.act(NUMBER, "deposit.received", "bank", AT, {"entries": f"bank {deposit} 100000000 USD"})
    assert true.vkey != log.receipts.vkey
    return log.story(NUMBER, times=False, linked=(OFFER, KEYS))


def _receipts_key_of_another_name() -> bytes:
    log = make_v1.begun()
    make_v1.founding(log, until=5)
    log.seal(SEALS[2])
    log.receipts = Signer("demo.other.example/receipts", bytes(range(9, 41)))
    log.act(NUMBER, "mail.received", "customer", AT, {"subject": "Thanks"})
    return log.story(NUMBER, times=False)


# --- receipts, linked stories, times


def _inserted() -> bytes:
    """After its receipt for act 9 was given, the maker writes the story anew, with an act more in the middle."""
    log = make_v1.begun()
    make_v1.founding(log, until=4)
    log.act(NUMBER, "mail.sent", "maker", "2021-03-03T09:00:00Z", {"subject": "No refunds"})
    for _ in range(5):
        log.act(
            NUMBER, "mail.received", "customer", "2026-03-30T16:42:00Z", {"subject": "Money back, please"}
        )
    log.seal(SEALS[2], (W1, W2))
    return log.story(NUMBER, times=False)


def _linked_to_another_log(file: dict[str, Any]) -> None:
    """The offer's story is true in another log of the same name."""
    other = SmallLog(ORIGIN, log_seed=77)
    other.act(OFFER, "offer.opened", "maker", "2018-05-01T08:00:00Z", {"from": "2030-01-01"})
    other.seal(SEALS[0])
    file["linked"][0] = json.loads(other.story(OFFER))


def _anothers_number(file: dict[str, Any]) -> None:
    """The same number in another maker's book, shown as this one's."""
    log = make_v1.begun("demo.other.example")
    make_v1.founding(log)
    log.seal(SEALS[2])
    file["acts"] = json.loads(log.story(NUMBER, times=False))["acts"]


def _first_act_behind_2021(times: list[dict[str, Any]]) -> None:
    """The act of 2018 is in every later log too: shown under the seal of 2026, as if it came after that of 2021."""
    log, subject = make_v1.told(), make_v1.told().subject(NUMBER)
    place, sealed, before = subject.places[0], log.seals[2], log.seals[1]
    path = merkle.inclusion(place, sealed.size, log.tree.node)
    group = times[2] | {"from": 0, "to": 0, "proof": checkpoint.write_proof(place, path, sealed.note)}
    group["before"] = before.note
    del group["first"]
    times[:] = [group]


def _first_of_several(times: list[dict[str, Any]]) -> None:
    """The acts of 2021, and one of 2018 with them, which has no proof there."""
    del times[0]
    times[0]["from"] = 1


def _of_a_later_seal() -> bytes:
    """A story as of 2021, with the time of one of its acts as a seal of 2026 has it."""
    file = json.loads(make_v1.told().story(NUMBER, at_seal=1, tail=False))
    times: list[dict[str, Any]] = json.loads(make_v1.told().story(NUMBER))["times"]
    _first_act_behind_2021(times)
    del times[0]["before"]
    file["times"] = times
    return canonical(file) + b"\n"


def _out_of_order() -> bytes:
    """The maker put two acts into the log in the wrong order, and shows them as sealed one after the other."""
    log = make_v1.begun()
    make_v1.founding(log, until=4)
    for subject in ("Thanks", "Thanks again"):
        log.act(NUMBER, "mail.received", "customer", AT, {"subject": subject})
    log.waiting.reverse()
    log.seal(SEALS[2])
    places = log.subject(NUMBER).places
    places[4], places[5] = places[5], places[4]
    file = json.loads(log.story(NUMBER))
    place = places[4]
    path = merkle.inclusion(place, log.tree.size, log.tree.node)
    hashes = [base64.b64encode(hashed).decode() for hashed in path]
    file["times"][2]["first"] = {"index": place, "path": hashes}
    return canonical(file) + b"\n"


def _group(change: Callable[[list[dict[str, Any]]], Any], error: str = "times") -> Vector:
    return _edited(lambda file: change(file["times"]), error, lambda: make_v1.told().story(NUMBER))


def _edited(change: Change, error: str, of: Callable[[], bytes] | None = None, **given: Any) -> Vector:
    bare = of or (lambda: make_v1.told().story(NUMBER, times=False))
    return Vector(lambda: make_v1.changed(change, bare()), 1, error, **given)


def _times() -> dict[str, Vector]:
    return {
        "times-act-behind-a-later-checkpoint": _group(_first_act_behind_2021),
        "times-first-of-several-without-proof": _group(_first_of_several),
        "times-of-a-later-seal": Vector(_of_a_later_seal, 1, "times"),
        "times-twice": _group(lambda times: times.insert(0, times[0])),
        "times-single-act-with-a-first": _group(lambda times: times[1].update({"from": 3})),
        "times-with-another-member": _group(lambda times: times[0].update(note="x")),
        "times-path-with-stray-bits": _group(
            lambda times: times[0]["path"].__setitem__(0, stray(times[0]["path"][0]))
        ),
        "times-acts-out-of-order-in-the-log": Vector(_out_of_order, 1, "times"),
        "times-path-of-65": _group(lambda times: times[0].update(path=["A" * 43 + "="] * 65)),
    }


def _edits() -> dict[str, Vector]:
    trusted = make_v1.policy()
    body = make_v1.told().seals[-1].body
    return {
        "checkpoint-is-a-receipt-by-the-log": _edited(_log_signs_a_receipt, "signature"),
        "signature-with-stray-bits": _edited(_line(0, stray), "signature"),
        "cosignature-with-stray-bits": _edited(_line(1, stray), "signature", policy=trusted),
        "one-witness-again-later": _edited(_first_witness_again, "signature", policy=trusted),
        "proof-hash-with-stray-bits": _edited(_first_hash, "proof"),
        "map-sibling-with-stray-bits": _edited(
            lambda file: file["map"].__setitem__(0, stray(file["map"][0])), "map"
        ),
        "checkpoint-given-as-a-receipt": _edited(
            lambda file: None, "receipt", receipts=(make_v1.told().seals[-1].note,)
        ),
        "checkpoint-by-the-receipts-key-given-as-a-receipt": _edited(
            lambda file: None, "receipt", receipts=(make_v1.told().receipts.sign(body),)
        ),
        "act-inserted-before-a-receipt": Vector(
            _inserted, 1, "receipt", receipts=(make_v1.told().receipt(NUMBER, 8),)
        ),
        "linked-story-of-another-log": _edited(
            _linked_to_another_log, "linked", lambda: make_v1.story(times=False)
        ),
        "linked-with-unknown-member": _edited(
            lambda file: file["linked"][0].update(note="x"), "linked", lambda: make_v1.story(times=False)
        ),
        "number-of-another-book": _edited(_anothers_number, "foreign-act"),
        "empty-list-of-receipts": _edited(lambda file: file.update(receipts=[]), "members"),
        "seal-over-a-tail-alone": _edited(_with_a_seal, "members", make_v1._never_sealed),
        "checkpoint-with-more-leaves-than-numbers": _edited(_more_leaves_than_numbers, "signature"),
        "linked-of-another-version": _edited(
            lambda file: file["linked"][0].update(earnest="story/v9"),
            "linked",
            lambda: make_v1.story(times=False),
        ),
        "seal-is-a-number": _edited(lambda file: file.update(seal=5), "malformed"),
        "act-is-a-number": _edited(lambda file: file["acts"].__setitem__(0, 5), "act-members"),
        "fraction-in-the-file": Vector(
            lambda: make_v1.story(times=False, linked=()).replace(b'{"acts"', b'{"a":1.5,"acts"', 1),
            1,
            "not-strict-json",
        ),
        "nested-too-deeply": Vector(
            lambda: make_v1.story(times=False, linked=()).replace(
                b'{"acts"', b'{"a":' + b"[" * 60 + b"]" * 60 + b',"acts"', 1
            ),
            1,
            "not-strict-json",
        ),
        "not-a-number": Vector(lambda: b'{"earnest":"story/v1","number":NaN}\n', 2),
        "257-keys": _too_many(lambda file: file.update(keys=file["keys"] * 129)),
        "10001-receipts": _too_many(lambda file: file.update(receipts=["x"] * 10_001)),
    }


def _with_a_seal(file: dict[str, Any]) -> None:
    """A seal that has nothing to do with it stands beside acts that are not sealed."""
    other = json.loads(make_v1.told().story(NUMBER, times=False))
    file.update({name: other[name] for name in ("map", "seal", "proof")})


def _too_many(change: Change) -> Vector:
    return Vector(lambda: make_v1.changed(change, make_v1.told().story(NUMBER, times=False)), 2)


def attacks() -> dict[str, Vector]:
    """Files that do not hold."""
    leaves = {
        name: Vector(lambda before=before, after=after: _wrote(before, after), 1, error)
        for name, (before, after, error) in _leaves().items()
    }
    return (
        leaves
        | _values()
        | _money()
        | _seals()
        | _keys()
        | _times()
        | _edits()
        | {
            "erasure-of-itself": Vector(lambda: _erasing({"9": ["class"]}), 1, "erasure"),
            "erasure-of-a-later-act": Vector(lambda: _erasing({"10": ["subject"]}, more=True), 1, "erasure"),
            "erasure-of-an-act-spelt-otherwise": Vector(lambda: _erasing({"05": ["number"]}), 1, "erasure"),
        }
    )


def valid() -> dict[str, Vector]:
    """Files that hold, and of which something must not be said."""
    return warned() | {
        # Withheld is not erased: there is no act that says so, or the act is none that erases.
        "withheld-is-not-erased": Vector(
            lambda: hidden(make_v1.told().story(NUMBER, times=False)),
            expects={"withheld": ["number"], "erased": []},
        ),
        "erased-by-the-word-of-another-act": Vector(
            lambda: hidden(_erasing({"5": ["number"]}, type="mail.sent")),
            expects={"withheld": ["number"], "erased": []},
        ),
        "auditor-named-who-did-not-sign": Vector(
            lambda: make_v1.changed(_line_gone, make_v1.told().story(NUMBER, times=False)),
            policy=make_v1.policy(),
            expects={"witnesses": ["w1", "w2"], "audited": False},
        ),
        "cosigned-by-a-stranger-too": Vector(
            lambda: make_v1.changed(
                lambda file: file.update(proof=file["proof"] + make_v1._cosigned_by(make_v1.STRANGER)),
                make_v1.told().story(NUMBER, times=False),
            ),
            policy=make_v1.policy(),
            expects={
                "witnesses": ["auditor", "w1", "w2"],
                "audited": True,
                "warnings": ["1 further signatures are of keys that you did not give"],
            },
        ),
    }


def _dated(at: str, sealed_at: str = SEALS[2], times: bool = False) -> Callable[[], bytes]:
    """One act more that is dated oddly, or a seal that is."""

    def made() -> bytes:
        log = make_v1.begun()
        make_v1.founding(log)
        log.act(NUMBER, "mail.received", "customer", at, {"subject": "Thanks"})
        log.seal(sealed_at)
        return log.story(NUMBER, times=times)

    return made


def warned() -> dict[str, Vector]:
    """Files that hold, with what the reader is told of them."""
    trusted = make_v1.told().log.vkey
    receipts_key = "the key of the receipts was named by the file itself and not checked"

    def saying(make: Callable[[], bytes], *warnings: str, **given: Any) -> Vector:
        return Vector(make, expects={"warnings": list(warnings)}, **given)

    return {
        "warned-dated-before-the-one-it-follows": saying(
            _dated("2020-01-01T00:00:00Z"), UNCHECKED, "act 10 is dated before the one it follows"
        ),
        "warned-dated-after-its-seal": saying(
            _dated("2026-04-01T00:00:00Z", times=True), UNCHECKED, "act 10 is dated after it was sealed"
        ),
        "warned-dated-long-before-its-seal": saying(
            lambda: make_v1.backdated().story(NUMBER),
            "act 5 is dated before the one it follows",
            "act 5 is dated long before it was sealed: it may be back-dated",
            policy=make_v1.policy(),
        ),
        "warned-sealed-in-the-future": saying(
            _dated(AT, sealed_at="2026-05-01T00:00:00Z"),
            UNCHECKED,
            "it was sealed in the future, by its own word or your clock",
        ),
        "warned-cites-what-is-not-there": saying(
            lambda: make_v1.told().story(NUMBER, times=False, linked=(KEYS,)),
            UNCHECKED,
            make_v1.STRANGERS,
            "act 1 cites an act that is not in the file",
            "act 3 cites an act that is not in the file",
        ),
        "warned-receipts-of-a-key-that-nobody-gave": saying(
            lambda: make_v1.told().story(NUMBER, times=False, receipts=make_v1._receipts()),
            make_v1.STRANGERS,
            receipts_key,
            key=trusted,
        ),
    }


def _line_gone(file: dict[str, Any]) -> None:
    """Without the auditor's cosignature, which is the last."""
    head, separator, lines = file["proof"].rpartition("\n\n")
    file["proof"] = head + separator + "".join(f"{line}\n" for line in lines.split("\n")[:3])
