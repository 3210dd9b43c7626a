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
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from earnest.rails.bank.statement import Transaction

_KINDS: Final = ("bank", "transaction", "end-to-end")


class Seen:
    """The booked transactions so far. `register` after `has`; they come statement by statement."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._entry: tuple[str, int, int] = ("", 0, 0)
        self._entry_known = False
        self._counts: dict[str, int] = {}
        self._of: tuple[str, int] = ("", 0)

    def judge(self, each: Transaction) -> bool:
        """Whether this transaction was there before; a booked one is there from now on."""
        if (each.file, each.statement) != self._of:
            self._of, self._counts = (each.file, each.statement), {}
        token = entry_token(each)
        if self._entry != (each.file, each.statement, each.whole.n):
            self._entry = (each.file, each.statement, each.whole.n)
            self._entry_known = bool(token) and token in self._tokens
        nth = self._nth(each)
        known = self._entry_known or any(mine in self._tokens for mine in asked(each, nth))
        if each.booked:
            self._tokens.update(kept(each, nth))
            if token:
                self._tokens.add(token)
        return known

    def _nth(self, each: Transaction) -> int:
        plain = plain_token(each, 0)
        self._counts[plain] = self._counts.get(plain, 0) + 1
        return self._counts[plain]


def kept(each: Transaction, nth: int) -> Iterator[str]:
    """The digests by which a transaction is known from now on."""
    mine = _references(each)
    if not mine:
        yield plain_token(each, nth)
    for kind, value in mine.items():
        stronger = [other for other in mine if _KINDS.index(other) < _KINDS.index(kind)]
        yield _token(each, kind, value, *stronger)


def asked(each: Transaction, nth: int) -> Iterator[str]:
    """The digests of which one is kept if this transaction is."""
    mine = _references(each)
    if not mine:
        yield plain_token(each, nth)
    for kind, value in mine.items():
        absent = [other for other in _KINDS[: _KINDS.index(kind)] if other not in mine]
        for count in range(len(absent) + 1):
            for theirs in combinations(absent, count):
                yield _token(each, kind, value, *theirs)


def entry_token(each: Transaction) -> str:
    """The digest of the entry that a transaction is a part of; nothing where the bank gave it no reference."""
    whole = each.whole
    if not whole.bank_reference:
        return ""
    return _digest(
        "entry", _account(each), whole.amount_minor, each.currency, _date(each), whole.bank_reference
    )


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
    return _digest(_account(each), each.amount_minor, each.currency, _date(each), *words)


def _digest(*words: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()


def _date(each: Transaction) -> str:
    return str(each.value_date or each.booking_date or "")


def _account(each: Transaction) -> str:
    """The account number without what formats add: country and check digits, slashes, a currency at the end."""
    plain = (
        re.sub(r"[A-Z]{3}$", "", each.account) if re.search(r"\d[A-Z]{3}$", each.account) else each.account
    )
    german = re.fullmatch(r"(\d{8})/0*(\d{1,10})", plain)
    if german:
        return german[1] + german[2].zfill(10)
    return plain[4:] if re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", plain) else plain.replace("/", "")


def duplicates(transactions: Iterable[Transaction]) -> Iterator[bool]:
    """Whether each transaction was there before, in the order given."""
    seen = Seen()
    for each in transactions:
        yield seen.judge(each)
