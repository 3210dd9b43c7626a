"""`./earnest ledger`: the trial balance and the rows of an account, for people, as JSON and as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from earnest.book import clock
from tests import scene
from tests.faces.test_cli_business import run
from tests.scene import cancel, pay, place


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def test_the_trial_balance(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ledger") == 0
    assert "Nothing has moved yet." in capsys.readouterr().out
    number = place()
    pay(number)
    cancel(number)
    assert run("ledger") == 0
    out = capsys.readouterr().out
    assert "10000.00          10000.00             equal" in out
    assert run("ledger", "trial", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    by_name = {each["account"]: each["balance_minor"] for each in data["accounts"]}
    assert by_name == {"deposit": 0, "refund": 500_000, "card-clearing": 500_000}
    assert data["totals"] == [
        {"currency": "EUR", "debit_minor": 1_000_000, "credit_minor": 1_000_000, "balanced": True}
    ]
    assert run("ledger", "--csv", "--period", "2026-03") == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["account"]: row["balance_minor"] for row in table}["refund"] == "500000"
    assert run("ledger", "--on", "2026-03-01") == 0
    assert "Nothing has moved yet." in capsys.readouterr().out
    assert run("ledger", "--from", "2026-03-03") == 0
    assert "opening" in capsys.readouterr().out


def test_the_rows_of_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    number = place()
    pay(number)
    cancel(number)
    assert run("ledger", "account", f"deposit:{number.lower()}") == 0
    out = capsys.readouterr().out
    assert "deposit.received" in out and "refund.owed" in out and "carried forward" in out
    assert run("ledger", "account", "card-clearing", "--json") == 0
    head, row = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert head["opening_minor"] == 0
    assert (row["number"], row["amount_minor"], row["balance_minor"]) == (number, 500_000, 500_000)
    assert run("ledger", "account", "refund", "--csv") == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(each["subject"], each["amount_minor"]) for each in table] == [
        (f"reservation/{number}", "500000")
    ]
    assert run("ledger", "account", "sales") == 0
    assert "Nothing has moved" in capsys.readouterr().out


def test_check_tells_what_stands_too_long_and_whose_it_is(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    pay(place())
    assert run("check") == 0
    assert "alarm" not in capsys.readouterr().out
    book.advance(timedelta(days=16))
    assert run("check") == 0
    said = "alarm for finance: 5000.00 EUR has stood on card-clearing for more than 14 days"
    assert said in capsys.readouterr().out
    assert run("check", "--json") == 0
    assert [each["amount_minor"] for each in json.loads(capsys.readouterr().out)["alarms"]] == [500_000]
    assert run("check", "--alarms") == 1
    assert "1 alarms: money stands" in capsys.readouterr().err
    assert run("check", "money", "--alarms") == 1
    assert run("check", "money") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("account",), "Say which account"),
        (("account", "cash"), "is no account"),
        (("account", "deposit:3BB0-J47G-Q"), "There is no reservation of that number."),
        (("trial", "bank"), "belong to `./earnest ledger account`"),
        (("--period", "soon"), "is no period"),
        (("--from", "soon"), "A day is written as"),
        (("--on", "2026-01-01", "--period", "2026"), "Give one of"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "ends no earlier"),
        (("--json", "--csv"), "not allowed with"),
    ],
)
def test_what_was_asked_wrongly(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ledger", *arguments) == 2
    assert said in capsys.readouterr().err
