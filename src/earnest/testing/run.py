"""`./earnest test`: the suite on SQLite and on a real PostgreSQL, side by side, each closing with pytest's own line."""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from typing import IO

from earnest.config import ROOT
from earnest.testing import postgres

DSN = "EARNEST_TEST_DSN"
NO_TESTS = 5  # pytest's exit code when all were left out; tests/conftest.py leaves the pure ones to SQLite


def main(arguments: list[str]) -> int:
    """Run pytest once per database; the exit code is the first that is not zero."""
    parser = argparse.ArgumentParser(
        prog="./earnest test",
        description="Run the tests. What is not known here goes to pytest: paths, -k WORD, -x …",
        epilog=f"{DSN}=postgresql://… uses that server instead of starting one.",
    )
    parser.add_argument("--database", choices=("sqlite", "postgres", "all"), default="all")
    options, rest = parser.parse_known_args(arguments)
    try:
        return _run(options.database, rest)
    except postgres.CannotStart as error:
        print(error, file=sys.stderr)
        return 2


def _run(database: str, rest: list[str]) -> int:
    with ExitStack() as stack:
        if database == "sqlite":
            return _pytest("SQLite", rest, {}).wait()
        server = os.environ.get(DSN) or stack.enter_context(postgres.running())
        if database == "postgres":
            return _pytest("PostgreSQL", rest, {DSN: server}).wait()
        said = stack.enter_context(tempfile.TemporaryFile())
        beside = _pytest("PostgreSQL", rest, {DSN: server}, said)
        try:
            first = _pytest("SQLite", rest, {}).wait()
            second = beside.wait()
        finally:
            if beside.poll() is None:
                beside.terminate()
                beside.wait()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\n" + said.read())
        sys.stdout.flush()
    # A choice of pure tests alone leaves nothing for PostgreSQL, and that is as it should be.
    return first or (0 if second == NO_TESTS else second)


def _pytest(
    name: str, rest: list[str], added: dict[str, str], out: IO[bytes] | None = None
) -> "subprocess.Popen[bytes]":
    env = {key: value for key, value in os.environ.items() if key != DSN} | added
    cache = [] if name == "SQLite" else ["-o", "cache_dir=.pytest_cache/postgres"]
    header = f"Tests on {name}\n".encode()
    if out is None:
        sys.stdout.buffer.write(header)
        sys.stdout.flush()
    else:
        out.write(header)
        out.flush()
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pytest", *cache, *rest],
        cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT if out else None,
    )  # fmt: skip
