"""`./earnest lint`: style, format, types, the order of the floors, templates. All of them, then one verdict."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from earnest.config import ROOT

BIN = Path(sys.executable).parent


def main(arguments: list[str]) -> int:
    """Run every check, or those named; exit code 1 if any of them found something."""
    checks = {
        "ruff": ["ruff", "check", "--quiet", "."],
        "format": ["ruff", "format", "--check", "--quiet", "."],
        "mypy": ["mypy"],
        "floors": ["lint-imports"],
        "templates": ["djlint", "--quiet", "--lint", "src/earnest"],
    }
    parser = argparse.ArgumentParser(prog="./earnest lint", description="Check style, types and floors.")
    parser.add_argument("check", nargs="*", help=f"only these: {', '.join(checks)} (default: all)")
    wanted = parser.parse_args(arguments).check or list(checks)
    if unknown := [name for name in wanted if name not in checks]:
        print(f"There is no check {unknown[0]!r}; there are {', '.join(checks)}.", file=sys.stderr)
        return 2
    failed = [name for name in wanted if not _holds(name, checks[name])]
    print(
        f"lint: {len(wanted) - len(failed)} of {len(wanted)} hold"
        + (f"; not {', '.join(failed)}" * bool(failed))
    )
    return 1 if failed else 0


def _holds(name: str, command: list[str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="earnest-lint-") as folder:
        # mypy's Django plugin starts Django: on settings of its own, so that no data folder is made.
        env = {key: value for key, value in os.environ.items() if not key.startswith("EARNEST_")} | {
            "EARNEST_DATA": folder,
            "EARNEST_SECRET_KEY": "only for reading types",
            "EARNEST_DATABASE_URL": "sqlite:////nowhere",
        }
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=env, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    if done.returncode:
        print(f"--- {name}\n{done.stdout.strip()}\n")
    return done.returncode == 0
