"""Stripe's form encoding: `line_items[0][price_data][currency]=usd` becomes nested dicts and lists."""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl


class Refusal(Exception):
    """An answer in Stripe's error shape. `param` names the parameter that is wrong."""

    def __init__(self, status: int, type: str, message: str, *, param: str = "", code: str = "") -> None:
        self.status = status
        error = {"type": type, "message": message}
        error |= {name: value for name, value in (("param", param), ("code", code)) if value}
        self.body: dict[str, Any] = {"error": error}
        super().__init__(message)


def invalid(message: str, param: str = "", code: str = "", status: int = 400) -> Refusal:
    """An `invalid_request_error`."""
    return Refusal(status, "invalid_request_error", message, param=param, code=code)


def parse(body: str) -> dict[str, Any]:
    """The nested parameters of a form body or query string."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        path = re.findall(r"[^\[\]]+", name)
        inside = found
        for step in path[:-1]:
            inside = inside.setdefault(step, {})
            if not isinstance(inside, dict):
                raise invalid(f"Invalid parameter: {name}", name)
        inside[path[-1]] = value
    return _lists(found)  # type: ignore[no-any-return]


def multipart(body: bytes, kind: str) -> dict[str, Any]:
    """The fields of `multipart/form-data`; a file is (name, content)."""
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
    found: dict[str, Any] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[name] = (part.get_filename(), content) if part.get_filename() else content.decode()
    return found


def only(params: Mapping[str, Any], *known: str) -> None:
    """Refuse parameters that this double does not know, as Stripe refuses those it does not."""
    for name in params:
        if name not in known:
            raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")


def whole(params: Mapping[str, Any], name: str, low: int = 1) -> int:
    """A whole number at least `low`."""
    written = params.get(name)
    if not isinstance(written, str) or not written.lstrip("-").isdigit():
        raise invalid(f"Invalid integer: {written}", name, "parameter_invalid_integer")
    if int(written) < low:
        raise invalid(
            f"This value must be greater than or equal to {low}.", name, "parameter_invalid_integer"
        )
    return int(written)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(item) for name, item in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
