"""Makes the files of `v1/` that every verifier is held against: valid stories, and one for each attack.

PYTHONPATH=src:. python -m tests.vectors.make_v1        writes them again; the same bytes each time
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from earnest.record import chain, checkpoint, disclosure, submap
from earnest.record.canonical import b64, canonical
from earnest.record.notes import Signer
from earnest.record.report import UNCHECKED
from earnest.record.story import redact
from tests.vectors.small_log import SECRET, SmallLog, key_text, seconds, witness

FOLDER = Path(__file__).parent / "v1"
ORIGIN, NUMBER, OFFER, KEYS = "demo.vectors.example", "K7QF-2M9X-4", "offer/roadster", "keys/book"
W1, W2, AUDITOR = witness("w1.example", 40), witness("w2.example", 50), witness("auditor.example", 60)
STRANGER = witness("stranger.example", 70)
NOW = "2026-04-02T00:00:00Z"
#: What is said of the cosignatures where no policy was given.
STRANGERS = "3 further signatures are of keys that you did not give"
SEALS = ("2018-06-15T18:00:00Z", "2021-03-02T10:00:00Z", "2026-03-31T12:00:00Z")


def begun(origin: str = ORIGIN) -> SmallLog:
    """A book with its keys, an offer, and other people's reservations."""
    log = SmallLog(origin)
    at = "2018-05-01T08:00:00Z"
    log.act(KEYS, "keys.introduced", "system", at, {"role": "receipts", "vkey": log.receipts.vkey})
    log.act(KEYS, "keys.introduced", "system", at, {"role": "log", "vkey": log.log.vkey})
    log.act(OFFER, "offer.opened", "maker", at, {"from": "2020-01-01", "until": "2020-12-31"})
    for n in range(9):
        log.act(
            f"OTHER-{n}", "reservation.placed", "customer", "2018-06-01T08:00:00Z", {"name": f"Person {n}"}
        )
    return log


def founding(log: SmallLog, until: int = 9) -> list[str]:
    """The founding story in nine acts, sealed three times; the receipts."""
    key = key_text(log, NUMBER)
    deposit, refund = f"customer/{key}/deposit", f"customer/{key}/refund"
    paid = {"amount_minor": 500000, "entries": f"card-clearing {deposit} 500000 USD"}
    receipts = [
        log.act(
            NUMBER,
            "reservation.placed",
            "customer",
            "2018-06-15T17:20:00Z",
            {"name": "Zoë Ünïcode", "queue": 3},
            (chain.leaf_hash(log.subject(OFFER).leaves[0]),),
        ),
        log.act(NUMBER, "deposit.received", "provider", "2018-06-15T17:26:00Z", paid),
    ]
    log.seal(SEALS[0], (W1, W2, AUDITOR))
    log.act(
        OFFER,
        "promise.slipped",
        "maker",
        "2021-03-02T09:00:00Z",
        {"from": "2024-01-01", "until": "2024-12-31"},
    )
    slip = (chain.leaf_hash(log.subject(OFFER).leaves[1]),)
    told = {"slip": 1, "was_until": "2020-12-31", "until": "2024-12-31"}
    receipts.append(log.act(NUMBER, "promise.told", "system", "2021-03-02T09:01:00Z", told, slip))
    receipts.append(
        log.act(NUMBER, "promise.answered", "customer", "2021-03-02T09:30:00Z", {"answer": "waits"})
    )
    log.seal(SEALS[1], (W1, W2, AUDITOR))
    rest: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("cancellation.requested", "customer", "2026-03-30T16:42:00Z", {"quantity": 1}),
        ("account.given", "customer", "2026-03-30T17:00:00Z", {"number": "FR1420041010050500013M02606"}),
        (
            "refund.owed",
            "system",
            "2026-03-30T17:42:00Z",
            {"amount_minor": 500000, "entries": f"{deposit} {refund} 500000 USD"},
        ),
        (
            "refund.sent",
            "maker",
            "2026-03-31T09:23:00Z",
            {"reference": "OUT-1", "entries": f"{refund} bank 500000 USD"},
        ),
        ("refund.arrived", "customer", "2026-03-31T11:00:00Z", {"refund": 1}),
    )
    receipts += [log.act(NUMBER, *each) for each in rest[: until - 4]]
    return receipts


@cache
def told() -> SmallLog:
    """The whole log, sealed to its end."""
    log = begun()
    founding(log)
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log


def story(log: SmallLog | None = None, **given: Any) -> bytes:
    """A true story with the stories that it cites."""
    given.setdefault("linked", (OFFER, KEYS))
    return (log or told()).story(NUMBER, **given)


def policy(*more: str, auditors: bool = True) -> str:
    """Two of three cosigners, one of them an auditor."""
    lines = [
        f"log {told().log.vkey}",
        f"witness w1 {W1.vkey}",
        f"witness w2 {W2.vkey}",
        f"witness auditor {AUDITOR.vkey}",
        "group most 2 w1 w2 auditor",
        "quorum most",
    ]
    if auditors:
        lines.append("# earnest auditor auditor")
    return "\n".join([*lines, *more]) + "\n"


