"""Links that open one reservation: a MAC over purpose, reservation and expiry, under a key of the book.

A link of one purpose is no link of another, and holds 128 bits that nobody can guess (the MAC). It is never
stored; it opens a page, and only a POST on that page acts.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import NamedTuple

from earnest.book import clock, holders, keys
from earnest.core.numbers import parse

PURPOSES = ("portal", "account", "api", "passing", "slip")
_MAC_BYTES = 16


class Link(NamedTuple):
    """What a good link says: the reservation, who holds it (0 the first), and what else it was bound to."""

    number: str
    holder: int
    extra: str


def make(purpose: str, number: str, extra: str = "", days: int = 90, holder: int = 0) -> str:
    """A token for addresses: letters, digits, `-`, `_`, `~` and `.`; good for `days` on the book's clock.

    It opens nothing once the reservation has gone to somebody after `holder`.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no purpose {purpose}")
    until = int((clock.now() + timedelta(days=days)).timestamp())
    said = f"{_name(number, holder)}.{until}.{extra}"
    return f"{said}.{_mac(purpose, said)}"


def read(purpose: str, token: str) -> Link | None:
    """What the token says, or None where it is forged, for another purpose, too old, or an earlier holder's."""
    said, _, mac = token.rpartition(".")
    if not said or not hmac.compare_digest(_mac(purpose, said).encode(), mac.encode()):
        return None
    whose, until, extra = said.split(".", 2)
    number, _, holder = whose.partition("~")
    if int(until) < clock.now().timestamp() or parse(number) != number:
        return None
    link = Link(number, int(holder or 0), extra)
    return link if link.holder == holders.current(number) else None


def sign(purpose: str, said: str) -> str:
    """A token for what is no reservation's: letters, digits, `-` and the MAC. It does not grow too old."""
    return f"{said}.{_mac(purpose, said)}"


def signed(purpose: str, token: str) -> str | None:
    """What such a token says, or None where it is forged or for another purpose."""
    said, _, mac = token.rpartition(".")
    return said if said and hmac.compare_digest(_mac(purpose, said).encode(), mac.encode()) else None


def _name(number: str, holder: int) -> str:
    return f"{number}~{holder}" if holder else number


def _mac(purpose: str, said: str) -> str:
    secret = keys.current().derive("links")
    mac = hmac.new(secret, f"{purpose}\0{said}".encode(), hashlib.sha256).digest()[:_MAC_BYTES]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
