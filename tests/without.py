"""A guard taken out of the running program: the compiled text of one function, with a few words of it exchanged.

Whoever has the function, under whatever name, runs the other text. `tests/mutants.py` says which tests must then fail.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple


class Mutant(NamedTuple):
    """`where` is `module:qualified.name`; `instead` stands where the guard stood; `only` limits it to such cases."""

    name: str
    where: str
    guard: str
    instead: str
    tests: tuple[str, ...]
    only: str = ""


@contextmanager
def without(mutant: Mutant) -> Iterator[None]:
    """While this lasts the guard is out."""
    function = found(mutant.where)
    code, names = function.__code__, function.__globals__
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(mutant.guard) == 1, f"{mutant.guard!r} stands {source.count(mutant.guard)} times"
    whole = Path(code.co_filename).read_text()
    original = inspect.getsource(function)
    indented = original.replace(mutant.guard, mutant.instead)
    assert indented != original, "the guard is not written on one line"
    mutated = compile(whole.replace(original, indented, 1), code.co_filename, "exec", dont_inherit=True)
    function.__code__ = _named(mutated, code.co_qualname)
    assert function.__globals__ is names
    try:
        yield
    finally:
        function.__code__ = code


def found(where: str) -> FunctionType:
    """The function of that name, without what wraps it."""
    module, _, name = where.partition(":")
    object_: object = importlib.import_module(module)
    for part in name.split("."):
        object_ = inspect.getattr_static(object_, part)
    function = inspect.unwrap(getattr(object_, "fget", None) or getattr(object_, "__func__", object_))  # type: ignore[arg-type]
    assert isinstance(function, FunctionType), where
    return function


def _named(code: CodeType, qualified: str) -> CodeType:
    """The code of a function within that of its module."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    for each in inner:
        if each.co_qualname == qualified:
            return each
        if qualified.startswith(f"{each.co_qualname}."):
            return _named(each, qualified)
    raise AssertionError(f"there is no {qualified}")
