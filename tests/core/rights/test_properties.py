"""What must hold of every answer, whatever the facts."""

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnest.book.law_files import packaged
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import INTEREST, PRINCIPAL, SURCHARGE, Rights
from earnest.core.rights.counting import add_months, add_working_days, months_between
from earnest.core.rights.facts import (
    ACCEPT,
    CANCEL,
    MAKER,
    OFF_PREMISES,
    RESOLUTION,
    SHOP,
    WAIT,
    WITHDRAWAL,
    Ended,
    Facts,
    FormalNotice,
    Payment,
    Promise,
    Refunded,
    Slip,
    Terms,
    Today,
)  # fmt: skip
from earnest.core.rights.interest import ACT_365F, ACT_ACT, accrual

LAW = packaged()
DAYS = st.dates(date(2014, 7, 1), date(2026, 6, 30))
RESIDENCES = ["FR", "DE", "IT", "GB", "IE", "CH", "US", "US-CA", "CA-QC", "BR"]
pytestmark = pytest.mark.once


def contract(**changed: Any) -> Facts:
    paid = (Payment(date(2018, 6, 15), 500_000, "EUR", "card"), Payment(date(2018, 9, 20), 4_500_000, "EUR"))
    facts = Facts("FR", date(2018, 6, 15), "EUR", 25_000_000, Promise(date(2020, 12, 31)), payments=paid)
    return replace(facts, **changed)


def total(rights: Rights, *kinds: str) -> int:
    return sum(each.amount_minor for each in rights.sums if not kinds or each.kind in kinds)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    start = draw(st.dates(date(2014, 7, 1), date(2024, 1, 1)))
    later = st.integers(0, 2500).map(lambda days: start + timedelta(days=days))
    slips = [
        Slip(
            n,
            day,
            Promise(start),
            Promise(draw(st.one_of(st.none(), later))),
            draw(st.one_of(st.none(), st.just(day))),
            draw(st.sampled_from(["", ACCEPT, WAIT, CANCEL])),
        )
        for n, day in enumerate(sorted(draw(st.lists(later, max_size=3))), 1)
    ]
    return contract(
        residence=draw(st.sampled_from(RESIDENCES)),
        contract_on=start,
        consumer=draw(st.booleans()),
        channel=draw(st.sampled_from(["distance", OFF_PREMISES, SHOP])),
        deposit_kind=draw(st.sampled_from(["arrhes", "acompte", "deposit"])),
        made_to_specification=draw(st.booleans()),
        promised=Promise(draw(st.one_of(st.none(), later))),
        payments=tuple(
            Payment(day, 100_000 + n, "EUR") for n, day in enumerate(draw(st.lists(later, max_size=4)))
        ),
        slips=tuple(slips),
        terms=Terms(draw(st.sampled_from([0, 5_000, 10_000]))),
        notice=draw(st.one_of(st.none(), later.map(lambda day: FormalNotice(day, day + timedelta(days=30))))),
        ended=draw(
            st.one_of(st.none(), st.builds(Ended, st.sampled_from([WITHDRAWAL, RESOLUTION, MAKER]), later))
        ),
    )


@given(facts(), DAYS)
def test_every_holder_gets_an_answer_and_each_figure_its_text(of: Facts, on: date) -> None:
    found = answer(LAW, of, on)
    grounds = [each.ground for each in (*found.rights, *found.sums, *found.choices, *found.notices)]
    assert all(each.rule in LAW.rules and each.citation and each.mark in "VPQR" for each in grounds)
    assert all(each.amount_minor >= 0 for each in found.sums)
    if of.ended is None and of.terms.back_bp:
        assert found.may_cancel  # Cancelling is never refused.


@given(facts(), DAYS, st.integers(1, 400))
def test_what_is_paid_never_falls_with_a_longer_delay(of: Facts, on: date, more: int) -> None:
    assert total(answer(LAW, of, on)) <= total(answer(LAW, of, on + timedelta(days=more)))


def test_the_scale_of_l242_4_goes_down_and_what_is_paid_does_not() -> None:
    ended = contract(
        ended=Ended(WITHDRAWAL, date(2026, 1, 2)), payments=(Payment(date(2026, 1, 1), 500_000, "EUR"),)
    )
    deadline = date(2026, 1, 16)
    paid = [
        total(answer(LAW, ended, deadline + timedelta(days=days)), SURCHARGE)
        for days in (0, 1, 10, 11, 21, 31)
    ]
    assert paid == [0, 33_350, 33_350, 33_350, 50_000, 100_000]


