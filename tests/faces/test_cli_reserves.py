"""`./earnest reserves`: owed against held, the statement, and a proof that the verifier takes."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earnest.book import clock, keys, sealing
from earnest.record import verify
from tests import scene
from tests.faces.test_cli_business import run
from tests.scene import pay, place


@pytest.fixture(autouse=True)
def book(db: None, settings: Any, tmp_path: Path) -> Iterator[clock.ManualClock]:
    settings.EARNEST = replace(settings.EARNEST, data=tmp_path)
    yield scene.begin()
    scene.finish()


def seal(manual: clock.ManualClock) -> None:
    sealing.seal(sealing.acquire("here", manual.now()), manual.now())


def test_owed_against_held_as_table_json_and_csv(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    pay(place())
    assert run("reserves") == 3
    assert "no log yet" in capsys.readouterr().err
    seal(book)
    assert run("reserves") == 0
    out = capsys.readouterr().out
    assert "Up to seal 0 of the log" in out and "Statement" not in out
    assert "owed to customers                            5000.00 EUR" in out
    assert "held less owed: explained above                 0.00 EUR" in out
    assert run("reserves", "--json") == 0
    (of,) = json.loads(capsys.readouterr().out)["currencies"]
    assert (of["currency"], of["held_minor"], of["owed_minor"], of["difference_minor"]) == (
        "EUR",
        500_000,
        500_000,
        0,
    )
    assert run("reserves", "--csv") == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(row["group"], row["account"]): row["amount_minor"] for row in table} == {
        ("held", "card-clearing"): "500000",
        ("owed", "deposit"): "500000",
    }


def test_a_statement_and_a_proof_that_the_verifier_takes(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number = place()
    pay(number)
    seal(book)
    assert run("reserves", "--proof", number) == 3
    assert "No statement was made yet" in capsys.readouterr().err
    assert run("reserves", "--state") == 0
    said = capsys.readouterr().out
    assert "Statement 1:" in said and "— tests.example/receipts " in said
    file = tmp_path / "proof.json"
    assert run("reserves", "--proof", number.lower(), "--output", str(file)) == 0
    assert "verify --reserves" in capsys.readouterr().err
    vkey = keys.current().receipt_signer.vkey
    assert verify.main(["--reserves", str(file), "--key", vkey]) == 0
    assert f"Your 5,000.00 EUR ({number}) are part of 5,000.00 EUR owed" in capsys.readouterr().out
    other = keys.from_seed("tests.example", "others").receipt_signer.vkey
    assert verify.main(["--reserves", str(file), "--key", other]) == 1
    assert verify.main([str(file)]) == 2


def test_who_is_owed_nothing_and_who_is_unknown(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    pay(place())
    other = place(name="Ben Ode")
    seal(book)
    assert run("reserves", "--state") == 0
    assert run("reserves", "--proof", other) == 3
    assert run("reserves", "--proof", "K7QF-2M9X-4") == 2
    assert run("reserves", "--proof", "nonsense") == 2
    assert run("reserves", "--output", "x.json") == 2
    assert run("reserves", "--proof", other, "--state") == 2
    err = capsys.readouterr().err
    assert "Nothing was owed to this reservation" in err and "no reservation of that number" in err
