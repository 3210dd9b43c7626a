"""Group commit over a plain function: who writes, who waits, and what a failure does to whom."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, transaction

from earnest.book.batch import PAUSES, PAUSES_AFTER_A_RACE, Committer, Interrupted, PartlyFailed

# The committer looks whether a transaction is open, and after an error whether the connection still works.
pytestmark = pytest.mark.django_db


class Store:
    """Stands for a database: everything in a batch is written, or nothing."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.tried: list[list[str]] = []
        self.before: Callable[[Sequence[str]], None] = lambda requests: None

    def write(self, requests: Sequence[str]) -> list[str]:
        self.tried.append(list(requests))
        self.before(requests)
        self.batches.append(list(requests))
        return [f"{request} done" for request in requests]


class Gate:
    """Holds the first batch open until everybody who should wait behind it waits."""

    def __init__(self, store: Store) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        self.store = store
        store.before = self.hold

    def hold(self, requests: Sequence[str]) -> None:
        self.store.before = lambda requests: None
        self.entered.set()
        assert self.open.wait(30)


def committer(store: Store, limit: int = 100) -> Committer[str, str]:
    def pause(seconds: float) -> None:
        pauses.append(seconds)

    pauses.clear()
    return Committer(store.write, limit, pause)


pauses: list[float] = []


def crowd(store: Store, names: Sequence[str], limit: int = 100) -> list[str | BaseException]:
    """One thread opens a batch; the others arrive while it is written; what each of them got, in order."""
    group, gate = committer(store, limit), Gate(store)

    def ask(name: str) -> str | BaseException:
        try:
            return group.submit([name])[0]
        except BaseException as error:
            return error

    with ThreadPoolExecutor(len(names)) as threads:
        asked = [threads.submit(ask, names[0])]
        assert gate.entered.wait(30)
        for place, name in enumerate(names[1:], start=1):
            asked.append(threads.submit(ask, name))
            wait_for(lambda place=place: len(group._waiting) == place)
        gate.open.set()
        return [each.result(30) for each in asked]


def wait_for(holds: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(30_000):
        if holds():
            return
        tick.wait(0.001)
    raise AssertionError("it never came to that")


def test_a_single_request_is_a_batch_of_one() -> None:
    store = Store()
    assert committer(store).submit(["a"]) == ["a done"]
    assert store.batches == [["a"]]


def test_no_requests_write_nothing() -> None:
    store = Store()
    assert committer(store).submit([]) == []
    assert store.batches == []


def test_what_waits_is_written_together_in_the_order_it_came() -> None:
    store = Store()
    assert crowd(store, "abcdef") == [f"{name} done" for name in "abcdef"]
    assert store.batches == [["a"], ["b", "c", "d", "e", "f"]]


def test_a_batch_has_at_most_the_limit_and_the_turn_goes_to_who_waited_longest() -> None:
    store = Store()
    assert crowd(store, "abcdef", limit=2) == [f"{name} done" for name in "abcdef"]
    assert store.batches == [["a"], ["b", "c"], ["d", "e"], ["f"]]


def test_many_requests_of_one_caller_are_cut_into_batches() -> None:
    store = Store()
    assert committer(store, limit=2).submit(list("abcde")) == [f"{name} done" for name in "abcde"]
    assert store.batches == [["a", "b"], ["c", "d"], ["e"]]


def test_one_poisoned_request_fails_alone() -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        if "poison" in requests:
            raise ValueError("poison")

    gate_of = crowd_with(store, before, ["a", "b", "poison", "c"])
    assert [gate_of[0], gate_of[1], gate_of[3]] == ["a done", "b done", "c done"]
    assert isinstance(gate_of[2], ValueError)
    assert store.batches == [["a"], ["b"], ["c"]]


def crowd_with(
    store: Store, before: Callable[[Sequence[str]], None], names: Sequence[str]
) -> list[str | BaseException]:
    """As `crowd`; `before` is asked before every write but the first, which holds the gate."""
    hold = Gate.hold

    def then(self: Gate, requests: Sequence[str]) -> None:
        hold(self, requests)
        store.before = before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gate, "hold", then)
        return crowd(store, names)


def test_of_several_requests_of_one_caller_the_good_ones_are_written_and_the_error_names_the_other() -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        if "poison" in requests:
            raise ValueError("poison")

    store.before = before
    with pytest.raises(PartlyFailed) as caught:
        committer(store).submit(["a", "poison", "b"])
    good, bad, other = caught.value.outcomes
    assert (good, other) == ("a done", "b done")
    assert isinstance(bad, ValueError)


@pytest.mark.parametrize("states", [("40001",), ("40P01", "55P03")])
def test_a_batch_that_met_a_lock_is_tried_again_as_a_whole(states: tuple[str, ...]) -> None:
    store, left = Store(), list(states)

    def before(requests: Sequence[str]) -> None:
        if left:
            raise OperationalError("no") from Cause(left.pop())

    store.before = before
    assert committer(store).submit(["a", "b"]) == ["a done", "b done"]
    assert store.tried == [["a", "b"]] * (len(states) + 1)
    assert pauses == list(PAUSES[: len(states)])


