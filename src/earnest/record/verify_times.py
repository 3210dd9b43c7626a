"""When the acts of a story were sealed: behind one checkpoint and before another, each of which others saw."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from earnest.record import chain
from earnest.record.checking import Checker
from earnest.record.checkpoint import Checkpoint, Seal, anchor_of, check_proof, read_proof, read_seal
from earnest.record.merkle import BadProof
from earnest.record.notes import BadNote, read_base64
from earnest.record.report import Bounds
from earnest.record.stamp import BadStamp
from earnest.record.trust import SKEW, LogKeys, Trust

_GROUP: Final = {"from", "to", "proof", "seal", "path"}
_GROUP_MORE: Final = {"first", "stamps", "before", "before_stamps"}
#: How long after its time an act may be sealed, where no policy says.
MERGE_DELAY: Final = timedelta(hours=24)


class TimesCheck:
    """The member `times` of one story, whose checkpoint has `size` leaves."""

    def __init__(self, checker: Checker, trust: Trust, logs: LogKeys, size: int) -> None:
        self.checker, self.report, self.trust = checker, checker.report, trust
        self.logs, self.size = logs, size

    def run(self, groups: list[Any]) -> None:
        """Between which checkpoints each act was sealed. Raises Failed."""
        expected = 0
        for group in groups:
            if not isinstance(group, dict) or set(group) - _GROUP_MORE != _GROUP:
                self.checker.stop("times", None, "a time has other members than a time's")
            start, end = group["from"], group["to"]
            if (
                type(start) is not int
                or type(end) is not int
                or not expected <= start <= end < self.report.sealed
            ):
                self.checker.stop("times", None, "the times do not follow the acts")
            if (start < end) != ("first" in group):
                why = "the first of several acts has a proof of its own, and a single one has not"
                self.checker.stop("times", end, why)
            expected = end + 1
            try:
                self._group(group, start, end)
            except (BadProof, BadNote, chain.BadLeaf, BadStamp) as error:
                self.checker.stop("times", end, f"when this act was sealed does not hold: {error}")
        self.report.bounds.sort(key=lambda bounds: bounds.seq)

    def _group(self, group: dict[str, Any], start: int, end: int) -> None:
        index, path, note = read_proof(group["proof"])
        checkpoint, cosigned, log = self.trust.checkpoint(note, self.logs)
        check_proof(index, path, self.checker.hashes[end], checkpoint)
        if checkpoint.size > self.size:
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
        self.logs.check(log, seal.at)
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
            times.append(_Time(posix(quorum[0]), ", ".join(sorted(cosigned))))
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
        checkpoint, cosigned, _ = self.trust.checkpoint(note, self.logs)
        if first < checkpoint.size:
            raise BadProof("the act was in the log before the checkpoint that it is said to follow")
        times = [_Time(posix(at), name) for name, at in cosigned.items()]
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


@dataclass(frozen=True)
class _Time:
    """An instant, and who says so; nobody but the maker where `by` is empty."""

    at: str
    by: str


def posix(seconds: int) -> str:
    """The instant of POSIX seconds. Raises BadNote."""
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
