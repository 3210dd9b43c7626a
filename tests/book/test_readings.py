"""A maker's readings of open points: each is heard, is a part of the law's digest, and is refused if there is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django import conf

from earnest import config
from earnest.book import clock, door, facts, law
from earnest.book.law_files import packaged, plain
from earnest.core.commands.enter_rate import EnterRate
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import INTEREST, SURCHARGE, Rights
from earnest.core.rights.facts import RESOLUTION, WITHDRAWAL, Ended, Facts, Payment, Promise, Refunded
from earnest.core.rights.law import Law, law_of, with_readings
from tests import scene
from tests.scene import MAKER, pay, place

DAY = timedelta(days=1)
FACTS = Facts(
    residence="FR",
    contract_on=date(2023, 9, 1),
    currency="EUR",
    price_minor=10_000_000,
    promised=Promise(date(2023, 12, 1)),
    payments=(Payment(date(2023, 9, 1), 1_000_000, "EUR"),),
)


def ended(by: str, on: date, **more: Any) -> Facts:
    return replace(FACTS, ended=Ended(by, on), **more)


def added(found: Rights, kind: str) -> int:
    return sum(each.amount_minor for each in found.sums if each.kind == kind)


LATE = date(2026, 1, 5)
#: Facts and a day on which the reading decides; what is compared.
WHERE: dict[str, tuple[Facts, date, str]] = {
    "fr-l214-2.day_count": (FACTS, date(2024, 12, 30), INTEREST),
    "fr-l214-2.on_refund": (FACTS, date(2024, 12, 30), INTEREST),
    "fr-cc-1352-6-7.day_count": (
        ended(WITHDRAWAL, date(2024, 1, 1), consumer=False, made_to_specification=True),
        date(2024, 12, 30),
        INTEREST,
    ),
    "fr-l216-7.last_day_rolls": (ended(RESOLUTION, date(2026, 1, 18)), date(2026, 1, 19), "by"),
    "fr-l241-4.base": (
        ended(RESOLUTION, LATE, refunded=(Refunded(date(2026, 1, 6), 400_000, "EUR"),)),
        date(2026, 3, 1),
        SURCHARGE,
    ),
    "fr-l241-4-v2016.base": (
        ended(
            RESOLUTION,
            LATE,
            contract_on=date(2018, 1, 1),
            refunded=(Refunded(date(2026, 1, 6), 400_000, "EUR"),),
        ),
        date(2026, 3, 1),
        SURCHARGE,
    ),
    "fr-l241-4-v2016.wording_paid": (
        ended(RESOLUTION, LATE, contract_on=date(2018, 1, 1)),
        LATE + 34 * DAY,
        SURCHARGE,
    ),
    "fr-l242-4.first_tier": (ended(WITHDRAWAL, LATE), LATE + 20 * DAY, SURCHARGE),
    "fr-l242-4.flat_rate_of": (ended(WITHDRAWAL, date(2025, 12, 14)), date(2026, 1, 3), SURCHARGE),
    "fr-l242-4.new_month": (ended(WITHDRAWAL, LATE), LATE + 110 * DAY, SURCHARGE),
}


def figures(by: Law, known: Facts, on: date, what: str) -> object:
    found = answer(by, known, on)
    return found.refund and found.refund.by_day if what == "by" else added(found, what)


@pytest.mark.parametrize("name", sorted(WHERE))
def test_every_reading_changes_what_is_owed(name: str) -> None:
    known, on, what = WHERE[name]
    rule, _, reading = name.rpartition(".")
    of = packaged().rules[rule].readings[reading]
    found = {}
    for choice in of.choices:
        by = law_of(with_readings(plain(), {name: choice}))
        found[choice] = figures(by, known, on, what)
    assert found[of.default] == figures(packaged(), known, on, what)
    assert len(set(found.values())) > 1, found
    # The default leans to the customer.
    if what != "by":
        assert found[of.default] == max(found.values()), found  # type: ignore[type-var]


def test_every_reading_with_a_choice_is_in_the_table_and_in_the_document() -> None:
    """L214-3 and 1343-2 have no question of their own: they are computed in cases alone."""
    open_ = {
        f"{rule.id}.{name}"
        for rule in packaged().rules.values()
        for name, each in rule.readings.items()
        if len(each.choices) > 1
    }
    assert open_ - {"fr-l214-3.day_count", "fr-cc-1343-2.day_count"} == set(WHERE)
    written = (config.ROOT / "docs" / "rights.md").read_text()
    assert [name for name in sorted(open_) if f"`{name}`" not in written] == []


def test_the_digest_includes_the_choice() -> None:
    digests = {packaged().digest}
    for choice in ("pro-rata", "flat"):
        digests.add(law_of(with_readings(plain(), {"fr-l242-4.first_tier": choice})).digest)
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("fr-l242-4.tier1=pro-rata", "names fr-l242-4.tier1, and open readings are fr-l242-4.first_tier"),
        ("moon.phase=full", "names moon.phase, and open readings are "),
        (
            "fr-l242-4.first_tier=half",
            "has half for fr-l242-4.first_tier, and its readings are flat, pro-rata",
        ),
        ("fr-l242-4.first_tier", "has nothing for fr-l242-4.first_tier"),
        ("=flat", "names nothing"),
        (",", "must name at least one"),
        ("fr-l242-4.first_tier=flat,fr-l242-4.first_tier=flat", "names fr-l242-4.first_tier twice"),
    ],
)
def test_what_is_no_reading_ends_the_start_with_one_sentence(given: str, says: str) -> None:
    with pytest.raises(config.BadSetting) as caught:
        config.load({"EARNEST_READINGS": given})
    said = str(caught.value)
    assert said.startswith(f"EARNEST_READINGS {says}") and said.endswith(".") and "\n" not in said


def test_two_choices_are_read_and_their_order_is_no_matter() -> None:
    one = "fr-l242-4.first_tier=pro-rata, fr-l241-4.base = what is still due"
    found = config.load({"EARNEST_READINGS": one}).readings
    assert found == (("fr-l241-4.base", "what is still due"), ("fr-l242-4.first_tier", "pro-rata"))
    assert config.load({"EARNEST_READINGS": ",".join(reversed(one.split(",")))}).readings == found
    assert config.load({}).readings == ()


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[clock.ManualClock]:
    settings.EARNEST = replace(conf.settings.EARNEST, readings=(("fr-l214-2.on_refund", "none"),))
    yield scene.begin()
    scene.finish()


def test_the_book_decides_by_the_makers_reading(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    book.advance(timedelta(days=100))
    found = facts.rights(number, clock.now())[1]
    assert added(found, INTEREST) == 0 and found.digest == law.current().digest != packaged().digest
    # A rate that is entered comes besides, and the choice stays.
    before = law.current().digest
    door.do_one(
        EnterRate(
            **MAKER,
            rates="fr-legal-interest",
            since=date(2026, 7, 1),
            until=date(2026, 12, 31),
            percent=(("consumer", "7.30"), ("other", "2.50")),
            source="arrêté of 20 June 2026",
        )
    )
    now = law.current()
    assert now.digest not in (before, packaged().digest)
    assert now.rules["fr-l214-2"].readings["on_refund"].default == "none"
    assert now.rates["fr-legal-interest"].percent(date(2026, 7, 1), "consumer") == Fraction("7.3")
