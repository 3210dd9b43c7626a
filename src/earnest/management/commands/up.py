"""`./earnest up`, or just `./earnest`: everything in one process, ready to look at."""

import threading
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from earnest import sealer, serving
from earnest.book import clock, duties, exposing, links, mode, retention
from earnest.demo import load
from earnest.management.base import BadUsage, Refused
from earnest.management.base import Command as Base
from earnest.post import clearing_alarms, deadlines
from earnest.rails.stripe import reconcile
from earnest.stripe_double.server import Running
from earnest.stripe_double.server import serve as serve_double


class Command(Base):
    help = "Serve storefront, portal, console and API, and do what is due; loads the demonstration if there is no book."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stop = threading.Event()
        self.double: Running | None = None
        self.worker = threading.Thread(target=duties.loop, args=(self.stop, "up"), name="worker", daemon=True)
        self.sealer = threading.Thread(target=sealer.loop, args=(self.stop, "up"), name="sealer", daemon=True)
        config = settings.EARNEST
        try:
            with serving.only_one(config.data):
                for port in (config.port, config.port + 1) if config.demo else (config.port,):
                    serving.check_free(config.host, port)
                self._prepare()
                serving.serve(get_wsgi_application(), config.host, config.port, self._started, self._stopping)
        except serving.Held:
            raise Refused("Another ./earnest serves this data folder; stop it first.") from None
        except OSError as error:
            raise BadUsage(f"The server cannot start: {error}.") from None
        self._stopping()

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not settings.EARNEST.demo:
            if not mode.exists():
                raise Refused("There is no book in this database yet; `./earnest open` opens one.")
            return
        if not load.loaded():
            began = time.monotonic()
            self.stdout.write("Loading the demonstration: eight years in a moment …")
            load.load(lambda done, total: None)
            self.stdout.write(f"Loaded in {time.monotonic() - began:.0f} s.")

    def _started(self) -> None:
        config = settings.EARNEST
        if config.demo:
            double = load.stripe_double(config.data / "stripe.sqlite3", lambda: int(clock.now().timestamp()))
            self.double = serve_double(
                double, port=config.port + 1, webhook_url=f"http://{config.host}:{config.port}/hooks/stripe/"
            )
        retention.arm()
        exposing.arm()
        clearing_alarms.arm()
        deadlines.arm()
        reconcile.arm()
        self.worker.start()
        self.sealer.start()
        self.stdout.write(self._welcome())
        self.stdout.flush()

    def _stopping(self) -> None:
        self.stop.set()
        if self.double:
            self.double.stop()
            self.double = None
        for each in (self.worker, self.sealer):
            if each.is_alive():
                each.join(timeout=10)

    def _welcome(self) -> str:
        base = settings.EARNEST.base_url
        if not settings.EARNEST.demo:
            return f"Earnest serves {mode.origin()} at {base}  (console: {base}/console/)"
        facts = load.facts()
        portal = f"{base}/link/{links.make('portal', facts['founding'])}/"
        return "\n".join(
            [
                "",
                f"Earnest is up, with a demonstration of made-up people: {base}",
                "",
                f"  Storefront      {base}/",
                f"  Console         {base}/console/",
                f"                  log in as {' or '.join(load.OPERATORS)}, password {load.PASSWORD}",
                f"  A customer      {portal}",
                "",
                "Look at first: the customer's page, whose story this was made for. Then let anybody check it:",
                f"  ./earnest story {facts['founding']} --output story.json && ./earnest verify story.json",
                "",
                "Stop with Ctrl-C. A book of your own: ./earnest open --help",
            ]
        )
