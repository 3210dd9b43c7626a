"""Printed documents say what the code says."""

from pathlib import Path

from earnest.core import print_acts

DOCS = Path(__file__).parents[2] / "docs"


def test_the_acts_are_printed_as_they_are() -> None:
    assert (DOCS / "acts.md").read_text() == print_acts.document()


def test_every_document_that_the_readme_names_is_there() -> None:
    readme = (DOCS.parent / "README.md").read_text()
    for name in (
        "architecture",
        "acts",
        "adding-an-act",
        "record",
        "attacks",
        "faults",
        "performance",
        "stripe-double",
        "settings",
        "dependencies",
    ):
        assert f"docs/{name}.md" in readme and (DOCS / f"{name}.md").stat().st_size > 500
