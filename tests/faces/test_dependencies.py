"""The locks: every package by its hash, none by an address, and a reason for each direct one."""

import json
import re
from pathlib import Path

import pytest

from earnest.config import ROOT

pytestmark = pytest.mark.once
FOLDER = ROOT / "requirements"
LOCKS = sorted(FOLDER.glob("*.txt"))


def direct(file: Path) -> list[str]:
    lines = [line.strip() for line in file.read_text().splitlines()]
    return [re.split(r"[\[<>=~!; ]", line)[0] for line in lines if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.in")), ids=lambda file: file.name)
def test_every_direct_dependency_is_explained(file: Path) -> None:
    said = (ROOT / "docs" / "dependencies.md").read_text()
    assert direct(file)
    assert [name for name in direct(file) if f"| {name} |" not in said and f"`{name}`" not in said] == []


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.name)
def test_every_package_of_a_lock_is_pinned_by_hash(file: Path) -> None:
    packages = re.split(r"\n(?=[a-z])", "\n" + file.read_text())[1:]
    assert packages
    assert [package.split()[0] for package in packages if not re.match(r"[a-z0-9.-]+==\S+ ", package)] == []
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.name)
def test_a_lock_names_no_address(file: Path) -> None:
    assert not re.search(r"https?:|file:|--index|--extra|--find", file.read_text())


@pytest.mark.parametrize(
    "file", [file for file in LOCKS if file.name != "run.txt"], ids=lambda file: file.name
)
def test_locks_agree_on_what_they_share(file: Path) -> None:
    def pins(lock: Path) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(), re.MULTILINE))

    run, other = pins(FOLDER / "run.txt"), pins(file)
    assert {name: other[name] for name in run.keys() & other.keys()} == {
        name: run[name] for name in run.keys() & other.keys()
    }


def test_the_browser_is_pinned_by_hash_and_names_no_address() -> None:
    lock = json.loads((FOLDER / "browser" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/@sparticuz/chromium" in packages
    assert [
        name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")
    ] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
