"""Booking a bank's files from the command line: progress, what became of each entry, and totals."""

import gc
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from django.core.management.base import OutputWrapper

from earnest.book import door, mode, sql
from earnest.core.refusals import Refusal
from earnest.management.acting import amount, operator
from earnest.rails.bank import answering, booking, lists, reading
from earnest.rails.bank.booking import OUTCOMES, Step
from earnest.rails.bank.fingerprint import Seen
from earnest.rails.bank.judging import judge
from earnest.rails.bank.pain002 import Report
from earnest.rails.bank.statement import BankFile, Unreadable

#: Entries between two words of progress.
EVERY: Final = 5000
#: Of the database, at hand while entries are booked: each is looked up and claimed at places far apart.
PAGES_MB: Final = 64


@dataclass
class Totals:
    """How many transactions of a file came to what, and what they add up to in signed minor units."""

    count: dict[tuple[str, str], int] = field(default_factory=dict)
    minor: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, step: Step) -> None:
        """One more."""
        slot = (step.outcome, step.transaction.currency)
        self.count[slot] = self.count.get(slot, 0) + 1
        self.minor[slot] = self.minor.get(slot, 0) + step.transaction.amount_minor

    def rows(self) -> Iterator[tuple[str, str, int, int]]:
        """(outcome, currency, how many, minor units), in the order of `OUTCOMES`."""
        for outcome, currency in sorted(self.count, key=lambda each: (OUTCOMES.index(each[0]), each[1])):
            yield outcome, currency, self.count[outcome, currency], self.minor[outcome, currency]


class Import:
    """One run over some files."""

    def __init__(self, stdout: OutputWrapper, stderr: OutputWrapper, options: dict[str, Any]) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.files: list[str] = options["files"]
        self.dry: bool = options["dry_run"]
        self.as_json: bool = options["json"]
        self.who = {**operator(), "by": "bank", "via": "statement"}
        self.seen = Seen()

    def run(self) -> int:
        """How many files were refused; of those nothing is booked."""
        mode.current()
        sql.keep_pages(PAGES_MB)
        known, refused = lists.from_book(), 0
        for name in self.files:
            try:
                report = reading.answer(Path(name), name)
                if report:
                    self._answer(report, _sha256(Path(name)))
                    continue
                read = reading.read(Path(name), name)
                sha256 = _sha256(Path(name))
            except Unreadable as error:
                refused += 1
                refuse(self.stdout, self.stderr, name, str(error), self.as_json)
                continue
            # What was read stays until the end: the collector need not go through all of it again and again.
            gc.freeze()
            verdicts = judge(read.transactions, known, self.seen, near=self.dry)
            planned = (booking.plan(each, self.who) for each in verdicts)
            self._tell(read, self._dry(planned) if self.dry else self._book(read, sha256, planned))
        return refused

    def _dry(self, planned: Iterable[Step]) -> Totals:
        totals = Totals()
        for step in planned:
            totals.add(step)
            if not self.as_json:
                self.stdout.write(_line(step))
        return totals

    def _book(self, read: BankFile, sha256: str, planned: Iterable[Step]) -> Totals:
        totals, count = Totals(), len(read.transactions)
        for outcome in door.do([door.Request(each) for each in booking.statements(read, sha256, self.who)]):
            if isinstance(outcome, Refusal):
                raise outcome

        def progress(done: int) -> None:
            if done % EVERY == 0 or (done >= count > EVERY):
                self.stderr.write(f"{read.name}: {min(done, count)} of {count}")

        for step in booking.carry_out(planned, progress):
            totals.add(step)
        return totals

    def _answer(self, report: Report, sha256: str) -> None:
        """The bank's answer to a file of ours."""
        lines = answering.answer(report, sha256, self.who, dry=self.dry)
        if self.as_json:
            rows = [asdict(each) for each in lines]
            said = {"file": report.name, "kind": "pain.002", "dry_run": self.dry, "order": report.order}
            self.stdout.write(json.dumps({**said, "transfers": rows}, ensure_ascii=False))
            return
        would = " (dry run: nothing was written)" if self.dry else ""
        self.stdout.write(f"{report.name}: pain.002 about {report.order}{would}")
        for each in lines:
            self.stdout.write(f"  {each.end_to_end:<20}  {each.code:<4}  {each.outcome}: {each.why}")

    def _tell(self, read: BankFile, totals: Totals) -> None:
        for each in read.statements:
            if each.gap_minor:
                gap = amount(each.gap_minor, each.closing.currency if each.closing else "")
                self.stderr.write(
                    f"{read.name}, statement {each.n}: its balances and its entries differ by {gap}."
                )
        if self.as_json:
            rows = [
                {"outcome": outcome, "currency": currency, "entries": count, "amount_minor": minor}
                for outcome, currency, count, minor in totals.rows()
            ]
            said = {"file": read.name, "kind": read.kind, "dry_run": self.dry, "totals": rows}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        would = " (dry run: nothing was written)" if self.dry else ""
        self.stdout.write(f"{read.name}: {read.kind}, {len(read.transactions)} entries{would}")
        for outcome, currency, count, minor in totals.rows():
            self.stdout.write(f"  {outcome:<14}{count:>8}  {amount(minor, currency):>20}")


def refuse(stdout: OutputWrapper, stderr: OutputWrapper, name: str, why: str, as_json: bool) -> None:
    """Say that a file is not used, and why."""
    if as_json:
        stdout.write(json.dumps({"file": name, "refused": True, "why": why}, ensure_ascii=False))
    else:
        stderr.write(f"{name} is refused: {why}.")


def _line(step: Step) -> str:
    each = step.transaction
    day = str(each.value_date or each.booking_date or "")
    money = amount(each.amount_minor, each.currency)
    return f"{each.file} {each.entry:>4}  {day:10}  {money:>16}  {step.outcome}: {step.why}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
