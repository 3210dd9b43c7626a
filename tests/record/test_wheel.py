"""The verifier as a wheel of its own: from the same files, with nothing of Earnest beside it."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from tests.vectors import make_reserves, make_v1

ROOT = Path(__file__).parents[2]
CHECK = "import earnest.record.verify as v; assert '/site/' in v.__file__, v.__file__; v.command()"


def test_the_wheel_holds_the_verifier_alone_and_verifies(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT / "packaging" / "earnest-record",
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("earnest_record-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(tmp_path / "site")
    theirs = {path.name for path in (ROOT / "src" / "earnest" / "record").glob("*.py")}
    assert {Path(name).name for name in names} == theirs
    assert all(name.startswith("earnest/record/") for name in names)
    for given, code in (
        ([str(make_v1.FOLDER / "valid-audited.json")], 0),
        ([str(make_v1.FOLDER / "attack-last-act-dropped.json")], 1),
        ([str(make_v1.FOLDER / "attack-truncated.json")], 2),
        (["--reserves", str(make_reserves.FOLDER / "valid-logged.json")], 0),
    ):
        run = subprocess.run(
            [
                # -S: no .pth file may bring this tree's own package in.
                *(sys.executable, "-S", "-c", CHECK),
                *given,
            ],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{tmp_path / 'site'}:{sysconfig.get_path('platlib')}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == code, run.stdout + run.stderr
