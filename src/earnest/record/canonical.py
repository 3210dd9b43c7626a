"""One text for one value: RFC 8785 with ASCII member names and whole numbers only, and base64url without padding."""

import base64
import binascii
import json
from typing import Any, NoReturn

MAX_INT = 2**53 - 1
#: Sixteen stories, each linked from the one before, with their acts.
MAX_DEPTH = 40


MAX_DIGITS = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
#: Made once: `json.dumps` makes an encoder for each call, which costs more than most texts.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


class NotCanonical(ValueError):
    """The text or the value is outside the restricted form."""


def canonical(value: Any) -> bytes:
    """The bytes of a JSON value. Raises NotCanonical for floats, large numbers, odd names and lone surrogates."""
    _check(value, 0)
    return _written(value).encode()


def parse_canonical(data: bytes | str) -> Any:
    """The value of canonical bytes. Raises NotCanonical unless writing it again gives the same bytes."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    value = strict_json(raw)
    if canonical(value) != raw:
        raise NotCanonical("not the one canonical text of its value")
    return value


def strict_json(data: bytes | str) -> Any:
    """Any JSON text whose value is in the restricted form. Raises NotCanonical, also for a member named twice."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_whole,
        )
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from None
    _check(value, 0)
    return value


def b64(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=\n").translate(_URL_SAFE).decode()


def unb64(text: str) -> bytes:
    """The bytes of `b64`. Raises NotCanonical for padding, foreign letters or stray last bits."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        raise NotCanonical("not base64url") from None
    if b64(data) != text:
        raise NotCanonical("not the one base64url text of its bytes")
    return data


def decimal(text: str) -> int | None:
    """A whole number from zero as this project writes it in texts: ASCII digits, no leading zero, below 10**16."""
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > MAX_DIGITS
        or (text[0] == "0" and text != "0")
    ):
        return None
    return int(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a member is named twice")
    return found


def _no_float(written: str) -> NoReturn:
    raise NotCanonical(f"{written[:20]} is not a whole number")


def _whole(written: str) -> int:
    if len(written) > 17 or written == "-0":
        raise NotCanonical(f"{written[:20]} is not a whole number in range")
    return int(written)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotCanonical("nested too deeply")
    match value:
        case str():
            if not value.isascii() and _has_surrogate(value):
                raise NotCanonical("a lone surrogate is not text")
        case bool() | None:
            pass
        case int():
            if abs(value) > MAX_INT:
                raise NotCanonical("a number is out of range")
        case list() | tuple():
            for item in value:
                if depth == MAX_DEPTH or type(item) is not str or not item.isascii():
                    _check(item, depth + 1)  # a call for each short text would cost more than all else here
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise NotCanonical("a member's name is not ASCII")
                if depth == MAX_DEPTH or type(item) is not str or not item.isascii():
                    _check(item, depth + 1)
        case _:
            raise NotCanonical(f"{type(value).__name__} has no canonical form")
