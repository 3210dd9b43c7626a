"""The transactions of a bank's file become acts: what each comes to, and carrying it out in batches through the door.

What is booked is a credit (to the reservation that it names, or kept until a person says whose it is), a refund of
ours that left or came back, and a deposit that the bank took back. Any other debit is not booked: what leaves our
account is told by whoever sends it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any, Final

from earnest.book import door
from earnest.core.bank_entry import BankEntry
from earnest.core.commands.base import Command
from earnest.core.commands.book_entry import BookStatement, KeepUnmatched, Payer, ReceiveEntry, Statement
from earnest.core.refusals import Refusal
from earnest.rails.bank import answering, taken_back, unmatched
from earnest.rails.bank.fingerprint import account_name
from earnest.rails.bank.judging import DUPLICATE, MATCHED, RETURN, Verdict
from earnest.rails.bank.statement import BankFile, Transaction

#: What can become of a transaction, in the order of reports.
RECEIVED, DIVIDED, UNMATCHED = "received", "divided", "unmatched"
LEFT, CAME_BACK, TAKEN_BACK = "left", "came back", "taken back"
TWICE, DEBIT, NOT_BOOKED = "known already", "debit", "not booked"
OUTCOMES: Final = (RECEIVED, DIVIDED, UNMATCHED, LEFT, CAME_BACK, TAKEN_BACK, TWICE, DEBIT, NOT_BOOKED)
#: Commands that are decided together before the next transactions are looked at.
_CHUNK: Final = 500


@dataclass(frozen=True)
class Step:
    """What one transaction comes to: `command` books it, or nothing does.

    `reports` are what it tells of many refunds, where it is a whole order in one sum; each may be told again.
    """

    transaction: Transaction
    outcome: str
    why: str
    command: Command | None = None
    reports: tuple[Command, ...] = ()


def plan(verdict: Verdict, who: dict[str, Any]) -> Step:
    """What to do about a transaction; `who` are the fields of a command that say who imports."""
    each = verdict.transaction
    if verdict.kind == DUPLICATE:
        return Step(each, TWICE, verdict.why)
    if not each.booked:
        return Step(each, NOT_BOOKED, verdict.why)
    entry = entry_of(verdict)
    account = account_name(each.account)
    if verdict.kind == RETURN and each.amount_minor > 0:
        back = taken_back.refund(each, entry, account, who)
        if isinstance(back, Command):
            return Step(each, CAME_BACK, verdict.why, back)
        return Step(each, TWICE, back) if back else _kept(verdict, entry, who)
    if each.amount_minor < 0:
        return _debit(verdict, entry, who)
    match = verdict.match
    if verdict.kind == MATCHED and match and len(match.shares) == 1:
        number = match.shares[0].number
        received = ReceiveEntry(**who, number=number, account=account, entry=entry)
        return Step(each, RECEIVED, verdict.why, received)
    return _kept(verdict, entry, who)


def _debit(verdict: Verdict, entry: BankEntry, who: dict[str, Any]) -> Step:
    """A deposit that was taken back, a refund of ours that left, a whole order, or nothing that concerns this book."""
    each = verdict.transaction
    account = account_name(each.account)
    if each.reversal or each.returned:
        gone = taken_back.deposit(each, entry, account, who)
        return Step(each, TAKEN_BACK if gone else DEBIT, verdict.why, gone)
    left = answering.debit(each, entry, account, who)
    if isinstance(left, Command):
        return Step(each, LEFT, f"it pays {each.references.end_to_end}", left)
    reports = answering.batch(each, entry, who)
    if reports:
        return Step(each, LEFT, f"it pays all of {each.batch}", reports=reports)
    return Step(each, DEBIT, left or verdict.why)


def entry_of(verdict: Verdict) -> BankEntry:
    """The entry as commands take it."""
    each, own = verdict.transaction, verdict.transaction.references
    day = each.value_date or each.booking_date
    at = datetime.combine(day, time(), UTC) if day else datetime.max.replace(tzinfo=UTC)
    kept, asked = verdict.mark
    return BankEntry(kept, asked, abs(each.amount_minor), each.currency, at, own.bank, own.end_to_end)


def _kept(verdict: Verdict, entry: BankEntry, who: dict[str, Any]) -> Step:
    each, match = verdict.transaction, verdict.match
    shares = tuple((share.number, share.amount_minor) for share in match.shares) if match else ()
    kept = KeepUnmatched(
        **who,
        account=account_name(each.account),
        entry=entry,
        payer=Payer(each.party.name, each.party.iban, words_of(each)),
        returned=each.return_code or ("no-reason-given" if verdict.kind == RETURN else ""),
        shares=shares,
    )
    return Step(each, DIVIDED if shares else UNMATCHED, verdict.why, kept)


def words_of(each: Transaction) -> tuple[str, ...]:
    """The pieces that are matched, each apart."""
    own = each.references
    return tuple(piece for piece in (own.creditor, own.end_to_end, "\n".join(each.lines)) if piece)


def statements(file: BankFile, sha256: str, who: dict[str, Any]) -> list[BookStatement]:
    """The acts that say which statements were taken in; they come before the entries."""
    return [
        BookStatement(
            **who,
            account=account_name(each.account),
            statement=Statement(
                sha256=sha256,
                n=each.n,
                kind=each.kind,
                id=each.id,
                written_account=each.account,
                count=each.entries,
                booked_minor=each.booked_minor,
                opening_minor=each.opening.amount_minor if each.opening else None,
                closing_minor=each.closing.amount_minor if each.closing else None,
                currency=each.closing.currency if each.closing else "",
                until=each.closing.on if each.closing else None,
            ),
        )
        for each in file.statements
    ]


def carry_out(steps: Iterable[Step], progress: Callable[[int], None] = lambda done: None) -> Iterator[Step]:
    """Book what is to be booked; each step as it came out. What fails ends it, and it may be begun again."""
    stream, count = iter(steps), 0
    while chunk := list(islice(stream, _CHUNK)):
        outcomes = iter(_book([step.command for step in chunk if step.command]))
        for step in chunk:
            yield _came_out(step, next(outcomes)) if step.command else _reported(step)
        count += len(chunk)
        progress(count)


def _book(commands: Sequence[Command]) -> list[door.Outcome]:
    return door.do([door.Request(command) for command in commands], receipts=False, bulk=True)


def _came_out(step: Step, outcome: door.Outcome) -> Step:
    if isinstance(outcome, door.Nothing):
        return Step(step.transaction, TWICE, step.why)
    if isinstance(outcome, Refusal):
        return _refused(step, outcome)
    command = step.command
    if isinstance(command, KeepUnmatched) and command.shares:
        unmatched.divide_now(command.account, outcome.acts[-1].seq)
    return step


def _reported(step: Step) -> Step:
    """Raises a refusal."""
    if not step.reports:
        return step
    outcomes = _book(step.reports)
    for refusal in outcomes:
        if isinstance(refusal, Refusal):
            raise refusal
    news = any(isinstance(each, door.Done) for each in outcomes)
    return step if news else Step(step.transaction, TWICE, step.why)


def _refused(step: Step, refusal: Refusal) -> Step:
    """A rule said no: the money is here all the same, so a person will say whose it is. Raises the refusal."""
    command = step.command
    if not isinstance(command, ReceiveEntry):
        raise refusal
    each = step.transaction
    kept = KeepUnmatched(
        by=command.by,
        via=command.via,
        person=command.person,
        account=command.account,
        entry=command.entry,
        payer=Payer(each.party.name, each.party.iban, words_of(each)),
    )
    door.do_one(kept)
    return Step(each, UNMATCHED, f"{step.why}; {refusal}", kept)
