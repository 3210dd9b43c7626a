"""`./earnest giveup`: what it would come to, the proposal, the second person, and how far it has come."""

import getpass
import json
from collections.abc import Iterator
from typing import Any

import pytest

from earnest.book import clock, reads
from tests import scene
from tests.faces.test_cli_business import run
from tests.scene import account, pay, place, state, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


@pytest.fixture
def people() -> list[str]:
    found = [place(name=name) for name in ("Ada Moreau", "Ben Roux")]
    pay(found[0])
    pay(found[1])
    pay(found[1], 4_500_000, "transfer")
    account(found[1], "Ben Roux")
    return found


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_dry_run_adds_up_and_writes_nothing(people: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("giveup", "boat", "--dry-run", "--json") == 0
    data = said(capsys)
    assert (data["reservations"], data["holders"], data["needs_account"]) == (2, 2, 0)
    assert data["totals"] == [{"currency": "EUR", "amount_minor": 5_500_000}]
    assert [(each["route"], each["amount_minor"]) for each in data["ways"]] == [
        ("card", 1_000_000),
        ("account", 4_500_000),
    ]
    assert data["enough"] is True and {each["short_minor"] for each in data["funds"]} == {0}
    assert reads.offer("boat").offer.giveups == ()
    assert run("giveup", "boat", people[0], "--dry-run") == 0
    text = capsys.readouterr().out
    assert "1 reservations of 1 holders" in text and "5000.00 EUR goes back in all" in text


def test_too_little_money_does_not_hold(
    people: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.book.ledger.balances", lambda: {("bank", "EUR"): 100})
    assert run("giveup", "boat", "--dry-run") == 1
    out = capsys.readouterr()
    assert "44999.00 EUR is missing" in out.out and out.err.strip() == "There is not enough money for it."


def test_proposed_and_confirmed_by_two_people(
    people: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("giveup", "boat", "--why", "The yard has burnt down.", "--json") == 0
    data = said(capsys)
    assert (data["acts"], data["status"]) == (["giveup.proposed"], "proposed")
    seq = str(data["proposal"])
    assert run("giveup", "boat", "--confirm", seq) == 3
    assert "Another operator" in capsys.readouterr().err
    monkeypatch.setattr(getpass, "getuser", lambda: "ben")
    assert run("giveup", "boat", "--confirm", seq) == 0
    assert "giveup.confirmed, offer.closed" in capsys.readouterr().out
    work()
    assert run("giveup", "boat", "--json") == 0
    row = said(capsys)["proposals"][0]
    assert (row["status"], row["progress"]["state"], row["progress"]["ended"]) == ("confirmed", "done", 2)
    assert [state(number).status for number in people] == ["cancelled"] * 2
    assert run("giveup", "boat") == 0
    assert "2 of 2 have ended" in capsys.readouterr().out


def test_withdrawn(people: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("giveup", "boat", "--why", "No.", "--json") == 0
    seq = str(said(capsys)["proposal"])
    assert run("giveup", "boat", "--withdraw", seq) == 0
    assert run("giveup", "boat", "--confirm", seq) == 3
    assert [each.status for each in reads.offer("boat").offer.giveups] == ["withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("ghost", "--dry-run"), 2, "There is no offer of that name."),
        (("boat", "NOTHING", "--dry-run"), 2, "“NOTHING” is no reservation's number."),
        (("boat", "7HQD-0000-0", "--why", "No."), 2, "no reservation's number"),
        (("boat", "--why", "  "), 2, "Holders are owed a reason"),
        (("boat", "--why", "No."), 3, "Nobody has a living reservation of this offer."),
        (("boat", "--confirm", "9"), 2, "There is no such proposal for this offer."),
        (("boat", "--dry-run", "--why", "No."), 2, "not allowed with"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("giveup", *arguments) == code
    err = capsys.readouterr().err.strip()
    assert sentence in err and len(err.splitlines()) == 1


def test_an_offer_that_was_never_given_up_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("giveup", "boat") == 0
    assert capsys.readouterr().out.strip() == "Nothing of this offer was given up."
