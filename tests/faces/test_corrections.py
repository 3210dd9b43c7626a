"""Correcting a deposit from the console and the command line."""

import getpass
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from earnest.book import clock, door
from earnest.core.bank_entry import BankEntry
from earnest.core.commands.base import Policy
from earnest.core.commands.book_entry import KeepUnmatched, ReceiveEntry
from earnest.post import clearing_alarms
from tests import scene
from tests.faces.console_desk import desk, logged_in, open_offer, place, press
from tests.faces.test_cli_business import run
from tests.scene import state, work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Ben's 100 euros were booked to Ada; where 150 need a second operator."""
    monkeypatch.setattr("earnest.book.policy.current", lambda: replace(Policy(), second_operator_major=150))
    open_offer()
    ada, ben = place(), place("Ben Roux")
    scene.pay(ada, 10_000, "transfer", "WIRE-1")
    return ada, ben


def page_of(number: str) -> str:
    return f"/console/reservations/{number}/payments/{state(number).payments[0].seq}/correct/"


def test_in_the_console_it_comes_to_the_right_reservation(numbers: tuple[str, str]) -> None:
    ada, ben = numbers
    ana, page = logged_in(), page_of(numbers[0])
    assert page in ana.get(f"/console/reservations/{ada}/").content.decode()
    why = "Read one line too low."
    assert press(ana, page, amount="100.00", to=ben.lower(), why=why).status_code == 302
    work()
    work()
    assert (state(ada).paid_minor(), state(ben).paid_minor()) == (0, 10_000)
    said = ana.get(f"/console/reservations/{ada}/").content.decode()
    assert "taken back" in said and page not in said and why in said
    assert "It was taken back" in ana.get(page).content.decode()


def test_a_large_one_waits_for_another_operator(numbers: tuple[str, str]) -> None:
    ada, _ = numbers
    ana, ben, page = logged_in(), logged_in("ben", "fr"), page_of(numbers[0])
    assert press(ana, page, amount="1 000,00", to="", why="A nought was lost.").status_code == 302
    assert state(ada).paid_minor() == 10_000
    seq = state(ada).corrections[0].seq
    steps = page.replace("correct/", f"corrections/{seq}/")
    mine = ana.get(page).content.decode()
    assert "another operator must confirm it" in mine and f"{steps}confirm/" not in mine
    assert f"A deposit of {ada} is to be corrected" in ana.get("/console/").content.decode()
    assert press(ana, page, f"{steps}confirm/").status_code == 409
    theirs = ben.get(page).content.decode()
    assert "Proposé" in theirs and "A nought was lost." in theirs and "Par ana" in theirs
    assert press(ben, page, f"{steps}confirm/").status_code == 302
    assert state(ada).corrections[0].status == "done"
    assert [each.amount_minor for each in state(ada).payments] == [10_000, 100_000]


def test_withdrawn_in_the_console(numbers: tuple[str, str]) -> None:
    ada, _ = numbers
    ana, page = logged_in(), page_of(numbers[0])
    press(ana, page, amount="1000", to="", why="A nought was lost.")
    steps = page.replace("correct/", f"corrections/{state(ada).corrections[0].seq}/")
    assert press(ana, page, f"{steps}withdraw/").status_code == 302
    assert state(ada).corrections[0].status == "withdrawn" and state(ada).paid_minor() == 10_000


def test_what_is_not_good_is_said_at_its_field(numbers: tuple[str, str]) -> None:
    ana, page = logged_in(), page_of(numbers[0])
    for given, sentence in (
        ({"amount": "much", "to": "", "why": "x"}, "is not an amount"),
        ({"amount": "1", "to": "3BB0-J47G-Q", "why": "x"}, "There is no reservation of that number."),
        ({"amount": "0", "to": numbers[1], "why": "x"}, "has an amount"),
        ({"amount": "1", "to": "", "why": ""}, "required"),
    ):
        answer = press(ana, page, **given)
        assert answer.status_code == 422 and sentence in answer.content.decode(), given
    same = press(ana, page, amount="100", to="", why="x")
    assert same.status_code == 422 and "This changes nothing" in same.content.decode()
    assert ana.get(page.replace("/payments/", "/payments/9")).status_code == 404


def test_from_the_command_line(
    numbers: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = numbers
    of = ("correct", ada, "--reference", "WIRE-1")
    assert run(*of, "--amount", "1000", "--why", "A nought was lost.", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["acts"] == ["correction.proposed"]
    seq = str(data["waits"][0])
    assert run("correct", ada, "--confirm", seq) == 3
    assert run("correct", ada, "--withdraw", seq) == 0
    assert run("correct", ada) == 0
    assert "withdrawn" in capsys.readouterr().out
    assert run(*of, "--to", ben, "--why", "Read one line too low.") == 0
    work()
    assert (state(ada).paid_minor(), state(ben).paid_minor()) == (0, 10_000)
    monkeypatch.setattr(getpass, "getuser", lambda: "ben")
    assert run("correct", ben, "--reference", "WIRE-1", "--amount", "0", "--why", "It never came.") == 0
    assert state(ben).paid_minor() == 0
    for arguments, code in (
        (("--reference", "WIRE-9", "--why", "x"), 2),
        (("--reference", "WIRE-1", "--why", "x", "--amount", "-3"), 2),
        (("--reference", "WIRE-1", "--why", "x", "--to", "nobody"), 2),
        (("--amount", "3"), 2),
        (("--confirm", "99"), 2),
    ):
        capsys.readouterr()
        assert run("correct", ada, *arguments) == code, arguments
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_sum_that_the_bank_told_of_is_not_asked_for(numbers: tuple[str, str]) -> None:
    _, ben = numbers
    entry = BankEntry(("e1",), ("e1",), 12_000, "EUR", scene.START, "B1")
    door.do_one(
        ReceiveEntry(by="bank", via="statement", account="370400440532013000", number=ben, entry=entry)
    )
    ana, page = logged_in(), page_of(ben)
    said = ana.get(page).content.decode()
    assert "The bank&#x27;s own statement has this sum." in said and "0 where nothing came" not in said
    # Whatever a page of another hand sends, the sum stays; and without a reservation nothing changes.
    assert press(ana, page, amount="0", to="", why="Misread.").status_code == 422
    assert press(ana, page, amount="1", to=numbers[0], why="Misread.").status_code == 302
    work()
    work()
    assert (state(ben).paid_minor(), state(numbers[0]).payments[-1].amount_minor) == (0, 12_000)


def test_money_that_stands_too_long_leads_to_what_it_is(
    numbers: tuple[str, str], desk: clock.ManualClock
) -> None:
    entry = BankEntry(("e2",), ("e2",), 300, "EUR", scene.START, "B2")
    account = "370400440532013000"
    kept = door.do_one(KeepUnmatched(by="bank", via="statement", account=account, entry=entry))
    assert isinstance(kept, door.Done)
    clearing_alarms.arm()
    desk.advance(timedelta(days=7))
    work()
    work()
    said = logged_in().get("/console/").content.decode()
    assert "Money that should have gone on by now." in said and "for more than 5 days" in said
    assert f'href="/console/credits/{account}/{kept.acts[-1].seq}/"' in said and "clearing_late" not in said
