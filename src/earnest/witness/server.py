"""A witness over HTTP: `POST add-checkpoint` for logs, `GET <hash of origin>/checkpoint` for everybody."""

import hashlib
import io
import logging
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import Any, ClassVar, Final

from earnest.record.canonical import decimal
from earnest.record.checkpoint import Checkpoint, cosign
from earnest.record.notes import Signer, Verifier, signatures_of
from earnest.record.witnessing import MAX_BODY, TEXT, Verdict, judge
from earnest.witness.store import Store

logger = logging.getLogger(__name__)

#: For a whole request to arrive, however it trickles.
PATIENCE_SECONDS: Final = 10
#: Connections at once; whoever comes beyond is hung up on and may come again.
AT_ONCE: Final = 64

#: What else must hold before this one signs: an auditor replays the log up to there. Raises Refusal.
Also = Callable[[Checkpoint, str], None]


class Refusal(Exception):
    """It grows, and this one does not sign all the same; says why, and with what HTTP status."""

    def __init__(self, why: str, status: int = 422) -> None:
        self.status = status
        super().__init__(why)


@dataclass
class Witness:
    """Looks, judges, writes down, and signs; one submission at a time."""

    store: Store
    signer: Signer
    logs: Sequence[Verifier]
    also: Also = field(default=lambda checkpoint, note: None)
    now: Callable[[], float] = time.time

    def add_checkpoint(self, body: bytes) -> Verdict:
        """The answer to a submission."""
        with self.store.lock:
            verdict = judge(body, self.logs, self.store.seen)
            if verdict.checkpoint is None:
                return verdict
            try:
                self.also(verdict.checkpoint, verdict.note)
            except Refusal as refusal:
                logger.warning("not signed: %s", refusal)
                return Verdict(refusal.status, f"{refusal}\n")
            line = cosign(signatures_of(verdict.note)[0], self.signer, int(self.now()))
            self.store.keep(verdict.checkpoint.origin, verdict.note + line)
        return Verdict(200, line)

    def checkpoint(self, named: str) -> str:
        """The newest note of the log whose origin has this SHA-256, or nothing."""
        for log in self.logs:
            if hashlib.sha256(log.name.encode()).hexdigest() == named:
                return self.store.note(log.name)
        return ""


@dataclass
class Running:
    """A server that answers at `url` until it is stopped."""

    url: str
    server: ThreadingHTTPServer
    thread: Thread

    def stop(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.thread.join(timeout=10)
        self.server.server_close()


def address(listen: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `PORT`. Raises ValueError."""
    host, _, port = listen.rpartition(":")
    number = decimal(port)
    if number is None or number > 65_535:
        raise ValueError(f"“{listen}” is not HOST:PORT")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", number


def serve(witness: Witness, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve a witness from a thread; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"witness": witness})
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = type("Server", (_Server,), {"address_family": family})((host, port), handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), name="witness", daemon=True)
    thread.start()
    named = f"[{host}]" if ":" in host else host
    return Running(f"http://{named}:{server.server_address[1]}", server, thread)


class _Server(ThreadingHTTPServer):
    """A thread for each connection, and no more than so many."""

    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        self.places = BoundedSemaphore(AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            logger.exception("a request failed")


class _Patient(io.RawIOBase):
    """A socket that is read up to a deadline: a time limit for each read alone lets a trickle go on for days."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.until = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
        return self.connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    witness: ClassVar[Witness]
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.patient = _Patient(self.connection)
        self.rfile = io.BufferedReader(self.patient)

    def handle_one_request(self) -> None:
        self.patient.until = time.monotonic() + PATIENCE_SECONDS
        super().handle_one_request()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what matters is logged where it happens."""

    def do_POST(self) -> None:
        """add-checkpoint."""
        length = decimal(self.headers.get("content-length", "") or "none")
        if length is None or length > MAX_BODY:
            self.close_connection = True
            status = 411 if length is None else 413
            self._answer(Verdict(status, "a request has a length, and not a large one\n"))
            return
        body = self.rfile.read(length)
        if self.path.rstrip("/").rsplit("/", 1)[-1] != "add-checkpoint":
            self._answer(Verdict(404, "there is add-checkpoint, and nothing else\n"))
            return
        try:
            verdict = self.witness.add_checkpoint(body)
        except Exception:
            logger.exception("a submission could not be judged or written down; nothing was signed")
            verdict = Verdict(500, "this witness cannot sign now\n")
        self._answer(verdict)

    def do_GET(self) -> None:
        """Who this is, or the newest checkpoint of a log."""
        parts = self.path.strip("/").split("/")
        if parts == [""]:
            self._answer(Verdict(200, f"{self.witness.signer.vkey}\n"))
        elif parts[-1] == "checkpoint" and len(parts) >= 2 and (note := self.witness.checkpoint(parts[-2])):
            self._answer(Verdict(200, note))
        else:
            self._answer(Verdict(404, "nothing is known of that\n"))

    def _answer(self, verdict: Verdict) -> None:
        data = verdict.body.encode()
        self.connection.settimeout(PATIENCE_SECONDS)
        self.send_response(verdict.status)
        self.send_header("Content-Type", verdict.type or TEXT)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
