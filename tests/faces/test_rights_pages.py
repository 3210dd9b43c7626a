"""What the law gives, on the pages of holder and maker; slips without a date; what an offer must not say."""

import importlib
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from earnest.book import clock, door, links, models, reads, withdrawals
from earnest.book.law_files import packaged
from earnest.core.commands.ask_deposit import AskDeposit
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Sale, Text, Window
from earnest.core.refusals import Refusal
from tests import scene
from tests.faces.console_desk import (
    HOLDER,
    MAKER,
    desk,
    give_account,
    logged_in,
    open_offer,
    pay,
    place,
    press,
)
from tests.scene import state, work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


def inside(number: str, language: str = "en") -> Client:
    """A browser that came through the mailed link."""
    client = Client(headers={"accept-language": language})
    client.get(f"/link/{links.make('portal', number)}/")
    return client


def run(name: str, *arguments: str) -> int:
    """The exit code of `./earnest NAME …`."""
    command = importlib.import_module(f"earnest.management.commands.{name}").Command()
    try:
        command.run_from_argv(["./earnest", name, *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


# --- the holder


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Your rights today",
                "You may withdraw without a reason",
                "Not legal advice",
                "read word for word",
            ),
        ),
        (
            "fr",
            (
                "Vos droits aujourd'hui",
                "Vous pouvez renoncer au contrat sans motif",
                "pas un conseil juridique",
                "lu mot à mot",
            ),
        ),
    ],
)
def test_the_portal_says_what_the_holder_may_with_sum_day_and_article(
    language: str, said: tuple[str, ...]
) -> None:
    open_offer()
    number = place()
    pay(number)
    page = inside(number, language).get(f"/my/{number}/").content.decode()
    for each in (*said, "L221-18", "L221-24"):
        assert each in page, each


def test_before_the_second_click_the_law_stands_beside_our_terms(desk: clock.ManualClock) -> None:
    open_offer()
    number = place()
    pay(number)
    give_account(number)
    desk.advance(timedelta(days=110))
    page = inside(number).get(f"/my/{number}/cancel/").content.decode()
    assert "What the law gives" in page and "interest by law" in page and "L214-2" in page
    assert "Not legal advice" in page and "L221-24" in page


def test_who_has_left_is_told_of_no_rights() -> None:
    open_offer()
    number = place()
    scene.cancel(number)
    assert "Your rights today" not in inside(number).get(f"/my/{number}/").content.decode()


def test_off_premises_nothing_is_asked_for_before_the_eighth_day(desk: clock.ManualClock) -> None:
    open_offer(sale=Sale("off-premises", "acompte", False, 2000))
    number = place()
    client = inside(number)
    page = client.get(f"/my/{number}/").content.decode()
    assert (
        "Nothing to pay yet" in page
        and "9 March 2026, 23:00 UTC" in page
        and f"/my/{number}/pay/" not in page
    )
    work()
    from earnest.book import outbox

    key = models.Mail.objects.get(template="placed").key
    mail = (outbox.kept(key) or b"").decode()
    assert "9 mars 2026" in mail and "acompte est de" not in mail
    with pytest.raises(Refusal) as caught:
        door.do_one(AskDeposit(**HOLDER, number=number))
    assert caught.value.code == "too-early-to-pay"
    desk.advance(timedelta(days=8))
    assert f"/my/{number}/pay/" in client.get(f"/my/{number}/").content.decode()
    assert door.do_one(AskDeposit(**HOLDER, number=number))


def test_a_transfer_that_came_too_early_is_booked_and_the_operators_are_told() -> None:
    open_offer(sale=Sale("off-premises", "acompte", False, 2000))
    number = place()
    pay(number, rail="transfer")
    work()
    assert state(number).status == "confirmed"
    assert models.Mail.objects.filter(template="money_too_early").count() == 1
    page = logged_in().get(f"/console/reservations/{number}/").content.decode()
    assert "came before money may be taken" in page and "L221-10" in page


# --- the maker


