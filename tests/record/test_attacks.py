"""`docs/attacks.md` names only what is there, and leaves out no vector and no guard that is taken out somewhere."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.mutants import MUTANTS
from tests.record import test_guards
from tests.vectors import make_v1
from tests.vectors.together import EVERY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "attacks.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| attack |")]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::([\w.]+)`", PAGE)))
GUARDS = {
    *EVERY,
    *(each.name for each in MUTANTS),
    *test_guards.AUDITOR,
    *test_guards.WITNESS,
    *test_guards.POLICY,
}


@cache
def defined(file: Path) -> set[str]:
    """Functions, classes and their methods, by their qualified names."""
    found: set[str] = set()

    def walk(node: ast.AST, prefix: str) -> None:
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.FunctionDef | ast.ClassDef):
                found.add(prefix + each.name)
                walk(each, f"{prefix}{each.name}.")

    walk(ast.parse(file.read_text()), "")
    return found


def is_there(file: str, name: str) -> bool:
    folder = ROOT / "tests" if name.startswith("test_") else ROOT / "src" / "earnest"
    return (folder / file).is_file() and name in defined(folder / file)


def test_every_function_and_test_is_there() -> None:
    assert len(NAMED) > 150
    assert [f"{file}::{name}" for file, name in NAMED if not is_there(file, name)] == []
    assert not is_there("record/merkle.py", "leaf_hush") and not is_there(
        "record/test_log.py", "test_nothing"
    )


def test_every_row_says_what_stops_it_which_test_shows_it_and_what_passes_without() -> None:
    assert len(ROWS) > 75
    for row in ROWS:
        attack, guard, shown, out = (cell.strip() for cell in row.strip("|").split(" | "))
        assert attack and "::" in guard and out, row
        assert "::test_" in shown or "`attack-" in shown or "`valid-" in shown, row
        assert all(re.fullmatch(r"`[\w/-]+(\.py::[\w.]+)?`", each) for each in shown.split(", ")), row
        assert "“" in out or "::test_without_" in out, row


def test_every_file_of_the_vectors_is_in_it_and_no_other() -> None:
    folders = (make_v1.FOLDER, make_v1.FOLDER.parent)
    there = {path.stem for folder in folders for path in folder.glob("*-*.json")}
    assert set(re.findall(r"`((?:attack|valid)-[0-9a-z-]+)`", PAGE)) == there


def test_every_guard_that_is_taken_out_is_in_it_and_no_other() -> None:
    named = {each for row in ROWS for each in re.findall("“([^”]+)”", row)}
    assert named == GUARDS


def test_every_mutant_names_tests_that_are_there() -> None:
    """Else nobody would notice that it is never made."""
    named = [each for mutant in MUTANTS for each in mutant.tests]
    assert len(named) >= len(MUTANTS) and [each for each in named if not is_there(*each.split("::"))] == []
