"""The end-to-end id of a refund that we send by transfer: which refund, and which asking of it.

`K7QF2M9X4-1-2` is the second asking of refund 1 of K7QF-2M9X-4. A bank gives it back with a return, whatever the
file (EndToEndId of ISO 20022: at most 35 letters).
"""

import re
from typing import NamedTuple

from earnest.core.numbers import parse


class Asked(NamedTuple):
    """One asking of one refund."""

    number: str
    refund: int
    attempt: int


def of(number: str, refund: int, attempt: int) -> str:
    """The id to give to the bank."""
    return f"{number.replace('-', '')}-{refund}-{attempt}"


def read(written: str) -> Asked | None:
    """What an id names, in any case and with spaces in it; None for one that we never gave."""
    match = re.fullmatch(r"([0-9A-Z]{9})-([0-9]{1,4})-([0-9]{1,4})", "".join(written.split()).upper())
    number = parse(match[1]) if match else None
    return Asked(number, int(match[2]), int(match[3])) if match and number else None
