"""Reservation numbers: `K7QF-2M9X-4`, eight letters of Crockford's base 32 and his check symbol (mod 37).

Random, never an authentication. Only numbers whose check symbol is one of the 32 ordinary letters are given out.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK: Final = ALPHABET + "*~$=U"
_LIKE: Final = str.maketrans("OIL", "011")
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
    """The number as it is given out, from any case, spaces and dashes, with O for 0 and I or L for 1; or None."""
    plain = re.sub(r"[\s-]", "", written).upper().translate(_LIKE)
    if len(plain) != LENGTH + 1 or any(letter not in ALPHABET for letter in plain):
        return None
    if check_symbol(plain[:LENGTH]) != plain[LENGTH]:
        return None
    return f"{plain[:4]}-{plain[4:8]}-{plain[8]}"
