"""A bank over HTTP: the package `mock-bank`, on a port of loopback, whose clock we move."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from mockbank.server import Config, make_server

#: An account that it holds from the start, with 125,000 euros; the rest of what it holds we give it.
OURS = "ACME"


class Bank:
    """What a client of the bank does."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.iban: str = self.call("GET", f"/_mock/accounts/{OURS}")["iban"]

    def call(self, method: str, path: str, body: bytes = b"") -> Any:
        kind = {"Content-Type": "application/json"} if body.startswith((b"{", b"[")) else {}
        request = urllib.request.Request(self.base + path, body or None, kind, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return json.loads(error.read() or b"null")

    def checked(self, file: bytes) -> str:
        """What it finds in a pain.001, in words, without paying it."""
        with urllib.request.urlopen(f"{self.base}/_mock/validate", file, timeout=20) as answer:  # noqa: S310
            return str(answer.read().decode())

    def pay(self, file: bytes) -> dict[str, Any]:
        """Hand in a pain.001."""
        return dict(self.call("POST", "/payments", file))

    def behave(self, account: str, behaviour: str, **parameters: Any) -> None:
        given = {"behaviour": behaviour, "parameters": parameters}
        self.call("PATCH", f"/_mock/accounts/{account}", json.dumps(given).encode())

    def hold(self, id: str, iban: str, **more: Any) -> None:
        """A customer of the same bank: only then can it know that the account is closed."""
        given = {"id": id, "name": id, "iban": iban, "bic": "MOCKNL2A", "currency": "EUR", **more}
        made = self.call("POST", "/_mock/accounts", json.dumps(given).encode())
        assert "error" not in made, made

    def until(self, day: datetime) -> None:
        """The bank's clock moves, days end, statements are made."""
        moved = self.call("POST", f"/_mock/advance?to={day:%Y-%m-%d}")
        assert "error" not in moved, moved

    def fetch(self, folder: Path) -> list[Path]:
        """What is for us, emptied into files in the order in which it came."""
        files = []
        for message in self.call("GET", "/_mock/mailbox"):
            if message["account"] != OURS:
                continue
            path = folder / f"{message['id']:04d}-{message['type']}.xml"
            path.write_text(message["body"])
            files.append(path)
        return files


@contextmanager
def serving(now: datetime) -> Iterator[Bank]:
    """A bank that begins at this moment."""
    server = make_server(Config(host="127.0.0.1", port=0, quiet=True, clock=f"{now:%Y-%m-%dT%H:%M}"))
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Bank(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
