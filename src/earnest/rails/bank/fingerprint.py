"""Which transactions are the same, over files, days and formats.

Two transactions are one if account, direction, amount, currency and value date agree, and so does the strongest
reference that both have, in this order: the bank's own (AcctSvcrRef; behind `//` in an MT940), the clearing's
(UETR, TxId), the payer's end-to-end id. If both have a bank's reference and the two differ, they are two, even
where the payer used one end-to-end id for both. A transaction without any of the three is known by other party and
text, and by being the first, second, third … such one of its statement. Parts of a batch that has one bank
reference are told apart by their own references and then by their place; a batch that was seen as one entry is
not taken again part by part, nor the other way round.

An account is its IBAN without country and check digits, because MT940 often writes only that. What is kept is a
digest, which names nobody.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import combinations
from typing import Final, NamedTuple

from earnest.rails.bank.statement import Transaction

#: 128 bits: as many as keep two of all the entries of the world apart, and half as long to keep.
DIGEST_LETTERS: Final = 32
_KINDS: Final = ("bank", "transaction", "end-to-end")


class Mark(NamedTuple):
    """The digests of one transaction: those by which it is `kept`, and those of which one is kept if it is known."""

    kept: tuple[str, ...]
    asked: tuple[str, ...]


class Marks:
    """Gives each transaction its mark; they come statement by statement."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._of: tuple[str, int] = ("", 0)

    def of(self, each: Transaction) -> Mark:
        """The mark of the next transaction."""
        if (each.file, each.statement) != self._of:
            self._of, self._counts = (each.file, each.statement), {}
        nth = 0
        if not (mine := _references(each)):
            plain = plain_token(each, 0)
            nth = self._counts[plain] = self._counts.get(plain, 0) + 1
        start = "\x1f".join((account_name(each.account), str(each.amount_minor), each.currency, _date(each)))
        kept = [plain_token(each, nth)] if not mine else [*_kept(start, mine)]
        asked = [kept[0]] if not mine else [*_asked(start, mine)]
        whole, begun = _entry(each)
        if whole:
            # Parts are known one by one until the last of them is; a whole that was begun in parts is known at once.
            kept += [whole] if each.whole.part == each.whole.parts - 1 else []
            kept += [begun] if each.whole.parts > 1 and each.whole.part == 0 else []
            asked += [whole] if each.whole.parts > 1 else [whole, begun]
        return Mark(tuple(kept), tuple(dict.fromkeys(asked)))


class Seen:
    """The booked transactions so far. They come statement by statement."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._marks = Marks()

    def mark(self, each: Transaction) -> Mark:
        """The mark of the next transaction."""
        return self._marks.of(each)

    def judge(self, each: Transaction, mark: Mark, stored: Collection[str] = ()) -> bool:
        """Whether it was there before, here or among those `stored`; a booked one is there from now on."""
        known = any(token in self._tokens or token in stored for token in mark.asked)
        if each.booked:
            self._tokens.update(mark.kept)
        return known


def _kept(start: str, mine: dict[str, str]) -> Iterator[str]:
    for kind, value in mine.items():
        stronger = [other for other in mine if _KINDS.index(other) < _KINDS.index(kind)]
        yield _digest(start, kind, value, *stronger)


def _asked(start: str, mine: dict[str, str]) -> Iterator[str]:
    for kind, value in mine.items():
        absent = [other for other in _KINDS[: _KINDS.index(kind)] if other not in mine]
        for count in range(len(absent) + 1):
            for theirs in combinations(absent, count):
                yield _digest(start, kind, value, *theirs)


def _entry(each: Transaction) -> tuple[str, str]:
    """The digests of the entry that a transaction is a part of: that all of it was taken, and that it was begun."""
    whole = each.whole
    if not whole.bank_reference:
        return "", ""
    start = (account_name(each.account), whole.amount_minor, each.currency, _date(each), whole.bank_reference)
    return _digest("entry", *start), _digest("begun", *start)


def plain_token(each: Transaction, nth: int) -> str:
    """The digest of a transaction without references, the `nth` of its kind in its statement."""
    text = re.sub(r"[^0-9A-Z]", "", each.text.upper())
    return _token(each, "plain", each.party.iban, each.party.name.upper(), text, nth)


def _references(each: Transaction) -> dict[str, str]:
    own = each.references
    bank = own.bank
    if (
        not bank
        and each.whole.parts > 1
        and each.whole.bank_reference
        and not (own.transaction or own.end_to_end)
    ):
        bank = f"{each.whole.bank_reference}/{each.whole.part}"
    values = (bank, own.transaction, own.end_to_end)
    return {kind: value for kind, value in zip(_KINDS, values, strict=True) if value}


def _token(each: Transaction, *words: object) -> str:
    return _digest(account_name(each.account), each.amount_minor, each.currency, _date(each), *words)


def _digest(*words: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()[:DIGEST_LETTERS]


def _date(each: Transaction) -> str:
    return str(each.value_date or each.booking_date or "")


@cache
def account_name(written: str) -> str:
    """The account number without what formats add: country and check digits, slashes, a currency at the end."""
    plain = re.sub(r"[A-Z]{3}$", "", written) if re.search(r"\d[A-Z]{3}$", written) else written
    german = re.fullmatch(r"(\d{8})/0*(\d{1,10})", plain)
    if german:
        return german[1] + german[2].zfill(10)
    return plain[4:] if re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", plain) else plain.replace("/", "")


def duplicates(transactions: Iterable[Transaction]) -> Iterator[bool]:
    """Whether each transaction was there before, in the order given."""
    seen = Seen()
    for each in transactions:
        yield seen.judge(each, seen.mark(each))