@given(facts(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_facts_is_nothing(of: Facts, on: date, dice: random.Random) -> None:
    payments, slips = list(of.payments), list(of.slips)
    dice.shuffle(payments)
    dice.shuffle(slips)
    assert answer(LAW, replace(of, payments=tuple(payments), slips=tuple(slips)), on) == answer(LAW, of, on)


@given(DAYS, st.lists(st.integers(1, 10**7), min_size=1, max_size=8), DAYS)
def test_splitting_a_payment_changes_a_cent_a_part_at_most(paid: date, parts: list[int], on: date) -> None:
    whole = contract(contract_on=paid, payments=(Payment(paid, sum(parts), "EUR"),))
    split = replace(whole, payments=tuple(Payment(paid, each, "EUR") for each in parts))
    one, other = (answer(LAW, each, on) for each in (whole, split))
    assert total(one, PRINCIPAL) == total(other, PRINCIPAL)
    assert abs(total(one, INTEREST) - total(other, INTEREST)) <= len(parts)


@given(DAYS, st.integers(0, 1500), st.integers(0, 1500), st.sampled_from([ACT_365F, ACT_ACT]))
def test_interest_over_two_periods_adds_up(start: date, first: int, second: int, day_count: str) -> None:
    table = LAW.rates["fr-legal-interest"]
    middle = min(start + timedelta(days=first), date(2026, 6, 30))
    end = min(middle + timedelta(days=second), date(2026, 6, 30))
    parts = [accrual(table, "consumer", *each, day_count).factor for each in ((start, middle), (middle, end))]
    assert sum(parts, Fraction(0)) == accrual(table, "consumer", start, end, day_count).factor


@given(st.integers(1, 10**8), st.integers(0, 10**8))
def test_what_has_gone_back_is_not_owed_again(paid: int, gone: int) -> None:
    gone = min(paid, gone)
    of = contract(
        payments=(Payment(date(2025, 1, 1), paid, "EUR"),),
        refunded=(Refunded(date(2026, 1, 1), gone, "EUR"),),
    )
    assert total(answer(LAW, of, date(2026, 3, 1)), PRINCIPAL) == paid - gone


# --- days that people count wrongly


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)), st.integers(0, 60))
def test_months_end_on_the_same_numeral_or_the_month_s_end(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or ((end + timedelta(days=1)).day == 1 and end.day < day.day)
    completed, begun = months_between(day, end)
    assert completed == begun == months or months == 0 or add_months(day, completed) == end


def test_the_twenty_ninth_of_february() -> None:
    assert add_months(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2022, 11, 30), 3) == date(2023, 2, 28)


def test_working_days_cross_the_year() -> None:
    # 24 Dec 2026 is a Thursday; Christmas, two week-ends and New Year's Day are left out.
    assert add_working_days(date(2026, 12, 24), 7, LAW.calendars["US"]) == date(2027, 1, 6)


def test_a_day_that_is_another_in_the_maker_s_zone() -> None:
    """The customer's right is asked on the day that is behind, the maker's duty on the one ahead."""
    of = contract(delivered_on=date(2026, 2, 2))
    last = date(2026, 2, 16)
    assert answer(LAW, of, Today(last, last + timedelta(days=1))).may_cancel
    assert not answer(LAW, of, Today(last + timedelta(days=1), last + timedelta(days=1))).may_cancel


@settings(max_examples=25)
@given(st.integers(1, 10**9), st.dates(date(2026, 7, 1), date(2028, 1, 1)))
def test_without_a_rate_the_known_part_stands_and_the_first_missing_day_is_named(
    minor: int, on: date
) -> None:
    of = contract(payments=(Payment(date(2018, 6, 15), minor, "EUR"),))
    found, until_june = (answer(LAW, of, day) for day in (on, date(2026, 6, 30)))
    assert [each.first_missing_day for each in found.missing] == [date(2026, 7, 1)]
    assert total(found, INTEREST) == total(until_june, INTEREST) and until_june.missing == ()
    assert total(found, PRINCIPAL) == minor
