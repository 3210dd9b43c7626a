"""`./earnest bank read`: one object a line, refusals among them, and nothing written."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earnest.book import clock, models
from earnest.core import creditor_reference
from tests import scene
from tests.faces.test_cli_business import run
from tests.scene import place

STATEMENTS = Path(__file__).parents[1] / "outside" / "statements"
AGAINST = ("--against", str(STATEMENTS / "expected.csv"))


@pytest.fixture()
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def files(*names: str) -> list[str]:
    return [str(STATEMENTS / name) for name in names]


@pytest.mark.once
def test_each_transaction_with_its_match_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    names = files("statement.xml", "coded.sta", "notification.xml", "slashed.sta")
    assert run("bank", "read", *names, *AGAINST, "--json") == 0
    said = objects(capsys)
    assert [each["match"] for each in said] == [
        ["3JZ9-J6GM-B"],
        ["G5G5-49S0-0", "X370-7WE2-0"],
        "unmatched",
        "return",
        "unmatched",
        ["3JZ9-J6GM-B"],
        "duplicate",
        ["94JN-KXJE-Q"],
        "return",
        "unmatched",
        "duplicate",
        "unmatched",
        ["X370-7WE2-0"],
        "return",
    ]
    assert [each["entry"] for each in said] == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 1, 2, 1, 2]
    assert [each["booked"] for each in said[5:8]] == [False, False, True]
    assert said[0] | {"file": "", "why": ""} == {
        "file": "",
        "entry": 1,
        "booked": True,
        "amount_minor": 24_750,
        "currency": "EUR",
        "value_date": "2031-03-04",
        "match": ["3JZ9-J6GM-B"],
        "end_to_end_id": None,
        "why": "",
    }
    assert "under by 2.50 EUR" in said[0]["why"]
    assert "94JN-KXJE-Q" in said[2]["why"]
    assert said[3]["end_to_end_id"] == "94JNKXJEQ-1-1" and "AC04" in said[3]["why"]
    assert "pending" in said[5]["why"]
    assert "USD came, and 94JN-KXJE-Q is in EUR" in said[11]["why"]


@pytest.mark.once
def test_a_refused_file_is_one_object_and_the_others_are_still_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.xml"
    cut.write_bytes((STATEMENTS / "statement.xml").read_bytes()[:3000])
    names = [str(cut), str(tmp_path / "nowhere"), *files("slashed.sta")]
    assert run("bank", "read", *names, *AGAINST, "--json") == 2
    first, second, *others = objects(capsys)
    assert first["file"] == str(cut) and first["refused"] and "line" in first["why"]
    assert "cannot be opened" in second["why"]
    assert [each["match"] for each in others] == [["X370-7WE2-0"], "return"]
    assert run("bank", "read", str(cut), *AGAINST) == 2
    out, err = capsys.readouterr()
    assert out == "" and f"{cut} is refused: line" in err


@pytest.mark.once
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3JZ9-J6GM-C,,1,EUR,,", "line 2: “3JZ9-J6GM-C” is not a reservation number"),
        ("3JZ9-J6GM-B,,2.50,EUR,,", "line 2: “2.50” is not a whole number of minor units"),
        ("3JZ9-J6GM-B,,250,euro,,", "line 2: “euro” is not a currency"),
    ],
)
def test_a_list_that_cannot_be_used(
    row: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "list.csv"
    bad.write_text(f"number,reference,amount_minor,currency,holder,iban\n{row}\n")
    assert run("bank", "read", *files("coded.sta"), "--against", str(bad)) == 2
    assert said in capsys.readouterr().err


def test_against_the_book_and_nothing_is_written(
    book: clock.ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, other = place(), place()
    reference = creditor_reference.grouped(creditor_reference.of(number))
    text = (STATEMENTS / "slashed.sta").read_text()
    text = text.replace("Reservation X370-7WE\n2-0", reference).replace("X3707WE20", "NOTPROVIDED")
    paid = tmp_path / "paid.sta"
    paid.write_text(text.replace("C250,00", "C5000,00").replace("REFUND-7", other[:-1]))
    before = (models.Act.objects.count(), models.Entry.objects.count(), models.Claim.objects.count())
    assert run("bank", "read", str(paid), "--json") == 0
    first, _ = objects(capsys)
    assert first["match"] == [number] and "the amount expected" in first["why"]
    assert before == (models.Act.objects.count(), models.Entry.objects.count(), models.Claim.objects.count())
    assert run("receive", number, "5000", "EUR", "--reference", "31064001") == 0
    capsys.readouterr()
    shutil.copy(paid, tmp_path / "again.sta")
    assert run("bank", "read", str(tmp_path / "again.sta"), "--json") == 0
    first, _ = objects(capsys)
    assert (first["match"], first["booked"]) == ("duplicate", False)


def test_without_a_book_there_is_one_sentence(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bank", "read", *files("coded.sta")) == 3
    assert capsys.readouterr().err.count("\n") == 1
