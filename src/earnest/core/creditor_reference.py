"""The structured creditor reference of ISO 11649: `RF`, two check digits, and the reservation number without dashes.

The check digits make the whole, turned so that the first four letters come last and with A = 10 … Z = 35, leave
the remainder 1 when divided by 97 (ISO 7064, MOD 97-10).
"""

import re
from typing import Final

LENGTH_MAX: Final = 25


def of(number: str) -> str:
    """The reference of a reservation number: `K7QF-2M9X-4` -> `RFnnK7QF2M9X4`."""
    body = number.replace("-", "")
    return f"RF{98 - _remainder(body + 'RF00'):02d}{body}"


def grouped(reference: str) -> str:
    """As it is printed: in groups of four."""
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


def holds(written: str) -> bool:
    """Whether a text without spaces, in capitals, is a creditor reference with the right check digits."""
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", written):
        return False
    return _remainder(written[4:] + written[:4]) == 1


def _remainder(turned: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97