def test_a_slip_without_a_date_from_the_console() -> None:
    open_offer()
    number = place()
    pay(number)
    client = logged_in()
    page = "/console/offers/boat/slip/?no_date=on&why=Fire.&evidence=photographs"
    preview = client.get(page).content.decode()
    assert (
        "no date at present" in preview and "photographs" in preview and "I wait, without a date" in preview
    )
    answer = press(
        client, page, "/console/offers/boat/slip/", no_date="on", why="Fire.", evidence="photographs"
    )
    slip = reads.offer("boat").offer.slips[-1]
    assert answer["Location"] == f"/console/offers/boat/slips/{slip.seq}/"
    assert slip.now is None and slip.evidence == "photographs"
    work()
    assert state(number).undated and client.get(answer["Location"]).status_code == 200
    for address in (
        "/console/",
        "/console/offers/",
        "/console/offers/boat/",
        f"/console/reservations/{number}/",
    ):
        assert "no date at present" in client.get(address).content.decode(), address


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"no_date": "on", "until": "2028-12-31", "window_from": "2028-01-01"}, "not both"),
        ({}, "or say that there is none."),
        ({"until": "2028-12-31"}, "or say that there is none."),
    ],
)
def test_a_slip_is_a_window_or_none(given: dict[str, str], says: str) -> None:
    open_offer()
    answer = logged_in().get("/console/offers/boat/slip/", {"why": "Fire.", **given})
    assert answer.status_code == 422 and says in answer.content.decode()


def test_the_preview_says_whom_it_touches_what_opens_and_what_is_held() -> None:
    open_offer()
    pay(place())
    page = (
        logged_in()
        .get("/console/offers/boat/slip/?window_from=2028-01-01&until=2028-12-31&why=Late")
        .content.decode()
    )
    for said in ("France", "withdraw without a reason", "L221-18", "changes nothing", "They could claim back €100.00",
                 "What is held covers it."):  # fmt: skip
        assert said in page, said
    assert reads.offer("boat").offer.slips == ()


def test_the_exposure_of_an_offer() -> None:
    open_offer()
    pay(place())
    page = logged_in().get("/console/offers/boat/exposure/").content.decode()
    assert "€100.00" in page and "France" in page and "Not legal advice" in page
    assert logged_in().get("/console/offers/ghost/exposure/").status_code == 404


def test_deadlines_ahead_say_when_silence_decides() -> None:
    open_offer()
    number = scene.place(name="Bo B", residence="US")
    pay(number)
    door.do_one(
        SlipPromise(**MAKER, slug="boat", window=Window(date(2028, 1, 1), date(2028, 12, 31)), why="Late.")
    )
    work()
    page = "/console/offers/boat/exposure/"
    assert "silence cancels, and all is paid back unasked" in logged_in().get(page).content.decode()
    assert "le silence annule" in logged_in(language="fr").get(page).content.decode()


def test_an_offer_that_the_law_has_something_to_say_of_says_it_on_its_page() -> None:
    open_offer(
        texts={"fr": Text("Le bateau", "", "Date donnée à titre indicatif.")},
        sale=Sale("off-premises", "acompte", False, 2000),
    )
    page = logged_in().get("/console/offers/boat/").content.decode()
    for said in ("“indicatif”", "R212-2 7°", "L216-1", "L221-10", "Not legal advice"):
        assert said in page, said
    near = Window(clock.now().date(), clock.now().date() + timedelta(days=30))
    open_offer("raft", window=near)
    assert "R212-2" not in logged_in().get("/console/offers/raft/").content.decode()