class Cause(Exception):
    """As psycopg's errors: with the five characters of the SQL standard."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def test_sqlite_being_locked_is_waited_for_and_not_for_ever_and_then_not_split() -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        raise OperationalError("database is locked")

    store.before = before
    with pytest.raises(OperationalError):
        committer(store).submit(["a", "b"])
    assert pauses == list(PAUSES)
    assert store.tried == [["a", "b"]] * (len(PAUSES) + 1)


@pytest.mark.parametrize("kind", [IntegrityError, InternalError])
def test_a_race_lost_at_a_constraint_is_tried_again(kind: type[Exception]) -> None:
    store, left = Store(), [kind("somebody was first")]

    def before(requests: Sequence[str]) -> None:
        if left:
            raise left.pop()

    store.before = before
    assert committer(store).submit(["a", "b"]) == ["a done", "b done"]
    assert store.tried == [["a", "b"], ["a", "b"]]


def test_a_constraint_that_goes_on_saying_no_fails_its_request_alone() -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        if "b" in requests:
            raise IntegrityError("never")

    store.before = before
    with pytest.raises(PartlyFailed) as caught:
        committer(store).submit(["a", "b"])
    assert caught.value.outcomes[0] == "a done"
    assert isinstance(caught.value.outcomes[1], IntegrityError)
    assert store.tried == [["a", "b"]] * 3 + [["a"]] + [["b"]] * 3
    assert pauses == list(PAUSES_AFTER_A_RACE) * 2


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_when_the_answer_to_a_commit_may_be_lost_nothing_is_tried_twice(kind: type[Exception]) -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        raise kind("server closed the connection unexpectedly")

    store.before = before
    with pytest.raises(kind):
        committer(store).submit(["a", "b"])
    assert store.tried == [["a", "b"]]


def test_an_error_that_no_retry_mends_is_not_retried() -> None:
    store = Store()

    def before(requests: Sequence[str]) -> None:
        raise DataError("value too long")

    store.before = before
    with pytest.raises(DataError):
        committer(store).submit(["a"])
    assert store.tried == [["a"]]
    assert pauses == []


def test_a_writer_that_is_killed_strands_nobody() -> None:
    store, first = Store(), [True]

    def before(requests: Sequence[str]) -> None:
        if "b" in requests:
            raise SystemExit("the thread is told to end in the middle of a batch")

    told = crowd_with(store, before, ["a", "b", "c"])
    assert first and told[0] == "a done"
    # b was writing and sees its own end; c was in its batch and learns that nobody knows.
    assert isinstance(told[1], SystemExit)
    assert isinstance(told[2], Interrupted)


def test_after_a_killed_writer_the_next_one_writes() -> None:
    store = Store()
    group = committer(store)

    def before(requests: Sequence[str]) -> None:
        store.before = lambda requests: None
        raise SystemExit

    store.before = before
    with pytest.raises(SystemExit):
        group.submit(["a"])
    assert group.submit(["b"]) == ["b done"]


def test_who_stops_waiting_takes_its_requests_along_and_passes_the_turn_on() -> None:
    store = Store()
    group, gate = committer(store), Gate(store)

    class Impatient(Exception):
        pass

    def give_up() -> None:
        raise Impatient

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(group.submit, ["a"])
        assert gate.entered.wait(30)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("earnest.book.batch.Lock", lambda: Broken(give_up))
            with pytest.raises(Impatient):
                group.submit(["b"])
        last = threads.submit(group.submit, ["c"])
        wait_for(lambda: len(group._waiting) == 1)
        gate.open.set()
        assert (first.result(30), last.result(30)) == (["a done"], ["c done"])
    assert store.batches == [["a"], ["c"]]


class Broken:
    """A lock on which waiting is interrupted, as Ctrl-C does to the main thread."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self.interrupt = interrupt
        self.taken = False

    def acquire(self) -> None:
        if self.taken:
            self.interrupt()
        self.taken = True


def test_refusals_are_handed_back_one_by_one() -> None:
    def write(requests: Sequence[int]) -> list[str | ValueError]:
        return [ValueError("odd") if request % 2 else "taken" for request in requests]

    group: Committer[int, str | ValueError] = Committer(write)
    told = group.submit([0, 1, 2])
    assert [told[0], told[2]] == ["taken", "taken"]
    assert isinstance(told[1], ValueError)


def test_a_write_without_an_outcome_for_each_is_not_tried_again() -> None:
    tried = []

    def write(requests: Sequence[str]) -> list[str]:
        tried.append(list(requests))
        return ["only one"]

    with pytest.raises(RuntimeError, match="outcome for each"):
        Committer(write).submit(["a", "b"])
    assert tried == [["a", "b"]]


def test_nothing_is_submitted_inside_a_transaction() -> None:
    store = Store()
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction of its own"):
        committer(store).submit(["a"])
    assert store.tried == []
    assert committer(store).submit(["a"]) == ["a done"]
