"""A whole log in memory: subjects with their acts, seals, witnesses. Small, naive, and able to cheat."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from earnest.record import chain, checkpoint, disclosure, merkle, submap
from earnest.record.canonical import b64
from earnest.record.notes import COSIGNATURE, Signer
from earnest.record.receipt import receipts_name, sign_receipt
from earnest.record.story import Group, Place, build_story
from earnest.record.trust import rotation_body

SECRET = b"vectors" * 5


def seconds(at: str) -> int:
    """POSIX seconds of an instant."""
    return int(chain.instant(at).timestamp())


def witness(name: str, first: int) -> Signer:
    """A witness whose key everybody can make."""
    return Signer(name, bytes(range(first, first + 32)), COSIGNATURE)


@dataclass
class Subject:
    """One chain: exact leaves, their openings, where each stands in the log, the head after each."""

    number: str
    key: bytes
    leaves: list[bytes] = field(default_factory=list)
    opened: list[dict[str, str]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


@dataclass
class Sealed:
    """One checkpoint: the seal's exact leaf, the note with its cosignatures, its stamps, and the map's subjects."""

    leaf: bytes
    size: int
    body: str
    note: str
    stamps: list[bytes]
    pairs: list[tuple[bytes, int, bytes]]


class SmallLog:
    """What a maker does, step by step."""

    def __init__(self, origin: str, log_seed: int = 0, receipt_seed: int = 1) -> None:
        self.origin = origin
        self.log = Signer(origin, bytes(range(log_seed, log_seed + 32)))
        self.receipts = Signer(receipts_name(origin), bytes(range(receipt_seed, receipt_seed + 32)))
        self.subjects: dict[str, Subject] = {}
        self.leaves: list[bytes] = []
        self.waiting: list[tuple[Subject, int]] = []
        self.seals: list[Sealed] = []
        self.rotations: list[str] = []
        self.tree = merkle.Tree()

    def subject(self, number: str) -> Subject:
        """The subject of that number, made where it is new."""
        return self.subjects.setdefault(number, Subject(number, chain.subject_key(self.origin, number)))

    def act(
        self,
        number: str,
        type: str,
        by: str,
        at: str,
        fields: dict[str, Any],
        cites: tuple[bytes, ...] = (),
        written: dict[str, str] | None = None,
        respell: tuple[bytes, bytes] = (b"", b""),
    ) -> str:
        """Commit an act; the receipt. `written` are disclosures, `respell` a leaf, of the maker's own making."""
        subject = self.subject(number)
        seq = len(subject.leaves)
        opened = {
            name: disclosure.disclosure(disclosure.salt(SECRET, seq, name), name, value)
            for name, value in fields.items()
        } | (written or {})
        head = subject.heads[-1] if subject.heads else chain.genesis(subject.key)
        digests = {name: disclosure.digest(line) for name, line in opened.items()}
        leaf = chain.leaf_bytes(chain.Leaf(subject.key, seq, head, type, 1, by, at, digests, cites))
        leaf = leaf.replace(*respell, 1)
        subject.leaves.append(leaf)
        subject.opened.append(opened)
        subject.heads.append(chain.next_head(head, chain.leaf_hash(leaf)))
        self.waiting.append((subject, seq))
        return self.receipt(number, seq)

    def receipt(self, number: str, seq: int) -> str:
        """What the customer was given."""
        subject = self.subject(number)
        return sign_receipt(self.receipts, self.origin, subject.key, seq, subject.heads[seq])

    def pairs(self) -> list[tuple[bytes, int, bytes]]:
        """The map's subjects: those that have acts in the log."""
        return [
            (each.key, len(each.places), each.heads[len(each.places) - 1])
            for each in self.subjects.values()
            if each.places
        ]

    def seal(
        self,
        at: str,
        witnesses: tuple[Signer, ...] = (),
        *,
        witnessed_at: str = "",
        pairs: list[tuple[bytes, int, bytes]] | None = None,
        leave_out: tuple[str, ...] = (),
        after: tuple[bytes, ...] = (),
        respell: tuple[bytes, bytes] = (b"", b""),
        said: tuple[str, str] = ("", ""),
    ) -> Sealed:
        """Take what waits into the log and sign. `pairs` is a map of the maker's own liking; `leave_out` are
        numbers that wait on; `after` are leaves behind the seal, where none may be; `respell` is put into the seal
        and `said` into what is signed."""
        staying = []
        for subject, seq in self.waiting:
            if subject.number in leave_out:
                staying.append((subject, seq))
                continue
            subject.places.append(len(self.leaves))
            self._append(subject.leaves[seq])
        self.waiting = staying
        mapped = self.pairs() if pairs is None else pairs
        last = self.seals[-1] if self.seals else None
        anchor = checkpoint.anchor_of(last.note, last.stamps) if last else checkpoint.NO_ANCHOR
        seal = checkpoint.Seal(len(self.seals), at, submap.root(mapped), len(mapped), anchor)
        leaf = checkpoint.seal_leaf(seal).replace(*respell, 1)
        self._append(leaf)
        for each in after:
            self._append(each)
        point = checkpoint.Checkpoint(self.origin, self.tree.size, self.tree.root())
        body = point.body.replace(*said, 1)
        note = self.log.sign(body)
        for each in witnesses:
            note += checkpoint.cosign(body, each, seconds(witnessed_at or at))
        self.seals.append(Sealed(leaf, point.size, body, note, [], mapped))
        return self.seals[-1]

    def rotate(self, seed: int, at: str) -> None:
        """A new log key, signed by the old one and itself."""
        new = Signer(self.origin, bytes(range(seed, seed + 32)))
        body = rotation_body(self.origin, self.log.verifier, new.verifier, at)
        line = new.sign(body).rpartition("\n\n")[2]
        self.rotations.append(self.log.sign(body) + line)
        self.log = new

    def story(
        self,
        number: str,
        *,
        at_seal: int = -1,
        linked: tuple[str, ...] = (),
        receipts: tuple[str, ...] = (),
        times: bool = True,
        tail: bool = True,
    ) -> bytes:
        """The story as a true exporter writes it, at a seal (the newest by default)."""
        sealed = self.seals[at_seal]
        subject = self.subject(number)
        index = sealed.size - 1 if self._is_last(sealed) else self.leaves.index(sealed.leaf)
        count = next((n for key, n, _ in sealed.pairs if key == subject.key), 0)
        acts = list(zip(subject.leaves, subject.opened, strict=True))
        place = None
        if count:
            leaves = sorted((key, submap.map_leaf(key, n, head)) for key, n, head in sealed.pairs)
            path = merkle.inclusion(index, sealed.size, self.tree.node)
            proof = checkpoint.write_proof(index, path, sealed.note)
            place = Place(submap.path_in(leaves, 0, subject.key), sealed.leaf, proof)
        rest = acts[count:] if tail else []
        bound = [self.receipt(number, len(acts) - 1)] if rest and not receipts else []
        return build_story(
            self.origin,
            number,
            [self.log.vkey, self.receipts.vkey],
            acts[:count],
            place=place,
            tail=rest,
            groups=self._groups(subject, count) if times and count else (),
            receipts=[*receipts, *bound],
            rotations=self.rotations,
            linked=[self.story(each, at_seal=at_seal, times=False) for each in linked],
        )

    def _groups(self, subject: Subject, count: int) -> list[Group]:
        groups = []
        for n, sealed in enumerate(self.seals):
            start = self.seals[n - 1].size if n else 0
            seqs = [seq for seq in range(count) if start <= subject.places[seq] < sealed.size]
            if not seqs:
                continue
            first, last = subject.places[seqs[0]], subject.places[seqs[-1]]
            path = merkle.inclusion(last, sealed.size, self.tree.node)
            before = self.seals[n - 1] if n else None
            groups.append(
                Group(
                    seqs[0],
                    seqs[-1],
                    (first, merkle.inclusion(first, sealed.size, self.tree.node)) if first < last else None,
                    checkpoint.write_proof(last, path, sealed.note),
                    sealed.leaf,
                    merkle.inclusion(sealed.size - 1, sealed.size, self.tree.node),
                    sealed.stamps,
                    before.note if before else "",
                    before.stamps if before else (),
                )
            )
        return groups

    def _is_last(self, sealed: Sealed) -> bool:
        return self.leaves[sealed.size - 1] == sealed.leaf

    def _append(self, leaf: bytes) -> None:
        self.leaves.append(leaf)
        self.tree.append(chain.leaf_hash(leaf))


def key_text(log: SmallLog, number: str) -> str:
    """A subject's key as entries name it."""
    return b64(log.subject(number).key)


def now(at: str) -> datetime:
    """An instant."""
    return chain.instant(at)
