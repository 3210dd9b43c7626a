"""The launcher `./earnest`, in a tree of its own that needs no package and so no network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earnest.config import ROOT

pytestmark = pytest.mark.once
MAIN = "import os, sys; print(os.environ.get('MARK', ''), *sys.argv[1:]); sys.exit(7 if 'fail' in sys.argv else 0)\n"
PREPARING = "Preparing the environment (first time only) …"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The launcher, empty locks, and a program that says what it was given."""
    root = tmp_path / "tree"
    (root / "requirements").mkdir(parents=True)
    for name in ("run", "test"):
        (root / "requirements" / f"{name}.txt").write_text(f"# nothing for {name}\n")
    (root / "src" / "earnest").mkdir(parents=True)
    (root / "src" / "earnest" / "__main__.py").write_text(MAIN)
    shutil.copy(ROOT / "earnest", root)
    installer(root, "exit 0")
    return root


def installer(root: Path, script: str) -> None:
    """What stands for `uv` on the PATH: with empty locks there is nothing for it to do."""
    uv = root.parent / "bin" / "uv"
    uv.parent.mkdir(exist_ok=True)
    uv.write_text(f"#!/bin/sh\n{script}\n")
    uv.chmod(0o755)


def launch(root: Path, *arguments: str, **env: str) -> "subprocess.Popen[str]":
    plain = {"PATH": f"{root.parent / 'bin'}:{os.environ['PATH']}", "HOME": str(root), **env}
    python = Path(sys.base_prefix) / "bin" / "python3"  # one that has pip; ours has none
    command = [str(python), str(root / "earnest"), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=plain, stdout=pipe, stderr=pipe, text=True)


def said(process: "subprocess.Popen[str]") -> tuple[int, str, list[str]]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out.strip(), err.strip().splitlines()


def test_the_first_start_prepares_and_the_next_does_nothing(tree: Path) -> None:
    code, out, err = said(launch(tree, "help", "--json"))
    assert (code, out) == (0, "help --json")
    assert err[0] == PREPARING
    before = {
        path: path.stat().st_mtime_ns
        for path in (tree / ".venv").rglob("*")
        if "__pycache__" not in str(path)
    }
    assert said(launch(tree, "help")) == (0, "help", [])
    after = {
        path: path.stat().st_mtime_ns
        for path in (tree / ".venv").rglob("*")
        if "__pycache__" not in str(path)
    }
    assert after == before


def test_arguments_and_exit_code_pass_through(tree: Path) -> None:
    code, out, _ = said(launch(tree, "fail", "a b", "*"))
    assert (code, out) == (7, "fail a b *")


def test_a_half_made_environment_is_made_anew(tree: Path) -> None:
    said(launch(tree))
    (tree / ".venv" / ".run.stamp").unlink()
    (tree / ".venv" / ".half-made").touch()
    (tree / ".venv" / "left-over").touch()
    code, _, err = said(launch(tree))
    assert (code, err[0]) == (0, PREPARING)
    assert not (tree / ".venv" / "left-over").exists()
    assert not (tree / ".venv" / ".half-made").exists()


def test_a_folder_that_is_no_environment_is_made_anew(tree: Path) -> None:
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    code, _, err = said(launch(tree))
    assert (code, err[0]) == (0, PREPARING)


def test_another_lock_prepares_again(tree: Path) -> None:
    said(launch(tree))
    (tree / "requirements" / "run.txt").write_text("# something else\n")
    assert said(launch(tree))[2][0] == "Preparing the environment (the requirements have changed) …"
    assert said(launch(tree))[2] == []


def test_a_tree_that_moved_prepares_again(tree: Path) -> None:
    said(launch(tree))
    moved = tree.rename(tree.with_name("elsewhere"))
    (moved / "src" / "earnest" / "__main__.py").write_text("print('from elsewhere')\n")
    code, out, err = said(launch(moved))
    assert (code, out, err[0]) == (0, "from elsewhere", PREPARING)


def test_two_first_starts_at_once_both_work(tree: Path) -> None:
    starts = [launch(tree, "help", MARK=str(n)) for n in range(2)]
    ends = [said(start) for start in starts]
    assert [code for code, _, _ in ends] == [0, 0]
    assert [out for _, out, _ in ends] == ["0 help", "1 help"]
    assert sum(PREPARING in err for _, _, err in ends) == 1


def test_the_packages_for_tests_wait_until_they_are_wanted(tree: Path) -> None:
    said(launch(tree, "help"))
    assert not (tree / ".venv" / ".test.stamp").exists()
    code, out, err = said(launch(tree, "test", "-k", "word"))
    assert (code, out) == (0, "test -k word")
    assert err[0] == "Preparing the packages for tests (first time only) …"
    assert said(launch(tree, "lint"))[2] == []


def test_a_uv_that_fails_leaves_the_work_to_pip(tree: Path) -> None:
    installer(tree, "exit 2")
    assert said(launch(tree, "help"))[:2] == (0, "help")


def test_packages_are_installed_by_their_hashes_only(tree: Path) -> None:
    installer(tree, f'echo "$@" > {tree / "called"}')
    said(launch(tree))
    called = (tree / "called").read_text().split()
    assert called[:2] == ["pip", "install"]
    assert "--require-hashes" in called
    assert called[-2:] == ["-r", str(tree / "requirements" / "run.txt")]


def test_what_cannot_be_installed_is_said_and_leaves_no_stamp(tree: Path) -> None:
    installer(tree, "echo no such package >&2; exit 1")
    (tree / "requirements" / "run.txt").write_text("without-a-hash==1\n")
    code, out, err = said(launch(tree))
    assert (code, out) == (2, "")
    assert "no such package" in err
    assert "neither uv nor pip could install" in err[-1]
    assert not (tree / ".venv" / ".run.stamp").exists()
    (tree / "requirements" / "run.txt").write_text("# repaired\n")
    installer(tree, "exit 0")
    assert said(launch(tree, "help"))[:2] == (0, "help")
