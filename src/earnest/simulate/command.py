"""`./earnest simulate --seed N --steps M`: in a book of its own, thrown away at the end."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Exit code 0 if every invariant held, 1 at the first that did not."""
    parser = argparse.ArgumentParser(
        prog="./earnest simulate", description="Random business against a naive model."
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args(arguments)
    if options.steps < 1:
        print("The number of steps is at least 1.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="earnest-simulate-") as folder:
        os.environ["EARNEST_DATA"] = folder
        os.environ["EARNEST_DATABASE_URL"] = f"sqlite:///{Path(folder, 'earnest.sqlite3')}"
        os.environ["EARNEST_LOG_LEVEL"] = "ERROR"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "earnest.settings")
        return _run(options.seed, options.steps)


def _run(seed: int, steps: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from earnest.simulate.run import Broken, Simulation

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    simulation = Simulation(seed)
    began = time.monotonic()
    step = 0
    try:
        simulation.begin()
        for step in range(1, steps + 1):
            simulation.step()
            if step % 100 == 0:
                _progress(step, steps)
            # Comparing reads every reservation, so it is done less often as they grow in number.
            if step % (100 if step <= 1000 else 1000) == 0 or step == steps:
                simulation.compare(deeply=step % 5000 == 0 or step == steps)
    except Broken as broken:
        print(f"\nBROKEN at seed {seed}, step {step}: {broken}", file=sys.stderr)
        return 1
    finally:
        simulation.end()
    did = ", ".join(f"{name} {count}" for name, count in sorted(simulation.done.items()))
    print(f"Seed {seed}, {steps} steps in {time.monotonic() - began:.0f} s: every invariant held.\n{did}")
    return 0


def _progress(step: int, steps: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{step} of {steps} steps", end="" if step < steps else "\n", file=sys.stderr, flush=True)
