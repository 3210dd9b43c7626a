"""What an offer says of its date and of what its terms give back, as the law then looks at reservations of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from earnest.book import clock, door, facts, reads, rebuild
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.revise_offer import ReviseOffer
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.doubts import doubts
from earnest.core.offer import Sale, Text, Window
from earnest.core.refusals import Invalid
from earnest.core.rights.answers import PRINCIPAL
from tests import scene
from tests.scene import MAKER, TERMS, pay, place, slip


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def sale(channel: str = "distance", kind: str = "deposit", **said: Any) -> Sale:
    return Sale(channel, kind, False, 2000, **said)


def principal(number: str) -> tuple[int, str]:
    """What is owed by right today, and by which rule."""
    found = next(each for each in facts.rights(number, clock.now())[1].sums if each.kind == PRINCIPAL)
    return found.amount_minor, found.ground.rule


def warned(number: str) -> list[tuple[str, str]]:
    return [(each.code, each.ground.rule) for each in facts.rights(number, clock.now())[1].warnings]


def test_an_offer_that_says_nothing_new_is_written_as_before() -> None:
    assert reads.acts("offer", "boat")[0].act.fields["sale"] == {
        "channel": "distance",
        "deposit_kind": "acompte",
        "made_to_specification": False,
        "tax_rate_bp": 2000,
    }
    scene.offer("punt", sale=sale(date_worth="vague", back_bp=2_500))
    written: Any = reads.acts("offer", "punt")[0].act.fields["sale"]
    assert (written["date_worth"], written["back_bp"]) == ("vague", 2_500)
    now = reads.offer("punt").offer.current.sale
    assert (now.date_worth, now.back_bp) == ("vague", 2_500)
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize(
    ("worth", "rule"),
    [("indicative", "fr-r212"), ("vague", "fr-l216-1"), ("none", "fr-l216-1"), ("firm", "")],
)
def test_the_law_warns_of_what_a_date_is_worth(worth: str, rule: str) -> None:
    scene.offer("punt", sale=sale(date_worth=worth))
    found = warned(place(slug="punt"))
    assert found == ([(f"date-{worth}", rule)] if rule else [])


@pytest.mark.parametrize("worth", ["firm", "indicative", "vague", "none"])
def test_without_a_day_delivery_is_due_in_thirty_days(worth: str, book: clock.ManualClock) -> None:
    scene.offer("punt", sale=sale(date_worth=worth))
    number = place(slug="punt")
    book.advance(timedelta(days=31))
    since = facts.rights(number, clock.now())[1].suspend_from
    assert since and (since <= clock.now().date()) is (worth in ("vague", "none"))
    found = facts.of(number)
    assert found.promised.last_day == (None if worth == "none" else date(2027, 12, 31))
    assert found.promised.date == worth


def test_a_slip_of_a_vague_date_is_vague() -> None:
    scene.offer("punt", sale=sale(date_worth="vague"))
    number, other = place(slug="punt"), place()
    slip()
    (moved,) = facts.of(other).slips
    assert (moved.was.date, moved.now.date) == ("firm", "firm")
    later = Window(date(2028, 1, 1), date(2028, 12, 31))
    door.do_one(SlipPromise(**MAKER, slug="punt", window=later, why="The mould cracked."))
    (moved,) = facts.of(number).slips
    assert (moved.was.date, moved.now.date) == ("vague", "vague")


def test_the_greater_of_terms_and_law_is_owed(book: clock.ManualClock) -> None:
    """Withdrawal gives everything while nothing is delivered; in a shop arrhes are lost but for the terms."""
    scene.offer("punt", sale=sale(back_bp=2_500))
    scene.offer("skiff", sale=sale("shop", "arrhes", back_bp=3_333))
    far, near, kind = place(slug="punt"), place(slug="skiff"), place()
    for number in (far, near, kind):
        pay(number, 500_001)
    assert principal(near) == (166_650, "house-terms")
    book.advance(timedelta(days=40))
    assert principal(near) == (166_650, "house-terms")
    assert principal(far) == principal(kind) and principal(far)[0] == 500_001
    book.advance(date(2028, 1, 1) - clock.now().date())
    assert principal(near) == (500_001, "fr-l214-1")


def test_an_edit_binds_those_who_reserve_after_it() -> None:
    before = place()
    pay(before)
    terms = Terms(**{**TERMS, "sale": sale("shop", "acompte", back_bp=0)})
    door.do_one(ReviseOffer(**MAKER, slug="boat", terms=terms, why="Stricter."))
    after = place(name="Ben Roux")
    assert (facts.of(before).terms.back_bp, facts.of(after).terms.back_bp) == (10_000, 0)


@pytest.mark.parametrize(
    ("said", "code"),
    [({"date_worth": "soon"}, "offer-date"), ({"back_bp": -1}, "offer-back"), ({"back_bp": 10_001}, "offer-back"),
     ({"back_bp": True}, "offer-back")],
)  # fmt: skip
def test_what_no_offer_can_say_is_refused(said: dict[str, Any], code: str) -> None:
    terms = Terms(**{**TERMS, "sale": sale(**said)})
    with pytest.raises(Invalid) as caught:
        door.do_one(OpenOffer(**MAKER, slug="punt", terms=terms))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("worth", "found"),
    [("firm", []), ("indicative", [("said-indicative", "R212-2 7°")]), ("vague", [("said-vague", "L216-1")]),
     ("none", [("no-date", "L216-1")])],
)  # fmt: skip
def test_the_maker_is_told_before_anybody_reserves(worth: str, found: list[tuple[str, str]]) -> None:
    near = {"window": Window(date(2027, 1, 1), date(2027, 2, 1)), "texts": {"en": Text("Punt", "", "Terms.")}}
    terms = Terms(**{**TERMS, **near, "sale": sale(date_worth=worth)})
    assert [(each.code, each.article) for each in doubts(terms)] == found
