"""One text for one value: RFC 8785 with ASCII member names and whole numbers only, and base64url without padding."""

import binascii
import json
from collections.abc import Collection
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn

MAX_INT = 2**53 - 1
#: Sixteen stories, each linked from the one before, with their acts.
MAX_DEPTH = 40


MAX_DIGITS = 16


class NotCanonical(ValueError):
    """The text or the value is outside the restricted form."""


def canonical(value: Any) -> bytes:
    """The bytes of a JSON value. Raises NotCanonical for floats, large numbers, odd names and lone surrogates."""
    _check(value, 0)
    return written(value)


def canonical_text(value: Any) -> str:
    """As `canonical`, as text. Most values are a short text or a number, which need no encoder made for them."""
    if type(value) is str and value.isascii():
        return encode_basestring(value)
    if type(value) is int and -MAX_INT <= value <= MAX_INT:
        return str(value)
    return canonical(value).decode()


def written(value: Any) -> bytes:
    """As `canonical`, of a value that came from `strict_json`: it has been checked."""
    return _ENCODER.encode(value).encode()


def parse_canonical(data: bytes | str) -> Any:
    """The value of canonical bytes. Raises NotCanonical unless writing it again gives the same bytes."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    value = strict_json(raw)
    if written(value) != raw:
        raise NotCanonical("not the one canonical text of its value")
    return value


def strict_json(data: bytes | str) -> Any:
    """Any JSON text whose value is in the restricted form. Raises NotCanonical, also for a member named twice."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from None
    _check(value, 0)
    return value


def b64(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def unb64(text: str) -> bytes:
    """The bytes of `b64`. Raises NotCanonical for padding, foreign letters or stray last bits."""
    padded = text + "=" * (-len(text) % 4)
    try:
        data = binascii.a2b_base64(padded.replace("-", "+").replace("_", "/"), strict_mode=True)
    except ValueError:
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
    if isinstance(value, dict):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise NotCanonical("a member's name is not ASCII")
        _check_all(value.values(), depth + 1)
    elif isinstance(value, list | tuple):
        _check_all(value, depth + 1)
    elif isinstance(value, str):
        if not value.isascii() and _has_surrogate(value):
            raise NotCanonical("a lone surrogate is not text")
    elif isinstance(value, int):
        if abs(value) > MAX_INT:
            raise NotCanonical("a number is out of range")
    elif value is not None:
        raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _check_all(values: Collection[Any], depth: int) -> None:
    if depth > MAX_DEPTH and values:
        raise NotCanonical("nested too deeply")
    for value in values:
        # Most of a file is plain text, and a call for each would take longer than the looking.
        if type(value) is not str or not value.isascii():
            _check(value, depth)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_no_float, parse_constant=_no_float, parse_int=_whole
)
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
