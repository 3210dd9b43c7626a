"""States as rows: a frozen dataclass as JSON, with its personal parts taken out to be sealed apart."""

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from earnest.core import instants
from earnest.core.acts import ERASED, Erased

T = TypeVar("T")
Parts = dict[str, list[object]]


def encode(state: Any) -> tuple[str, Parts]:
    """(JSON text, personal parts by class). The text is the same for equal states."""
    parts: Parts = {}
    written = _write(state, parts)
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"), sort_keys=True), parts


def decode(cls: type[T], text: str, parts: Mapping[str, list[object] | None]) -> T:
    """The state again; personal parts whose class is None are ERASED."""
    return _read(cls, json.loads(text), parts)  # type: ignore[no-any-return]


def _write(value: Any, parts: Parts) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        written = {field.name: _write(getattr(value, field.name), parts) for field in fields(value)}
        cls = getattr(value, "sealed", None)
        if cls is None:
            return written
        parts.setdefault(cls, []).append(written)
        return {"sealed": cls, "i": len(parts[cls]) - 1}
    if isinstance(value, Erased):
        return {"erased": True}
    if isinstance(value, tuple | list):
        return [_write(item, parts) for item in value]
    if isinstance(value, Mapping):
        return {name: _write(item, parts) for name, item in value.items()}
    if isinstance(value, datetime):
        return instants.text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _read(kind: Any, value: Any, parts: Mapping[str, list[object] | None]) -> Any:
    if isinstance(value, dict):
        if value.get("erased") is True:
            return ERASED
        if "sealed" in value:
            known = parts.get(value["sealed"])
            if known is None:
                return ERASED
            value = known[value["i"]]
    if value is None:
        return None
    return _reader(kind)(value, parts)


@cache
def _reader(kind: Any) -> Any:
    """How values of a type are read back; worked out once for each type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _reader(next(arg for arg in args if arg not in (type(None), Erased)))
    if origin is tuple:
        return lambda value, parts: tuple(_read(args[0], item, parts) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return lambda value, parts: {name: _read(args[1], item, parts) for name, item in value.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [(field.name, hints[field.name]) for field in fields(kind)]
        return lambda value, parts: kind(
            **{name: _read(hint, value[name], parts) for name, hint in names if name in value}
        )
    if kind is datetime:
        return lambda value, parts: instants.instant(value)
    if kind is date:
        return lambda value, parts: date.fromisoformat(value)
    return lambda value, parts: value
