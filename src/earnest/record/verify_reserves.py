"""Checks the proof that one reservation is part of what its maker says is owed (`reserves`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NoReturn

from earnest.record import chain, disclosure, reserves, sumtree
from earnest.record.canonical import NotCanonical, canonical, strict_json, unb64
from earnest.record.checking import Failed, Unreadable
from earnest.record.checkpoint import check_proof, read_proof
from earnest.record.merkle import BadProof, check_consistency
from earnest.record.notes import BadNote, Verifier
from earnest.record.policy import Policy
from earnest.record.receipt import RECEIPTS_SUFFIX, receipts_name
from earnest.record.report import UNCHECKED, Problem, age_seconds
from earnest.record.report_reserves import ReservesReport
from earnest.record.sumtree import Node, Sums
from earnest.record.trust import SKEW, LogKeys, Signed, Trust, signing_key

#: A path of 40 siblings in a few hundred currencies.
MAX_BYTES: Final = 1_000_000
REQUIRED: Final = {"earnest", "key", "note", "number", "sums", "salt", "place", "path"}
OPTIONAL: Final = {"log"}
LOG_UNCHECKED: Final = "the key of the log was named by the file itself and not checked"
_LOG: Final = {"key", "leaf", "open", "proof", "grown"}


def verify_reserves(
    data: bytes, now: datetime, key: str | None = None, policy: Policy | None = None
) -> ReservesReport:
    """Everything that can be checked offline. Raises Unreadable, and BadNote for a `key` that is none.

    `key` is the verifier key of the book's receipts or of its log, got elsewhere; or `policy` has one of them.
    """
    pinned = Verifier.parse(key) if key is not None else None
    file = _read(data)
    report = ReservesReport()
    try:
        _Check(file, report, now, Trust(policy, pinned)).run(data)
    except Failed:
        pass
    except (TypeError, AttributeError, KeyError, IndexError, ValueError) as error:
        report.errors.append(Problem("malformed", None, f"a member is not of its kind: {error}"))
    return report


def _read(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise Unreadable("The file is larger than any proof of reserves may be.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text.") from None
    if '"earnest":"reserves/' not in text:
        raise Unreadable("The file is not a proof of reserves of Earnest.")
    try:
        return strict_json(text)
    except NotCanonical as error:
        if "not JSON" in str(error):
            raise Unreadable("The file is not JSON; it may have been cut off.") from None
        return {"not strict": str(error)}


class _Check:
    """One proof being checked, in the order in which trust flows."""

    def __init__(self, file: Any, report: ReservesReport, now: datetime, trust: Trust) -> None:
        self.file, self.report, self.now, self.trust = file, report, now, trust
        self.statement: reserves.Statement

    def run(self, data: bytes) -> None:
        """Everything. Raises Failed."""
        self._shape(data)
        self._signed()
        self._explained()
        self._in_the_tree()
        self._in_the_log()
        self._believed()

    def _stop(self, code: str, why: str) -> NoReturn:
        self.report.errors.append(Problem(code, None, why))
        raise Failed

    def _shape(self, data: bytes) -> None:
        """The one text of the members that a proof has."""
        file = self.file
        if not isinstance(file, dict) or "not strict" in file:
            self._stop("not-strict-json", f"the JSON is not strict: {file}")
        if file.get("earnest") != reserves.VERSION:
            self._stop("unknown-version", f"version {file.get('earnest')} is not known here")
        if set(file) - OPTIONAL != REQUIRED:
            self._stop("members", "members are missing or unknown")
        if canonical(file) + b"\n" != data:
            self._stop("not-canonical", "the file is not the one text of its content")
        if not isinstance(file["number"], str) or type(file["place"]) is not int:
            self._stop("malformed", "the number is not text, or the place no whole number")
        self.report.number = file["number"]

    def _signed(self) -> None:
        """The statement is signed by the key that the file names, under the name of the book's receipts."""
        report = self.report
        try:
            self.key = signing_key(self.file["key"])
            self.statement = made = reserves.read_statement(self.file["note"], self.key)
        except BadNote as error:
            self._stop("signature", f"the statement does not hold: {error}")
        report.origin, report.key_hash = made.origin, self.key.id.hex()
        if self.key.name != receipts_name(made.origin):
            self._stop("other-subject", "the statement is signed by a key of another name than the book's")
        report.statement = made
        at = chain.instant(made.at)
        report.age_seconds = age_seconds(at, self.now)
        if at > self.now + SKEW:
            report.warnings.append("it was sealed in the future, by its own word or your clock")
        policy = self.trust.policy
        if policy and policy.max_age_seconds is not None and report.age_seconds > policy.max_age_seconds:
            why = f"the statement is {report.age_seconds} s old, your policy takes {policy.max_age_seconds}"
            self._stop("stale", why)

    def _explained(self) -> None:
        """Held and owed differ by exactly what the statement says."""
        for currency in self.statement.currencies:
            off = self.statement.unexplained(currency)
            if off:
                why = f"in {currency} {abs(off)} minor units of the difference are not explained"
                self._stop("unexplained", why)

    def _in_the_tree(self) -> None:
        """The reservation's leaf leads to the root, and the root's sums are all that is said to be owed."""
        made, file = self.statement, self.file
        if len(file["path"]) != made.depth:
            self._stop("path", f"the path has {len(file['path'])} levels, and the tree {made.depth}")
        try:
            key = chain.subject_key(made.origin, file["number"])
            own = sumtree.leaf(key, unb64(file["salt"]), self._sums(file["sums"]))
            path = [Node(unb64(hashed), self._sums(sums)) for hashed, sums in file["path"]]
            root = sumtree.fold(own, file["place"], path)
        except sumtree.BadSum as error:
            self._stop("sum", f"the sums cannot be: {error}")
        except ValueError as error:
            self._stop("path", f"the path is not well formed: {error}")
        if root.hash != made.tree:
            self._stop("root", "this reservation, with this sum, is not in the tree that was signed")
        if root.sums != made.owed:
            self._stop("total", "the tree adds up to another sum than is said to be owed")
        self.report.yours = dict(zip(made.currencies, own.sums, strict=True))

    def _sums(self, written: Any) -> Sums:
        if not isinstance(written, list) or any(type(minor) is not int for minor in written):
            self._stop("malformed", "a sum is no whole number")
        if len(written) != len(self.statement.sums):
            self._stop("sum", "there are not as many sums as currencies")
        return tuple(written)

    def _in_the_log(self) -> None:
        """The act that made the statement stands in the log, behind the checkpoint that it names: so everybody can be
        shown the same one, and what it counts is what the log held."""
        if "log" not in self.file:
            return
        said, made, report = self.file["log"], self.statement, self.report
        if set(said) - {"rotations"} != _LOG:
            self._stop("members", "the place in the log has other members than its own")
        try:
            log = signing_key(said["key"])
            logs = LogKeys.read(log, said.get("rotations", []))
            signed, leaf = self._placed(said, logs)
        except (BadNote, BadProof, chain.BadLeaf) as error:
            self._stop("log", f"the place in the log does not hold: {error}")
        if signed.log != log:
            self._stop("log", "the log is signed by a key that another took over from")
        subject = chain.subject_key(made.origin, reserves.SUBJECT)
        if log.name != made.origin or leaf.type != reserves.ACT or leaf.subject != subject:
            self._stop("log", "the act in the log is no statement of this book")
        if self._opened(leaf, said["open"]) != made.fields():
            self._stop("log", "the act in the log made another statement")
        self.logs = logs
        report.logged, report.act = signed.checkpoint.size, leaf.seq + 1
        self._witnesses(signed)

    def _placed(self, said: dict[str, Any], logs: LogKeys) -> tuple[Signed, chain.Leaf]:
        """The checkpoint that holds the act, and the act. Raises BadNote, BadProof, BadLeaf."""
        made = self.statement
        index, path, note = read_proof(said["proof"])
        signed = self.trust.checkpoint(note, logs)
        point, raw = signed.checkpoint, said["leaf"].encode()
        check_proof(index, path, chain.leaf_hash(raw), point)
        if not made.size:
            raise BadProof("every log begins with nothing, so that checkpoint says nothing")
        grown = [unb64(hashed) for hashed in said["grown"]]
        check_consistency(made.size, point.size, made.log, point.root, grown)
        return signed, chain.read_leaf(raw)

    def _witnesses(self, signed: Signed) -> None:
        """Who else signed, and whether that is enough for the policy."""
        report, policy = self.report, self.trust.policy
        report.witnesses = sorted(signed.times)
        if policy and not policy.satisfied(set(signed.times)):
            self._stop("quorum", "not enough of the witnesses that your policy asks for have signed")
        report.auditors = sorted(set(signed.times) & set(policy.auditors)) if policy else []

    def _opened(self, leaf: chain.Leaf, written: dict[str, str]) -> dict[str, Any]:
        """The fields of the statement, each the one that the act committed to."""
        found = {}
        for name, line in written.items():
            _, said, value = disclosure.read_disclosure(line)
            if said != name or leaf.sd.get(name) != disclosure.digest(line):
                self._stop("log", f"the value of {name} is not the one recorded")
            found[name] = value
        return found

    def _believed(self) -> None:
        """Whoever signed is known from outside: the key of receipts, or the log that holds the statement."""
        policy, key = self.trust.policy, self.trust.key
        receipts: Sequence[Verifier] = policy.receipts if policy else ()
        if key is not None and key.name.endswith(RECEIPTS_SUFFIX):
            receipts = [key]
        if policy is None and key is None:
            self.report.warnings.append(UNCHECKED)
            return
        in_log = bool(self.report.logged) and any(self.trust.believes(log) for log in self.logs.keys)
        if not in_log and self.key.vkey not in {each.vkey for each in receipts}:
            self._stop("other-key", "the statement is signed by another key than the one you gave")
        self.report.key_pinned = True
        if in_log and self.key.vkey not in {each.vkey for each in receipts}:
            # The reader trusts the log, and the log holds the statement: no key of receipts was given.
            self.report.key_hash = self.logs.keys[0].id.hex()
            self.report.given_hash = self.trust.given_of(self.logs).id.hex()
        if self.report.logged and not in_log:
            self.report.warnings.append(LOG_UNCHECKED)
