"""A mail server that takes what it is given, or refuses every receiver: enough of RFC 5321 for smtplib."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Taken(list[tuple[str, str, bytes]]):
    """(sender, receiver, exact bytes) of what was handed over; `refuses` turns every receiver away."""

    port = 0
    refuses = False


@contextmanager
def server() -> Iterator[Taken]:
    """A server on a free port of this machine, until the block ends."""
    taken = Taken()

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 tests")
            sender = to = ""
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"MAIL":
                    sender = line.decode().split("<")[1].split(">")[0]
                elif word == b"RCPT":
                    to = line.decode().split("<")[1].split(">")[0]
                    if taken.refuses:
                        self.say("550 nobody of that name")
                        continue
                elif word == b"DATA":
                    self.say("354 go on")
                    taken.append((sender, to, self.data()))
                elif word == b"QUIT":
                    return self.say("221 bye")
                self.say("250 well")

        def data(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            raise

    running = Server(("127.0.0.1", 0), Session)
    taken.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield taken
    running.shutdown()
    running.server_close()
    thread.join(timeout=5)
