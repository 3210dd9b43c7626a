"""A state with some fields changed."""

import dataclasses
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def replace(state: T, **changes: Any) -> T:
    """As `dataclasses.replace`, which would set forty fields one by one at each act. Raises TypeError for no field.

    States are frozen, without slots, and nothing happens when one is made; so its fields can be copied as they are.
    """
    kind: Any = type(state)
    changed: T = object.__new__(kind)
    held = changed.__dict__
    held.update(state.__dict__)
    held.update(changes)
    if len(held) != _fields(kind):
        # A name that is no field, or something that was worked out from the fields and remembered beside them.
        return dataclasses.replace(state, **changes)  # type: ignore[type-var]
    return changed


@cache
def _fields(kind: type) -> int:
    return len(dataclasses.fields(kind))
