"""How long what is kept of a person, by class of data: one literal table. `docs/retention.md` is printed from it.

`python -m earnest.core.retention` prints the document.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from earnest.core.commands.erase import contract_kept_until, invoices_kept_until
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, Reservation, customer_accounts

OVER: Final = (LAPSED, CANCELLED, DELIVERED)


@dataclass(frozen=True)
class Term:
    """One class: days after the last act of a reservation that is over, on what ground, and how sure that is.

    No days: never erased by itself.
    """

    cls: str
    days: int
    what: str
    ground: str
    mark: str


DEFAULT: Final = "our default; a maker may set another"

TERMS: Final = (
    Term(
        "bank",
        400,
        "accounts given for refunds",
        "GDPR, art. 5(1)(e): a refund that has left may still come back, later it is not needed",
        DEFAULT,
    ),
    Term(
        "contact",
        1095,
        "e-mail address and language, and every mail that we keep",
        "GDPR, art. 5(1)(e): no longer than the purpose needs",
        DEFAULT,
    ),
    Term(
        "identity",
        1826,
        "name, VAT number and postal address",
        "GDPR, art. 17(3)(e): claims, for which Code civil, art. 2224 gives five years. Of a delivered contract of "
        "120 euros or more ten years from delivery: Code de la consommation, art. L213-1, D213-1, D213-2. Where there "
        "are invoices ten years after the last of them: Code de commerce, art. L123-22",
        "the five years are our default, a maker may set another; the ten are the law's",
    ),
    Term("text", 1826, "free words: reasons, notes", "as `identity`, the five years", DEFAULT),
    Term(
        "money",
        0,
        "sums, dates, references and terms of the contract",
        "Code de commerce, art. L123-22: ten years. Later too: without the classes above it names nobody, and the "
        "books would not add up without it",
        "the law; that the ten years run from the end of the year is read in commentaries only, and the year is the "
        "calendar's here",
    ),
)


#: Days after somebody has seen to a statement of withdrawal that fits no reservation; it is set as `statement`.
STATEMENT: Final = Term(
    "statement",
    400,
    "name, contract and address of a withdrawal that fits no reservation, its mails, and how it was seen to",
    "GDPR, art. 5(1)(e): it may bear on a contract that is found later as long as anybody can withdraw, at most "
    "12 months and 14 days (Directive 2011/83/EU, art. 9 and 10; Code de la consommation, art. L221-20)",
    DEFAULT,
)


def statement_over(last: datetime, now: datetime, days: Mapping[str, int] | None = None) -> bool:
    """Whether a statement that fits no reservation, and that was seen to at `last`, is over its term."""
    return now >= last + timedelta(days=(days or {}).get(STATEMENT.cls, STATEMENT.days))


def over(
    state: Reservation, last: datetime, now: datetime, days: Mapping[str, int] | None = None
) -> list[str]:
    """The classes whose term has passed; none while the reservation lives, money is owed, or it is restricted.

    `last` is the instant of its last act that is no erasure; `days` the terms that the maker set, by class.
    """
    if state.status not in OVER or state.restricted or state.owed_back() or customer_accounts(state):
        return []
    return _passed(state, state.holder, state.erased, last, now, days)


def over_earlier(
    state: Reservation, now: datetime, days: Mapping[str, int] | None = None
) -> list[tuple[int, str]]:
    """(holder, class) of those who passed it on: their terms run from the act by which they did."""
    if state.restricted:
        return []
    return [
        (each.n, cls)
        for each in state.earlier
        for cls in _passed(state, each.n, each.erased, each.at, now, days)
    ]


def _passed(
    state: Reservation,
    holder: int,
    erased: Collection[str],
    since: datetime,
    now: datetime,
    days: Mapping[str, int] | None,
) -> list[str]:
    """The classes of a holder, of those that are not erased, whose term has run out since then."""
    contract, invoiced = contract_kept_until(state), invoices_kept_until(state, holder)
    return [
        term.cls
        for term in TERMS
        if (kept := (days or {}).get(term.cls, term.days))
        and term.cls not in erased
        and now >= since + timedelta(days=kept)
        and not (term.cls == "identity" and contract and now.date() < contract)
        and not (term.cls == "identity" and invoiced and now.date() <= invoiced)
    ]


def shortest(days: Mapping[str, int] | None = None) -> timedelta:
    """No class of a reservation younger than this is over its term."""
    return timedelta(days=min((days or {}).get(term.cls, term.days) for term in TERMS if term.days))


def night_after(now: datetime) -> date:
    """The day of the next sweep."""
    return now.date() + timedelta(days=1)


_INTRODUCTION: Final = """\
# Retention

