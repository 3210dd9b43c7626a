"""A maker's `/record` over HTTP, from a log in memory: true, or cheating as the log does."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.vectors.small_log import SmallLog

KEY = "ek_0000000000_audit"


@contextmanager
def serving(
    log: SmallLog,
    leaves: list[bytes] | None = None,
    answers: dict[str, bytes] | None = None,
    stumbles: list[str] | None = None,
) -> Iterator[str]:
    """The address of the log's `/record`; `leaves` are other bytes than those that were signed.

    `answers` are given by path instead of the true ones; `stumbles` are paths that fail with 503, once for each.
    """

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            name = address.path.removeprefix("/record/")
            if stumbles and name in stumbles:
                stumbles.remove(name)
                self.answer(503, b"later\n")
            elif answers and name in answers:
                self.answer(200, answers[name])
            elif name == "checkpoint":
                self.answer(200, log.seals[-1].note.encode())
            elif name.startswith("anchors/") and int(name[8:]) < len(log.seals):
                before = log.seals[int(name[8:]) - 1]
                self.answer(200, before.note.encode() + b"".join(before.stamps))
            elif name == "leaves" and self.headers["authorization"] == f"Bearer {KEY}":
                asked = parse_qs(address.query)
                found = (leaves or log.leaves)[int(asked["from"][0]) : int(asked["to"][0])]
                self.answer(200, b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in found))
            else:
                self.answer(401 if name == "leaves" else 404, b"no\n")

        def answer(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/record"
    server.shutdown()
    thread.join()
    server.server_close()
