"""Checking a story of version 0: its maker signed for its head, and nobody sealed it."""

from datetime import datetime
from typing import Any, Final, NoReturn

from earnest.record import chain
from earnest.record.canonical import NotCanonical, b64, decimal, unb64
from earnest.record.checking import Checker, Failed
from earnest.record.notes import BadNote, Verifier, open_note
from earnest.record.receipt import receipts_name
from earnest.record.report import UNCHECKED, Problem, Report, age_seconds

VERSION: Final = "story/v0"
MEMBERS: Final = {"earnest", "number", "acts", "head", "note", "log"}


def story_body(origin: str, key: bytes, count: int, head: bytes, at: str) -> str:
    """The text that the note signs."""
    return f"{origin}\nstory\n{b64(key)}\n{count}\n{b64(head)}\n{at}\n"


def check(file: dict[str, Any], report: Report, now: datetime, pinned: Verifier | None) -> None:
    """Fill the report. Raises Failed where what follows cannot be looked at."""
    if not all(isinstance(file[name], str) for name in ("number", "head", "note", "log")):
        report.errors.append(Problem("malformed", None, "a member is not text"))
    elif not isinstance(file["acts"], list) or not file["acts"]:
        report.errors.append(Problem("no-acts", None, "a story has at least one act"))
    else:
        _check(file, report, now, pinned)


def _check(file: dict[str, Any], report: Report, now: datetime, pinned: Verifier | None) -> None:
    signed_head = _note(report, *_signature(file, report, pinned), now)
    checker = Checker(report, chain.subject_key(report.origin, report.number))
    checker.link(file["acts"])
    report.tail = report.acts
    if report.acts != report.of:
        checker.stop("count", None, f"there are {report.acts} acts, and the signature says {report.of}")
    if b64(checker.heads[-1]) != signed_head or file["head"] != signed_head:
        checker.stop("head", None, "the acts do not lead to the head that was signed")
    checker.values()
    if checker.leaves[-1].at > report.as_of:
        report.warnings.append("the last act is dated after the signature")


def _signature(file: dict[str, Any], report: Report, pinned: Verifier | None) -> tuple[Verifier, list[str]]:
    """The note is the word of a key about this number's chain: how many acts, which head, when."""
    try:
        named = Verifier.parse(file["log"])
        report.origin = named.name.removesuffix("/receipts")
        report.key_hash = named.id.hex()
        if pinned is None:
            report.warnings.append(UNCHECKED)
        else:
            report.key_pinned = True
            if pinned != named:
                _stop(report, "other-key", "the file is signed by another key than the one you gave")
        return named, open_note(file["note"], [named]).split("\n")
    except BadNote as error:
        _stop(report, "signature", f"the signature does not hold: {error}")


def _note(report: Report, named: Verifier, lines: list[str], now: datetime) -> str:
    count = decimal(lines[3]) if len(lines) == 7 and lines[1] == "story" else None
    if count is None:
        _stop(report, "note", "what is signed is not a story's head")
    origin, signed_head, report.as_of = lines[0], lines[4], lines[5]
    subject = chain.subject_key(origin, report.number)
    if named.name != receipts_name(origin) or lines[2] != b64(subject):
        _stop(report, "other-subject", "what is signed belongs to another reservation or another book")
    report.origin, report.of = origin, count
    try:
        signed_at = chain.instant(report.as_of)
        rebuilt = story_body(origin, subject, report.of, unb64(signed_head), report.as_of)
    except (chain.BadLeaf, NotCanonical) as error:
        _stop(report, "note", str(error))
    if rebuilt != "\n".join(lines):
        _stop(report, "note", "what is signed is not written in its one form")
    report.age_seconds = age_seconds(signed_at, now)
    return signed_head


def _stop(report: Report, code: str, why: str) -> NoReturn:
    report.errors.append(Problem(code, None, why))
    raise Failed
