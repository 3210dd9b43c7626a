"""Prints docs/acts.md: the vocabulary and the state machines, from the tables themselves."""

from collections.abc import Mapping

from earnest.core import dispute, giveup, offer, refund, reservation
from earnest.core.acts import TYPES, ActType

_INTRODUCTION = """\
# The acts

This file is printed by `python -m earnest.core.print_acts` and held equal by a test.

An act is something that happened to one subject, for ever. Its name, fields and bytes are hashed, signed and
published, so a row below never changes; what must differ is a new version. `by` is who says it; who exactly, and
through which door, are the fields `person` and `via`, which every act has. `at` is when it was committed; what the
world says is `happened_at`.

Each field belongs to a class of personal data: *money* (sums and terms of the contract, which bookkeeping law keeps),
*identity*, *contact*, *bank*, *text*. Each class has a key of its own per person; destroying it erases the fields,
and the record still verifies. A field with a question mark may be missing. How to add an act: `adding-an-act.md`.
"""


def document() -> str:
    """The whole file."""
    parts = [_INTRODUCTION]
    for subject in dict.fromkeys(row.subject for row in TYPES.values()):
        parts.append(f"## Acts of the subject `{subject}`\n")
        parts += [_row(row) for row in TYPES.values() if row.subject == subject]
    parts.append("## How states move\n")
    parts.append(_table("An offer", offer.TRANSITIONS))
    parts.append(_table("A proposal to give up many reservations at once", giveup.TRANSITIONS))
    parts.append(_table("A reservation", reservation.TRANSITIONS))
    parts.append(_table("A refund", refund.TRANSITIONS))
    parts.append(_table("A dispute", dispute.TRANSITIONS))
    return "\n".join(parts)


def _row(row: ActType) -> str:
    fields = ", ".join(
        f"{each.name}{'' if each.required else '?'} ({each.kind}, {each.cls})"
        for each in row.fields
        if each.name not in ("via", "person")
    )
    cites = f" Cites {row.cites}." if row.cites else ""
    return (
        f"- **{row.type}** {row.version}, by {', '.join(row.by)}: {fields or 'no field of its own'}.{cites}"
    )


def _table(name: str, transitions: Mapping[str, Mapping[str, str]]) -> str:
    lines = [f"### {name}\n", "| from | by | to |", "|---|---|---|"]
    lines += [
        f"| {before or '—'} | {event} | {after} |"
        for before, row in transitions.items()
        for event, after in row.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