def changed(change: Callable[[dict[str, Any]], Any], of: bytes | None = None) -> bytes:
    """A story after somebody edited its JSON, written in its one form again; without the times, which show more."""
    file = json.loads(of or story(times=False))
    change(file)
    return canonical(file) + b"\n"


@dataclass(frozen=True)
class Vector:
    """One file, how it is to be verified, and what must come of it."""

    make: Callable[[], bytes]
    exit: int = 0
    error: str = ""
    key: str = ""
    policy: str = ""
    receipts: tuple[str, ...] = ()
    expects: dict[str, Any] = field(default_factory=dict)


# --- logs of makers who cheat


@cache
def rolled_back() -> SmallLog:
    """The last two acts are in the log, and the map says that they never were."""
    log = begun()
    founding(log)
    subject = log.subject(NUMBER)
    key, count = subject.key, len(subject.leaves) - 2
    for each, _ in log.waiting:
        assert each.number
    log.seal(SEALS[2], (W1, W2), pairs=[])
    # The map is the true one but for this subject; the seal is made anew over it.
    pairs = [
        (each, n, head) if each != key else (key, count, subject.heads[count - 1])
        for each, n, head in log.pairs()
    ]
    log.seal("2026-03-31T13:00:00Z", (W1, W2), pairs=pairs)
    return log


@cache
def never_mapped() -> SmallLog:
    """The acts are in the log, and the map does not know the subject at all: its story can only be empty."""
    log = begun()
    founding(log)
    key = log.subject(NUMBER).key
    log.seal(SEALS[2], (W1, W2), pairs=[])
    log.seal("2026-03-31T13:00:00Z", (W1, W2), pairs=[pair for pair in log.pairs() if pair[0] != key])
    return log


@cache
def not_last() -> SmallLog:
    """Something stands behind the seal, under no map."""
    log = begun()
    founding(log)
    log.seal(SEALS[2], (W1, W2, AUDITOR), after=(b"{}",))
    return log


@cache
def unsealed() -> SmallLog:
    """The last four acts were receipted and are not sealed."""
    log = begun()
    founding(log, until=5)
    log.seal("2026-03-30T17:00:00Z", (W1, W2, AUDITOR))
    key = key_text(log, NUMBER)
    log.act(
        NUMBER,
        "refund.owed",
        "system",
        "2026-03-30T17:42:00Z",
        {
            "amount_minor": 500000,
            "entries": f"customer/{key}/deposit customer/{key}/refund 500000 USD",
        },
    )
    return log


@cache
def left_waiting() -> SmallLog:
    """An act that was receipted in 2021 is still not sealed in 2026."""
    log = begun()
    founding(log, until=4)
    log.seal("2021-03-02T11:00:00Z", (W1, W2, AUDITOR))
    log.act(NUMBER, "mail.received", "customer", "2021-05-02T09:00:00Z", {"subject": "Where is it?"})
    log.act("OTHER-1", "reservation.lapsed", "system", "2021-05-02T09:00:00Z", {"why": "unpaid"})
    log.seal("2026-03-31T12:00:00Z", (W1, W2, AUDITOR), leave_out=(NUMBER,))
    return log


@cache
def backdated() -> SmallLog:
    """An act dated 2019, written in 2026: behind a checkpoint of 2021."""
    log = begun()
    founding(log, until=4)
    log.act(NUMBER, "mail.received", "customer", "2019-01-01T09:00:00Z", {"subject": "All is well"})
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log


@cache
def rotated() -> SmallLog:
    """A new log key since 2022, signed by the old one."""
    log = begun()
    founding(log)
    log.rotate(5, "2022-01-01T00:00:00Z")
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log


def _usurped() -> bytes:
    """A new key that the old one never signed for."""
    log = begun()
    founding(log)
    log.log = Signer(ORIGIN, bytes(range(5, 37)))
    log.seal(SEALS[2], (W1, W2))
    return story(log, times=False)


STAMPS = Path(__file__).parent / "stamps"
#: The certificate of the authority that stamped them; its keys are gone.
TSA = (STAMPS / "root.txt").read_text().strip() if (STAMPS / "root.txt").exists() else ""


def stamped_log(stamp: Callable[[int, str], bytes]) -> SmallLog:
    """The founding story, each checkpoint with a time stamp."""
    log = begun()

    def stamped_seal(n: int, at: str, **given: Any) -> None:
        sealed = SmallLog.seal(log, at, (W1, W2, AUDITOR), **given)
        sealed.stamps.append(stamp(n, sealed.body))

    places = iter(range(3))
    log.seal = lambda at, witnesses=(), **given: stamped_seal(next(places), at, **given)  # type: ignore[assignment]
    founding(log)
    log.seal(SEALS[2])
    return log


