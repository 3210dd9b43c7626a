"""The fichier des écritures comptables: the French tax format of a year's books (LPF art. A47 A-1, VII, 1°).

One line an account moved, 18 fields between tabs, the first line their names; ISO 8859-15, CR LF; amounts with a
comma, days as AAAAMMJJ. `EcritureNum` counts the writings of the financial year without a gap, in the order in which
they were committed, whichever part of the year is written. The opening entry (à nouveaux) comes first.

A FEC is in one currency. What was moved in another is written at the month's rate of the settings file, with its own
amount in `Montantdevise`; without a rate it is refused. What rates that differ leave on an account is for the
accountant to close.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from earnest.accounting.plan import CHARSET, Journal, Named, Plan
from earnest.book import journal, ledger
from earnest.book.journal import Movement
from earnest.book.ledger import Span
from earnest.core.entries import CHART, CREDIT, CUSTOMER, DEBIT
from earnest.core.money import exponent, major
from earnest.core.refusals import Invalid

FIELDS: Final = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum"),
    *("CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet"),
    *("ValidDate", "Montantdevise", "Idevise"),
)
_RESULT: Final = ("income", "expense")


class Amount(NamedTuple):
    """`minor` of the books' currency; `foreign_minor` of `currency` where the entry was in another."""

    minor: int
    foreign_minor: int = 0
    currency: str = ""


class Writing(NamedTuple):
    """What the lines of one writing share."""

    journal: Journal
    number: int
    day: date
    piece: str
    text: str


def check(span: Span, plan: Plan) -> Span:
    """The financial year that holds a span. Raises Invalid where none does, or a rate lacks."""
    if span.since is None or span.until is None:
        raise Invalid("fec-year", "A FEC is of one financial year: say from which day until which.")
    year = plan.year_of(span.since)
    if plan.year_of(span.until) != year:
        raise Invalid("fec-year", "A FEC is of one financial year: it cannot go over its end.")
    _check_rates(year, span, plan)
    return year


def _check_rates(year: Span, span: Span, plan: Plan) -> None:
    """Before the first line is written, not in the middle. Raises Invalid."""
    assert year.since and span.since and span.until
    if journal.currencies(span) in ([], [plan.seller.currency]):
        return
    if span.since == year.since:
        before = year.since - timedelta(days=1)
        for line in ledger.trial(Span(until=before)):
            _amount(line.balance_minor, line.currency, before, plan)
    first = span.since.replace(day=1)
    while first <= span.until:
        after = (first + timedelta(days=31)).replace(day=1)
        within = Span(max(first, span.since), min(after - timedelta(days=1), span.until))
        for line in ledger.trial(within):
            if line.debit_minor or line.credit_minor:
                _amount(line.debit_minor, line.currency, first, plan)
        first = after


def name(span: Span, plan: Plan) -> str:
    """What the file is called (art. A47 A-1, IX): SIREN, FEC, last day of the year. Raises Invalid."""
    if not plan.seller.siren:
        raise Invalid("fec-siren", "The name of a FEC begins with the SIREN: the settings file has none.")
    until = check(span, plan).until
    return f"{plan.seller.siren}FEC{until:%Y%m%d}.txt"


def lines(span: Span, plan: Plan) -> Iterator[bytes]:
    """The file, line by line. Raises Invalid as `check` does, before the first."""
    year = check(span, plan)
    yield _line(FIELDS)
    assert year.since and span.since
    opening = list(_opening(year.since, plan))
    number = 1 if opening else 0
    if span.since == year.since:
        yield from opening
    else:
        number += journal.count(Span(year.since, span.since - timedelta(days=1)))
    for rows in journal.writings(span):
        number += 1
        yield from _writing(rows, number, plan)


def _writing(rows: list[Movement], number: int, plan: Plan) -> Iterator[bytes]:
    first = rows[0]
    head = Writing(
        plan.journal({account for row in rows for account in (row.debit, row.credit)}),
        number,
        first.at.date(),
        f"{first.number}/{first.seq + 1}",
        plan.acts.get(first.type, first.type),
    )
    for row in rows:
        amount = _amount(row.amount_minor, row.currency, head.day, plan)
        for account, side in ((row.debit, DEBIT), (row.credit, CREDIT)):
            auxiliary = row.number if account in CUSTOMER else ""
            yield _entry(head, plan.accounts[account], auxiliary, side, amount, plan)


def _opening(day: date, plan: Plan) -> Iterator[bytes]:
    """What stood on every account of the balance sheet, and, in one figure, what earlier years earned."""
    head = Writing(plan.opening, 1, day, "AN", plan.acts.get("opening", "opening"))
    before = day - timedelta(days=1)
    left = 0
    for line in ledger.trial(Span(until=before)):
        if not line.balance_minor or CHART[line.account].kind in _RESULT:
            continue
        amount = _amount(abs(line.balance_minor), line.currency, before, plan)
        side = line.side if line.balance_minor > 0 else (CREDIT if line.side == DEBIT else DEBIT)
        left += amount.minor if side == DEBIT else -amount.minor
        yield _entry(head, plan.accounts[line.account], "", side, amount, plan)
    if left:
        yield _entry(head, plan.result, "", CREDIT if left > 0 else DEBIT, Amount(abs(left)), plan)


def _amount(minor: int, currency: str, day: date, plan: Plan) -> Amount:
    own = plan.seller.currency
    if currency == own:
        return Amount(minor)
    rate = plan.rates.get(currency, {}).get(f"{day:%Y-%m}")
    if rate is None:
        raise Invalid(
            "fec-rate",
            "The file of accounts has no rate of %(currency)s for %(month)s.",
            currency=currency,
            month=f"{day:%Y-%m}",
        )
    worth = Decimal(minor).scaleb(exponent(own) - exponent(currency)) * rate
    return Amount(int(worth.to_integral_value(ROUND_HALF_EVEN)), minor, currency)


def _entry(head: Writing, account: Named, auxiliary: str, side: str, amount: Amount, plan: Plan) -> bytes:
    zero, minor = "0,00", _comma(amount.minor, plan.seller.currency)
    foreign = amount.foreign_minor if side == DEBIT else -amount.foreign_minor
    return _line(
        (
            *(head.journal.code, head.journal.label, str(head.number), f"{head.day:%Y%m%d}"),
            *(account.number, account.label, auxiliary.replace("-", "")),
            f"Réservation {auxiliary}" if auxiliary else "",
            *(head.piece, f"{head.day:%Y%m%d}", head.text),
            *((minor, zero) if side == DEBIT else (zero, minor)),
            *("", "", f"{head.day:%Y%m%d}"),
            _comma(foreign, amount.currency) if amount.currency else "",
            amount.currency,
        )
    )


def _comma(minor: int, currency: str) -> str:
    return major(minor, currency).replace(".", ",")


def _line(fields: tuple[str, ...]) -> bytes:
    return ("\t".join(fields) + "\r\n").encode(CHARSET)
