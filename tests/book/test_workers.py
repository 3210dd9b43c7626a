"""Workers as they are: threads and processes on a real database, one of them killed in the middle."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Lock

import pytest
from django.db import connection

from earnest.book import clock, duties, models
from earnest.core.commands.base import Duty
from tests.book.databases import environment
from tests.book.rows import AT

WORKER = Path(__file__).with_name("worker_process.py")


@pytest.fixture(autouse=True)
def no_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "_handlers", {})


def start_and_kill(address: str, folder: Path, worker: str) -> str:
    """Start a worker, wait until it has a duty in its hands, kill -9; the duty's key."""
    command = [sys.executable, str(WORKER), AT.isoformat(), worker]
    with subprocess.Popen(
        command, env=environment(address, folder), stdout=subprocess.PIPE, text=True, cwd=WORKER.parents[2]
    ) as process:
        assert process.stdout is not None
        try:
            return process.stdout.readline().strip()
        finally:
            process.kill()


def test_what_a_killed_worker_had_is_done_by_the_next_also_under_the_same_name(
    real_database: str, tmp_path: Path
) -> None:
    duties.insert([Duty("hang", "a", AT)])
    assert start_and_kill(real_database, tmp_path, "worker") == "a"
    done: list[str] = []
    duties.handles("hang")(lambda duty: done.append(duty.key))
    with clock.using(clock.ManualClock(AT + duties.LEASE - timedelta(seconds=1))):
        assert duties.run_due(clock.now(), "worker") == 0
    with clock.using(clock.ManualClock(AT + duties.LEASE)):
        assert duties.run_due(clock.now(), "worker") == 1
    kept = models.Duty.objects.get(key="a")
    assert (done, kept.state, kept.lease_no, kept.attempts) == (["a"], "done", 2, 1)


def test_many_workers_do_each_duty_once_and_never_two_at_a_time(real_database: str) -> None:
    workers, many = 4, 60
    barrier, guard = Barrier(workers), Lock()
    inside: set[str] = set()
    done: list[str] = []

    @duties.handles("knock")
    def knock(duty: duties.Leased) -> None:
        with guard:
            assert duty.key not in inside
            inside.add(duty.key)
        with guard:
            inside.remove(duty.key)
            done.append(duty.key)

    def work(name: str) -> int:
        try:
            barrier.wait(30)
            taken = 0
            while got := duties.run_due(AT, name):
                taken += got
            return taken
        finally:
            connection.close()

    duties.insert([Duty("knock", f"{n:02}", AT) for n in range(many)])
    with clock.using(clock.ManualClock(AT)), ThreadPoolExecutor(workers) as threads:
        taken = list(threads.map(work, "abcd"))
    assert sorted(done) == [f"{n:02}" for n in range(many)]
    assert sum(taken) == many
    assert set(models.Duty.objects.values_list("state", "attempts", "lease_no")) == {("done", 0, 1)}
