"""One server with the demonstration for all tests in a browser that need it; it takes a minute to load."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from earnest.config import ROOT
from tests.faces.browser.test_founding_path import Demo, free_ports


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`./earnest` as the README says, in an empty data folder; stopped by a signal, and gone without an error."""
    port = free_ports()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EARNEST_")}
    env = kept | {
        "EARNEST_DATA": str(tmp_path_factory.mktemp("data")),
        "EARNEST_PORT": str(port),
        "EARNEST_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "earnest.settings",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "earnest"],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    said = ""
    for line in server.stdout:
        said += line
        if "A book of your own" in line:
            break
    assert "Earnest is up" in said, said
    drained = threading.Thread(target=server.stdout.read, daemon=True)
    drained.start()
    yield Demo(f"http://127.0.0.1:{port}", said, env)
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0
