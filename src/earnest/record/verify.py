"""The verifier: one file in, and whether any act was left out, altered, moved or doubled.

    python -m earnest.record.verify FILE [--policy FILE | --key VKEY] [--receipt FILE …] [--json] [--lang en|fr]
    python -m earnest.record.verify --reserves FILE [--policy FILE | --key VKEY] [--json] [--lang en|fr]

Needs no database, no network and no account. Trust comes from outside the file: give `--policy` or `--key` that
you got elsewhere; without either the file's own keys are used, and the headline says so. Exit codes: 0 it holds,
1 it can be read and does not hold, 2 it cannot be read as a story at all.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from earnest.record import verify_v0, verify_v1
from earnest.record.canonical import NotCanonical, strict_json, written
from earnest.record.checking import Failed
from earnest.record.checking import Unreadable as Unreadable
from earnest.record.notes import BadNote, Verifier
from earnest.record.policy import BadPolicy, Policy
from earnest.record.report import Problem, Report
from earnest.record.report_reserves import ReservesReport
from earnest.record.trust import Trust
from earnest.record.verify_reserves import verify_reserves

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ACTS: Final = 10_000
MAX_LINKED: Final = 32
MAX_DEPTH: Final = 16
#: Keys, and changes of the log's key, of one story.
MAX_KEYS: Final = 256
MAX_SMALL_FILE: Final = 1_000_000


def verify_story(
    data: bytes,
    now: datetime,
    key: str | None = None,
    policy: Policy | None = None,
    receipts: Sequence[str] = (),
) -> Report:
    """Everything that can be checked offline. Raises Unreadable, and BadNote for a `key` that is none.

    `key` is a verifier key and `policy` a policy got elsewhere; `receipts` are held against the story.
    """
    pinned = Verifier.parse(key) if key is not None else None
    file = _read(data)
    report = Report(version=str(file.get("earnest")), number=str(file.get("number", "")))
    try:
        _check_members(file, report)
        if not report.ok:
            pass
        elif file["earnest"] == verify_v0.VERSION:
            verify_v0.check(file, report, now, pinned)
        elif written(file) + b"\n" != data:
            report.errors.append(
                Problem("not-canonical", None, "the file is not the one text of its content")
            )
        else:
            verify_v1.check(file, report, now, Trust(policy, pinned), receipts)
    except Failed:
        pass
    except (TypeError, AttributeError, KeyError, IndexError, ValueError) as error:
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
        # Nothing of it is used but its members' shapes: numbers stay text, however long they are.
        loose = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("The file is not JSON; it may have been cut off.") from None
    if not isinstance(loose, dict) or not str(loose.get("earnest", "")).startswith("story/"):
        raise Unreadable("The file is not a story of Earnest.")
    _check_size(loose)
    try:
        strict: dict[str, Any] = strict_json(text)
    except NotCanonical as error:
        return {"earnest": loose["earnest"], "number": loose.get("number", ""), "not strict": str(error)}
    return strict


def _check_size(loose: dict[str, Any]) -> None:
    """Before anything is hashed: as many acts, receipts, keys, stories and levels as any story may have."""
    acts = receipts = linked = 0
    for depth, story in _stories(loose, 1):
        many = {name: len(each) for name, each in story.items() if isinstance(each, list)}
        acts += many.get("acts", 0) + many.get("tail", 0)
        receipts += many.get("receipts", 0)
        linked += 1
        if receipts > MAX_ACTS or many.get("keys", 0) + many.get("rotations", 0) > MAX_KEYS:
            raise Unreadable(f"The file has more than {MAX_ACTS} receipts, or {MAX_KEYS} keys.")
        if acts > MAX_ACTS:
            raise Unreadable(f"The file has more than {MAX_ACTS} acts, more than any story may have.")
        if linked > MAX_LINKED + 1 or depth > MAX_DEPTH:
            raise Unreadable(f"The file links more than {MAX_LINKED} stories, or deeper than {MAX_DEPTH}.")


def _stories(story: dict[str, Any], depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    yield depth, story
    linked = story.get("linked") if depth <= MAX_DEPTH else None
    for each in linked if isinstance(linked, list) else ():
        if isinstance(each, dict):
            yield from _stories(each, depth + 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_members(file: dict[str, Any], report: Report) -> None:
    versions = {
        verify_v0.VERSION: (verify_v0.MEMBERS, verify_v0.MEMBERS),
        verify_v1.VERSION: (verify_v1.REQUIRED, verify_v1.REQUIRED | verify_v1.OPTIONAL),
    }
    if "not strict" in file:
        report.errors.append(
            Problem("not-strict-json", None, f"the JSON is not strict: {file['not strict']}")
        )
        return
    if file["earnest"] not in versions:
        report.errors.append(Problem("unknown-version", None, f"version {file['earnest']} is not known here"))
        return
    required, known = versions[file["earnest"]]
    odd = (required - set(file)) | (set(file) - known)
    if odd:
        why = f"members are missing or unknown: {', '.join(sorted(odd))}"
        report.errors.append(Problem("members", None, why))


def main(argv: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(list(argv))
    try:
        policy = Policy.parse(_small(options.policy)) if options.policy else None
        report = _verified(options, policy)
    except (Unreadable, BadNote, BadPolicy) as error:
        given: dict[type[Exception], str] = {
            BadNote: "--key cannot be used: %s.",
            BadPolicy: "--policy cannot be used: %s.",
        }
        sentence = given.get(type(error), "%s") % error
        print(sentence, file=sys.stderr)
        if options.json:
            print(json.dumps({"ok": False, "error": sentence}, ensure_ascii=False))
        return 2
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print(report.text(options.lang), end="")
    return 0 if report.ok else 1


def _verified(options: argparse.Namespace, policy: Policy | None) -> Report | ReservesReport:
    now = datetime.now(UTC)
    receipts = [_small(path) for path in options.receipt]
    if not options.reserves:
        return verify_story(_load(options.file), now, options.key, policy, receipts)
    if receipts:
        raise Unreadable("--receipt is held against a story, and not against a proof of reserves.")
    return verify_reserves(_load(options.file), now, options.key, policy)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="earnest verify", description="Check a story file offline.")
    parser.add_argument("file", type=Path, help="the story file, or with --reserves the proof of reserves")
    parser.add_argument(
        "--reserves",
        action="store_true",
        help="check that a reservation is counted among what its maker owes",
    )
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument(
        "--key", metavar="VKEY", help="the log's verifier key, got elsewhere than from the file"
    )
    trust.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="which log, witnesses and auditors you believe (C2SP tlog-policy)",
    )
    parser.add_argument(
        "--receipt",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a receipt that you were given",
    )
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")
    parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language of the report")
    return parser


def _small(path: Path) -> str:
    """A policy or a receipt."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_SMALL_FILE).decode()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not UTF-8 text.") from None


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from None


def command() -> None:
    """The entry point of the wheel `earnest-record`."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    command()
