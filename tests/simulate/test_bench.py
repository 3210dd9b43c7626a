"""`./earnest bench record`, small: that it measures the real thing. Nothing is timed here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from earnest.bench.figures import AT_LEAST, Figure, table
from earnest.bench.record import slope
from earnest.config import ROOT
from tests.conftest import on_postgres


def bench(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own, on the database that this run is on."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("EARNEST_")}
    if on_postgres() and "--database" not in arguments:
        arguments = (*arguments, "--database", os.environ["EARNEST_TEST_DSN"])
    return subprocess.run(
        [sys.executable, "-P", "-m", "earnest", "bench", *arguments],
        cwd=ROOT, env=env | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_small_run_measures_everything_and_every_root_is_right(tmp_path: Path) -> None:
    done = bench(tmp_path, "record", "--quick", "--subjects", "1000", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["bench"] == "record" and found["subjects"] == 1000
    assert found["machine"]["cores"] and found["machine"]["database"].startswith(
        "PostgreSQL" if on_postgres() else "SQLite"
    )
    figures = {each["name"]: each for each in found["figures"]}
    assert {"seal", "act_alone", "act_together", "story_built", "story_verified", "replay"} <= set(figures)
    assert all(f"worst_{kind}_memory" in figures for kind in ("acts", "seals", "bytes", "linked", "deep"))
    for each in figures.values():
        assert each["low"] <= each["median"] <= each["high"] and each["unit"] and each["target"]
        assert each["median"] > 0 or each["name"].startswith("act_")
    assert len(found["checks"]) == 5 and all(found["checks"].values())
    assert list(tmp_path.iterdir()) == [], "what it made is gone"


@pytest.mark.once
def test_the_exposure_of_many_is_that_of_each(tmp_path: Path) -> None:
    done = bench(tmp_path, "rights", "--subjects", "1000", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    figures = {each["name"]: each for each in found["figures"]}
    assert figures["exposure"]["target"] == 10 and 0 < figures["may_cancel"]["median"] <= 1000
    assert len(found["checks"]) == 1 and all(found["checks"].values())


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("record", "--subjects", "12"), "At least 1,000 subjects"),
        (("record", "--quick", "--database", "mysql://x"), "--database is sqlite, postgres"),
        (("record", "--quick", "--database", "postgresql://127.0.0.1:1/x"), "No database can be made there"),
        (("money-laundering",), "invalid choice"),
    ],
)
def test_what_cannot_begin_is_said_in_one_sentence(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = bench(tmp_path, *arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.once
def test_a_figure_is_judged_by_its_median() -> None:
    quick = Figure("a", "A", "s", (0.1, 0.2, 9.0), 0.25)
    slow = Figure("b", "B", "s", (0.1, 0.3, 0.4), 0.25)
    rate = Figure("c", "C", "1/s", (10.0, 20.0, 30.0), 25, AT_LEAST)
    told = Figure("d", "D", "s", (1.0,))
    assert (quick.met, slow.met, rate.met, told.met) == (True, False, False, None)
    lines = table([quick, slow, rate, told]).splitlines()
    assert [bool(re.search("met$|MISSED$", line)) for line in lines] == [False, True, True, True, False]


@pytest.mark.once
def test_growth_is_what_ten_times_as_many_acts_add() -> None:
    flat = slope("f", "F", {10: [100.0], 100: [100.0], 1000: [100.0]})
    deeper = slope("f", "F", {10: [100.0], 100: [120.0], 1000: [140.0]})
    grows = slope("f", "F", {10: [100.0], 100: [190.0], 1000: [1090.0]})
    assert flat.median == 0 and flat.met
    assert round(deeper.median) == 20 and not deeper.met
    assert grows.median > 400
