"""`./earnest seal`: take what was committed into the log and sign, again and again, or once."""

import os
import signal
import socket
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection

from earnest import sealer, serving
from earnest.book import log, mode
from earnest.book.sealing import Behind, Held, LostLease
from earnest.management.base import Command as Base
from earnest.management.base import Refused


class Command(Base):
    help = "Seal the log: at least hourly, a minute after an act, or after many. Stop with Ctrl-C; nothing is lost."
    reports = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal now, ask everybody once, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        mode.current()
        if connection.vendor == "sqlite":
            try:
                with serving.only_one(settings.EARNEST.data):
                    self._seal(options)
            except serving.Held:
                raise Refused(
                    "On SQLite one process writes, and `./earnest up` is it: it seals too."
                ) from None
        else:
            self._seal(options)

    def _seal(self, options: dict[str, Any]) -> None:
        name = f"{socket.gethostname()}/{os.getpid()}"
        if options["once"]:
            self._once(name, options)
            return
        stop = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stop.set())
        self.stdout.write(f"Sealer {name} seals the log of {mode.origin()}.")
        sealer.loop(stop, name)

    def _once(self, name: str, options: dict[str, Any]) -> None:
        try:
            sealer.turn(name, force=True)
        except Held as error:
            raise Refused(f"Another sealer is at work: {error}.") from None
        except (LostLease, Behind) as error:
            raise Refused(str(error)) from None
        finally:
            sealer.leave(name)
        point = log.latest()
        assert point is not None
        data = {
            "seal": point.no,
            "size": point.size,
            "cosignatures": len(point.lines),
            "stamps": len(point.stamps),
        }
        said = f"Seal {point.no}: {point.size} leaves, {len(point.lines)} cosignatures, {len(point.stamps)} stamps."
        self.answer(options, data, said)
