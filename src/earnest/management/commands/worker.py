"""`./earnest worker`: do what is due, as a process of its own (for PostgreSQL; `up` has one inside)."""

import os
import signal
import socket
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection

from earnest import serving
from earnest.book import clock, duties, exposing, mode, retention
from earnest.management.base import Command as Base
from earnest.management.base import Refused
from earnest.post import clearing_alarms, deadlines
from earnest.rails.stripe import reconcile


class Command(Base):
    help = "Do what is due: mails, refunds, reminders, slips to tell. Stop with Ctrl-C; nothing is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        if connection.vendor != "sqlite":
            self._work(options["once"])
            return
        try:
            with serving.only_one(settings.EARNEST.data):
                self._work(options["once"])
        except serving.Held:
            raise Refused(
                "On SQLite one process writes, and `./earnest up` is it: its worker does this."
            ) from None

    def _work(self, once: bool) -> None:
        retention.arm()
        exposing.arm()
        clearing_alarms.arm()
        deadlines.arm()
        reconcile.arm()
        name = f"{socket.gethostname()}/{os.getpid()}"
        if once:
            while duties.run_due(clock.now(), name):
                pass
            return
        stop = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stop.set())
        self.stdout.write(f"Worker {name} does what is due.")
        duties.loop(stop, name)
