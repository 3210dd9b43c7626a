"""Duties: asked for once, done under a lease, tried again, put off, parked, resumed."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from earnest.book import clock, duties, models
from earnest.core.commands.base import Duty
from tests.book.rows import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    """A clock that stands, and no handlers but those that a test brings."""
    monkeypatch.setattr(duties, "_handlers", {})
    manual = clock.ManualClock(AT)
    with clock.using(manual):
        yield manual


def ask(key: str, kind: str = "knock", after: timedelta = timedelta(0), **payload: object) -> None:
    duties.insert([Duty(kind, key, AT + after, payload)])


def row(key: str) -> models.Duty:
    return models.Duty.objects.get(key=key)


def knocking() -> list[str]:
    """Keys of the duties that were done, by a handler that does nothing else."""
    done: list[str] = []
    duties.handles("knock")(lambda duty: done.append(duty.key))
    return done


def failing(error: Exception) -> None:
    def fail(duty: duties.Leased) -> None:
        raise error

    duties.handles("knock")(fail)


def test_a_duty_is_done_once_and_stays_as_done() -> None:
    done = knocking()
    ask("a", amount=5)
    assert duties.run_due(AT, "w") == 1
    assert duties.run_due(AT, "w") == 0
    assert done == ["a"]
    kept = row("a")
    assert (kept.state, kept.done_at, kept.lease_until, kept.payload) == ("done", AT, None, {"amount": 5})


def test_the_same_key_again_is_the_same_duty_also_when_it_was_done() -> None:
    done = knocking()
    duties.insert([Duty("knock", "a", AT, {"n": 1}), Duty("knock", "a", AT, {"n": 2})])
    ask("a", n=3)
    duties.run_due(AT, "w")
    ask("a", n=4)
    duties.run_due(AT, "w")
    assert done == ["a"]
    assert row("a").payload == {"n": 1}


def test_a_duty_that_is_malformed_is_not_passed_over_in_silence() -> None:
    with pytest.raises(Exception, match=r"(?i)null"), transaction.atomic():
        duties.insert([Duty(None, "a", AT)])  # type: ignore[arg-type]
    assert not models.Duty.objects.exists()


def test_what_the_transaction_takes_back_was_never_asked_for() -> None:
    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        ask("a")
        raise Undo
    assert not models.Duty.objects.exists()


def test_what_is_not_due_or_has_no_handler_here_is_left_alone() -> None:
    done = knocking()
    ask("later", after=MINUTE)
    ask("other", kind="elsewhere")
    assert duties.run_due(AT, "w") == 0
    assert duties.next_due() == AT + MINUTE
    assert duties.run_due(AT + MINUTE, "w") == 1
    assert done == ["later"]
    assert duties.next_due() is None


def test_the_longest_due_comes_first() -> None:
    done = knocking()
    for key, after in (("c", 2), ("a", 0), ("b", 1)):
        ask(key, after=after * MINUTE)
    duties.run_due(AT + 2 * MINUTE, "w")
    assert done == ["a", "b", "c"]


def test_failures_wait_longer_each_time_and_the_last_one_parks_with_an_alarm(
    hand: clock.ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    failing(OSError("no answer"))
    ask("a")
    for attempt, wait in enumerate(duties.BACKOFF, start=1):
        assert duties.run_due(clock.now(), "w") == 1
        kept = row("a")
        assert (kept.state, kept.attempts, kept.due_at) == ("waiting", attempt, clock.now() + wait)
        hand.advance(wait)
    with caplog.at_level(logging.ERROR):
        duties.run_due(clock.now(), "w")
    kept = row("a")
    assert (kept.state, kept.last_error, kept.lease_until) == ("parked", "OSError: no answer", None)
    assert "a person must look" in caplog.text
    hand.advance(timedelta(days=365))
    assert duties.run_due(clock.now(), "w") == 0


def test_the_table_of_waits_is_the_one_that_was_agreed() -> None:
    assert [wait / MINUTE for wait in duties.BACKOFF[:6]] == [1, 5, 30, 120, 720, 1440]


def test_a_handler_can_park_at_once() -> None:
    failing(duties.Park("the account does not exist"))
    ask("a")
    duties.run_due(AT, "w")
    assert (row("a").state, row("a").last_error) == ("parked", "the account does not exist")


def test_later_is_no_failure(hand: clock.ManualClock) -> None:
    failing(duties.Later(AT + 3 * MINUTE))
    ask("a")
    duties.run_due(AT, "w")
    kept = row("a")
    assert (kept.state, kept.attempts, kept.due_at, kept.last_error) == ("waiting", 0, AT + 3 * MINUTE, "")
    assert duties.run_due(AT + 2 * MINUTE, "w") == 0


def test_one_failure_does_not_stop_the_sweep() -> None:
    done = []

    @duties.handles("knock")
    def knock(duty: duties.Leased) -> None:
        if duty.key == "a":
            raise RuntimeError("a fault of ours")
        done.append(duty.key)

    ask("a")
    ask("b")
    duties.run_due(AT, "w")
    assert done == ["b"]
    assert row("a").last_error == "RuntimeError: a fault of ours"


def test_progress_is_kept_and_the_next_try_goes_on_from_there(hand: clock.ManualClock) -> None:
    told: list[int] = []

    @duties.handles("knock")
    def tell(duty: duties.Leased) -> None:
        for page in range(duty.payload.get("next", 0), 4):
            if page == 2 and not duty.attempts:
                raise OSError("the line is cut")
            told.append(page)
            duties.advance(duty, {**duty.payload, "next": page + 1}, clock.now())

    ask("a", slip=7)
    duties.run_due(AT, "w")
    assert (told, row("a").payload) == ([0, 1], {"slip": 7, "next": 2})
    hand.advance(MINUTE)
    duties.run_due(clock.now(), "w")
    assert (told, row("a").state) == ([0, 1, 2, 3], "done")


def test_a_leased_duty_is_nobody_elses_until_the_lease_runs_out() -> None:
    knocking()
    ask("a")
    assert len(duties.claim(AT, "one")) == 1
    assert duties.claim(AT, "two") == []
    assert duties.claim(AT + duties.LEASE - timedelta(seconds=1), "two") == []
    assert [each.key for each in duties.claim(AT + duties.LEASE, "two")] == ["a"]


def test_who_lost_the_lease_can_write_nothing_any_more() -> None:
    knocking()
    ask("a")
    [old] = duties.claim(AT, "same name")
    [new] = duties.claim(AT + duties.LEASE, "same name")
    now = AT + duties.LEASE
    for late in (
        lambda: duties.finish(old, now),
        lambda: duties.fail(old, "why", now),
        lambda: duties.postpone(old, now),
        lambda: duties.advance(old, {"far": 1}, now),
        lambda: duties.renew(old, now),
        lambda: duties.release(old),
    ):
        with pytest.raises(duties.LostLease):
            late()
    assert (row("a").state, row("a").payload) == ("waiting", {})
    duties.finish(new, now)
    assert row("a").state == "done"


def test_a_renewed_lease_lasts_longer() -> None:
    knocking()
    ask("a")
    [mine] = duties.claim(AT, "one")
    duties.renew(mine, AT + MINUTE)
    assert duties.claim(AT + duties.LEASE, "two") == []


def test_a_duty_whose_lease_ran_out_while_others_were_done_is_not_started(hand: clock.ManualClock) -> None:
    done: list[str] = []

    @duties.handles("knock")
    def slow(duty: duties.Leased) -> None:
        done.append(duty.key)
        if duty.key == "a":
            hand.advance(duties.LEASE)
            assert [each.key for each in duties.claim(clock.now(), "two")] == ["a", "b"]

    ask("a")
    ask("b")
    duties.run_due(AT, "one")
    # Both are the second worker's by now: the first finds out when it ends a, and before it begins b.
    assert done == ["a"]
    assert {key: row(key).state for key in "ab"} == {"a": "waiting", "b": "waiting"}


def test_a_duty_that_kills_its_workers_is_parked_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    knocking()
    ask("a")
    now = AT
    for lost in range(len(duties.BACKOFF) + 1):
        [taken] = duties.claim(now, "w")
        assert taken.attempts == lost
        now += duties.LEASE
    assert duties.claim(now, "w") == []
    assert (row("a").state, row("a").last_error) == ("parked", "its workers did not come back")
    assert "a person must look" in caplog.text


def test_told_to_stop_a_worker_gives_back_what_it_has_not_begun() -> None:
    stop, done = Event(), []

    @duties.handles("knock")
    def knock(duty: duties.Leased) -> None:
        done.append(duty.key)
        stop.set()

    ask("a")
    ask("b")
    duties.run_due(AT, "w", stop)
    assert done == ["a"]
    assert (row("b").lease_until, row("b").attempts) == (None, 0)
    assert [each.key for each in duties.claim(AT, "two")] == ["b"]


def test_the_loop_goes_on_after_a_database_error_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, sweeps = Event(), []

    def sweep(*arguments: Any) -> int:
        sweeps.append(arguments)
        if len(sweeps) == 1:
            raise OSError("the database is away")
        stop.set()
        return 1

    monkeypatch.setattr(duties, "run_due", sweep)
    monkeypatch.setattr(duties, "close_old_connections", lambda: None)
    duties.loop(stop, "w", idle_seconds=0)
    assert len(sweeps) == 2


def test_one_kind_has_one_handler() -> None:
    knocking()
    with pytest.raises(ValueError, match="two handlers"):
        knocking()


def test_a_row_that_moved_since_it_was_read_is_not_leased() -> None:
    ask("a")
    stale = row("a")
    assert duties._lease(row("a"), AT, "one") is not None
    assert duties._lease(stale, AT, "two") is None


def test_claiming_locks_what_it_reads() -> None:
    knocking()
    ask("a")
    with CaptureQueriesContext(connection) as queries:
        duties.claim(AT, "w")
    said = " ".join(query["sql"] for query in queries)
    if connection.vendor == "postgresql":
        assert "FOR UPDATE SKIP LOCKED" in said
    else:
        # SQLite has no row locks: the transaction takes the one lock there is before it reads.
        assert connection.transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]
        assert '"lease_no" = 0' in said.partition("UPDATE")[2]
