"""A worker of a card book, as a process of its own that can be killed: does once what is due at an instant."""

import sys
from datetime import datetime

import django

django.setup()

from earnest.book import clock, duties, ids, keys  # noqa: E402

at = datetime.fromisoformat(sys.argv[1])
keys.use(keys.from_seed("tests.example", "tests"))
ids.use(ids.SeededIds("worker"))
with clock.using(clock.ManualClock(at)):
    duties.run_due(at, "killed")
print("came to its end", flush=True)
