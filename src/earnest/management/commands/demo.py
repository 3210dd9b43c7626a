"""`./earnest demo`: the demonstration, loaded if it is not there."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command

from earnest.demo import load
from earnest.management.base import Command as Base
from earnest.management.base import Refused


class Command(Base):
    help = "Load the demonstration book if it is not there, and say what to look at."
    reports = True

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EARNEST.demo:
            raise Refused("There is a real book here; the demonstration never touches it.")
        call_command("migrate", verbosity=0)
        if not load.loaded():
            started = time.monotonic()
            self.stderr.write("Loading the demonstration: eight years in a moment …")
            load.load(self._progress)
            self.stderr.write(f"Loaded in {time.monotonic() - started:.0f} s.")
        facts = load.facts()
        self.answer(options, facts, "\n".join(f"{name}: {number}" for name, number in facts.items()))

    def _progress(self, done: int, total: int) -> None:
        if self.stderr.isatty() and (done % 25 == 0 or done == total):
            self.stderr.write(f"\r  {done} of {total} events", ending="" if done < total else "\n")
