"""A worker that takes a duty, says so, and never comes to an end. Run as a process, to be killed."""

import sys
import time
from datetime import datetime

import django

django.setup()

from earnest.book import clock, duties  # noqa: E402


@duties.handles("hang")
def hang(duty: duties.Leased) -> None:
    """Hold the lease for ever."""
    print(duty.key, flush=True)
    time.sleep(3600)


at = datetime.fromisoformat(sys.argv[1])
with clock.using(clock.ManualClock(at)):
    duties.run_due(at, sys.argv[2])
