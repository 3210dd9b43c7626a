"""An operator's `./earnest bank pay` as a process of its own, which is killed at a named place: SIGKILL, no goodbye."""

import os
import signal
import sys
from datetime import datetime

import django

django.setup()

from earnest.book import clock, crash, ids, keys  # noqa: E402
from earnest.management.commands.bank import Command  # noqa: E402

at, place, output = datetime.fromisoformat(sys.argv[1]), sys.argv[2], sys.argv[3]
keys.use(keys.from_seed("tests.example", "tests"))
ids.use(ids.SeededIds("paying"))


def die(here: str) -> None:
    if here == place:
        os.kill(os.getpid(), signal.SIGKILL)


crash.use(die)
with clock.using(clock.ManualClock(at)):
    Command().run_from_argv(["./earnest", "bank", "pay", "--output", output])
print("came to its end", flush=True)
