"""Many reservations of one offer given up at once: proposed, then confirmed, above a limit by somebody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from earnest.core.acts import Act, Erased
from earnest.core.changing import replace
from earnest.core.money import exponent

PROPOSED, CONFIRMED, WITHDRAWN = "proposed", "confirmed", "withdrawn"

#: status -> act -> status, of one proposal.
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "": {"giveup.proposed": PROPOSED},
    PROPOSED: {"giveup.confirmed": CONFIRMED, "giveup.withdrawn": WITHDRAWN},
    CONFIRMED: {},
    WITHDRAWN: {},
}


class Scope(NamedTuple):
    """Which reservations: those named, or all, and none that was placed after queue number `upto`."""

    numbers: tuple[str, ...]
    upto: int

    def holds(self, number: str, queue: int) -> bool:
        """Whether a reservation is among them."""
        return queue <= self.upto and (not self.numbers or number in self.numbers)


@dataclass(frozen=True)
class Held:
    """What is held for the living reservations of a scope: minor units by currency, deposits and sales alike.

    `added` is what the law would add to it today. It is only worked out where `sums` alone are not over the limit above
    which a second operator confirms.
    """

    reservations: int
    sums: Mapping[str, int]
    unknown: tuple[str, ...] = ()
    added: Mapping[str, int] = field(default_factory=dict)

    @property
    def leaves(self) -> dict[str, int]:
        """All that would leave, by currency."""
        return added_up(self.sums, self.added)


@dataclass(frozen=True)
class GiveUp:
    """One proposal. `seq` is its act on the offer; `confirmed_seq` the act that confirmed it."""

    seq: int
    at: datetime
    status: str
    by: str
    why: str | Erased
    numbers: tuple[str, ...]
    upto: int
    reservations: int
    totals: Mapping[str, int]
    confirmed_seq: int | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""

    @property
    def scope(self) -> Scope:
        """Which reservations."""
        return Scope(self.numbers, self.upto)


def fold(found: tuple[GiveUp, ...], act: Act) -> tuple[GiveUp, ...]:
    """The proposals of an offer after one more act. Raises ValueError for what the table does not allow."""
    if act.type == "giveup.proposed":
        return (*found, _proposed(act))
    seq = act.int("giveup")
    before = next((each for each in found if each.seq == seq), None)
    after = TRANSITIONS[before.status].get(act.type) if before else None
    if before is None or after is None:
        raise ValueError(f"a proposal that is “{before.status if before else ''}” cannot have {act.type}")
    changed = replace(before, status=after)
    if after == CONFIRMED:
        changed = replace(
            changed, confirmed_seq=act.seq, confirmed_at=act.at, confirmed_by=str(act.get("person") or "")
        )
    return tuple(changed if each.seq == seq else each for each in found)


def over_limit(sums: Mapping[str, int], limit_major: int) -> bool:
    """Whether so much may not leave on the word of one person; each currency counts for itself."""
    return any(minor > limit_major * 10 ** exponent(currency) for currency, minor in sums.items())


def added_up(*many: Mapping[str, int]) -> dict[str, int]:
    """Sums by currency, put together."""
    found: dict[str, int] = {}
    for sums in many:
        for currency, minor in sums.items():
            found[currency] = found.get(currency, 0) + minor
    return found


def totals(sums: Mapping[str, int]) -> list[dict[str, Any]]:
    """As acts carry them, in the order of currencies."""
    return [{"currency": currency, "amount_minor": sums[currency]} for currency in sorted(sums)]


def _proposed(act: Act) -> GiveUp:
    rows: Any = act.fields["totals"]
    numbers: Any = act.fields.get("numbers")
    why = act.fields["why"]
    assert isinstance(why, str | Erased)
    return GiveUp(
        seq=act.seq,
        at=act.at,
        status=PROPOSED,
        by=str(act.get("person") or ""),
        why=why,
        # Nobody, where it is not known any more who was named; never everybody.
        numbers=("",) if isinstance(numbers, Erased) else tuple(numbers or ()),
        upto=act.int("upto"),
        reservations=act.int("reservations"),
        totals={row["currency"]: row["amount_minor"] for row in rows},
    )