What is kept of a person, for how long after the last act of a reservation that is over, and why. Every night at 3
o'clock (UTC) the worker erases what is over its term, with the ground `purpose-over`; `./earnest retention
--dry-run` says what would go. Of whoever has it now nothing is erased while a reservation lives or money is owed, and
of nobody while it is restricted (`./earnest restrict`, GDPR art. 18). Of somebody who passed a reservation on, the
terms run from the day they did. A statement of withdrawal is filed apart from any reservation. One that reached a
reservation goes with it: whatever class of its holder is erased goes of the statement too, at once where they asked.
One that fits nothing has a term of its own, from the moment at which an operator said how it was seen to; until then
it stays, for it may still end a contract. `./earnest erase` takes the number of such a statement too, and
`./earnest person export` finds statements by their address. Where a maker needs other terms,
`EARNEST_RETENTION_DAYS` sets them. The demonstration's made-up people are left alone.

This file is printed by `python -m earnest.core.retention` and held equal by a test. It is no legal advice.

"""

_MORE: Final = """\

## What goes with a class, and what does not

Erasing a class destroys its key, in the transaction of the act `erasure.done`, and with it the sealed values, the
columns of the state row, the index by which an address is found, the mails that repeat it, the hashes of requests,
and what mail servers and banks said about it. On SQLite the pages are overwritten; on PostgreSQL the old rows go
with the next VACUUM, which autovacuum does.

Beyond the reach of an erasure is what has left the book: mails that were handed over (also to a folder, if that is
where `EARNEST_EMAIL_URL` points), what payment providers and banks hold, files that were exported, the process's
log lines, and backups. Backups of keys are to be kept for 30 days at most.

Who opened what in the console is written down for ever in the table `look`: the operator's name, when, and what it
was: `reservation` (its page, and those on which it is ended or erased), `story` (shown or taken), `mail`, `refund`,
and `bank` for a refund's page that shows an account in full, and for a payment order's file with all of its accounts;
`document` for an invoice or credit note, and `statement` for that of deposits and refunds. Once for each page that
was answered; lists show names too, and are not written down, nor is what a program reads through the API with its
key. The page of a reservation in the console shows who looked. Its holder sees when and at what, and not who: dates
and purposes are owed to them, the names of employees only where they need them (CJEU, C-579/21, 22 June 2023).
`./earnest person export` has the names too; take them out where they are not owed. Who read leaves of the log, and
with which key, is on the console's page of the record.
"""


def table() -> str:
    """The table of docs/retention.md, in Markdown."""
    rows = [
        "| Class | What | Kept after the last act | Ground | How sure |",
        "| --- | --- | --- | --- | --- |",
    ]
    for term in (*TERMS, STATEMENT):
        kept = f"{term.days} days" if term.days else "as bookkeeping law says; never erased by itself"
        rows.append(f"| `{term.cls}` | {term.what} | {kept} | {term.ground} | {term.mark} |")
    return "\n".join(rows) + "\n"


def document() -> str:
    """The whole file."""
    return _INTRODUCTION + table() + _MORE


if __name__ == "__main__":
    print(document(), end="")
