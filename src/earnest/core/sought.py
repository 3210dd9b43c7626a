"""Reservation numbers and creditor references in what payers write.

A number is complete if it stands between letters of no word and its check symbol is right, in any case, with O for
0 and I or L for 1, and with any spaces, dots, dashes, slashes or line breaks inside it. What is nearly one (a wrong
check symbol, one letter wrong, missing or too many, two exchanged, or glued to a word) is kept apart: it may be
proposed to a person and decides nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from earnest.core import creditor_reference as references
from earnest.core.numbers import ALPHABET, LENGTH, check_symbol, parse

_LIKE: Final = str.maketrans("OIL", "011")
#: What may stand inside a number; anything else ends it.
_OTHER: Final = re.compile(r"[^0-9A-Z\s.\u00b7\u2022\-\u2010-\u2015\u2212_/]+")
_TOKEN: Final = re.compile(r"[0-9A-Z]+")
_PREFIX: Final = re.compile(r"RF[0-9]{2}")
_WHOLE: Final = LENGTH + 1
TEXT_MAX: Final = 20_000


@dataclass(frozen=True)
class Sought:
    """What was found, each once and in the order written: complete numbers, complete references, and the rest.

    Of a reference that is a reservation's, the number stands among `numbers`. Whether any of them exists is not
    asked here.
    """

    numbers: tuple[str, ...]
    references: tuple[str, ...]
    unclear: tuple[str, ...]

    @cached_property
    def near(self) -> tuple[str, ...]:
        """Numbers that what is unclear could have been meant for; dear, and wanted only where nothing else is known."""
        found = dict.fromkeys(each for window in self.unclear for each in _near(window))
        return tuple(each for each in found if each not in self.numbers)


def seek(pieces: Iterable[str]) -> Sought:
    """Everything in some pieces of text; nothing is found across two pieces."""
    numbers: dict[str, None] = {}
    found: dict[str, None] = {}
    unclear: dict[str, None] = {}
    for tokens in _runs(pieces):
        for start, window in _windows(tokens):
            number = parse(window) if len(window) == _WHOLE else None
            if number and not (start > 0 and _PREFIX.fullmatch(tokens[start - 1])):
                numbers.setdefault(number)
            reference = _reference(window) if window.startswith("RF") else None
            if reference:
                found.setdefault(reference)
                inner = parse(reference[4:])
                if inner:
                    numbers.setdefault(inner)
            elif number not in numbers and len(window) >= LENGTH:
                unclear.setdefault(window)
    return Sought(tuple(numbers), tuple(found), tuple(unclear))


def _runs(pieces: Iterable[str]) -> Iterator[list[str]]:
    for piece in pieces:
        plain = unicodedata.normalize("NFKC", piece[:TEXT_MAX]).upper()
        for run in _OTHER.split(plain):
            tokens = _TOKEN.findall(run)
            if tokens:
                yield tokens


def _windows(tokens: list[str]) -> Iterator[tuple[int, str]]:
    """(first token, tokens joined) for every row of neighbouring tokens that is no longer than a reference."""
    for start in range(len(tokens)):
        joined = ""
        for token in tokens[start:]:
            joined += token
            if len(joined) > references.LENGTH_MAX:
                break
            yield start, joined


def _reference(window: str) -> str | None:
    if not _PREFIX.match(window):
        return None
    for written in (window, window[:4] + window[4:].translate(_LIKE)):
        if references.holds(written):
            return written
    return None


def _near(window: str) -> Iterator[str]:
    """Numbers that a window could have been meant for; a complete one here is that of a reference that is wrong."""
    complete = parse(window)
    if complete:
        yield complete
        return
    if _PREFIX.match(window) and len(window) == _WHOLE + 4:
        window = window[4:]
        inner = parse(window)
        if inner:
            yield inner
            return
    plain = window.translate(_LIKE)
    if not any(letter.isdigit() for letter in plain) or any(letter not in ALPHABET for letter in plain):
        return
    if len(plain) == LENGTH:
        yield from _numbers([plain + check_symbol(plain)])
    elif len(plain) == _WHOLE:
        yield from _numbers(_one_wrong(plain))
    elif len(plain) == _WHOLE + 1:
        yield from _numbers(plain[:place] + plain[place + 1 :] for place in range(len(plain)))
    elif len(plain) > _WHOLE:
        yield from _numbers(plain[place : place + _WHOLE] for place in (0, len(plain) - _WHOLE))


def _one_wrong(plain: str) -> Iterator[str]:
    """One letter other than the check symbol was wrong, or that, or two neighbours were exchanged."""
    yield plain[:LENGTH] + check_symbol(plain[:LENGTH])
    if plain[LENGTH] not in ALPHABET:
        return
    value = 0
    for letter in plain[:LENGTH]:
        value = value * 32 + ALPHABET.index(letter)
    off = ALPHABET.index(plain[LENGTH]) - value
    for place in range(LENGTH):
        # value + (new - old) · 32^k ≡ check symbol (mod 37) has one answer for each place.
        weight = pow(32, LENGTH - 1 - place, 37)
        new = (ALPHABET.index(plain[place]) + off * pow(weight, -1, 37)) % 37
        if new < len(ALPHABET):
            yield plain[:place] + ALPHABET[new] + plain[place + 1 :]
    for place in range(LENGTH):
        yield plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]


def _numbers(written: Iterable[str]) -> Iterator[str]:
    for each in written:
        number = parse(each)
        if number:
            yield number
