"""What the law costs: the exposure of many reservations, and one answer with all its grounds."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from earnest.bench.figures import Figure
from earnest.book.law_files import packaged
from earnest.core.rights.answer import answer
from earnest.core.rights.exposure import Exposure, exposure
from earnest.core.rights.facts import ACCEPT, Facts, Payment, Promise, Slip, Terms
from earnest.core.rights.law import Law
from earnest.demo.people import Dice

if TYPE_CHECKING:
    from earnest.bench.command import Options

ON: Final = date(2026, 3, 31)
FIRST: Final = date(2017, 11, 15)
#: Seconds for the exposure of a full run.
TARGET: Final = 10.0
#: How many are answered one by one, to compare sums with.
SAMPLE: Final = 1_000
RESIDENCES: Final = ("FR", "FR", "FR", "DE", "IT", "GB", "CH", "US", "US", "CA-QC", "BR")


def measure(options: "Options", say: Callable[[str], None]) -> tuple[list[Figure], dict[str, bool]]:
    """The figures, and whether the sums of the many are those of each."""
    law, dice = packaged(), Dice("bench")
    many = [_facts(dice) for _ in range(options.subjects)]
    say(f"{len(many):,} reservations made up.")
    times, found = [], Exposure()
    for _ in range(3 if options.quick else 1):
        began = time.perf_counter()
        found = exposure(law, many, ON)
        times.append(time.perf_counter() - began)
    say(f"Exposure of {found.reservations:,}: {times[-1]:.1f} s.")
    sample = many[:SAMPLE]
    began = time.perf_counter()
    one_by_one = _one_by_one(law, sample)
    each = (time.perf_counter() - began) / len(sample) * 1000
    figures = [
        Figure("exposure", f"exposure of {found.reservations:,} reservations", "s", tuple(times), TARGET),
        Figure("answer", "one answer, every figure with its computation", "ms", (each,)),
        Figure("may_cancel", "of them, who may cancel", "", (float(found.may_cancel),)),
    ]
    same = exposure(law, sample, ON).owed == one_by_one
    return figures, {"The sums of the many are those of each answered alone": same}


def _one_by_one(law: Law, sample: list[Facts]) -> dict[tuple[str, str], int]:
    owed: dict[tuple[str, str], int] = {}
    for facts in sample:
        found = answer(law, facts, ON)
        for each in found.sums if found.may_cancel else ():
            slot = each.currency, each.kind
            owed[slot] = owed.get(slot, 0) + each.amount_minor
    return owed


def _facts(dice: Dice) -> Facts:
    """A reservation of some day of eight years: what was paid differs for each, slips are those of its offer."""
    contract_on = FIRST + timedelta(days=dice.below((ON - FIRST).days))
    promised = date(contract_on.year + 2, 12, 31)
    later = date(promised.year + 2, 6, 30)
    payments = [Payment(contract_on, 10_000 + dice.below(990_000), "EUR", "card")]
    if dice.below(2):
        again = contract_on + timedelta(days=30 + dice.below(370))
        payments.append(Payment(min(again, ON), 1_000_000 + dice.below(4_000_000), "EUR"))
    slipped = date(promised.year, 10, 1)
    slips: tuple[Slip, ...] = ()
    if slipped < ON:
        answer_ = ACCEPT if dice.below(10) < 3 else ""
        slips = (Slip(1, slipped, Promise(promised), Promise(later), slipped, answer_),)
    return Facts(
        residence=dice.pick(RESIDENCES),
        contract_on=contract_on,
        currency="EUR",
        price_minor=25_000_000,
        promised=Promise(promised),
        consumer=dice.below(10) < 9,
        payments=tuple(payments),
        slips=slips,
        terms=Terms(10_000 if dice.below(10) < 8 else 0),
    )
