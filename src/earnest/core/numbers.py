"""Reservation numbers: `K7QF-2M9X-4`, eight letters of Crockford's base 32 and his check symbol (mod 37).

Random, never an authentication. Only numbers whose check symbol is one of the 32 ordinary letters are given
out. Source: Douglas Crockford, "Base 32", crockford.com/base32.html.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK: Final = ALPHABET + "*~$=U"
_LIKE: Final = str.maketrans("OIL", "011")
#: Spaces and dashes, also those that telephones and word processors put in.
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u2212]")
LENGTH: Final = 8


def check_symbol(letters: str) -> str:
    """The check symbol of eight letters: their value modulo 37."""
    value = 0
    for letter in letters:
        value = value * 32 + ALPHABET.index(letter)
    return _CHECK[value % 37]


def number_from(value: int) -> str | None:
    """The number of a value below 32**8, or None where its check symbol is not an ordinary letter."""
    letters = ""
    for _ in range(LENGTH):
        value, last = divmod(value, 32)
        letters = ALPHABET[last] + letters
    symbol = check_symbol(letters)
    return f"{letters[:4]}-{letters[4:]}-{symbol}" if symbol in ALPHABET else None


def parse(written: str) -> str | None:
    """The number as it is given out, or None. Read in any case, with any spaces, O for 0, I or L for 1."""
    typed = _BETWEEN.sub("", written)
    plain = typed.upper().translate(_LIKE)
    if not typed.isascii() or len(plain) != LENGTH + 1 or any(letter not in ALPHABET for letter in plain):
        return None
    if check_symbol(plain[:LENGTH]) != plain[LENGTH]:
        return None
    return f"{plain[:4]}-{plain[4:8]}-{plain[8]}"
