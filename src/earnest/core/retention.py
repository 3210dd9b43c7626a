"""How long what is kept of a person, by class of data: one literal table. `docs/retention.md` is printed from it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from earnest.core.acts import Act
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, Reservation, customer_accounts


@dataclass(frozen=True)
class Term:
    """One class: days after the last act of a reservation that is over, on what ground, and how sure that is."""

    cls: str
    days: int
    what: str
    ground: str
    mark: str


TERMS: Final = (
    Term(
        "contact",
        3 * 365,
        "e-mail address and language",
        "GDPR art. 5(1)(e): no longer than the purpose needs",
        "our default; a maker may set another",
    ),
    Term(
        "bank",
        13 * 30,
        "accounts given for refunds",
        "GDPR art. 5(1)(e); a transfer can be contested for 13 months (directive 2015/2366, art. 71)",
        "our default; a maker may set another",
    ),
    Term(
        "identity",
        5 * 365,
        "name and VAT number",
        "GDPR art. 17(3)(e): claims, for which Code civil art. 2224 gives five years",
        "our default; a maker may set another",
    ),
    Term(
        "text",
        5 * 365,
        "free words: reasons, notes",
        "as identity",
        "our default; a maker may set another",
    ),
    Term(
        "money",
        0,
        "sums, dates and terms of the contract",
        "Code de commerce art. L123-22: ten years from the end of the accounting year; never erased by itself",
        "the law; the ten years run here from the end of the calendar year",
    ),
)


def over(
    state: Reservation, acts: tuple[Act, ...], now: datetime, days: dict[str, int] | None = None
) -> list[str]:
    """The classes whose term has passed; none while the reservation lives, money is owed, or it is restricted."""
    if state.status not in (LAPSED, CANCELLED, DELIVERED) or state.restricted:
        return []
    if state.owed_back() or customer_accounts(state):
        return []
    last = max(act.at for act in acts if act.type != "erasure.done")
    return [
        term.cls
        for term in TERMS
        if (kept := (days or {}).get(term.cls, term.days))
        and term.cls not in state.erased
        and now >= last + timedelta(days=kept)
    ]


def table() -> str:
    """The table of docs/retention.md, in Markdown."""
    rows = [
        "| Class | What | Kept after the last act | Ground | How sure |",
        "| --- | --- | --- | --- | --- |",
    ]
    for term in TERMS:
        kept = f"{term.days} days" if term.days else "as bookkeeping law says"
        rows.append(f"| `{term.cls}` | {term.what} | {kept} | {term.ground} | {term.mark} |")
    return "\n".join(rows) + "\n"


def night_after(now: datetime) -> date:
    """The day of the next sweep."""
    return now.date() + timedelta(days=1)
