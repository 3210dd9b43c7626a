"""Erasing, asking what is known of somebody, and retention, from the command line."""

import importlib
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from earnest.book import clock, models
from tests import scene
from tests.scene import account, cancel, pay, place, state, types, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def run(name: str, *arguments: str) -> int:
    """The exit code of `./earnest NAME …`."""
    command = importlib.import_module(f"earnest.management.commands.{name}").Command()
    try:
        command.run_from_argv(["./earnest", name, *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def ended(name: str = "Ada Moreau") -> str:
    number = place(name=name)
    account(number, name)
    work()
    cancel(number)
    work()
    return number


# --- erase


def test_a_dry_run_says_what_would_go_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    number = ended()
    before = (models.Act.objects.count(), list(models.Mail.objects.values()), models.ActOpen.objects.count())
    assert run("erase", number, "--class", "bank", "--dry-run", "--json") == 0
    planned = json.loads(capsys.readouterr().out)
    assert (
        models.Act.objects.count(),
        list(models.Mail.objects.values()),
        models.ActOpen.objects.count(),
    ) == before
    assert not planned["done"] and planned["receipt"] == ""
    assert run("erase", number.lower(), "--class", "bank", "--json") == 0
    went = json.loads(capsys.readouterr().out)
    assert went["done"] and went["erased"] == planned["erased"]
    assert [(row["type"], row["fields"]) for row in went["erased"]] == [
        ("account.given", ["country", "holder", "number", "scheme"])
    ]
    assert types(number)[went["erased"][0]["act"] - 1] == "account.given"
    assert types(number)[-1] == "erasure.done" and went["receipt"].startswith("tests.example\nreceipt\n")


def test_what_went_is_said_act_by_act(capsys: pytest.CaptureFixture[str]) -> None:
    number = ended()
    assert run("erase", number, "--class", "contact", "--ground", "purpose-over") == 0
    said = capsys.readouterr().out
    assert f"{number}: contact is erased (purpose-over)." in said
    assert "reservation.placed: email, language" in said and "mail.sent: to" in said
    assert run("erase", number, "--class", "contact") == 0
    assert "was erased already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cls", "code", "said"),
    [
        ("money", 3, "Bookkeeping law keeps this until 2036-12-31"),
        ("contact", 3, "(2026-03-02T09:00:00Z): this is still needed."),
        ("everything", 2, "invalid choice"),
    ],
)
def test_what_cannot_go_is_refused_with_the_reason(
    cls: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pay(number)
    for more in ((), ("--dry-run",)):
        assert run("erase", number, "--class", cls, *more) == code
        error = capsys.readouterr().err
        assert said in error and len(error.strip().splitlines()) == 1
    assert "erasure.done" not in types(number) and state(number).erased == ()


def test_nobody_is_erased_who_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("erase", "3BB0-J47G-5", "--class", "contact") == 2
    assert "There is no reservation of that number." in capsys.readouterr().err


def test_check_and_rebuild_hold_after_an_erasure(capsys: pytest.CaptureFixture[str]) -> None:
    number = ended()
    for cls in ("identity", "contact", "bank", "text"):
        assert run("erase", number, "--class", cls) == 0
    assert run("rebuild", "--check") == 0 and run("check") == 0


# --- retention and restriction


def test_retention_says_first_and_then_does(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number, living = ended(), place(name="Bo Ek")
    assert run("retention", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"dry_run": True, "erased": [], "statements": []}
    book.advance(timedelta(days=400))
    before = models.Act.objects.count()
    assert run("retention", "--dry-run", "--json") == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["erased"] == [{"number": number, "cls": "bank"}]
    assert models.Act.objects.count() == before
    assert run("retention", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {**planned, "dry_run": False}
    assert state(number).erased == ("bank",) and state(living).erased == ()
    assert run("retention") == 0
    assert "Erased 0 classes of 0 reservations." in capsys.readouterr().out


def test_what_is_restricted_is_neither_erased_nor_over_until_it_is_lifted(
    book: clock.ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = ended()
    assert run("restrict", number.lower(), "--why", "claim") == 0
    assert run("restrict", number, "--why", "claim") == 0
    assert "already" in capsys.readouterr().out
    book.advance(timedelta(days=4000))
    for more in ((), ("--dry-run",)):
        assert run("erase", number, "--class", "bank", *more) == 3
        assert "disputed (claim, since 2026-03-02T09:00:00Z" in capsys.readouterr().err
    assert run("retention", "--json") == 0
    assert json.loads(capsys.readouterr().out)["erased"] == []
    assert run("restrict", number, "--why", "claim", "--lift") == 0
    assert types(number)[-2:] == ["restriction.set", "restriction.lifted"]
    assert run("rebuild", "--check") == 0
    assert run("erase", number, "--class", "bank") == 0


@pytest.mark.parametrize(
    "arguments", [("3BB0-J47G-5", "--why", "claim"), ("NUMBER", "--why", "spite"), ("NUMBER",)]
)
def test_a_restriction_needs_a_reservation_and_a_reason(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    number = ended()
    assert run("restrict", *(number if each == "NUMBER" else each for each in arguments)) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1 and "restriction.set" not in types(number)
