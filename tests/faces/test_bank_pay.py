"""`./earnest bank pay`: what it says, what it writes, and its exit codes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from earnest.book import clock, ledger
from earnest.management.commands.bank import Command
from tests import scene
from tests.outside.orders import ACCOUNT, due, paid, standing


@pytest.fixture(autouse=True)
def book(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ana")
    yield scene.begin()
    scene.finish()


def pay(*arguments: str) -> int:
    """The exit code of `./earnest bank pay …`."""
    try:
        Command().run_from_argv(["./earnest", "bank", "pay", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_dry_run_writes_nothing_and_says_what_would_be_paid(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = paid()
    due(book, number)
    assert pay("--dry-run", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["transfers"], said["total_minor"], said["bank_minor"], said["short_minor"]) == (
        *(1, 500_000, 500_000, 0),
    )
    assert said["ids"] == [f"{number.replace('-', '')}-1-1"] and said["left"] == []
    assert pay("--dry-run") == 0
    assert "1 transfers, 5000.00 EUR" in capsys.readouterr().out
    assert standing(number)[0] == "owed" and list(Path().iterdir()) == []


def test_the_file_is_written_whole_and_printed_again(
    book: clock.ManualClock, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    number = paid()
    due(book, number)
    assert pay() == 0
    (written,) = Path().iterdir()
    order = standing(number)[2]
    assert written.name == f"{order}.xml" and written.stat().st_mode & 0o077 == 0
    data = written.read_bytes()
    assert pay("print", order.lower(), "--output", "again.xml") == 0
    assert Path("again.xml").read_bytes() == data
    capsysbinary.readouterr()
    assert pay("print", order, "--output", "-") == 0
    assert capsysbinary.readouterr().out == data
    assert pay() == 3, "nothing is due any more"
    assert pay("print", order, "--output", "no/such/folder.xml") == 2
    assert pay("list", "--json") == 0


def test_a_place_that_cannot_be_written_leaves_the_order_and_says_how_to_print_it(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = paid()
    due(book, number)
    assert pay("--output", "no/folder.xml") == 2
    said = capsys.readouterr().err
    order = standing(number)[2]
    assert f"`./earnest bank pay print {order} --output FILE`" in said
    assert pay("print", order, "--output", "there.xml") == 0


def test_over_the_limit_it_takes_two(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [paid(500_000, name) for name in ("Ada Moreau", "Bo Lee", "Cy Ray")]
    due(book, *numbers)
    assert pay("--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["prepared_by"]) == ("prepared", "operator:ana")
    assert pay("release", said["order"]) == 3
    assert "Another operator must release" in capsys.readouterr().err
    monkeypatch.setenv("LOGNAME", "ben")
    assert pay("release", said["order"], "--json") == 0
    released = json.loads(capsys.readouterr().out)
    assert (released["status"], released["released_by"]) == ("released", "operator:ben")
    assert Path(released["file"]).exists()
    assert pay("withdraw", said["order"], "--why", "the portal refused it") == 3
    monkeypatch.setenv("LOGNAME", "ana")
    assert pay("withdraw", said["order"], "--why", "the portal refused it") == 0
    assert [standing(each)[0] for each in numbers] == ["owed"] * 3


def test_too_little_money_is_exit_3_in_a_dry_run_too(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = paid()
    due(book, number)
    monkeypatch.setattr(ledger, "balances", lambda: {("bank", "EUR"): 499_999})
    assert pay("--dry-run") == 3
    assert "0.01 EUR are missing" in capsys.readouterr().err
    assert pay() == 3 and standing(number)[0] == "owed" and list(Path().iterdir()) == []
    assert pay("--short") == 0 and standing(number)[0] == "requested"


@pytest.mark.parametrize(
    "arguments", [("release",), ("print",), ("make", "PAY-1"), ("bake",), ("print", "PAY-1")]
)
def test_bad_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert pay(*arguments) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) >= 1
