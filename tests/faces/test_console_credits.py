"""Credits that named nobody: they are proposed and never booked by themselves; a person settles each, once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earnest.book import clock, credits, ledger, models, reads, rebuild
from earnest.core import entries
from tests import scene
from tests.faces.console_desk import desk, logged_in, open_offer, place, press
from tests.faces.test_cli_business import run
from tests.outside.bank_file import Line, camt

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

ACCOUNT = "370400440532013000"
LIST = "/console/credits/"


@pytest.fixture(autouse=True)
def sound(desk: clock.ManualClock) -> Iterator[None]:
    yield
    assert list(rebuild.differences()) == []


@pytest.fixture
def numbers(desk: clock.ManualClock) -> list[str]:
    """Two reservations that wait for 100.00 EUR each."""
    open_offer()
    return [place("Ada Moreau"), place("Ben Okafor")]


def came(tmp_path: Path, *lines: Line) -> list[str]:
    """A statement is imported; the addresses of the credits that nobody has settled."""
    assert run("bank", "import", camt(tmp_path / f"{models.Act.objects.count()}.xml", *lines)) == 0
    return [f"{LIST}{each.id}/" for each in credits.unmatched().rows]


def held(account: str) -> int:
    return ledger.balances().get((account, "EUR"), 0)


def paid(number: str) -> int:
    return reads.reservation(number).paid_minor()


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_what_is_proposed_is_shown_with_its_reason_and_books_nothing(
    numbers: list[str], tmp_path: Path
) -> None:
    scene.account(numbers[1], "Ben Okafor")
    ada, ben = numbers
    page, *_ = came(
        tmp_path,
        Line("100.00", "for the boat", bank="B1", name="MOREAU Ada", iban="NL91ABNA0417164300"),
        Line("55.00", "thank you", bank="B2", name="O", iban=scene.IBAN),
        Line("77.00", f"{ada[:-1]}", bank="B3", name="", iban="NL91ABNA0417164300"),
        Line("8.00", "hello", bank="B4", name="Nobody", iban="NL91ABNA0417164300"),
    )
    client = logged_in()
    listed = said(client.get(LIST))
    assert "240.00" in listed and "its holder&#x27;s name, its amount" in listed
    assert "from its holder&#x27;s account" in listed and "a number like it is written" in listed
    one = said(client.get(page))
    assert ada in one and "waits for" in one and f'value="{ada}"' in one
    assert paid(ada) == paid(ben) == 0
    # Money from an account that a holder gave is proposed, whoever sent it.
    assert held(entries.UNMATCHED) == 24_000


def test_one_reservation_takes_all_of_it(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "for the boat", bank="B1"))
    client = logged_in("ana")
    answer = press(client, page, f"{page}assign/", number_1=numbers[0].lower(), why="She sent a copy.")
    assert answer["Location"] == LIST
    assert paid(numbers[0]) == 10_000 and held(entries.UNMATCHED) == 0
    shown = said(client.get(page))
    assert "operator:ana: She sent a copy." in shown and "Nothing for you to do now." in shown
    assert "None: every credit is settled." in said(client.get(LIST))


def test_several_divide_it(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("150.00", " ".join(numbers), bank="B1"))
    parts = {"number_1": numbers[0], "amount_1": "100", "number_3": numbers[1], "amount_3": "50.00"}
    press(logged_in(), page, f"{page}assign/", **parts, why="As they wrote.")
    assert [paid(number) for number in numbers] == [10_000, 5_000]
    assert held(entries.UNMATCHED) == 0 and held(entries.BANK) == 15_000


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"number_1": "K7QF", "why": "x"}, 422, "This is no reservation number"),
        ({"number_1": "0000-0000-0", "why": "x"}, 422, "There is no reservation of that number."),
        ({"number_1": "ADA", "why": ""}, 422, "This field is required."),
        ({"number_1": "ADA", "amount_1": "10", "why": "x"}, 422, "The parts must be the whole credit"),
        (
            {"number_1": "ADA", "number_2": "BEN", "why": "x"},
            422,
            "Say how much of it is for this reservation.",
        ),
        (
            {"number_1": "ADA", "amount_1": "50", "number_2": "ADA", "amount_2": "50", "why": "x"},
            422,
            "Each reservation takes one part of a credit.",
        ),
        ({"number_1": "ADA", "amount_1": "minus", "why": "x"}, 422, "is not an amount such as"),
    ],
)
def test_a_decision_that_cannot_stand_writes_nothing(
    given: dict[str, str], status: int, sentence: str, numbers: list[str], tmp_path: Path
) -> None:
    (page,) = came(tmp_path, Line("100.00", "for the boat", bank="B1"))
    names = {"ADA": numbers[0], "BEN": numbers[1]}
    before = models.Act.objects.count()
    answer = press(
        logged_in(),
        page,
        f"{page}assign/",
        **{name: names.get(value, value) for name, value in given.items()},
    )
    assert (answer.status_code, models.Act.objects.count()) == (status, before)
    assert sentence in said(answer)


def test_it_is_settled_once(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "for the boat", bank="B1"))
    ana, ben = logged_in("ana"), logged_in("ben")
    key = said(ben.get(page)).split('name="once" value="')[1].split('"')[0]
    press(ana, page, f"{page}assign/", number_1=numbers[0], why="Hers.")
    for step, data in (
        ("assign", {"number_1": numbers[1]}),
        ("back", {}),
        ("explain", {"source": "own-funds"}),
    ):
        answer = ben.post(f"{page}{step}/", {"once": key, **data, "why": "Mine."})
        assert answer.status_code == 409 and "Somebody has settled this credit already." in said(answer)
    assert [paid(number) for number in numbers] == [10_000, 0]


def test_it_is_sent_back_by_two(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "by mistake", bank="B1"))
    ana, ben = logged_in("ana"), logged_in("ben")
    press(ana, page, f"{page}back/", why="They asked for it.")
    assert (held(entries.UNMATCHED), held(entries.IN_TRANSIT)) == (0, 10_000)
    assert "prepared by ana" in said(ben.get(LIST)) and "another operator must confirm" in said(ana.get(page))
    (asked,) = credits.returning()
    alone = press(ana, page, f"{page}sent/", request=str(asked.request), reference="OUT-1")
    assert alone.status_code == 409 and "Another operator must confirm" in said(alone)
    nothing = press(ben, page, f"{page}sent/", request=str(asked.request), reference="")
    assert nothing.status_code == 422
    assert press(ben, page, f"{page}sent/", request=str(asked.request), reference="OUT-1")["Location"] == LIST
    assert (held(entries.BANK), held(entries.IN_TRANSIT)) == (0, 0)
    assert credits.returning() == [] and "OUT-1" in said(ben.get(page))


def test_what_is_not_sent_back_after_all_is_unmatched_again(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "by mistake", bank="B1"))
    ana = logged_in("ana")
    press(ana, page, f"{page}back/", why="They asked for it.")
    (asked,) = credits.returning()
    press(ana, page, f"{page}drop/", request=str(asked.request))
    (again,) = credits.unmatched().rows
    assert (again.amount_minor, again.words, again.name) == (10_000, ("by mistake",), "Ada Moreau")
    assert (held(entries.UNMATCHED), held(entries.IN_TRANSIT)) == (10_000, 0)
    press(ana, f"{LIST}{again.id}/", f"{LIST}{again.id}/assign/", number_1=numbers[0], why="Hers after all.")
    assert paid(numbers[0]) == 10_000
    assert f"{LIST}{again.id}/" in said(ana.get(page))


def test_a_payout_of_the_provider_is_no_customers(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "STRIPE PAYOUT", bank="B1"))
    press(logged_in(), page, f"{page}explain/", source="payout-in-transit", why="Monday's payout.")
    assert (held(entries.UNMATCHED), held(entries.PAYOUTS)) == (0, -10_000)
    assert credits.count() == 0


def test_pages_that_are_not_there_and_french(numbers: list[str], tmp_path: Path) -> None:
    (page,) = came(tmp_path, Line("100.00", "pour le bateau", bank="B1"))
    client = logged_in(language="fr")
    assert "Préparer le renvoi" in said(client.get(page)) and "Sans destinataire" in said(client.get(LIST))
    for wrong in (f"{LIST}{ACCOUNT}/0/", f"{LIST}{ACCOUNT}/99/", f"{LIST}nowhere/1/"):
        assert client.get(wrong).status_code == 404
    assert client.get(f"{LIST}?after=zzz").status_code == 200


def test_the_list_has_pages(numbers: list[str], tmp_path: Path) -> None:
    came(tmp_path, *(Line("1.00", f"n {n}", bank=f"B{n}") for n in range(credits.PAGE + 3)))
    first = credits.unmatched()
    assert len(first.rows) == credits.PAGE and len(credits.unmatched(first.more).rows) == 3
    assert f"?after={first.more}" in said(logged_in().get(LIST))


def test_the_command_lists_them_with_their_proposals(
    numbers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("bank", "unmatched") == 0
    assert "Every credit is settled." in capsys.readouterr().out
    came(tmp_path, Line("100.00", "for the boat", bank="B1", name="Moreau, Ada"))
    capsys.readouterr()
    assert run("bank", "unmatched") == 0
    out = capsys.readouterr().out
    assert f"{ACCOUNT}/1" in out and f"perhaps {numbers[0]}: its holder's name, its amount" in out
    assert run("bank", "unmatched", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["proposals"][0] == {"number": numbers[0], "why": "name-amount"}
    assert (data["amount_minor"], data["reference"], data["words"]) == (10_000, "B1", ["for the boat"])