@cache
def stamped() -> SmallLog:
    """With the stamps that were committed."""
    return stamped_log(lambda n, body: (STAMPS / f"{n}.tst").read_bytes())


def _stamp_of_another(times: list[dict[str, Any]]) -> None:
    """The checkpoint of 2021 is shown with the stamp of 2018."""
    times[1]["stamps"] = times[0]["stamps"]


def _stamped_by_nobody(times: list[dict[str, Any]]) -> None:
    """One bit of the stamp is another."""
    raw = bytearray(base64.b64decode(times[2]["stamps"][0]))
    raw[-1] ^= 1
    times[2]["stamps"] = [base64.b64encode(bytes(raw)).decode()]


def _changed_stamps(change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    file = json.loads(story(stamped()))
    change(file["times"])
    return canonical(file) + b"\n"


@cache
def erased() -> SmallLog:
    """The account was erased, and an act says so."""
    log = begun()
    founding(log)
    gone = {"class": "bank", "ground": "asked", "erased": {"5": ["number"]}}
    log.act(NUMBER, "erasure.done", "maker", "2026-03-31T11:30:00Z", gone)
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return log


def _erasure_of_nothing() -> bytes:
    log = begun()
    founding(log)
    gone = {"class": "bank", "ground": "asked", "erased": {"5": ["price"]}}
    log.act(NUMBER, "erasure.done", "maker", "2026-03-31T11:30:00Z", gone)
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return story(log)


def _misnamed() -> bytes:
    """The maker committed to a value of one name under another name."""
    log = begun()
    founding(log)
    line = disclosure.disclosure(bytes(16), "bonus_minor", 500000)
    log.act(
        NUMBER,
        "refund.corrected",
        "system",
        "2026-03-31T11:30:00Z",
        {"amount_minor": 1},
        written={"amount_minor": line},
    )
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return story(log)


def _loosely_written() -> bytes:
    """The maker sealed a leaf that is not the one text of its content: two readers could read two things."""
    log = begun()
    founding(log)
    spaced = (b'"by":', b'"by": ')
    log.act(
        NUMBER, "mail.received", "customer", "2026-03-31T11:30:00Z", {"subject": "Thanks"}, respell=spaced
    )
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return story(log)


def _forged() -> bytes:
    """A log of somebody's own, with the name and the id of the true key on its signature."""
    log = begun()
    founding(log, until=5)
    log.log = Signer(ORIGIN, bytes(range(5, 37)))
    log.seal(SEALS[2])

    def dressed(file: dict[str, Any]) -> None:
        true = told().log.verifier
        for each in (file, *file["linked"]):
            each["keys"][0] = true.vkey
            head, _, line = each["proof"].rpartition(" ")
            raw = true.id + base64.b64decode(line)[4:]
            each["proof"] = f"{head} {base64.b64encode(raw).decode()}\n"

    return changed(dressed, story(log, times=False))


def _overdrawn() -> bytes:
    log = begun()
    founding(log)
    refund = f"customer/{key_text(log, NUMBER)}/refund"
    log.act(NUMBER, "refund.sent", "maker", "2026-03-31T11:30:00Z", {"entries": f"{refund} bank 500000 USD"})
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return story(log)


def _alone() -> bytes:
    """A log with a single subject: its path in the map is empty."""
    log = SmallLog(ORIGIN)
    log.act(NUMBER, "reservation.placed", "customer", "2018-06-15T17:20:00Z", {"queue": 1})
    log.seal(SEALS[0])
    return log.story(NUMBER)


def _never_sealed() -> bytes:
    log = begun()
    founding(log, until=9)
    log.seals.clear()
    fresh = begun()
    fresh.seal("2018-06-14T00:00:00Z")
    fresh.act(NUMBER, "reservation.placed", "customer", "2018-06-15T17:20:00Z", {"queue": 3})
    return fresh.story(NUMBER)


# --- edits of a story


def _edit_leaf(seq: int, before: str, after: str) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        leaf = file["acts"][seq]["leaf"]
        assert before in leaf
        file["acts"][seq]["leaf"] = leaf.replace(before, after)

    return change


def _swap(acts: list[Any], one: int, other: int) -> None:
    acts[one], acts[other] = acts[other], acts[one]


def _reopen(seq: int, name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    line = disclosure.disclosure(disclosure.salt(SECRET, seq, name), name, value)
    return lambda file: file["acts"][seq]["open"].update({name: line})


def _exchange(file: dict[str, Any]) -> None:
    one, other = file["acts"][1]["open"], file["acts"][6]["open"]
    one["entries"], other["entries"] = other["entries"], one["entries"]


def _between(file: dict[str, Any]) -> None:
    """A value moved to a field of another name, whose digest it is not."""
    opened = file["acts"][1]["open"]
    opened["entries"] = opened["amount_minor"]


def _replace(name: str, before: str, after: str) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        assert before in file[name]
        file[name] = file[name].replace(before, after, 1)

    return change


def _older_seal(file: dict[str, Any]) -> None:
    """All nine acts under the seal of 2021, whose map has four."""
    old = json.loads(story(at_seal=1))
    file.update({name: old[name] for name in ("map", "seal", "proof")})


def _older_seal_and_map_kept(file: dict[str, Any]) -> None:
    old = json.loads(story(at_seal=1))
    file.update({name: old[name] for name in ("seal", "proof")})


def _only_log_signature(file: dict[str, Any]) -> None:
    head, separator, lines = file["proof"].rpartition("\n\n")
    file["proof"] = head + separator + lines.split("\n")[0] + "\n"


def _cosigned_by(signer: Signer, at: str = SEALS[2], body: str = "") -> str:
    return checkpoint.cosign(body or told().seals[-1].body, signer, seconds(at))


def _only_one_witness_twice(file: dict[str, Any]) -> None:
    _only_log_signature(file)
    file["proof"] += _cosigned_by(W1) + _cosigned_by(W1, "2026-03-31T13:00:00Z")


def _cosignature_of_another_size(file: dict[str, Any]) -> None:
    _only_log_signature(file)
    older = told().seals[1].body
    file["proof"] += _cosigned_by(W1, body=older) + _cosigned_by(W2, body=older)


def _cosignature_of_another_log(file: dict[str, Any]) -> None:
    _only_log_signature(file)
    other = told().seals[-1].body.replace(ORIGIN, "demo.other.example")
    file["proof"] += _cosigned_by(W1, body=other) + _cosigned_by(W2, body=other)


def _plain_signature_as_cosignature(file: dict[str, Any]) -> None:
    """A witness's key signs the bare text, and the line is dressed up with the cosignature's id and a time."""
    _only_log_signature(file)
    for each in (W1, W2):
        bare = Signer(each.name, each.seed).sign(told().seals[-1].body).rpartition("\n\n")[2]
        raw = base64.b64decode(bare.split(" ")[2])
        line = each.verifier.id + seconds(SEALS[2]).to_bytes(8, "big") + raw[4:]
        file["proof"] += f"\u2014 {each.name} {base64.b64encode(line).decode()}\n"


def _extension_line(file: dict[str, Any]) -> None:
    """The log signs a checkpoint with a line more; nobody audits what stands in it."""
    sealed = told().seals[-1]
    head = file["proof"].split("\n\n")[0]
    note = told().log.sign(sealed.body + "trust me\n")
    file["proof"] = f"{head}\n\n{note}"


def _proof_lines(change: Callable[[list[str]], None]) -> Callable[[dict[str, Any]], None]:
    def edit(file: dict[str, Any]) -> None:
        head, _, note = file["proof"].partition("\n\n")
        lines = head.split("\n")
        change(lines)
        file["proof"] = "\n".join(lines) + "\n\n" + note

    return edit


def _index_beyond(lines: list[str]) -> None:
    lines[1] = f"index {told().seals[-1].size}"


def _shallower(file: dict[str, Any]) -> None:
    """The same key nearer to the root, as if the map had fewer subjects."""
    file["map"] = file["map"][1:]


def _empty_with_forged_absence(file: dict[str, Any]) -> None:
    file["acts"] = []


def _inner_node(file: dict[str, Any]) -> None:
    """A leaf whose bytes are those of an inner node of the tree: 0x01, two hashes."""
    file["acts"][8]["leaf"] = "\x01" + "A" * 64


def _receipt_as_checkpoint(file: dict[str, Any]) -> None:
    head = file["proof"].split("\n\n")[0]
    file["proof"] = f"{head}\n\n{told().receipt(NUMBER, 8)}"


def _foreign_act(file: dict[str, Any]) -> None:
    file["acts"][8] = json.loads(told().story("OTHER-1"))["acts"][0]


def _other_subjects_place(file: dict[str, Any]) -> None:
    other = json.loads(told().story("OTHER-1"))
    file["map"] = other["map"]


def _linked(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    return lambda file: change(file["linked"][0])


def _deep(levels: int) -> bytes:
    file = json.loads(told().story(NUMBER, times=False))
    for _ in range(levels):
        outer = json.loads(told().story(NUMBER, times=False))
        outer["linked"] = [file]
        file = outer
    return json.dumps(file, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _many_linked() -> bytes:
    file = json.loads(told().story(NUMBER, times=False))
    small = json.loads(told().story("OTHER-1", times=False))
    file["linked"] = [small] * 33
    return canonical(file) + b"\n"


def _many_acts() -> bytes:
    return b'{"acts":[' + b",".join([b"{}"] * 10_001) + b'],"earnest":"story/v1"}\n'


def _too_large() -> bytes:
    return b'{"earnest":"story/v1","map":["' + b"A" * (16 * 1024 * 1024) + b'"]}\n'


def _times(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[dict[str, Any]], None]:
    def edit(file: dict[str, Any]) -> None:
        file.update(json.loads(story()))
        change(file["times"])

    return edit


def _later_checkpoint_for_earlier_act(times: list[dict[str, Any]]) -> None:
    """The acts of 2018 are shown under the seal of 2021, with the proof of 2018."""
    times[0]["seal"], times[0]["path"] = times[1]["seal"], times[1]["path"]


def _forged_anchor(times: list[dict[str, Any]]) -> None:
    """The checkpoint before is shown with other cosignatures than those that the seal names."""
    times[2]["before"] += _cosigned_by(STRANGER)


def _anchor_of_later(times: list[dict[str, Any]]) -> None:
    times[1]["before"] = times[2]["before"]


def _old_cosignature_time(times: list[dict[str, Any]]) -> None:
    """A cosignature's time set back by two years; the signature is over the true one."""
    head, separator, lines = times[2]["proof"].rpartition("\n\n")
    written = lines.split("\n")
    raw = base64.b64decode(written[1].rsplit(" ", 1)[1])
    earlier = raw[:4] + seconds("2024-03-31T12:00:00Z").to_bytes(8, "big") + raw[12:]
    written[1] = written[1].rsplit(" ", 1)[0] + " " + base64.b64encode(earlier).decode()
    times[2]["proof"] = head + separator + "\n".join(written)


def _other_origin() -> bytes:
    log = begun("demo.moved.example")
    founding(log)
    log.seal(SEALS[2], (W1, W2, AUDITOR))
    return story(log)


def _under_the_seal_of_never_mapped(file: dict[str, Any]) -> None:
    other = json.loads(never_mapped().story("OTHER-1"))
    file.update(seal=other["seal"], proof=other["proof"])


def _forked_receipt() -> str:
    """A receipt for an act 5 that the story does not have: the maker signed two fifth acts."""
    log = begun()
    founding(log, until=4)
    return log.act(
        NUMBER, "mail.received", "customer", "2026-03-01T09:00:00Z", {"subject": "Money back, please"}
    )


def _receipts() -> tuple[str, ...]:
    return tuple(told().receipt(NUMBER, seq) for seq in (0, 4, 8))


def _beyond() -> str:
    log = begun()
    founding(log)
    return log.act(NUMBER, "mail.received", "customer", "2026-04-01T09:00:00Z", {"subject": "Thank you"})


def _split(name: str) -> str:
    return f"# earnest {name}"


def valid() -> dict[str, Vector]:
    """Files that hold."""
    sealed = {"acts": 9, "sealed": 9, "tail": 0}
    three = ["auditor", "w1", "w2"]
    return {
        "full": Vector(story, expects=sealed),
        "no-links": Vector(lambda: story(linked=()), expects=sealed),
        "no-times": Vector(lambda: story(times=False), expects=sealed),
        "none-open": Vector(
            lambda: redact(story(), "none"),
            expects=sealed
            | {
                "warnings": [UNCHECKED, STRANGERS, "some entries are withheld, so the money was not added up"]
            },
        ),
        "names-and-bank-withheld": Vector(
            lambda: redact(
                story(), {"entries", "amount_minor", "quantity", "queue", "answer", "vkey", "role"}
            ),
            expects=sealed,
        ),
        "erased": Vector(
            lambda: changed(lambda f: f["acts"][5]["open"].clear(), story(erased())),
            expects={"erased": ["number (act 10)"]},
        ),
        "erased-and-still-there": Vector(
            lambda: story(erased()),
            expects={
                "erased": [],
                "warnings": [
                    UNCHECKED,
                    STRANGERS,
                    "act 10 says that number of act 6 was erased, and the file has it",
                ],
            },
        ),
        "older": Vector(lambda: story(at_seal=1, tail=False, linked=()), expects={"acts": 4, "sealed": 4}),
        "tail": Vector(lambda: story(unsealed()), expects={"acts": 6, "sealed": 5, "tail": 1, "receipts": 1}),
        "only-tail": Vector(_never_sealed, expects={"acts": 1, "sealed": 0, "tail": 1}),
        "alone-in-the-map": Vector(_alone, expects={"acts": 1, "sealed": 1}),
        "pinned": Vector(story, key=told().log.vkey, expects=sealed | {"key_pinned": True}),
        "witnessed": Vector(
            story, policy=policy(auditors=False), expects=sealed | {"witnesses": three, "audited": False}
        ),
        "audited": Vector(story, policy=policy(), expects=sealed | {"witnesses": three, "audited": True}),
        "receipts-given": Vector(story, receipts=_receipts(), expects=sealed | {"receipts": 3}),
        "rotated-old-key-pinned": Vector(
            lambda: story(rotated()), key=told().log.vkey, expects=sealed | {"key_pinned": True}
        ),
        "rotated-new-key-pinned": Vector(lambda: story(rotated()), key=rotated().log.vkey, expects=sealed),
        "stamped": Vector(
            lambda: story(stamped()),
            policy=policy(f"# earnest tsa root {TSA}"),
            expects=sealed | {"audited": True},
        ),
        "stamped-by-somebody": Vector(lambda: story(stamped()), expects=sealed),
        # What the log cannot show without an auditor or a receipt, and the report says so.
        "map-rolled-back-and-nobody-audited": Vector(
            lambda: story(rolled_back(), tail=False, linked=()),
            policy=policy(auditors=False),
            expects={"acts": 7, "sealed": 7, "audited": False},
        ),
    }


def attacks() -> dict[str, Vector]:
    """Files that do not."""
    edits: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
        "last-act-dropped": (lambda f: f["acts"].pop(), "map"),
        "last-two-acts-dropped": (lambda f: f.update(acts=f["acts"][:7]), "map"),
        "middle-act-dropped": (lambda f: f["acts"].pop(4), "chain"),
        "first-act-dropped": (lambda f: f["acts"].pop(0), "chain"),
        "acts-reordered": (lambda f: _swap(f["acts"], 4, 5), "chain"),
        "act-doubled": (lambda f: f["acts"].append(f["acts"][8]), "chain"),
        "type-edited": (_edit_leaf(8, "refund.arrived", "refund.returned"), "map"),
        "time-edited": (_edit_leaf(8, "2026-03-31", "2026-03-30"), "map"),
        "speaker-edited": (_edit_leaf(4, "customer", "maker"), "chain"),
        "value-edited": (_reopen(1, "amount_minor", 400000), "value"),
        "values-exchanged-between-acts": (_exchange, "value"),
        "values-exchanged-between-fields": (_between, "value"),
        "value-of-no-field": (_reopen(1, "discount", 1), "unknown-field"),
        "value-not-base64": (lambda f: f["acts"][1]["open"].update(amount_minor="%%%"), "disclosure"),
        "value-with-stray-bits": (
            lambda f: f["acts"][1]["open"].update(
                amount_minor=f["acts"][1]["open"]["amount_minor"][:-1] + "9"
            ),
            "disclosure",
        ),
        "foreign-act": (_foreign_act, "foreign-act"),
        "relabelled": (lambda f: f.update(number="3BB0-J47G-5"), "foreign-act"),
        "number-with-look-alike": (lambda f: f.update(number="\u041a7QF-2M9X-4"), "foreign-act"),
        "leaf-with-spaces": (_edit_leaf(8, '"by":"customer"', '"by": "customer"'), "leaf"),
        "leaf-members-reordered": (
            lambda f: f["acts"][8].update(
                leaf=json.dumps(
                    dict(reversed(json.loads(f["acts"][8]["leaf"]).items())), separators=(",", ":")
                )
            ),
            "leaf",
        ),
        "leaf-member-twice": (_edit_leaf(8, '"by":"customer"', '"by":"maker","by":"customer"'), "leaf"),
        "leaf-number-as-float": (_edit_leaf(8, '"seq":8', '"seq":8.0'), "leaf"),
        "leaf-number-as-exponent": (_edit_leaf(8, '"seq":8', '"seq":8e0'), "leaf"),
        "leaf-number-too-large": (_edit_leaf(8, '"seq":8', '"seq":9007199254740992'), "leaf"),
        "leaf-is-an-inner-node": (_inner_node, "leaf"),
        "impossible-date": (_edit_leaf(8, "2026-03-31", "2026-02-31"), "leaf"),
        "older-seal-with-newer-acts": (_older_seal, "map"),
        "older-seal-under-a-newer-map": (_older_seal_and_map_kept, "map"),
        "map-siblings-too-few": (_shallower, "map"),
        "map-siblings-too-many": (lambda f: f["map"].append(b64(submap.EMPTY)), "map"),
        "map-siblings-257": (lambda f: f.update(map=[b64(submap.EMPTY)] * 257), "map"),
        "map-sibling-short": (lambda f: f["map"].__setitem__(0, b64(bytes(31))), "map"),
        "map-place-of-another": (_other_subjects_place, "map"),
        "empty-with-forged-absence": (_empty_with_forged_absence, "no-acts"),
        "seal-edited": (_replace("seal", '"no":2', '"no":3'), "proof"),
        "seal-with-spaces": (_replace("seal", '"no":2', '"no": 2'), "seal"),
        "checkpoint-size-edited": (
            lambda f: _replace("proof", f"\n{told().seals[-1].size}\n", f"\n{told().seals[-1].size + 1}\n")(
                f
            ),
            "signature",
        ),
        "checkpoint-root-edited": (
            lambda f: _replace(
                "proof",
                told().seals[-1].body.split("\n")[2],
                base64.b64encode(bytes(32)).decode(),
            )(f),
            "signature",
        ),
        "checkpoint-with-extension-line": (_extension_line, "signature"),
        "checkpoint-with-trailing-words": (lambda f: f.update(proof=f["proof"] + "and more\n"), "signature"),
        "receipt-instead-of-checkpoint": (_receipt_as_checkpoint, "signature"),
        "proof-hash-missing": (_proof_lines(lambda lines: lines.pop()), "proof"),
        "proof-hash-more": (_proof_lines(lambda lines: lines.append("A" * 43 + "=")), "proof"),
        "proof-index-beyond": (_proof_lines(_index_beyond), "seal-not-last"),
        "proof-index-with-zero": (
            _proof_lines(lambda lines: lines.__setitem__(1, lines[1].replace("index ", "index 0"))),
            "proof",
        ),
        "unknown-member": (lambda f: f.update(comment="trust me"), "members"),
        "missing-member": (lambda f: f.pop("keys"), "members"),
        "seal-without-map": (lambda f: f.pop("map"), "members"),
        "member-of-another-kind": (lambda f: f.update(acts="all"), "malformed"),
        "act-with-another-member": (lambda f: f["acts"][0].update(note="x"), "act-members"),
        "unknown-version": (lambda f: f.update(earnest="story/v9"), "unknown-version"),
        "key-of-another-book": (
            lambda f: f["keys"].__setitem__(0, Signer("demo.other.example", bytes(32)).vkey),
            "other-subject",
        ),
        "key-of-another": (lambda f: f["keys"].__setitem__(0, Signer(ORIGIN, bytes(32)).vkey), "signature"),
        "linked-act-dropped": (_linked(lambda f: f["acts"].pop()), "linked"),
        "linked-value-edited": (
            _linked(lambda f: f["acts"][0]["open"].clear() or _reopen(0, "from", "x")(f)),
            "linked",
        ),
        "times-seal-exchanged": (_times(_later_checkpoint_for_earlier_act), "times"),
        "times-anchor-with-more-cosignatures": (_times(_forged_anchor), "times"),
        "times-anchor-of-a-later-seal": (_times(_anchor_of_later), "times"),
        "times-for-other-acts": (_times(lambda times: times[1].update({"from": 1, "to": 3})), "times"),
        "times-proof-of-another-act": (_times(lambda times: times[2].update(to=7)), "times"),
        "times-beyond-the-acts": (_times(lambda times: times[2].update(to=9)), "times"),
    }
    made = {
        name: Vector(lambda change=change: changed(change), 1, error)
        for name, (change, error) in edits.items()
    }
    return made | _attacks_by_name()


def _attacks_by_name() -> dict[str, Vector]:
    trusted = policy()
    return {
        "file-with-spaces": Vector(lambda: json.dumps(json.loads(story())).encode(), 1, "not-canonical"),
        "file-members-reordered": Vector(
            lambda: (
                json.dumps(
                    dict(reversed(json.loads(story()).items())), separators=(",", ":"), ensure_ascii=False
                ).encode()
                + b"\n"
            ),
            1,
            "not-canonical",
        ),
        "file-without-newline": Vector(lambda: story()[:-1], 1, "not-canonical"),
        "member-twice": Vector(
            lambda: story().replace(b'"number":', b'"number":"A","number":', 1), 1, "not-strict-json"
        ),
        "lone-surrogate": Vector(
            lambda: story().replace(b'{"acts"', b'{"a":"\\ud800","acts"', 1), 1, "not-strict-json"
        ),
        "erasure-of-nothing": Vector(_erasure_of_nothing, 1, "erasure"),
        "leaf-loosely-written-in-the-log": Vector(_loosely_written, 1, "leaf"),
        "checkpoint-by-another-key-under-the-true-name": Vector(_forged, 1, "signature"),
        "value-named-otherwise": Vector(_misnamed, 1, "value"),
        "money-below-zero": Vector(_overdrawn, 1, "money"),
        "seal-not-last": Vector(lambda: story(not_last(), times=False, linked=()), 1, "seal-not-last"),
        "another-key-than-given": Vector(story, 1, "other-key", key=Signer(ORIGIN, bytes(32)).vkey),
        "receipts-key-given-as-log-key": Vector(story, 1, "other-key", key=told().receipts.vkey),
        "new-key-without-the-old-one": Vector(_usurped, 1, "other-key", key=told().log.vkey),
        "new-origin": Vector(_other_origin, 1, "other-key", policy=trusted),
        "cosignatures-stripped": Vector(
            lambda: changed(_only_log_signature, story(times=False)), 1, "quorum", policy=trusted
        ),
        "cosigned-by-strangers": Vector(
            lambda: changed(
                lambda f: (_only_log_signature(f), f.update(proof=f["proof"] + _cosigned_by(STRANGER))),
                story(times=False),
            ),
            1,
            "quorum",
            policy=trusted,
        ),
        "one-witness-twice": Vector(
            lambda: changed(_only_one_witness_twice, story(times=False)), 1, "signature", policy=trusted
        ),
        "cosignature-of-another-size": Vector(
            lambda: changed(_cosignature_of_another_size, story(times=False)), 1, "signature", policy=trusted
        ),
        "cosignature-of-another-log": Vector(
            lambda: changed(_cosignature_of_another_log, story(times=False)), 1, "signature", policy=trusted
        ),
        "plain-signature-as-cosignature": Vector(
            lambda: changed(_plain_signature_as_cosignature, story(times=False)),
            1,
            "signature",
            policy=trusted,
        ),
        "cosignature-with-earlier-time": Vector(
            lambda: changed(_times(_old_cosignature_time)), 1, "times", policy=trusted
        ),
        "stale": Vector(
            lambda: story(at_seal=1, tail=False, linked=()), 1, "stale", policy=policy(_split("max-age 30d"))
        ),
        "map-rolled-back-and-a-receipt": Vector(
            lambda: story(rolled_back(), tail=False, linked=()),
            1,
            "receipt-beyond",
            receipts=(rolled_back().receipt(NUMBER, 8),),
        ),
        "map-rolled-back-and-an-auditor-asked-for": Vector(
            lambda: story(rolled_back(), tail=False, linked=()),
            1,
            "quorum",
            policy=policy().replace("group most 2 w1 w2 auditor", "group most all w1 w2 auditor"),
        ),
        "subject-never-in-the-map": Vector(
            lambda: changed(lambda f: f.update(map=[]), story(told(), times=False, linked=())), 1, "map"
        ),
        "never-mapped": Vector(
            lambda: changed(
                lambda f: f.update(
                    {name: json.loads(never_mapped().story("OTHER-1"))[name] for name in ("seal", "proof")}
                ),
                story(times=False, linked=()),
            ),
            1,
            "map",
        ),
        "stamp-of-another-checkpoint": Vector(lambda: _changed_stamps(_stamp_of_another), 1, "times"),
        "stamp-with-another-bit": Vector(lambda: _changed_stamps(_stamped_by_nobody), 1, "times"),
        "tail-without-receipt": Vector(
            lambda: changed(lambda f: f.pop("receipts"), story(unsealed())), 1, "tail"
        ),
        "tail-with-an-older-receipt": Vector(
            lambda: changed(lambda f: f.update(receipts=[unsealed().receipt(NUMBER, 2)]), story(unsealed())),
            1,
            "tail",
        ),
        "tail-act-edited": Vector(
            lambda: changed(
                lambda f: f["tail"][0].update(leaf=f["tail"][0]["leaf"].replace("2026-03-30", "2026-03-29")),
                story(unsealed()),
            ),
            1,
            "receipt",
        ),
        "sealed-act-moved-to-the-tail": Vector(
            lambda: changed(lambda f: f.update(tail=[f["acts"].pop()], receipts=[told().receipt(NUMBER, 8)])),
            1,
            "map",
        ),
        "receipt-for-another-history": Vector(story, 1, "receipt", receipts=(_forked_receipt(),)),
        "receipt-for-an-act-left-out": Vector(story, 1, "receipt-beyond", receipts=(_beyond(),)),
        "receipt-of-another-reservation": Vector(
            story, 1, "receipt-other", receipts=(told().receipt("OTHER-1", 0),)
        ),
        "receipt-by-another-key": Vector(
            story,
            1,
            "receipt",
            receipts=(
                Signer(told().receipts.name, bytes(32)).sign(
                    "\n".join(_receipts()[0].split("\n")[:5]) + "\n"
                ),
            ),
        ),
        "receipt-never-sealed": Vector(
            lambda: story(left_waiting(), linked=()),
            1,
            "merge-delay",
            policy=policy(_split("max-merge-delay 24h"), f"# earnest receipts {told().receipts.vkey}"),
        ),
        "truncated": Vector(lambda: story()[:900], 2),
        "not-utf8": Vector(lambda: b"\xff\xfe" + story(), 2),
        "not-a-story": Vector(lambda: b'{"hello":"world"}', 2),
        "empty": Vector(lambda: b"", 2),
        "seventeen-deep": Vector(lambda: _deep(16), 2),
        "thirty-three-linked": Vector(_many_linked, 2),
        "ten-thousand-and-one-acts": Vector(_many_acts, 2),
    }


#: Too large to be committed; every verifier refuses it by its size alone.
TOO_LARGE = _too_large


def all_valid() -> dict[str, Vector]:
    """Files that hold."""
    from tests.vectors import cheats  # which is made of what stands here

    return valid() | cheats.valid()


def all_attacks() -> dict[str, Vector]:
    """Files that do not, of strangers and of makers."""
    from tests.vectors import cheats

    return attacks() | cheats.attacks()


def files() -> dict[str, bytes]:
    """Every file of the folder."""
    made: dict[str, bytes] = {}
    index: list[dict[str, Any]] = []
    for kind, vectors in (("valid", all_valid()), ("attack", all_attacks())):
        for name, vector in vectors.items():
            file = f"{kind}-{name}.json"
            made[file] = vector.make()
            row: dict[str, Any] = {"file": file, "exit": vector.exit, "error": vector.error, "now": NOW}
            for option in ("key", "policy"):
                if getattr(vector, option):
                    row[option] = getattr(vector, option)
            if vector.receipts:
                row["receipts"] = list(vector.receipts)
            if vector.expects:
                row["expects"] = vector.expects
            index.append(row)
    made["index.json"] = (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()
    return made


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
