"""The main job from the command line: exit codes, one sentence, and nothing half-written."""

import importlib
import json
from collections.abc import Iterator

import pytest

from earnest.book import clock, mode, models
from tests import scene
from tests.scene import place, state


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


PERSON = ("--name", "Ada Moreau", "--email", "ada@example.org", "--residence", "fr")


def test_place_receive_slip_cancel_refunds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("place", "boat", *PERSON, "--json") == 0
    number = json.loads(capsys.readouterr().out)["number"]
    assert run("receive", number, "5 000,00", "EUR", "--reference", "WIRE-1", "--json") == 0
    assert state(number).status == "confirmed"
    slipped = ("--from", "2028-01-01", "--until", "2028-12-31", "--why", "The mould cracked.")
    assert run("slip", "boat", *slipped) == 0
    assert run("cancel", number, "--json") == 0
    said = capsys.readouterr().out
    assert '"cancellation.requested"' in said and "5000.00 EUR" in said
    assert run("refunds", "--json") == 0
    owed = json.loads(capsys.readouterr().out)["refunds"]
    assert [(each["number"], each["amount_minor"], each["status"]) for each in owed] == [
        (number, 500_000, "waiting")
    ]
    assert run("cancel", number) == 0
    assert len(state(number).refunds) == 1


def test_a_confirmed_place_is_sold_and_delivered(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("place", "boat", *PERSON, "--json") == 0
    number = json.loads(capsys.readouterr().out)["number"]
    assert run("receive", number, "5000", "EUR", "--reference", "WIRE-1") == 0
    assert state(number).status == "confirmed"
    capsys.readouterr()
    assert run("convert", number, "--sale", "ORDER-7", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    rest = state(number).rest_minor()
    assert data["acts"] == ["reservation.converted"]
    assert data["rest"] == f"{rest // 100}.{rest % 100:02d} EUR" and rest > 0
    assert run("deliver", number, "--at", "yesterday") == 2
    assert state(number).status == "converted"
    assert run("deliver", number) == 0
    assert state(number).status == "delivered"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("convert", "NUMBER", "--sale", "ORDER-7"),
            3,
            "Only a reservation that is confirmed becomes a sale.",
        ),
        (("deliver", "NUMBER"), 3, "Only what has become a sale can be delivered."),
        (("place", "nothing", *PERSON), 2, "There is no offer of that name."),
        (("place", "boat", *PERSON, "--quantity", "9"), 3, "Only 5 places are left."),
        (("place", "boat", *PERSON, "--variant", "ghost"), 2, "There is no variant “ghost”."),
        (("place", "boat"), 2, "required"),
        (("receive", "NUMBER", "five", "EUR", "--reference", "x"), 2, "“five” is not an amount"),
        (("receive", "NUMBER", "-5", "EUR", "--reference", "x"), 2, ""),
        (("receive", "NUMBER", "5", "euro", "--reference", "x"), 2, "is not a currency code"),
        (
            ("receive", "3BB0-J47G-Q", "5", "EUR", "--reference", "x"),
            2,
            "There is no reservation of that number.",
        ),
        (
            ("receive", "NUMBER", "5", "EUR", "--reference", "x", "--at", "yesterday"),
            2,
            "A time is written as",
        ),
        (("slip", "boat", "--from", "2020-01-01", "--until", "2020-12-31", "--why", "x"), 3, "is not later"),
        (("slip", "boat", "--from", "soon", "--until", "later", "--why", "x"), 2, "A day is written as"),
        (("cancel", "NUMBER", "--quantity", "7"), 2, "The number of places is from 1 to 1."),
        (("story", "nonsense"), 2, "There is no reservation of that number."),
        (
            ("story", "NUMBER", "--open", "nome"),
            2,
            "No act has a field nome: say all, none, or names of fields",
        ),
    ],
)
def test_what_is_refused_says_why_and_writes_nothing(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place(variant="one") if "NUMBER" in arguments else ""
    before = models.Act.objects.count()
    given = [number if each == "NUMBER" else each for each in arguments]
    assert run(given[0], *given[1:]) == code
    error = capsys.readouterr().err
    assert said in error and len(error.strip().splitlines()) == 1 and "Traceback" not in error
    assert models.Act.objects.count() == before


def test_check_and_rebuild_hold_and_say_what_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    number = place()
    scene.pay(number)
    assert run("check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    assert run("rebuild", "--check") == 0
    models.Balance.objects.filter(subject__number=number).update(amount_minor=1)
    for command in (("rebuild", "--check"), ("check", "acts")):
        assert run(*command) == 1
        assert number in capsys.readouterr().out


def test_check_says_which_refund_nobody_pays(capsys: pytest.CaptureFixture[str]) -> None:
    number = place()
    scene.pay(number)
    scene.cancel(number)
    assert run("check", "refunds") == 0
    models.Duty.objects.filter(kind="refund").delete()
    assert run("check", "refunds") == 1
    assert "no duty pays it" in capsys.readouterr().out


def test_without_a_book_a_command_says_how_to_open_one(capsys: pytest.CaptureFixture[str]) -> None:
    models.Book.objects.all().delete()
    mode.forget()
    assert run("story", "3BB0-J47G-5") == 3
    assert "`./earnest open` opens one" in capsys.readouterr().err


def test_check_says_which_guard_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        where = "" if connection.vendor == "sqlite" else " ON act"
        cursor.execute(f"DROP TRIGGER act_no_delete{where}")
    assert run("check", "guards") == 1
    assert "act_no_delete" in capsys.readouterr().out


def test_a_holder_has_died_and_two_operators_see_who_follows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()
    scene.pay(number)
    assert run("heirs", "died", number, "--told-by", "nobody", "--why", "A letter.") == 2
    assert run("heirs", "died", number, "--told-by", "notary", "--why", " ") == 2
    assert run("heirs", "died", number, "--told-by", "notary", "--why", "A letter of 2 March.", "--json") == 0
    said = capsys.readouterr().out
    assert json.loads(said[said.index("{") :])["acts"] == ["reservation.holder_died"]
    assert run("heirs", "lives", number, "--why", "A namesake.") == 0
    papers = ("--right", "inheritance", "--proof", "notary-deed", "--seen", "Deed of 3 March.")
    heir = ("--name", "Bela Moreau", "--email", "bela@example.org", "--residence", "fr", "--language", "fr")
    assert run("heirs", "name", number, *papers, *heir) == 3
    assert "Nobody inherits from the living" in capsys.readouterr().err
    assert run("heirs", "died", number, "--told-by", "relative", "--why", "His wife.") == 0
    assert run("heirs", "name", number, *papers, *heir) == 0
    act = str(len(scene.types(number)))
    assert f"./earnest heirs confirm {number} --act {act}" in capsys.readouterr().out
    assert run("heirs", "confirm", number, "--act", act) == 3
    assert "Another operator must confirm" in capsys.readouterr().err
    assert run("heirs", "list", "--json") == 0
    [waits] = json.loads(capsys.readouterr().out)["waiting"]
    assert (waits["number"], waits["named"], waits["deposits"]) == (number, int(act), {"EUR": 500_000})
    assert run("check") == 0
    assert f"{number} has waited for heirs since" in capsys.readouterr().out
    monkeypatch.setattr("getpass.getuser", lambda: "another")
    assert run("heirs", "confirm", number, "--act", act, "--json") == 0
    assert json.loads(capsys.readouterr().out)["holder"] == 2
    assert run("heirs", "list") == 0 and "Nothing waits for heirs." in capsys.readouterr().out
