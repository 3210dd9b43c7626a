"""RFC 3161 stamps (not here yet)."""

from collections.abc import Mapping
from typing import NamedTuple


class BadStamp(ValueError):
    """Not a stamp of these bytes."""


class CheckedStamp(NamedTuple):
    """Who stamped, and when."""

    name: str | None
    gen_time: str


def check_stamp(der: bytes, message: bytes, trusted: Mapping[str, str]) -> CheckedStamp:
    """Not yet."""
    raise BadStamp("stamps are not read yet")
