"""The committed files are those that `make` makes, and the verifier says of each what the index says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from earnest.record.verify import Unreadable, verify_story
from tests.vectors import make

NOW = datetime(2026, 4, 2, tzinfo=UTC)
INDEX: list[dict[str, Any]] = json.loads((make.FOLDER / "index.json").read_text())


def test_the_files_are_made_again_byte_for_byte() -> None:
    made = make.files()
    assert {path.name for path in make.FOLDER.glob("*.json")} == set(made)
    for name, data in made.items():
        assert (make.FOLDER / name).read_bytes() == data, name


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["file"])
def test_what_the_verifier_says(row: dict[str, Any]) -> None:
    data = (make.FOLDER / row["file"]).read_bytes()
    if row["exit"] == 2:
        with pytest.raises(Unreadable):
            verify_story(data, NOW)
        return
    for key in (None, row["key"]):
        report = verify_story(data, NOW, key)
        assert report.ok == (row["exit"] == 0), report.errors
        assert report.key_pinned == (key is not None) or not report.ok
        assert (report.errors[0].code if report.errors else "") == row["error"]
