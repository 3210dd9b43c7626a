"""Statements of withdrawal, as they were made, and what came of each."""

from dataclasses import dataclass

from earnest.book import lists, reads
from earnest.core.acts import Act
from earnest.core.commands.withdraw import KIND
from earnest.core.refusals import Missing


@dataclass(frozen=True)
class Statement:
    """One statement: its number, the act that filed it, and what came of it (empty: nothing yet)."""

    number: str
    said: Act
    outcome: str = ""


def statement(number: str) -> Statement | None:
    """The one of that number, or None."""
    try:
        found = [read.act for read in reads.acts(KIND, number)]
    except Missing:
        return None
    answered = [act for act in found if act.type == "withdrawal.answered"]
    return Statement(number, found[0], answered[-1].text("outcome") if answered else "") if found else None


def newest(most: int) -> list[Statement]:
    """The newest statements, the last one first."""
    found = (statement(number) for number in lists.numbers(KIND, "withdrawal.stated", most))
    return [each for each in found if each]
