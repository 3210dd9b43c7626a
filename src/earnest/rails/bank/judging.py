"""What each transaction of some files comes to: matched, unmatched, a duplicate, or a return. Writes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from earnest.core import matching
from earnest.core.matching import Credit, Expected, Match
from earnest.rails.bank.fingerprint import Mark, Seen
from earnest.rails.bank.statement import BOOKED, Transaction

MATCHED, UNMATCHED, DUPLICATE, RETURN = "matched", "unmatched", "duplicate", "return"
#: Transactions that are looked up together.
_CHUNK: Final = 500


@dataclass(frozen=True)
class Verdict:
    """A transaction and what it comes to. `numbers` are the reservations that it names, `match` how it divides."""

    transaction: Transaction
    kind: str
    why: str
    mark: Mark
    numbers: tuple[str, ...] = ()
    match: Match | None = None

    @property
    def booked(self) -> bool:
        """Whether it moved money, and for the first time."""
        return self.transaction.booked and self.kind != DUPLICATE


@dataclass(frozen=True)
class Known:
    """What transactions are held against.

    `expected` are reservations by number or reference; `by_hand` transfers that a person recorded, by the bank's
    reference; `stored` says which digests of entries were taken in; `proposed` has reasons to think of a reservation.
    """

    expected: matching.Lookup
    by_hand: matching.Lookup
    stored: Callable[[Collection[str]], Collection[str]]
    proposed: Callable[[Credit], Sequence[str]]


def judge(
    transactions: Iterable[Transaction], known: Known, seen: Seen, *, near: bool = True
) -> Iterator[Verdict]:
    """One verdict for each transaction, in order; `seen` remembers over several files.

    Numbers that are nearly one are looked for to be proposed; they change no verdict, and may be left out.
    """
    stream = iter(transactions)
    while chunk := list(islice(stream, _CHUNK)):
        credits = [_credit(each) for each in chunk]
        found = [matching.sought(credit) for credit in credits]
        expected = known.expected({each for one in found for each in matching.wanted(one)})
        if near:
            nearly = {each for one in found for each in matching.wanted_near(one, expected)}
            expected = {**known.expected(nearly), **expected}
        by_hand = known.by_hand({each.references.bank for each in chunk if each.references.bank})
        marks = [seen.mark(each) for each in chunk]
        stored = known.stored({digest for mark in marks for digest in mark.asked})
        for each, mark, credit, words in zip(chunk, marks, credits, found, strict=True):
            if seen.judge(each, mark, stored):
                why = _joined("the same entry was there before", *_status(each), *each.notes)
                yield Verdict(each, DUPLICATE, why, mark)
            else:
                by = by_hand.get(each.references.bank) if each.amount_minor > 0 else None
                match = matching.match(credit, words, expected, near=near)
                yield _verdict(each, mark, credit, match, by, known)


def _verdict(
    each: Transaction, mark: Mark, credit: Credit, match: Match, by_hand: Expected | None, known: Known
) -> Verdict:
    said = (*_status(each), *each.notes)
    if by_hand:
        what = f"recorded by hand for {by_hand.number} under the bank's reference"
        if (by_hand.amount_minor, by_hand.currency) == (each.amount_minor, each.currency):
            return Verdict(each, DUPLICATE, _joined(what, *said), mark)
        return Verdict(each, UNMATCHED, _joined(f"{what}, with another amount", *said), mark)
    end_to_end = each.references.end_to_end
    if each.returned or (each.reversal and each.amount_minor > 0 and end_to_end):
        code = f" ({each.return_code})" if each.return_code else ""
        what = (
            f"a return{code} of {end_to_end}" if end_to_end else f"a return{code} that does not say of what"
        )
        return Verdict(each, RETURN, _joined(what, *said), mark)
    if each.amount_minor < 0:
        return Verdict(each, UNMATCHED, _joined("a debit", *_taken_back(each), *said), mark)
    if each.reversal:
        return Verdict(each, UNMATCHED, _joined("the reversal of a debit that it does not name", *said), mark)
    if match.numbers:
        return Verdict(each, MATCHED, _joined(match.why, *said), mark, match.numbers, match)
    proposals = () if match.proposals else known.proposed(credit)
    maybe = [f"perhaps {', '.join(proposals)}"] if proposals else []
    return Verdict(each, UNMATCHED, _joined(match.why, *maybe, *said), mark, (), match)


def _credit(each: Transaction) -> Credit:
    own = each.references
    pieces = (own.creditor, own.end_to_end, "\n".join(each.lines))
    return Credit(each.amount_minor, each.currency, pieces, each.party.name, each.party.iban)


def _status(each: Transaction) -> tuple[str, ...]:
    if each.status != BOOKED:
        return (f"{each.status}, not booked",)
    return () if each.amount_minor else ("nothing was moved",)


def _taken_back(each: Transaction) -> tuple[str, ...]:
    return ("the bank took back a credit",) if each.reversal else ()


def _joined(*parts: str) -> str:
    return "; ".join(parts)
