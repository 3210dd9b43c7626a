"""Reading DER (ITU-T X.690): one byte string for one value, and whatever is not that is refused.

As much as time stamps and certificates need: tags of one byte, definite lengths in their shortest form, nothing
behind a value. The order within a SET OF is not looked at: widely used authorities do not keep it.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{0,8}[1-9])?Z", re.ASCII)


class NotDer(ValueError):
    """Not DER, or not of the shape that was asked for."""


class Item(NamedTuple):
    """One value: its tag, its content, and the whole with tag and length."""

    tag: int
    body: bytes
    raw: bytes


class Reader:
    """Values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def next(self, *tags: int) -> Item:
        """The next value, which must have one of the tags. Raises NotDer."""
        found = self.maybe(*tags)
        if found is None:
            raise NotDer("a part is missing, or another stands in its place")
        return found

    def maybe(self, *tags: int) -> Item | None:
        """The next value if it has one of the tags. Raises NotDer where it is not whole."""
        if self.at >= len(self.data) or self.data[self.at] not in tags:
            return None
        start = self.at
        first = self._byte(start + 1)
        body = start + 2
        length = first
        if first > 0x7F:
            body += first & 0x7F
            # At most three bytes of length: nothing here is larger than 16 MB.
            length = int.from_bytes(self.data[start + 2 : body], "big")
            if not 1 <= first & 0x7F <= 3 or length < 0x80 or self._byte(start + 2) == 0:
                raise NotDer("a length is not in its shortest form")
        self.at = body + length
        if self.at > len(self.data):
            raise NotDer("it is cut off")
        return Item(self.data[start], self.data[body : self.at], self.data[start : self.at])

    def all(self, *tags: int) -> list[Item]:
        """All that follow, each with one of the tags. Raises NotDer."""
        found = []
        while self.at < len(self.data):
            found.append(self.next(*tags))
        return found

    def end(self) -> None:
        """Raises NotDer if something follows."""
        if self.at != len(self.data):
            raise NotDer("something follows that does not belong there")

    def _byte(self, at: int) -> int:
        if at >= len(self.data):
            raise NotDer("it is cut off")
        return self.data[at]


def whole(data: bytes, tag: int) -> Item:
    """The one value that the bytes are. Raises NotDer."""
    reader = Reader(data)
    found = reader.next(tag)
    reader.end()
    return found


def inside(item: Item) -> Reader:
    """What a value is made of."""
    return Reader(item.body)


def integer(item: Item) -> int:
    """A whole number, in two's complement and its shortest form (X.690, 8.3). Raises NotDer."""
    body = item.body
    if (
        item.tag != INTEGER
        or not body
        or (len(body) > 1 and body[0] in (0, 0xFF) and body[0] >> 7 == body[1] >> 7)
    ):
        raise NotDer("not a whole number in its shortest form")
    return int.from_bytes(body, "big", signed=True)


def oid(item: Item) -> str:
    """An object identifier with dots (X.690, 8.19). Raises NotDer."""
    numbers = [0]
    fresh = True
    for byte in item.body:
        if fresh and byte == 0x80:
            raise NotDer("an object identifier is not in its shortest form")
        numbers[-1] = numbers[-1] << 7 | byte & 0x7F
        fresh = byte < 0x80
        if fresh:
            numbers.append(0)
    if item.tag != OID or not fresh or not item.body or len(item.body) > 40:
        raise NotDer("not an object identifier")
    first, *rest = numbers[:-1]
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *rest)))


def boolean(item: Item) -> bool:
    """Yes or no (X.690, 11.1). Raises NotDer."""
    if item.tag != BOOLEAN or item.body not in (b"\x00", b"\xff"):
        raise NotDer("neither true nor false")
    return item.body == b"\xff"


def bits(item: Item) -> bytes:
    """A bit string of whole bytes. Raises NotDer."""
    if item.tag != BIT_STRING or item.body[:1] != b"\x00":
        raise NotDer("not a bit string of whole bytes")
    return item.body[1:]


def instant(item: Item, *, fractions: bool = False) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ` of a UTCTime or a GeneralizedTime from 1950 on; fractions are cut off. Raises NotDer."""
    text = item.body.decode("latin-1")
    if item.tag == UTC_TIME:
        # RFC 5280, 4.1.2.5.1: 50 to 99 are of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    found = _TIME.fullmatch(text)
    if not found or ("." in text and not fractions) or found[1] < "1950":
        raise NotDer("not a time in its one form")
    try:
        at = datetime(*map(int, found.groups()))  # type: ignore[arg-type]
    except ValueError:
        raise NotDer("no time of the calendar") from None
    return f"{at.isoformat()}Z"
