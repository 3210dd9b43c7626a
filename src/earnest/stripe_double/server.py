"""The double over HTTP: Stripe's routes, the Checkout page, and webhooks from a thread of its own.

python -m earnest.stripe_double --port 12111 --state FILE --webhook-url http://127.0.0.1:8000/hooks/stripe/
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from earnest.stripe_double import api, checkout, control
from earnest.stripe_double.double import StripeDouble
from earnest.stripe_double.params import Refusal, invalid, multipart, parse
from earnest.stripe_double.webhooks import Deliverer

MAX_BODY = 10_000_000


@dataclass
class Running:
    """A server that answers at `url` until it is stopped."""

    url: str
    server: ThreadingHTTPServer
    thread: Thread
    deliverer: Deliverer

    def stop(self) -> None:
        """Stop answering and delivering."""
        self.deliverer.stop()
        self.server.shutdown()
        self.thread.join(timeout=10)
        self.server.server_close()


def serve(
    double: StripeDouble, host: str = "127.0.0.1", port: int = 0, *, webhook_url: str, public_url: str = ""
) -> Running:
    """Serve a double; port 0 takes a free one. `public_url` is where browsers reach it."""
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    url = f"http://{host}:{server.server_address[1]}"
    double.public_url = public_url or url
    deliverer = Deliverer(double, webhook_url)
    deliverer.start()
    thread = Thread(target=server.serve_forever, args=(0.05,), name="stripe-double", daemon=True)
    thread.start()
    return Running(url, server, thread, deliverer)


class _Handler(BaseHTTPRequestHandler):
    double: ClassVar[StripeDouble]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """Objects, lists, and the Checkout page."""
        url = urlsplit(self.path)
        if url.path == "/checkout.css":
            self._send(200, checkout.CSS.encode(), "text/css")
        elif url.path.startswith("/c/pay/"):
            self._checkout(url.path)
        else:
            self._api("GET", url.path, parse(url.query))

    def do_POST(self) -> None:
        """Making things, and paying."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > MAX_BODY:
            self._json(413, invalid("Request too large.").body)
            return
        raw = self.rfile.read(size)
        path = urlsplit(self.path).path
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            self._api("POST", path, multipart(raw, kind), hashlib.sha256(raw).hexdigest())
            return
        body = raw.decode()
        if path.startswith("/c/pay/"):
            self._checkout(path, parse_qs(body))
            return
        try:
            params = parse(body)
        except Refusal as refusal:
            self._json(refusal.status, refusal.body)
            return
        self._api("POST", path, params, body)

    # --- the API

    def _api(self, method: str, path: str, params: dict[str, Any], body: str = "") -> None:
        double = self.double
        route = f"{method} {path}"
        fault = double.faults.take(route)
        if fault in ("drop_before", "500", "429", "garbage"):
            self._stumble(fault)
            return
        try:
            self._authorized()
            if path.startswith(control.PREFIX):
                with double.store.lock:
                    status, answer = 200, json.dumps(control.act(double, path, params))
            elif method == "POST" and self.headers.get("Idempotency-Key"):
                status, answer = self._once(self.headers["Idempotency-Key"], route, body, params)
            else:
                with double.store.lock:
                    double.run_due()
                    status, answer = 200, json.dumps(api.answer(double, method, path, params))
        except Refusal as refusal:
            status, answer = refusal.status, json.dumps(refusal.body)
        if fault == "timeout_after":
            self.close_connection = True
            return
        self._send(status, answer.encode(), "application/json")

    def _stumble(self, fault: str) -> None:
        if fault == "drop_before":
            self.close_connection = True
        elif fault == "garbage":
            self._send(200, b"<html>not what you asked for", "text/html")
        else:
            error = Refusal(int(fault), "api_error", "Something went wrong on Stripe's end.")
            self._json(error.status, error.body)

    def _authorized(self) -> None:
        given = self.headers.get("Authorization", "")
        if given != f"Bearer {self.double.secret_key}":
            raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")

    def _once(self, key: str, route: str, body: str, params: dict[str, Any]) -> tuple[int, str]:
        """The same key and body get the same answer, errors included; another body is an error of its own."""
        store = self.double.store
        with store.lock:
            known = store.answered(key)
            if known:
                if known[:2] != (route, body):
                    message = f"Keys for idempotent requests can only be used with the same parameters: {key}"
                    raise Refusal(400, "idempotency_error", message)
                if not known[2]:
                    raise Refusal(409, "idempotency_error", "A request with this key is in progress.")
                return known[2], known[3]
            store.answer(key, route, body, 0, "")
        try:
            with store.lock:
                self.double.run_due()
                status, answer = (
                    200,
                    json.dumps(api.answer(self.double, "POST", route.split(" ", 1)[1], params)),
                )
        except Refusal as refusal:
            status, answer = refusal.status, json.dumps(refusal.body)
        with store.lock:
            store.answer(key, route, body, status, answer)
        return status, answer

    # --- the page

    def _checkout(self, path: str, form: dict[str, list[str]] | None = None) -> None:
        self.double.run_due()
        session = self.double.store.get("session", path.removeprefix("/c/pay/"))
        if session is None:
            self._send(404, b"Not found", "text/plain")
        elif session["status"] != "open":
            self._send(410, checkout.closed(session).encode(), "text/html; charset=utf-8")
        elif form is None:
            self._send(200, checkout.page(session).encode(), "text/html; charset=utf-8")
        else:
            self._pay(session, "".join(form.get("number", [""])[0].split()))

    def _pay(self, session: dict[str, Any], number: str) -> None:
        try:
            self.double.pay(session["id"], number)
        except Refusal as refusal:
            page = checkout.page(session, str(refusal))
            self._send(402, page.encode(), "text/html; charset=utf-8")
            return
        self.send_response(303)
        self.send_header("Location", session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", "req_double")
        self.end_headers()
        self.wfile.write(body)


def wall_clock(offset_seconds: int = 0) -> Callable[[], int]:
    """Epoch seconds, shifted."""
    return lambda: int(time.time()) + offset_seconds
