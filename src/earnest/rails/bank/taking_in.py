"""One file from a bank, whatever it is, taken in at once: an answer to a payment order, or a statement."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, BinaryIO

from earnest.book import door
from earnest.core.refusals import Refusal
from earnest.rails.bank import answering, booking, lists, reading
from earnest.rails.bank.booking import OUTCOMES
from earnest.rails.bank.fingerprint import Seen
from earnest.rails.bank.judging import judge


@dataclass(frozen=True)
class Taken:
    """What came of it: a line for each transfer of an answer, or how many entries of a statement came to what."""

    answer: list[answering.Line] | None
    outcomes: list[tuple[str, int]]


def take(file: BinaryIO, name: str, who: dict[str, Any]) -> Taken:
    """Read it whole, then book it; begun again it goes on. Raises Unreadable, and Refusal where a rule says no."""
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    report = reading.answer_open(file, name)
    if report is not None:
        return Taken(answering.answer(report, sha256, who), [])
    read = reading.read_open(file, name)
    known, seen = lists.from_book(), Seen()
    for outcome in door.do([door.Request(each) for each in booking.statements(read, sha256, who)]):
        if isinstance(outcome, Refusal):
            raise outcome
    planned = (booking.plan(each, who) for each in judge(read.transactions, known, seen, near=False))
    count = Counter(step.outcome for step in booking.carry_out(planned))
    return Taken(None, [(outcome, count[outcome]) for outcome in OUTCOMES if count[outcome]])