def test_a_statement_that_fits_nothing_is_seen_to_by_a_person_once() -> None:
    guest = Client()
    given = {"name": "Zoë Bram", "contract": "the boat", "email": "zoe@example.org"}
    page = guest.post("/withdraw/", given).content.decode()
    key = re.search(r'name="once" value="([^"]+)"', page)
    assert key
    guest.post("/withdraw/", {**given, "once": key[1], "confirm": "1"})
    work()
    client = logged_in()
    assert "withdrawals to see to" in client.get("/console/").content.decode()
    page = client.get("/console/withdrawals/").content.decode()
    assert "Zoë Bram" in page and "fits no reservation" in page
    number = withdrawals.newest(1)[0].number
    address = f"/console/withdrawals/{number}/seen-to/"
    assert press(client, "/console/withdrawals/", address, why=" ").status_code == 422
    assert press(client, "/console/withdrawals/", address, why="Found it by name.").status_code == 302
    assert withdrawals.newest(1)[0].outcome == "seen-to"
    again = client.post(address, {"once": "a-key-that-is-long-enough", "why": "Again."})
    assert again.status_code == 409
    assert "withdrawals to see to" not in client.get("/console/").content.decode()
    page = client.get("/console/withdrawals/").content.decode()
    assert "zoe@example.org" in page and "Found it by name." in page
    assert press(client, "/console/withdrawals/", f"/console/withdrawals/{number}/erase/").status_code == 302
    page = client.get("/console/withdrawals/").content.decode()
    assert "erased" in page and number in page and "Erase for ever" not in page
    for gone in ("Zoë Bram", "the boat", "zoe@example.org", "Found it by name."):
        assert gone not in page


def test_slips_that_no_notice_followed_stand_on_today(desk: clock.ManualClock) -> None:
    open_offer()
    pay(place())
    late = Window(clock.now().date().replace(year=2028), clock.now().date().replace(year=2029))
    door.do_one(SlipPromise(**MAKER, slug="boat", window=late, why="Late."))
    desk.advance(timedelta(hours=2))
    assert "Slips that not every holder was told of" in logged_in().get("/console/").content.decode()
    work()
    assert "Slips that not every holder was told of" not in logged_in().get("/console/").content.decode()


def test_citations_are_joined_in_the_readers_language() -> None:
    open_offer()
    pay(place())
    address = "/console/offers/boat/exposure/"
    assert "L221-18, L221-24 and L221-28 3°" in logged_in().get(address).content.decode()
    french = logged_in(language="fr").get(address).content.decode()
    assert "L221-18, L221-24 et L221-28 3°" in french and "L221-24 and" not in french


def test_no_citation_in_french_has_an_english_word_or_a_space_that_breaks() -> None:
    for rule in packaged().rules.values():
        cited = rule.cited_in("fr").replace("Business and Professions", "")
        assert not re.search(
            r"\b(and|to|of|from|with|recital|Regulation|wording|GDPR|CJEU)\b|/E[CU]\b|[^\u00a0];", cited
        ), cited
        assert rule.cited_in("en") == rule.citation


# --- the command line, and the API


def test_the_command_line_slips_without_a_date_and_tries_first(capsys: pytest.CaptureFixture[str]) -> None:
    open_offer()
    pay(place())
    assert run("slip", "boat", "--no-date", "--why", "Fire.", "--dry-run", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert [(each["residence"], each["reservations"]) for each in said["touched"]] == [("FR", 1)]
    assert said["covers"][0]["claimable_minor"] == 10_000 and reads.offer("boat").offer.slips == ()
    assert run("slip", "boat", "--no-date", "--why", "Fire.", "--evidence", "authority") == 0
    assert reads.offer("boat").offer.slips[0].evidence == "authority"
    for wrong in (("--no-date", "--until", "2029-01-01"), (), ("--from", "2029-01-01")):
        assert run("slip", "boat", *wrong, "--why", "x") == 2
    assert run("slip", "ghost", "--no-date", "--why", "x", "--dry-run") == 2


def test_the_api_tells_the_history_of_the_promise(client: Client) -> None:
    open_offer()
    for window in (Window(scene.date(2028, 1, 1), scene.date(2028, 12, 31)), None):
        door.do_one(SlipPromise(**MAKER, slug="boat", window=window, why="Late.", evidence="supplier"))
    said: Any = client.get("/api/v1/offers/boat").json()
    assert said["undated"] is True and said["first_window"]["end"] == "2027-12-31"
    assert [(each["days"], each["now"] is None, each["evidence"]) for each in said["slips"]] == [
        (366, False, "supplier"),
        (None, True, "supplier"),
    ]
