"""HTTP and background threads in one process: granian's threaded server on our own WSGI application.

SQLite wants exactly one process that writes, so server, worker and (in the demonstration) the Stripe double are
threads of one. The lock in the data folder keeps a second one away.
"""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server.common import AbstractServer
from granian.server.mt import MTServer

THREADS = 8


class Held(Exception):
    """Another process serves this data folder."""


class OneProcess(MTServer):
    """Granian's multi-threaded server. It was made for Python without the GIL; with it, one worker is as good."""

    def _check_gil(self) -> None:
        """The threads that matter here wait for the database, which lets others run."""

    def run(self, application: Callable[..., Any]) -> None:
        """Serve until told to stop by SIGINT or SIGTERM."""
        AbstractServer.serve(self, target_loader=lambda: application, wrap_loader=False)


def serve(
    application: Callable[..., Any],
    host: str,
    port: int,
    started: Callable[[], None],
    stopping: Callable[[], None],
) -> None:
    """Serve a WSGI application until a signal ends it."""
    server = OneProcess(
        "earnest",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    server.on_startup(started)
    server.on_shutdown(stopping)
    server.run(application)


def check_free(host: str, port: int) -> None:
    """Raises OSError where somebody listens there already; granian would quietly share the port with them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(
                f"port {port} of {host} cannot be used ({error.strerror}); set EARNEST_PORT"
            ) from None


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises Held where another process does."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
