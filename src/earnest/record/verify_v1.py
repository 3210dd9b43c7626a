"""Checking a story of version 1: the log holds these acts and no others of this subject, and since when."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from earnest.record import chain, submap
from earnest.record.canonical import NotCanonical, unb64
from earnest.record.checking import Checker, Failed
from earnest.record.checkpoint import Seal, check_proof, read_proof, read_seal
from earnest.record.merkle import BadProof
from earnest.record.notes import BadNote, signatures_of
from earnest.record.receipt import Receipt, read_receipt
from earnest.record.report import UNCHECKED, Problem, Report, age_seconds
from earnest.record.story import VERSION as VERSION
from earnest.record.trust import SKEW, LogKeys, Trust, receipt_keys, signing_key
from earnest.record.verify_times import TimesCheck, posix

REQUIRED: Final = {"earnest", "origin", "number", "keys", "acts"}
SEALED: Final = {"map", "seal", "proof"}
OPTIONAL: Final = SEALED | {"tail", "times", "receipts", "rotations", "linked"}
#: The subject on which a book introduces its keys.
KEYS_SUBJECT: Final = "keys/book"


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
        if self.file.get("times"):
            TimesCheck(self.checker, self.trust, self.logs, self.report.log_size).run(self.file["times"])
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
            self.log = signing_key(self.file["keys"][0])
            report.key_hash = self.log.id.hex()
            if self.log.name != report.origin:
                self._stop("other-subject", "the log's key belongs to another book")
            self.receipts = receipt_keys(self.file["keys"][1:], report.origin)
            self.logs = LogKeys.read(self.log, self.file.get("rotations", []))
        except BadNote as error:
            self._stop("signature", f"a key does not hold: {error}")
        report.key_pinned = self.trust.pinned
        if not self.trust.pinned:
            report.warnings.append(UNCHECKED)
        elif not any(self.trust.believes(log) for log in self.logs.keys):
            self._stop("other-key", "the file is signed by another key than the one you gave")
        elif len(self.logs.keys) > 1 and not self.trust.believes(self.log):
            report.warnings.append(f"the log's key changed on {self.logs.until[1]}, signed by both keys")
        report.given_hash = self.trust.given_of(self.logs).id.hex()

    def _sealed(self) -> Seal:
        """The seal is the last leaf of a checkpoint that the log signed, and enough witnesses."""
        report = self.report
        try:
            index, path, note = read_proof(self.file["proof"])
            checkpoint, cosigned, log = self.trust.checkpoint(note, self.logs)
            raw = self.file["seal"].encode()
            seal = read_seal(raw)
            self.logs.check(log, seal.at)
            if index != checkpoint.size - 1:
                self._stop("seal-not-last", "the seal is not the last leaf of its checkpoint")
            check_proof(index, path, chain.leaf_hash(raw), checkpoint)
        except BadNote as error:
            self._stop("signature", f"the checkpoint does not hold: {error}")
        except BadProof as error:
            self._stop("proof", f"the seal is not in the log: {error}")
        except chain.BadLeaf as error:
            self._stop("seal", str(error))
        report.seal_no, report.log_size, report.as_of = seal.no, checkpoint.size, seal.at
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
            report.as_of = posix(times[1])

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
        report, checker, last, bound = self.report, self.checker, -1, -1
        believed = self._receipt_keys()
        for note in (*self.file.get("receipts", []), *given):
            receipt, key = self._receipt(note)
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
            if believed is None or key in believed:
                bound = max(bound, receipt.seq)
        newest = len(checker.heads) - 1
        if report.tail and bound < newest:
            if last < newest:
                self._stop("tail", "no receipt binds the acts that are not sealed yet", newest)
            why = "neither you nor the log named the key that signs for the acts that are not sealed yet"
            self._stop("other-key", why, newest)

    def _receipt(self, note: str) -> tuple[Receipt | None, str]:
        """What a receipt says, and the key that signed it; None where none of the book's has."""
        try:
            named = {(name, id) for name, id, _ in signatures_of(note)[1]}
            for key in self.receipts:
                if (key.name, key.id) in named:
                    return read_receipt(note, key), key.vkey
        except (BadNote, NotCanonical):
            pass
        return None, ""

    def _receipt_keys(self) -> set[str] | None:
        """Keys of receipts that the policy gives, or that the log itself introduced; that one is neither is said.

        None where nothing was given to hold them against.
        """
        if not self.trust.pinned:
            return None
        given = {key.vkey for key in self.trust.policy.receipts} if self.trust.policy else set()
        for story in self.linked:
            if story.report.number == KEYS_SUBJECT:
                sealed = story.checker.opened[: story.report.sealed]
                given |= {
                    values["vkey"]
                    for values in sealed
                    if values.get("role") == "receipts" and "vkey" in values
                }
        shown = self.file.get("receipts") or self.report.tail
        if shown and not {key.vkey for key in self.receipts} <= given:
            self.report.warnings.append(
                "the key of the receipts was named by the file itself and not checked"
            )
        return given

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
