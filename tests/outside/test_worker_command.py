"""`./earnest worker`: does what is due, stops when told, and stays away where `up` is the one process that writes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from earnest import serving
from earnest.book import clock, models
from earnest.management.commands.worker import Command
from tests.scene import place, state, types


def run(*arguments: str) -> int:
    """The exit code of `./earnest worker …`."""
    try:
        Command().run_from_argv(["./earnest", "worker", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_once_does_what_is_due_and_nothing_else(book: clock.ManualClock) -> None:
    number = place()
    assert run("--once") == 0
    assert "mail.sent" in types(number) and state(number).status == "placed"
    assert models.Duty.objects.get(kind="lapse").state == "waiting"


def test_beside_up_on_sqlite_it_is_refused(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    with serving.only_one(settings.EARNEST.data):
        code = run("--once")
    if connection.vendor == "sqlite":
        assert code == 3 and "On SQLite one process writes" in capsys.readouterr().err
        assert "mail.sent" not in types(number)
    else:
        assert code == 0 and "mail.sent" in types(number)


@pytest.mark.once
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(tmp_path: Path, told: signal.Signals) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("EARNEST_", "DJANGO_"))}
    env |= {"EARNEST_DATA": str(tmp_path), "EARNEST_ORIGIN": "tests.example", "PYTHONUNBUFFERED": "1"}
    earnest = [sys.executable, "-P", "-m", "earnest"]
    subprocess.run(
        [*earnest, "open", "test", "--maker", "Boatyard"], env=env, check=True, capture_output=True
    )
    worker = subprocess.Popen([*earnest, "worker"], env=env, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline().startswith("Worker ")
    worker.send_signal(told)
    worker.communicate(timeout=60)
    assert worker.returncode == 0
