"""The book's clock: whole seconds, UTC, and only ever one of them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from earnest.book import clock, mode

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_clock() -> None:
    mode.forget()
    clock.use(None)


def test_the_machines_clock_is_in_whole_seconds_and_utc() -> None:
    now = clock.SystemClock().now()
    assert (now.microsecond, now.tzinfo) == (0, UTC)


def test_an_offset_moves_the_machines_clock() -> None:
    before = clock.SystemClock().now()
    moved = clock.SystemClock(timedelta(days=-3650)).now()
    after = clock.SystemClock().now()
    assert before <= moved + timedelta(days=3650) <= after


def test_a_clock_by_hand_stands_until_it_is_moved() -> None:
    hand = clock.ManualClock(AT)
    assert (hand.now(), hand.now()) == (AT, AT)
    hand.advance(timedelta(minutes=5))
    assert hand.now() == AT + timedelta(minutes=5)
    hand.set(AT - timedelta(days=1))
    assert hand.now() == AT - timedelta(days=1)


def test_a_clock_by_hand_knows_its_zone_and_whole_seconds() -> None:
    hand = clock.ManualClock(datetime(2026, 3, 1, 11, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2))))
    assert (hand.now(), hand.now().tzinfo) == (AT, UTC)
    with pytest.raises(ValueError, match="zone"):
        clock.ManualClock(datetime(2026, 3, 1))


def test_using_goes_back_to_the_clock_before_also_after_an_error() -> None:
    with clock.using(clock.ManualClock(AT)):
        with pytest.raises(KeyError), clock.using(clock.ManualClock(AT + timedelta(days=1))):
            assert clock.now() == AT + timedelta(days=1)
            raise KeyError
        assert clock.now() == AT


@pytest.mark.django_db
def test_without_a_book_the_clock_is_the_machines() -> None:
    before = clock.SystemClock().now()
    assert before <= clock.now() <= before + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_demonstration_runs_at_real_pace_in_its_own_time_from_the_moment_it_is_set() -> None:
    assert clock.now().year > 2020
    mode.open_book("demo.shop.example", "demo", AT)
    mode.set_clock_offset(-40 * 365 * 86_400)
    before = clock.SystemClock().now()
    there = clock.now() + timedelta(days=40 * 365)
    assert before <= there <= before + timedelta(minutes=1)
