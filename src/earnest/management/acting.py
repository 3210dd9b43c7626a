"""What commands that act for somebody share: who says it, and how an outcome is told."""

import getpass
from typing import Any

from earnest.book import door, reads
from earnest.core.commands.base import Command
from earnest.core.money import major


def operator() -> dict[str, Any]:
    """Whoever runs the command line acts as an operator, under the name that the machine knows them by."""
    return {"by": "maker", "via": "cli", "person": f"operator:{getpass.getuser()}"}


def done(command: Command) -> dict[str, Any]:
    """Carry out a command; what came of it, for `--json`. Raises Refusal."""
    outcome = door.do_one(command)
    if isinstance(outcome, door.Nothing):
        return {"number": outcome.number, "acts": [], "receipt": reads.receipt(outcome.kind, outcome.number)}
    return {
        "number": outcome.number,
        "acts": [act.type for act in outcome.acts],
        "receipt": outcome.receipt,
    }


def told(data: dict[str, Any]) -> str:
    """The same for people."""
    acts = ", ".join(data["acts"]) or "nothing to do: it was so already"
    return f"{data['number']}: {acts}\n\n{data['receipt']}"


def amount(minor: int, currency: str) -> str:
    """`5000.00 USD`."""
    return f"{major(minor, currency)} {currency}"


def left(seconds: int) -> str:
    """`23 h 59 min left`, `3 d 4 h left`, or `late by 1 h 05 min`."""
    minutes = abs(seconds) // 60
    days, hours = divmod(minutes // 60, 24)
    spoken = f"{days} d {hours} h" if days else f"{hours} h {minutes % 60:02d} min"
    return f"{spoken} left" if seconds > 0 else f"late by {spoken}"
