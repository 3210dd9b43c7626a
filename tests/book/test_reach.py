"""Whom a slip touches and what an offer is exposed to: added up for many, it is what each would be told alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from earnest.book import clock, door, law, lists, models, reach, reads
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Window
from earnest.core.rights.answer import answer
from earnest.core.rights.days import today
from earnest.core.rights.gather import facts_of
from earnest.web.rights import rights_of
from tests import scene
from tests.scene import HOLDER, MAKER, cancel, pay, place, state, types, work

LATE = Window(date(2028, 1, 1), date(2028, 12, 31))
SOON = Window(date(2027, 1, 1), date(2028, 1, 20))


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def crowd() -> list[str]:
    """French, American and Belgian holders, one a company, one who has left and one who has not paid."""
    found = []
    for name, country in (("Ada A", "FR"), ("Bo B", "US"), ("Cy C", "US"), ("Di D", "BE")):
        number = place(name=name, residence=country)
        pay(number)
        found.append(number)
    gone = place(name="Ed E", residence="FR")
    cancel(gone)
    work()
    return found


def slipped(window: Window | None) -> int:
    door.do_one(SlipPromise(**MAKER, slug="boat", window=window, why="Late."))
    return reads.offer("boat").offer.slips[-1].seq


def test_it_is_counted_by_country_with_what_silence_means_there() -> None:
    crowd()
    found = {each.residence: each for each in reach.touched("boat", LATE)}
    assert {name: each.reservations for name, each in found.items()} == {"FR": 1, "US": 2, "BE": 1}
    assert found["US"].paid == {"EUR": 1_000_000}
    ((silence, until),) = found["US"].silence
    assert (silence, until) == ("cancelled", date(2028, 1, 31))
    assert list(found["FR"].silence) == [("nothing", None)]
    assert "withdraw" in found["FR"].rights and found["FR"].rights["withdraw"][0].mark == "V"
    assert list(reach.touched("boat", SOON)[0].silence) == [("consent", date(2028, 1, 1))]


def test_what_the_preview_says_of_silence_is_what_is_then_told() -> None:
    numbers = crowd()
    for window in (SOON, LATE, None):
        before = {each.residence: each for each in reach.touched("boat", window)}
        slipped(window)
        work()
        for number in numbers:
            now = state(number)
            told = now.told[-1]
            until = told.answer_by.date() if told.answer_by else None
            assert (told.silence, until) in before[now.residence].silence, (window, now.residence)


def test_the_exposure_of_many_is_the_sum_of_each(book: clock.ManualClock) -> None:
    numbers = crowd()
    slipped(LATE)
    work()
    book.advance(timedelta(days=200))
    sums: dict[str, int] = {}
    for number in numbers:
        now = state(number)
        facts = facts_of(now, reads.offer("boat").offer)
        rights = answer(law.current(), facts, today(facts, clock.now()))
        assert rights == rights_of(now, reads.offer("boat").offer)
        for each in rights.sums if rights.may_cancel else ():
            sums[each.currency] = sums.get(each.currency, 0) + each.amount_minor
    found = reach.exposure("boat")
    total: dict[str, int] = {}
    for line in found:
        for currency, minor in line.total.items():
            total[currency] = total.get(currency, 0) + minor
    assert total == sums and sum(each.reservations for each in found) == len(numbers)
    assert [each.claimable_minor for each in reach.cover(found)] == [sums["EUR"]]


def test_what_is_held_is_set_against_all_that_is_owed() -> None:
    crowd()
    (cover,) = reach.cover(reach.touched("boat", LATE))
    assert (cover.owed_minor, cover.held_minor) == (2_000_000, 2_000_000)
    assert cover.claimable_minor == 2_000_000 + cover.added_minor
    assert cover.short_minor == cover.added_minor


def test_the_day_comes_and_silence_is_carried_out_by_itself(book: clock.ManualClock) -> None:
    numbers = crowd()
    slipped(LATE)
    work()
    bo, cy = numbers[1], numbers[2]
    said = {**HOLDER, "number": cy, "slip": state(cy).told[-1].slip}
    door.do_one(AnswerSlip(**said, answer="accept", newest=True))
    by = state(bo).told[-1].answer_by
    assert by == datetime(2028, 1, 31, 12, tzinfo=UTC)
    book.set(by - timedelta(seconds=1))
    work()
    assert state(bo).status == "confirmed"
    book.set(by)
    work()
    assert state(bo).status == "cancelled" and state(bo).owed_back() == {"EUR": 500_000}
    assert types(bo)[-1] in ("mail.sent", "refund.owed", "invoice.issued", "refund.held")
    assert [state(each).status for each in (numbers[0], cy, numbers[3])] == ["confirmed"] * 3
    again = models.Duty.objects.filter(kind="slip_silence")
    again.update(state="waiting", due_at=by)
    work()
    assert types(bo).count("cancellation.requested") == 1


def test_a_slip_that_nobody_was_told_of_stands_on_the_list(book: clock.ManualClock) -> None:
    crowd()
    slipped(LATE)
    book.advance(timedelta(hours=2))
    soon = clock.now() - timedelta(hours=1)
    (found,) = reach.untold(soon)
    assert (found.slug, found.told, found.waiting) == ("boat", 0, 4)
    assert reach.untold(clock.now() - timedelta(hours=3)) == []
    work()
    assert reach.untold(soon) == [] and lists.telling("boat", found.slip.seq).state == "done"  # type: ignore[union-attr]
    models.Mail.objects.filter(template="slipped").update(status="made")
    assert reach.untold(soon)[0].unsent == 4


def test_the_days_on_which_silence_decides_are_listed_until_somebody_answers() -> None:
    _, bo, cy, _ = crowd()
    assert all(each.silent == {} for each in reach.exposure("boat"))
    door.do_one(SlipPromise(**MAKER, slug="boat", window=LATE, why="Late."))
    work()

    def listed() -> dict[tuple[str, date], int]:
        return {slot: n for each in reach.exposure("boat") for slot, n in each.silent.items()}

    duty = models.Duty.objects.filter(kind="slip_silence", payload__number=bo).get()
    assert listed() == {("cancelled", duty.due_at.date()): 2}
    said = {**HOLDER, "number": cy, "slip": state(cy).told[-1].slip}
    door.do_one(AnswerSlip(**said, answer="wait"))
    assert listed() == {("cancelled", duty.due_at.date()): 1}
    cancel(bo)
    assert listed() == {}
