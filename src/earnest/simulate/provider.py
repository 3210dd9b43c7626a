"""A provider that answers as providers do: at once, later, twice, never, and takes things back."""

import random
from dataclasses import dataclass, field


@dataclass
class Asked:
    """A refund that the provider was asked for; `minor` counts only while it has left."""

    number: str
    refund: int
    attempt: int
    reference: str
    minor: int
    has_left: bool = False
    answered: bool = True


@dataclass
class Provider:
    """Its own ledger, by (number, refund, attempt); the book must agree with it in the end."""

    dice: random.Random
    made: dict[tuple[str, int, int], Asked] = field(default_factory=dict)

    def ask(self, asked: Asked) -> str:
        """What the caller hears: an outcome, or `unknown` where the reply was lost."""
        key = (asked.number, asked.refund, asked.attempt)
        if key in self.made:
            raise AssertionError(f"the same refund was sent twice: {key}")
        how = self.dice.choices(
            ("sent", "pending", "refused", "lost after", "lost before", "action"), (50, 10, 15, 10, 8, 7)
        )[0]
        if how == "lost before":
            return "unknown"
        self.made[key] = asked
        asked.has_left = how in ("sent", "lost after")
        asked.answered = how != "lost after"
        return {"lost after": "unknown"}.get(how, how)

    def look_up(self, number: str, refund: int, attempt: int) -> str | None:
        """What it says when asked later; None where it knows of no such refund."""
        asked = self.made.get((number, refund, attempt))
        if asked is None:
            return None
        if not asked.has_left and self.dice.random() < 0.7:
            asked.has_left = True
        asked.answered = True
        return "sent" if asked.has_left else "pending"

    def left(self) -> dict[tuple[str, str], int]:
        """(number, payment) -> what it holds to have left for good."""
        sums: dict[tuple[str, str], int] = {}
        for asked in self.made.values():
            if asked.has_left:
                slot = (asked.number, asked.reference)
                sums[slot] = sums.get(slot, 0) + asked.minor
        return sums
