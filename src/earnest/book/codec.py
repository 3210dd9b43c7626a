"""States as rows: a frozen dataclass as JSON, with its personal parts taken out to be sealed apart.

A nested dataclass with a class attribute `sealed` (the name of a class of personal data) leaves a placeholder
`{"sealed": class, "i": place}`, and its own JSON goes to that place of the class's list. How a type is
written and read is worked out once for each type, because every command does both.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from earnest.core import instants
from earnest.core.acts import ERASED, Erased

T = TypeVar("T")
Parts = dict[str, list[object]]
Known = Mapping[str, list[object] | None]

_json_text: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_ERASED_JSON: Final = {"erased": True}


def encode(state: Any) -> tuple[str, Parts]:
    """(JSON text, personal parts by class). The text is the same for equal states."""
    parts: Parts = {}
    return _json_text(_form(type(state)).write(state, parts)), parts  # type: ignore[arg-type]


def decode(cls: type[T], text: str, parts: Known) -> T:
    """The state again; personal parts whose class is None or missing are ERASED."""
    found: T = _form(cls).read(json.loads(text), parts)  # type: ignore[arg-type]
    return found


class _Form(NamedTuple):
    """How values of one type become JSON and come back; `plain` where they are JSON already."""

    write: Callable[[Any, Parts], Any]
    read: Callable[[Any, Known], Any]
    plain: bool = False


def _same(value: Any, parts: object) -> Any:
    return value


def _write_instant(value: datetime, parts: object) -> str:
    if value.tzinfo is UTC:
        return value.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return instants.text(value)


_PLAIN: Final = _Form(_same, _same, plain=True)
_LEAVES: Final[dict[Any, _Form]] = {
    str: _PLAIN,
    int: _PLAIN,
    bool: _PLAIN,
    object: _PLAIN,
    Any: _PLAIN,
    datetime: _Form(_write_instant, lambda value, parts: datetime.fromisoformat(value)),
    date: _Form(lambda value, parts: value.isoformat(), lambda value, parts: date.fromisoformat(value)),
}


@cache
def _form(kind: Any) -> _Form:
    """The form of a type. Raises TypeError for one that states do not use."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in _LEAVES:
        return _LEAVES[kind]
    if origin in (Union, types.UnionType):
        return _choice(args)
    if origin is tuple and len(args) == 2 and args[1] is ...:
        return _row_of(_form(args[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping) and args[0] is str:
        return _map_of(_form(args[1]))
    if isinstance(kind, type) and is_dataclass(kind):
        sealed = getattr(kind, "sealed", None)
        return _sealed(_record(kind), sealed) if sealed else _record(kind)
    raise TypeError(f"a state cannot hold {kind!r}")


def _choice(args: tuple[Any, ...]) -> _Form:
    """`T | None`, `T | Erased`, or both."""
    rest = [arg for arg in args if arg not in (types.NoneType, Erased)]
    if len(rest) != 1:
        raise TypeError(f"a state cannot hold one of {args!r}")
    form = _form(rest[0])
    if Erased not in args:
        return _Form(
            lambda value, parts: None if value is None else form.write(value, parts),
            lambda value, parts: None if value is None else form.read(value, parts),
            form.plain,
        )

    def write(value: Any, parts: Parts) -> Any:
        if value is ERASED:
            return _ERASED_JSON
        return None if value is None else form.write(value, parts)

    def read(value: Any, parts: Known) -> Any:
        if value == _ERASED_JSON:
            return ERASED
        return None if value is None else form.read(value, parts)

    return _Form(write, read)


def _row_of(form: _Form) -> _Form:
    if form.plain:
        return _Form(lambda value, parts: list(value), lambda value, parts: tuple(value))
    write, read = form.write, form.read
    return _Form(
        lambda value, parts: [write(each, parts) for each in value],
        lambda value, parts: tuple([read(each, parts) for each in value]),
    )


def _map_of(form: _Form) -> _Form:
    write, read = form.write, form.read
    return _Form(
        lambda value, parts: {name: write(each, parts) for name, each in value.items()},
        lambda value, parts: {name: read(each, parts) for name, each in value.items()},
    )


def _record(kind: Any) -> _Form:
    """A field that is not in the JSON yet has its default; what is no field any more is passed over."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    made = [(name, form) for name in names if not (form := _form(hints[name])).plain]
    writes = [(name, form.write) for name, form in made]
    reads = [(name, form.read) for name, form in made]

    def write(value: Any, parts: Parts) -> dict[str, Any]:
        out = {name: getattr(value, name) for name in names}
        for name, write_one in writes:
            out[name] = write_one(out[name], parts)
        return out

    def read(value: dict[str, Any], parts: Known) -> Any:
        known = {name: value[name] for name in names if name in value}
        for name, read_one in reads:
            if name in known:
                known[name] = read_one(known[name], parts)
        return kind(**known)

    return _Form(write, read)


def _sealed(form: _Form, cls: str) -> _Form:
    def write(value: Any, parts: Parts) -> dict[str, object]:
        mine = form.write(value, parts)
        places = parts.setdefault(cls, [])
        places.append(mine)
        return {"sealed": cls, "i": len(places) - 1}

    def read(value: dict[str, Any], parts: Known) -> Any:
        places = parts.get(cls)
        return ERASED if places is None else form.read(places[value["i"]], parts)

    return _Form(write, read)
