"""Checking a story of version 1: the log holds these acts and no others of this subject, and since when."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from earnest.record import chain, submap
from earnest.record.canonical import NotCanonical, unb64
from earnest.record.checking import Checker, Failed
from earnest.record.checkpoint import (
    Checkpoint,
    Seal,
    anchor_of,
    check_proof,
    read_proof,
    read_seal,
)
from earnest.record.merkle import BadProof
from earnest.record.notes import BadNote, Verifier, read_base64, signatures_of
from earnest.record.receipt import read_receipt
from earnest.record.report import UNCHECKED, Bounds, Problem, Report, age_seconds
from earnest.record.stamp import BadStamp
from earnest.record.story import VERSION as VERSION
from earnest.record.trust import Trust, read_rotation, receipt_keys

REQUIRED: Final = {"earnest", "origin", "number", "keys", "acts"}
SEALED: Final = {"map", "seal", "proof"}
OPTIONAL: Final = SEALED | {"tail", "times", "receipts", "rotations", "linked"}
_GROUP: Final = {"from", "to", "proof", "seal", "path"}
_GROUP_MORE: Final = {"first", "stamps", "before", "before_stamps"}
#: The subject on which a book introduces its keys.
KEYS_SUBJECT: Final = "keys/book"
#: An act commits a moment before it is sealed; the clocks of two machines may differ by this much.
SKEW: Final = timedelta(minutes=5)
#: How long after its time an act may be sealed, where no policy says.
MERGE_DELAY: Final = timedelta(hours=24)


def check(file: dict[str, Any], report: Report, now: datetime, trust: Trust, receipts: Sequence[str]) -> None:
    """Fill the report. Raises Failed where what follows cannot be looked at."""
    StoryCheck(file, report, now, trust).run(receipts)


class StoryCheck:
    """One story being checked, in the order in which trust flows."""

    def __init__(self, file: dict[str, Any], report: Report, now: datetime, trust: Trust) -> None:
        self.file, self.report, self.now, self.trust = file, report, now, trust
        self.linked: list[StoryCheck] = []
        self.checker: Checker

    def run(self, receipts: Sequence[str]) -> None:
        """Everything. Raises Failed."""
        self._shape()
        self._keys()
        self.checker = Checker(self.report, chain.subject_key(self.report.origin, self.report.number))
        sealed = self._sealed() if self.file["acts"] else None
        self.checker.link(self.file["acts"])
        self.report.sealed = len(self.checker.leaves)
        if sealed is not None:
            self._in_map(sealed)
        self.checker.link(self.file.get("tail", []))
        self.report.tail = len(self.checker.leaves) - self.report.sealed
        self.report.of = self.report.acts
        self.checker.values()
        self._links()
        self._receipts(receipts)
        self._times()
        if sealed is not None:
            self._delays(sealed)

    def _stop(self, code: str, why: str, seq: int | None = None) -> NoReturn:
        self.report.errors.append(Problem(code, seq, why))
        raise Failed

    def _shape(self) -> None:
        file = self.file
        texts = {"origin", "number", *({"seal", "proof"} & set(file))}
        lists = {"acts", "keys", *({"tail", "map", "times", "receipts", "rotations", "linked"} & set(file))}
        if not all(isinstance(file[name], str) for name in texts):
            self._stop("malformed", "a member is not text")
        if not all(isinstance(file[name], list) for name in lists):
            self._stop("malformed", "a member is not a list")
        if any(not file[name] for name in lists - {"acts", "map"}):
            self._stop("members", "a member is empty, and would be left out")
        if not file["acts"] and not file.get("tail"):
            self._stop("no-acts", "a story has at least one act")
        with_acts = set(file) & (SEALED | {"times"})
        if bool(file["acts"]) != (SEALED <= set(file)) or (with_acts and not file["acts"]):
            self._stop("members", "sealed acts come with map, seal and proof, and nothing else does")
        self.report.origin, self.report.number = file["origin"], file["number"]

    def _keys(self) -> None:
        """The log's key is the one that was given, or leads to it by changes that both keys signed."""
        report = self.report
        try:
            self.log = Verifier.parse(self.file["keys"][0])
            report.key_hash = self.log.id.hex()
            if self.log.name != report.origin:
                self._stop("other-subject", "the log's key belongs to another book")
            self.receipts = receipt_keys(self.file["keys"][1:], report.origin)
            rotations = [read_rotation(note) for note in self.file.get("rotations", [])]
        except BadNote as error:
            self._stop("signature", f"a key does not hold: {error}")
        self.logs = [self.log]
        for old, new, _ in reversed(rotations):
            if new != self.logs[-1]:
                self._stop("signature", "a change of keys does not lead to the log's key")
            self.logs.append(old)
        report.key_pinned = self.trust.pinned
        if not self.trust.pinned:
            report.warnings.append(UNCHECKED)
        elif not any(self.trust.believes(log) for log in self.logs):
            self._stop("other-key", "the file is signed by another key than the one you gave")
        elif rotations and not self.trust.believes(self.log):
            report.warnings.append(f"the log's key changed on {rotations[-1][2]}, signed by both keys")

    def _sealed(self) -> Seal:
        """The seal is the last leaf of a checkpoint that the log signed, and enough witnesses."""
        report = self.report
        try:
            index, path, note = read_proof(self.file["proof"])
            self.checkpoint, cosigned = self.trust.checkpoint(note, self.logs)
            raw = self.file["seal"].encode()
            seal = read_seal(raw)
            if index != self.checkpoint.size - 1:
                self._stop("seal-not-last", "the seal is not the last leaf of its checkpoint")
            check_proof(index, path, chain.leaf_hash(raw), self.checkpoint)
        except BadNote as error:
            self._stop("signature", f"the checkpoint does not hold: {error}")
        except BadProof as error:
            self._stop("proof", f"the seal is not in the log: {error}")
        except chain.BadLeaf as error:
            self._stop("seal", str(error))
        report.seal_no, report.log_size, report.as_of = seal.no, self.checkpoint.size, seal.at
        self._witnesses(note, cosigned)
        as_of = chain.instant(report.as_of)
        report.age_seconds = age_seconds(as_of, self.now)
        if as_of > self.now + SKEW:
            report.warnings.append("it was sealed in the future, by its own word or your clock")
        policy = self.trust.policy
        if policy and policy.max_age_seconds is not None and report.age_seconds > policy.max_age_seconds:
            self._stop(
                "stale",
                f"the story is {report.age_seconds} s old, your policy takes {policy.max_age_seconds}",
            )
        return seal

    def _witnesses(self, note: str, cosigned: dict[str, int]) -> None:
        """Who else signed, and whether that is enough for the policy."""
        report, policy = self.report, self.trust.policy
        report.witnesses = sorted(cosigned)
        unknown = len(signatures_of(note)[1]) - 1 - len(cosigned)
        if unknown > 0:
            report.warnings.append(f"{unknown} further signatures are of keys that you did not give")
        if policy is None:
            return
        if not policy.satisfied(set(cosigned)):
            self._stop("quorum", "not enough of the witnesses that your policy asks for have signed")
        report.auditors = sorted(set(cosigned) & set(policy.auditors))
        times = policy.quorum_times(cosigned)
        if times is not None and cosigned:
            report.as_of = _instant(times[1])

    def _in_map(self, seal: Seal) -> None:
        """(count, head) stand in the map under the seal: not one act more, not one fewer."""
        checker, siblings = self.checker, self.file["map"]
        try:
            hashes = [unb64(sibling) for sibling in siblings]
            if any(len(hashed) != 32 for hashed in hashes):
                raise NotCanonical("a hash does not have 32 bytes")
            root = submap.fold_proof(checker.subject, len(checker.leaves), checker.heads[-1], hashes)
        except ValueError as error:
            self._stop("map", f"the path in the map is not well formed: {error}")
        if root != seal.map:
            why = f"the log does not hold exactly these {len(checker.leaves)} acts: one is missing, added or altered"
            self._stop("map", why)

    def _links(self) -> None:
        """Stories of cited subjects hold too, under the same keys; and what the acts cite is in them."""
        known: set[bytes] = set()
        for each in self.file.get("linked", []):
            report = Report(version=str(each.get("earnest")), number=str(each.get("number", "")))
            if each.get("earnest") != VERSION or set(each) - OPTIONAL != REQUIRED:
                self._stop("linked", "a linked story has other members than a story's")
            if each["origin"] != self.report.origin or each["keys"] != self.file["keys"]:
                self._stop("linked", "a linked story is another book's")
            story = StoryCheck(each, report, self.now, self.trust)
            with suppress(Failed):
                story.run(())
            if report.errors:
                first = report.errors[0]
                self._stop("linked", f"the story of {report.number}: {first.why} [{first.code}]")
            self.linked.append(story)
            self.report.linked.append((report.number, report.acts))
            known.update(story.checker.hashes)
        for leaf in self.checker.leaves:
            if not set(leaf.cites) <= known and self.file.get("linked"):
                self.report.warnings.append(f"act {leaf.seq + 1} cites an act that is not in the file")

    def _receipts(self, given: Sequence[str]) -> None:
        """Receipts are beginnings of this story; one of them binds the acts that are not sealed yet."""
        report, checker, last = self.report, self.checker, -1
        self._receipt_keys()
        for note in (*self.file.get("receipts", []), *given):
            receipt = None
            for key in self.receipts:
                try:
                    receipt = read_receipt(note, key)
                    break
                except (BadNote, NotCanonical):
                    continue
            if receipt is None:
                self._stop("receipt", "a receipt is not signed by a key of this book's receipts")
            if receipt.origin != report.origin or receipt.key != checker.subject:
                self._stop("receipt-other", "a receipt belongs to another reservation or another book")
            if receipt.seq >= len(checker.heads):
                why = f"a receipt was given for act {receipt.seq + 1}: it was left out, or the story is older"
                self._stop("receipt-beyond", why, receipt.seq)
            if checker.heads[receipt.seq] != receipt.head:
                self._stop("receipt", "a receipt was given for other acts than these", receipt.seq)
            report.receipts += 1
            last = max(last, receipt.seq)
        if report.tail and last < len(checker.heads) - 1:
            self._stop("tail", "no receipt binds the acts that are not sealed yet", len(checker.heads) - 1)

    def _receipt_keys(self) -> None:
        """A receipt key is given by the policy, or introduced in the log itself; otherwise it is said."""
        if not self.trust.pinned or not (self.file.get("receipts") or self.report.tail):
            return
        given = {key.vkey for key in self.trust.policy.receipts} if self.trust.policy else set()
        for story in self.linked:
            if story.report.number == KEYS_SUBJECT:
                sealed = story.checker.opened[: story.report.sealed]
                given |= {
                    values["vkey"]
                    for values in sealed
                    if values.get("role") == "receipts" and "vkey" in values
                }
        if not {key.vkey for key in self.receipts} <= given:
            self.report.warnings.append(
                "the key of the receipts was named by the file itself and not checked"
            )

    def _times(self) -> None:
        """Between which checkpoints each act was sealed."""
        expected = 0
        for group in self.file.get("times", []):
            if not isinstance(group, dict) or set(group) - _GROUP_MORE != _GROUP:
                self._stop("times", "a time has other members than a time's")
            start, end = group["from"], group["to"]
            if (
                type(start) is not int
                or type(end) is not int
                or not expected <= start <= end < self.report.sealed
            ):
                self._stop("times", "the times do not follow the acts")
            if (start < end) != ("first" in group):
                self._stop(
                    "times", "the first of several acts has a proof of its own, and a single one has not", end
                )
            expected = end + 1
            try:
                self._group(group, start, end)
            except (BadProof, BadNote, chain.BadLeaf, BadStamp) as error:
                self._stop("times", f"when this act was sealed does not hold: {error}", end)
        self.report.bounds.sort(key=lambda bounds: bounds.seq)

    def _group(self, group: dict[str, Any], start: int, end: int) -> None:
        index, path, note = read_proof(group["proof"])
        checkpoint, cosigned = self.trust.checkpoint(note, self.logs)
        check_proof(index, path, self.checker.hashes[end], checkpoint)
        if checkpoint.size > self.checkpoint.size:
            raise BadProof("it is sealed by a later checkpoint than the story's own")
        first = index
        if start < end:
            first = group["first"]["index"]
            check_proof(first, _hashes(group["first"]["path"]), self.checker.hashes[start], checkpoint)
            if type(first) is not int or first >= index:
                raise BadProof("the first act is in the log after the last")
        raw = group["seal"].encode()
        check_proof(checkpoint.size - 1, _hashes(group["path"]), chain.leaf_hash(raw), checkpoint)
        seal = read_seal(raw)
        stamps = [read_base64(text) for text in group.get("stamps", [])]
        latest = self._not_after(seal, checkpoint, cosigned, stamps)
        earliest = self._not_before(group, seal, first)
        self._bound(start, end, earliest, latest)

    def _not_after(
        self, seal: Seal, checkpoint: Checkpoint, cosigned: dict[str, int], stamps: list[bytes]
    ) -> "_Time":
        """The earliest time at which somebody other than the maker saw the checkpoint; else the maker's word."""
        times = []
        quorum = self.trust.policy.quorum_times(cosigned) if self.trust.policy and cosigned else None
        if quorum is not None:
            times.append(_Time(_instant(quorum[0]), ", ".join(sorted(cosigned))))
        for stamp in stamps:
            name, at = self.trust.stamp(stamp, checkpoint)
            if name is None:
                self.report.unchecked_stamps += 1
            else:
                times.append(_Time(at, name))
        return min(times, key=lambda time: time.at) if times else _Time(seal.at, "")

    def _not_before(self, group: dict[str, Any], seal: Seal, first: int) -> "_Time | None":
        """The seal names the checkpoint before it, with what others had signed by then: nobody could know that
        earlier; and these acts stand in the log after that checkpoint."""
        if "before" not in group:
            return None
        note = group["before"]
        stamps = [read_base64(text) for text in group.get("before_stamps", [])]
        if anchor_of(note, stamps) != seal.anchor:
            raise BadProof("the seal does not name the checkpoint before it")
        checkpoint, cosigned = self.trust.checkpoint(note, self.logs)
        if first < checkpoint.size:
            raise BadProof("the act was in the log before the checkpoint that it is said to follow")
        times = [_Time(_instant(at), name) for name, at in cosigned.items()]
        for stamp in stamps:
            name, at = self.trust.stamp(stamp, checkpoint)
            if name is not None:
                times.append(_Time(at, name))
        return max(times, key=lambda time: time.at) if times else None

    def _bound(self, start: int, end: int, earliest: "_Time | None", latest: "_Time") -> None:
        delay = self.trust.policy.max_merge_delay_seconds if self.trust.policy else None
        slack = MERGE_DELAY if delay is None else timedelta(seconds=delay)
        for seq in range(start, end + 1):
            self.report.bounds.append(
                Bounds(seq, earliest.at if earliest else "", latest.at, latest.by if latest.by else "")
            )
            at = chain.instant(self.checker.leaves[seq].at)
            if at > chain.instant(latest.at) + SKEW:
                self.report.warnings.append(f"act {seq + 1} is dated after it was sealed")
            if earliest and at < chain.instant(earliest.at) - slack:
                self.report.warnings.append(
                    f"act {seq + 1} is dated long before it was sealed: it may be back-dated"
                )

    def _delays(self, seal: Seal) -> None:
        """The maker promised to seal within a time: an older act that a newer seal left out breaks that."""
        policy = self.trust.policy
        if policy is None or policy.max_merge_delay_seconds is None:
            return
        for leaf in self.checker.leaves[self.report.sealed :]:
            late = chain.instant(seal.at) - chain.instant(leaf.at)
            if late > timedelta(seconds=policy.max_merge_delay_seconds):
                why = f"it was receipted at {leaf.at}, and the seal of {seal.at} left it out: the maker's breach"
                self._stop("merge-delay", why, leaf.seq)


@dataclass(frozen=True)
class _Time:
    """An instant, and who says so; nobody but the maker where `by` is empty."""

    at: str
    by: str


def _instant(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise BadNote("a cosignature has an impossible time") from None


def _hashes(texts: Any) -> list[bytes]:
    if not isinstance(texts, list) or len(texts) > 64:
        raise BadProof("a path is a list of at most 64 hashes")
    found = [read_base64(text) for text in texts]
    if any(len(hashed) != 32 for hashed in found):
        raise BadProof("a hash does not have 32 bytes")
    return found
