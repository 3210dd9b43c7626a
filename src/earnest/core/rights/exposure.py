"""What would be owed if everybody who may cancel did, over many reservations at once.

The rights of a reservation depend on its contract, its promise and what was told, and these are alike for many: they
are worked out once for each kind. Sums are worked out for every one.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date

from earnest.core.rights.answer import basis_of
from earnest.core.rights.answers import NotComputable
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.law import Law
from earnest.core.rights.openings import openings
from earnest.core.rights.standing import Standing, standing
from earnest.core.rights.sums import Basis, sums


@dataclass
class Exposure:
    """Of `reservations`, so many `may_cancel`. `owed` is minor units by currency and kind of sum."""

    reservations: int = 0
    may_cancel: int = 0
    owed: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Reservations for which something could not be computed, by what is missing.
    missing: dict[NotComputable, int] = field(default_factory=dict)

    def total_minor(self, currency: str) -> int:
        """All of it in one currency."""
        return sum(minor for (of, _), minor in self.owed.items() if of == currency)


def exposure(law: Law, many: Iterable[Facts], on: date | Today) -> Exposure:
    """What it comes to on a day."""
    today = on if isinstance(on, Today) else Today(on, on)
    found = Exposure()
    alike: dict[Hashable, tuple[bool, Standing, Basis]] = {}
    for facts in many:
        kind = kind_of(facts)
        known = alike.get(kind)
        if known is None:
            known = alike[kind] = _opening(law, facts, today)
        may_cancel, at, basis = known
        found.reservations += 1
        if may_cancel:
            found.may_cancel += 1
            _add(found, law, facts, at, basis)
    return found


def kind_of(facts: Facts) -> Hashable:
    """All that rights depend on: everything but what was paid."""
    return (
        facts.residence, facts.contract_on, facts.currency, facts.promised, facts.channel, facts.made_to_specification,
        facts.deposit_kind, facts.consumer, facts.slips, facts.notice, facts.essential_date, facts.informed,
        facts.delivered_on, facts.shipped, facts.ended, facts.terms,
    )  # fmt: skip


def _opening(law: Law, facts: Facts, today: Today) -> tuple[bool, Standing, Basis]:
    at = standing(law, facts, today.duties)
    found = () if facts.ended else openings(law, facts, at, today.rights)
    return any(right.open for right in found), at, basis_of(law, facts, at, found, today)


def _add(found: Exposure, law: Law, facts: Facts, at: Standing, basis: Basis) -> None:
    lacking = set()
    for each in sums(law, facts, at, basis, lines=False):
        slot = each.currency, each.kind
        found.owed[slot] = found.owed.get(slot, 0) + each.amount_minor
        if each.missing:
            lacking.add(each.missing)
    for missing in lacking:
        found.missing[missing] = found.missing.get(missing, 0) + 1
