"""The verifier: one file in, and whether any act was left out, altered, moved or doubled.

    python -m earnest.record.verify FILE [--key VKEY] [--json] [--lang en|fr]

Needs no database, no network and no account. Trust comes from outside the file: give `--key` a key that you got
elsewhere; without it the file's own key is used, and the headline says so. Exit codes: 0 it holds, 1 it can be read
and does not hold, 2 it cannot be read as a story at all.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from earnest.record import chain, disclosure
from earnest.record.canonical import NotCanonical, b64, strict_json, unb64
from earnest.record.money import MoneyCheck
from earnest.record.notes import BadNote, Verifier, open_note
from earnest.record.receipt import receipts_name
from earnest.record.report import Header, Problem, Report, age_seconds
from earnest.record.story import VERSION, story_body

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ACTS: Final = 10_000
_MEMBERS: Final = {"earnest", "number", "acts", "head", "note", "log"}
UNCHECKED: Final = "the key was named by the file itself and not checked"


class Unreadable(Exception):
    """The bytes are no story at all: missing, not UTF-8, not JSON, truncated, too large."""


def verify_story(data: bytes, now: datetime, key: str | None = None) -> Report:
    """Everything that can be checked offline. Raises Unreadable. `key` is a verifier key got elsewhere."""
    file = _read(data)
    report = Report(version=str(file.get("earnest")), number=str(file.get("number", "")))
    try:
        _check_members(file, report)
        if report.ok:
            _Check(file, report, now, key).run()
    except (TypeError, AttributeError, KeyError) as error:
        report.errors.append(Problem("malformed", None, f"a member is not of its kind: {error}"))
    return report


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file is larger than {MAX_BYTES // 1024 // 1024} MB, more than any story may have."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text.") from None
    try:
        loose = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("The file is not JSON; it may have been cut off.") from None
    if not isinstance(loose, dict) or not str(loose.get("earnest", "")).startswith("story/"):
        raise Unreadable("The file is not a story of Earnest.")
    if isinstance(loose.get("acts"), list) and len(loose["acts"]) > MAX_ACTS:
        raise Unreadable(f"The file has more than {MAX_ACTS} acts, more than any story may have.")
    try:
        strict: dict[str, Any] = strict_json(text)
    except NotCanonical as error:
        return {"earnest": loose["earnest"], "number": loose.get("number", ""), "not strict": str(error)}
    return strict


def _check_members(file: dict[str, Any], report: Report) -> None:
    if "not strict" in file:
        report.errors.append(
            Problem("not-strict-json", None, f"the JSON is not strict: {file['not strict']}")
        )
    elif file["earnest"] != VERSION:
        report.errors.append(Problem("unknown-version", None, f"version {file['earnest']} is not known here"))
    elif set(file) != _MEMBERS:
        odd = ", ".join(sorted(set(file) ^ _MEMBERS))
        report.errors.append(Problem("members", None, f"members are missing or unknown: {odd}"))
    elif not all(isinstance(file[name], str) for name in ("number", "head", "note", "log")):
        report.errors.append(Problem("malformed", None, "a member is not text"))
    elif not isinstance(file["acts"], list) or not file["acts"]:
        report.errors.append(Problem("no-acts", None, "a story has at least one act"))


class _Check:
    """One story being checked, in the order in which trust flows: signature, chain, values, money."""

    def __init__(self, file: dict[str, Any], report: Report, now: datetime, key: str | None) -> None:
        self.file, self.report, self.now, self.key = file, report, now, key
        self.money = MoneyCheck()
        self.erased: dict[tuple[int, str], int] = {}

    def run(self) -> None:
        if not self._signature():
            return
        leaves = self._chain()
        if self.report.ok:
            self._values(leaves)
            self._times(leaves)

    def _fail(self, code: str, seq: int | None, why: str) -> None:
        self.report.errors.append(Problem(code, seq, why))

    def _signature(self) -> bool:
        """The note is the word of a key about this number's chain: how many acts, which head, when."""
        report = self.report
        try:
            named = Verifier.parse(self.file["log"])
            report.origin = named.name.removesuffix("/receipts")
            report.key_hash = named.id.hex()
            if self.key is not None:
                pinned = Verifier.parse(self.key)
                report.key_pinned = True
                if pinned != named:
                    self._fail("other-key", None, "the file is signed by another key than the one you gave")
                    return False
            else:
                report.warnings.append(UNCHECKED)
            lines = open_note(self.file["note"], [named]).split("\n")
        except BadNote as error:
            self._fail("signature", None, f"the signature does not hold: {error}")
            return False
        return self._note(named, lines)

    def _note(self, named: Verifier, lines: list[str]) -> bool:
        report = self.report
        if len(lines) != 7 or lines[1] != "story" or not (lines[3].isascii() and lines[3].isdecimal()):
            self._fail("note", None, "what is signed is not a story's head")
            return False
        origin, self.signed_head, report.as_of = lines[0], lines[4], lines[5]
        self.subject = chain.subject_key(origin, report.number)
        if named.name != receipts_name(origin) or lines[2] != b64(self.subject):
            self._fail("other-subject", None, "what is signed belongs to another reservation or another book")
            return False
        report.origin, report.of = origin, int(lines[3])
        try:
            signed_at = chain.instant(report.as_of)
            rebuilt = story_body(origin, self.subject, report.of, unb64(self.signed_head), report.as_of)
        except (chain.BadLeaf, NotCanonical) as error:
            self._fail("note", None, str(error))
            return False
        if rebuilt != "\n".join(lines):
            self._fail("note", None, "what is signed is not written in its one form")
            return False
        report.age_seconds = age_seconds(signed_at, self.now)
        return True

    def _chain(self) -> list[chain.Leaf]:
        """Every leaf names the head before it; the last head is the one that was signed."""
        leaves: list[chain.Leaf] = []
        head = chain.genesis(self.subject)
        for seq, act in enumerate(self.file["acts"]):
            if not isinstance(act, dict) or set(act) != {"leaf", "open"} or not isinstance(act["open"], dict):
                self._fail("act-members", seq, "an act has other members than leaf and open")
                return leaves
            raw = act["leaf"].encode()
            try:
                leaf = chain.read_leaf(raw)
            except chain.BadLeaf as error:
                self._fail("leaf", seq, str(error))
                return leaves
            if leaf.subject != self.subject:
                self._fail("foreign-act", seq, "this act belongs to another reservation")
            elif leaf.seq != seq or leaf.prev != head:
                self._fail(
                    "chain",
                    seq,
                    "this act does not follow the one before it: one is missing, moved or altered",
                )
            if not self.report.ok:
                return leaves
            head = chain.next_head(head, chain.leaf_hash(raw))
            leaves.append(leaf)
            self.report.headers.append(Header(seq, leaf.at, leaf.type, leaf.by))
        self.report.acts = len(leaves)
        if len(leaves) != self.report.of:
            self._fail(
                "count", None, f"there are {len(leaves)} acts, and the signature says {self.report.of}"
            )
        elif b64(head) != self.signed_head or self.file["head"] != self.signed_head:
            self._fail("head", None, "the acts do not lead to the head that was signed")
        return leaves

    def _values(self, leaves: list[chain.Leaf]) -> None:
        """An opened value is the one that was committed to; the others are withheld, or erased by a later act."""
        opened = [self._open(leaf) for leaf in leaves]
        hidden = []
        for leaf, values in zip(leaves, opened, strict=True):
            hidden += [(leaf.seq, name) for name in leaf.sd if name not in values]
        for seq, name in hidden:
            by = self.erased.get((seq, name))
            if by is None:
                self.report.withheld.append(name)
            else:
                self.report.erased.append(f"{name} (act {by + 1})")
        self._money(leaves, opened)

    def _open(self, leaf: chain.Leaf) -> dict[str, Any]:
        values = {}
        for name, written in self.file["acts"][leaf.seq]["open"].items():
            if name not in leaf.sd:
                self._fail("unknown-field", leaf.seq, f"the act has no field {name}")
                continue
            try:
                _, said, value = disclosure.read_disclosure(written)
            except NotCanonical as error:
                self._fail("disclosure", leaf.seq, f"the value of {name} is not well formed: {error}")
                continue
            if said != name or disclosure.digest(written) != leaf.sd[name]:
                self._fail("value", leaf.seq, f"the value of {name} is not the one recorded")
                continue
            values[name] = value
        if leaf.type == "erasure.done" and isinstance(values.get("erased"), dict):
            for seq, names in values["erased"].items():
                self.erased.update({(int(seq), name): leaf.seq for name in names})
        return values

    def _money(self, leaves: list[chain.Leaf], opened: list[dict[str, Any]]) -> None:
        moving = [
            (leaf.seq, values.get("entries"))
            for leaf, values in zip(leaves, opened, strict=True)
            if "entries" in leaf.sd
        ]
        if any(entries is None for _, entries in moving):
            self.report.warnings.append("some entries are withheld, so the money was not added up")
            return
        for seq, entries in moving:
            why = self.money.add(b64(self.subject), entries)
            if why:
                self._fail("money", seq, why)
                return
        self.report.money = self.money.totals()

    def _times(self, leaves: list[chain.Leaf]) -> None:
        for before, after in pairwise(leaves):
            if after.at < before.at:
                self.report.warnings.append(f"act {after.seq + 1} is dated before the one it follows")
        if leaves[-1].at > self.report.as_of:
            self.report.warnings.append("the last act is dated after the signature")


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="earnest verify", description="Check a story file offline.")
    parser.add_argument("file", type=Path, help="the story file")
    parser.add_argument(
        "--key", metavar="VKEY", help="the maker's verifier key, got elsewhere than from the file"
    )
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")
    parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language of the report")
    options = parser.parse_args(list(argv))
    try:
        if options.key is not None:
            Verifier.parse(options.key)
        report = verify_story(_load(options.file), datetime.now(UTC), options.key)
    except (Unreadable, BadNote) as error:
        sentence = str(error) if isinstance(error, Unreadable) else f"--key cannot be used: {error}."
        print(sentence, file=sys.stderr)
        if options.json:
            print(json.dumps({"ok": False, "error": sentence}, ensure_ascii=False))
        return 2
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print(report.text(options.lang), end="")
    return 0 if report.ok else 1


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
