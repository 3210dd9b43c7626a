"""The books as plain text for beancount and hledger: one transaction an act, and what must stand on every account.

Each file begins with what was brought forward and ends with assertions, so the program that reads it checks it: a
row that was lost or doubled is an error there. Customers' accounts count under their class; a transaction names its
reservation, its act in the book (`act`) and its place in the story (`seq`, from 1).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Final

from earnest.book import journal, ledger, mode
from earnest.book.journal import Movement
from earnest.book.ledger import Line, Span
from earnest.core.entries import CHART, DEBIT
from earnest.core.money import major

_ROOTS: Final = {
    "asset": "Assets",
    "liability": "Liabilities",
    "income": "Income",
    "expense": "Expenses",
    "equity": "Equity",
}


def beancount(span: Span) -> Iterator[str]:
    """A file for beancount 2 or 3: `bean-check FILE` finds no error in it."""
    first, rows = _begun(span)
    yield f'option "title" "{mode.origin()}"\n'
    for currency in journal.currencies(span):
        yield f'option "operating_currency" "{currency}"\n'
    yield "\n"
    for account in CHART:
        yield f"{first} open {_bean(account)}\n"
    forward = _forward(span)
    if forward:
        yield f'\n{first} * "brought forward"\n'
        for line in forward:
            yield f"  {_bean(line.account)}  {_signed(line, line.opening_minor)}\n"
    last = first
    for rows_of_act in rows:
        head = rows_of_act[0]
        last = max(last, head.at.date())
        yield f'\n{head.at.date()} * "{head.type}" "{head.kind} {head.number}"\n'
        yield f'  act: {head.act}\n  number: "{head.number}"\n  seq: {head.seq + 1}\n'
        for account, amount in _postings(rows_of_act):
            yield f"  {_bean(account)}  {amount}\n"
    after = (span.until or last) + timedelta(days=1)
    yield "\n"
    for line in ledger.trial(span):
        yield f"{after} balance {_bean(line.account)}  {_signed(line, line.balance_minor)}\n"


def hledger(span: Span) -> Iterator[str]:
    """A journal for hledger 1.x, with balance assertions."""
    first, rows = _begun(span)
    yield f"; {mode.origin()}\n"
    for currency in journal.currencies(span):
        yield f"commodity {major(10**9, currency)} {currency}\n"
    for account in CHART:
        yield f"account {_hledger(account)}\n"
    forward = _forward(span)
    if forward:
        yield f"\n{first} * brought forward\n"
        for line in forward:
            yield f"    {_hledger(line.account)}  {_signed(line, line.opening_minor)}\n"
    last = first
    for rows_of_act in rows:
        head = rows_of_act[0]
        last = max(last, head.at.date())
        yield f"\n{head.at.date()} * ({head.number}/{head.seq + 1}) {head.type}  ; act:{head.act}\n"
        for account, amount in _postings(rows_of_act):
            yield f"    {_hledger(account)}  {amount}\n"
    lines = ledger.trial(span)
    if lines:
        yield f"\n{span.until or last} * balances\n"
        for line in lines:
            yield f"    {_hledger(line.account)}  0 {line.currency} = {_signed(line, line.balance_minor)}\n"


def _begun(span: Span) -> tuple[date, Iterable[list[Movement]]]:
    """The first day that the file speaks of, and the writings."""
    writings = journal.writings(span)
    head = next(writings, None)
    if head is None:
        return span.since or span.until or date(1970, 1, 1), ()
    return span.since or head[0].at.date(), chain([head], writings)


def _forward(span: Span) -> list[Line]:
    return [line for line in ledger.trial(span) if line.opening_minor] if span.since else []


def _postings(rows: list[Movement]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for account, sign in ((row.debit, 1), (row.credit, -1)):
            yield account, f"{major(sign * row.amount_minor, row.currency)} {row.currency}"


def _signed(line: Line, minor: int) -> str:
    """Debits are positive in both formats."""
    return f"{major(minor if line.side == DEBIT else -minor, line.currency)} {line.currency}"


def _bean(account: str) -> str:
    return f"{_ROOTS[CHART[account].kind]}:{account.title()}"


def _hledger(account: str) -> str:
    return f"{_ROOTS[CHART[account].kind].lower()}:{account}"
