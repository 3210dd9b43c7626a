"""A witness over HTTP: `POST add-checkpoint` for logs, `GET <hash of origin>/checkpoint` for everybody."""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import Any, ClassVar, Final

from earnest.record.checkpoint import Checkpoint, cosign
from earnest.record.notes import Signer, Verifier
from earnest.record.witnessing import MAX_BODY, TEXT, Verdict, judge
from earnest.witness.store import Store

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 10
#: Requests at once; whoever comes beyond waits for the socket.
AT_ONCE: Final = 16

#: What else must hold before this one signs: an auditor replays the log up to there. Raises Refusal.
Also = Callable[[Checkpoint, str], None]


class Refusal(Exception):
    """It grows, and this one does not sign all the same; says why."""


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
            note = body.decode().partition("\n\n")[2]
            try:
                self.also(verdict.checkpoint, note)
            except Refusal as refusal:
                logger.warning("not signed: %s", refusal)
                return Verdict(422, f"{refusal}\n")
            line = cosign(verdict.checkpoint.body, self.signer, int(self.now()))
            self.store.keep(verdict.checkpoint.origin, note + line)
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


def serve(witness: Witness, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve a witness from a thread; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"witness": witness, "turns": BoundedSemaphore(AT_ONCE)})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,), name="witness", daemon=True)
    thread.start()
    return Running(f"http://{host}:{server.server_address[1]}", server, thread)


class _Handler(BaseHTTPRequestHandler):
    witness: ClassVar[Witness]
    turns: ClassVar[BoundedSemaphore]
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what matters is logged where it happens."""

    def do_POST(self) -> None:
        """add-checkpoint."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._answer(
                Verdict(413 if length.isdecimal() else 411, "a request has a length, and not a large one\n")
            )
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/").rsplit("/", 1)[-1] != "add-checkpoint":
            self._answer(Verdict(404, "there is add-checkpoint, and nothing else\n"))
            return
        with self.turns:
            self._answer(self.witness.add_checkpoint(body))

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
        self.send_response(verdict.status)
        self.send_header("Content-Type", verdict.type or TEXT)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
