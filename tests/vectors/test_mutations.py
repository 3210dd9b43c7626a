"""Each guard of the verifier is needed: taken out, an attack that it alone stops would pass.

A guard is taken out of the source text, the verifier is made anew from it, and the attacks are tried again. The same
table is tried in the browser, in `tests/faces/browser/test_guards_in_browser.py`.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import earnest.record.verify  # noqa: F401 - with everything that it needs
from earnest.record.chain import instant
from tests.vectors import make_v1
from tests.vectors.guards import GUARDS, Edit, Guard
from tests.vectors.together import BESIDE, EVERY, TOGETHER, Together

#: In the order in which they need each other: what comes after a changed module is made anew from it.
MODULES = (
    *(
        "canonical",
        "notes",
        "merkle",
        "submap",
        "disclosure",
        "chain",
        "receipt",
        "checkpoint",
        "money",
        "report",
    ),
    *("policy", "stamp", "trust", "story", "checking", "verify_v0", "verify_times", "verify_v1"),
    *("sumtree", "reserves", "report_reserves", "verify_reserves", "verify"),
)


@cache
def made() -> dict[str, tuple[make_v1.Vector, bytes]]:
    """Every vector with its bytes."""
    vectors = make_v1.all_valid() | make_v1.all_attacks()
    return {name: (each, each.make()) for name, each in vectors.items()}


@contextmanager
def without(*edits: Edit) -> Iterator[ModuleType]:
    """The verifier with guards out; afterwards everything is as it was."""
    first = min(MODULES.index(edit.where) for edit in edits)
    modules = [sys.modules[f"earnest.record.{name}"] for name in MODULES[first:]]
    kept = [dict(vars(each)) for each in modules]
    texts = {each.__name__: Path(str(each.__file__)).read_text() for each in modules}
    for edit in edits:
        source = texts[f"earnest.record.{edit.where}"]
        assert source.count(edit.guard) == 1, f"{edit.guard!r} stands {source.count(edit.guard)} times"
        texts[f"earnest.record.{edit.where}"] = source.replace(edit.guard, edit.instead)
    try:
        for each in modules:
            exec(compile(texts[each.__name__], str(each.__file__), "exec"), vars(each))  # noqa: S102 - our own text
        yield importlib.import_module("earnest.record.verify")
    finally:
        for each, names in zip(modules, kept, strict=True):
            vars(each).clear()
            vars(each).update(names)


def passes(verify: ModuleType, name: str) -> bool:
    """Whether a file that is refused is taken, or of a file that holds something else is told."""
    each, data = made()[name]
    policy = sys.modules["earnest.record.policy"].Policy
    trust = policy.parse(each.policy) if each.policy else None
    try:
        report = verify.verify_story(data, instant(make_v1.NOW), each.key or None, trust, each.receipts)
    except verify.Unreadable:
        return False
    if each.exit:
        return each.exit == 2 or bool(report.ok)
    said = report.as_json()
    return bool(report.ok) and any(said[name] != wanted for name, wanted in each.expects.items())


def test_with_all_guards_in_place_nothing_passes() -> None:
    assert [name for name in made() if passes(sys.modules["earnest.record.verify"], name)] == []


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_without_this_guard_an_attack_passes(guard: Guard) -> None:
    with without(guard.python) as verify:
        assert [name for name in guard.passing if not passes(verify, name)] == []


@pytest.mark.parametrize("row", TOGETHER, ids=lambda row: row.passing[0])
def test_without_these_guards_an_attack_passes_and_each_of_them_alone_stops_it(row: Together) -> None:
    edits = [EVERY[name].python for name in row.guards]
    with without(*edits) as verify:
        assert [name for name in row.passing if not passes(verify, name)] == []
    for back in edits:
        with without(*(edit for edit in edits if edit is not back)) as verify:
            assert [name for name in row.passing if passes(verify, name)] == [], back


def test_each_guard_has_a_name_of_its_own() -> None:
    assert len(EVERY) == len(GUARDS) + len(BESIDE)
