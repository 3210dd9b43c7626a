"""What transactions are held against: a list in a CSV file, or the book."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from earnest.book import lists, reads
from earnest.core import creditor_reference as references
from earnest.core import matching
from earnest.core.accounts import name_words
from earnest.core.bank_entry import ENTRY, FROM_STATEMENT, TRANSFER
from earnest.core.matching import Credit, Expected
from earnest.core.money import MAX_MINOR, check_currency
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid
from earnest.core.reservation import LIVING, BankDetails, Identity, Reservation
from earnest.rails.bank.judging import Known
from earnest.rails.bank.statement import Unreadable

COLUMNS: Final = ("number", "reference", "amount_minor", "currency", "holder", "iban")
_NEEDED: Final = ("number", "amount_minor", "currency")


def from_csv(path: Path) -> Known:
    """A list of what is expected. Raises Unreadable with the line that is wrong."""
    rows = _rows(path)
    by_key: dict[str, Expected] = {}
    for row in rows:
        for key in (row.number, row.reference, references.of(row.number)):
            if key:
                by_key.setdefault(key, row)
    alike = Alike(rows)

    def known(keys: Collection[str]) -> Mapping[str, Expected]:
        return {key: by_key[key] for key in keys if key in by_key}

    def proposed(credit: Credit) -> Sequence[str]:
        return matching.proposals(credit, alike.to(credit))

    return Known(known, lambda _: {}, lambda _: (), proposed)


class Alike:
    """Finds what may be meant by a credit without going through everything that is expected."""

    def __init__(self, waiting: Iterable[Expected]) -> None:
        self._by_iban: dict[str, list[Expected]] = {}
        self._by_amount: dict[tuple[int, str], list[Expected]] = {}
        self._by_name: dict[tuple[str, ...], list[Expected]] = {}
        for each in waiting:
            if each.iban:
                self._by_iban.setdefault(each.iban, []).append(each)
            if each.holder:
                self._by_name.setdefault(tuple(name_words(each.holder)), []).append(each)
            self._by_amount.setdefault((each.amount_minor, each.currency), []).append(each)

    def to(self, credit: Credit) -> list[Expected]:
        """Those with its account or its name, and the first few with its amount."""
        found = [*self._by_iban.get(credit.iban, ())]
        found += self._by_name.get(tuple(name_words(credit.name)), ()) if credit.name else ()
        found += self._by_amount.get((credit.amount_minor, credit.currency), ())[: matching.PROPOSALS_MAX]
        return list(dict.fromkeys(found))


def from_book() -> Known:
    """The reservations of the book, and what of statements it has taken in already."""
    return Known(expected, _by_hand, _stored, lambda _: ())


def _rows(path: Path) -> list[Expected]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8") from None
    header = text.split("\n", 1)[0]
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in header and "," not in header else ",")
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise Unreadable(f"its first line must name the columns {', '.join(COLUMNS)}", 1)
    return [_row({k: (v or "").strip() for k, v in row.items() if k}, reader.line_num) for row in reader]


def _row(row: dict[str, str], line: int) -> Expected:
    number = parse(row["number"])
    if number is None:
        raise Unreadable(f"“{row['number'][:20]}” is not a reservation number", line)
    written = row["amount_minor"]
    if not written.isascii() or not written.isdigit() or int(written) > MAX_MINOR:
        raise Unreadable(f"“{written[:20]}” is not a whole number of minor units", line)
    try:
        currency = check_currency(row["currency"])
    except Invalid:
        raise Unreadable(f"“{row['currency'][:10]}” is not a currency", line) from None
    reference = "".join(row.get("reference", "").split()).upper()
    iban = "".join(row.get("iban", "").split()).upper()
    return Expected(number, int(written), currency, reference, row.get("holder", ""), iban)


def expected(keys: Collection[str]) -> Mapping[str, Expected]:
    """By number, and by the reference that is made of it."""
    # A number may begin with the letters RF too, and is no reference for that: it is shorter.
    numbers = {key: parse(key) or parse(key[4:]) for key in keys}
    found = {
        state.number: waiting_for(state)
        for state in lists.states(sorted({number for number in numbers.values() if number}))
    }
    return {key: found[number] for key, number in numbers.items() if number in found}


def waiting_for(state: Reservation) -> Expected:
    """What a reservation waits for now: the first instalments that are not paid; nothing where no place lives."""
    open_minor, asked = 0, 0
    if state.status in LIVING:
        for part in state.plan:
            asked += part.amount_minor * state.quantity
            if asked > state.paid_minor():
                open_minor = asked - state.paid_minor()
                break
    holder = state.identity.name if isinstance(state.identity, Identity) else ""
    ibans = [each.details.number for each in state.accounts if isinstance(each.details, BankDetails)]
    iban = ibans[-1] if ibans else ""
    return Expected(state.number, open_minor, state.currency, references.of(state.number), holder, iban)


def _stored(digests: Collection[str]) -> Collection[str]:
    return {claim.reference for claim in reads.claims((ENTRY,), digests)}


def _by_hand(bank_references: Collection[str]) -> Mapping[str, Expected]:
    """Transfers that a person recorded under these references, before a statement told of them."""
    found = reads.claims((TRANSFER, FROM_STATEMENT), bank_references)
    told = {claim.reference for claim in found if claim.rail == FROM_STATEMENT}
    alone = {claim.reference: number for claim, number in found.items() if claim.reference not in told}
    by_number = {state.number: state for state in lists.states(sorted(set(alone.values())))}
    answer = {}
    for reference, number in alone.items():
        state = by_number.get(number)
        payment = state.paid_by(TRANSFER, reference) if state else None
        if state and payment and not payment.reversible_minor:
            # Corrected since, perhaps: then it is somewhere else, or it never came.
            state, payment = lists.standing(number, TRANSFER, reference) or (None, None)
        if state and payment:
            answer[reference] = Expected(state.number, payment.amount_minor, payment.currency)
    return answer
