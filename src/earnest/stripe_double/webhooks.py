"""Delivering events: signed, retried until they are taken, sometimes twice, late, out of order or never."""

import hashlib
import hmac
import json
import logging
import time
import urllib.error
import urllib.request
from threading import Event, Lock, Thread
from typing import Any, Final

from earnest.stripe_double.double import StripeDouble

log = logging.getLogger(__name__)

#: Real seconds before each new try; Stripe tries for three days, this stand-in for half a minute.
RETRIES: Final = (0.2, 0.5, 1, 2, 4, 8, 16)


def signature(payload: bytes, secret: str, at: int) -> str:
    """The header `Stripe-Signature`: HMAC-SHA256 over `t.payload`, scheme v1."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Deliverer:
    """A thread that posts events to one address, one after another."""

    def __init__(self, double: StripeDouble, url: str) -> None:
        self.double = double
        self.url = url
        self._queue: list[tuple[float, int, dict[str, Any]]] = []
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="stripe-double-webhooks", daemon=True)
        double.on_event = self.add

    def start(self) -> None:
        """Begin delivering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what was not delivered stays in the list of events."""
        self._stop.set()
        self._thread.join(timeout=20)

    def add(self, event: dict[str, Any]) -> None:
        """Deliver an event soon, as the faults have it."""
        faults = self.double.faults
        chaos, id = faults.webhooks, event["id"]
        if faults.strikes("lose", id, chaos.lose):
            return
        wait = 0.6 if faults.strikes("delay", id, chaos.delay) else 0.0
        wait += 0.2 if faults.strikes("reorder", id, chaos.reorder) else 0.0
        copies = 2 if faults.strikes("duplicate", id, chaos.duplicate) else 1
        with self._lock:
            self._queue += [(time.monotonic() + wait, 0, event)] * copies

    def idle(self) -> bool:
        """Whether nothing waits to be delivered."""
        with self._lock:
            return not self._queue

    def _run(self) -> None:
        while not self._stop.wait(0.02):
            self.double.run_due()
            for due, tries, event in self._take():
                if not self._post(event) and tries < len(RETRIES):
                    with self._lock:
                        self._queue.append((max(due, time.monotonic()) + RETRIES[tries], tries + 1, event))

    def _take(self) -> list[tuple[float, int, dict[str, Any]]]:
        now = time.monotonic()
        with self._lock:
            ready = [waiting for waiting in self._queue if waiting[0] <= now]
            self._queue = [waiting for waiting in self._queue if waiting[0] > now]
        return ready

    def _post(self, event: dict[str, Any]) -> bool:
        payload = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature(payload, self.double.webhook_secret, self.double.now()),
        }
        request = urllib.request.Request(self.url, payload, headers)  # noqa: S310 - the address is configured
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return 200 <= int(answer.status) < 300
        except (urllib.error.URLError, OSError) as error:
            log.debug("webhook %s not taken: %s", event["id"], error)
            return False
