"""Is my money counted? What a holder reads and downloads, what is published, and what operators see and do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earnest.book import clock, door, keys, models, reserves, sealing
from earnest.core.commands.provider_movement import BookMovement, Movement
from earnest.core.entries import CHART
from earnest.record.verify_reserves import verify_reserves
from earnest.web.reserves import ACCOUNTS
from tests import scene
from tests.faces.console_desk import logged_in
from tests.faces.visitor import browser, inside, text
from tests.scene import MAKER, pay, place


@pytest.fixture(autouse=True)
def book(db: None, settings: Any, tmp_path: Path) -> Iterator[clock.ManualClock]:
    settings.EARNEST = replace(settings.EARNEST, data=tmp_path)
    yield scene.begin()
    scene.finish()


def seal(manual: clock.ManualClock) -> None:
    sealing.seal(sealing.acquire("here", manual.now()), manual.now())


def fee(minor: int) -> None:
    said = Movement("fee", f"txn-{minor}", minor, "EUR", clock.now())
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=said))


def stated(manual: clock.ManualClock) -> str:
    """Two people have paid, a fee was kept, and it was stated; the number of one of them."""
    number = place()
    pay(number)
    pay(place(name="Ben Ode"))
    fee(250)
    seal(manual)
    reserves.state(MAKER)
    return number


def read(number: str, language: str = "en") -> str:
    answer = inside(number, language).get(f"/my/{number}/reserves/")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
    return text(answer.content)


def test_before_there_is_a_statement_and_where_nothing_is_owed(book: clock.ManualClock) -> None:
    number = place()
    assert "We have not made a statement of our reserves yet." in read(number)
    assert inside(number).get(f"/my/{number}/reserves/proof/").status_code == 404
    stated(book)
    assert "At our newest statement, of 2 March 2026, 09:00 UTC, nothing was owed to you." in read(number)
    assert inside(number).get(f"/my/{number}/reserves/proof/").status_code == 404


def test_one_plain_sentence_and_the_figures_behind_it(book: clock.ManualClock) -> None:
    number = stated(book)
    page = read(number)
    assert "Yes. €5,000.00 of yours are part of €10,000.00 that we owed to customers on 2 March 2026" in page
    assert "We held €9,997.50. That is €2.50 less than we owed; the table says why." in page
    assert "− Fees of providers and banks €2.50" in page
    assert "Held less owed, all of it explained -€2.50" in page
    french = read(number, "fr")
    assert "Oui. Vos 5 000,00 € font partie des 10 000,00 € que nous devions à nos clients" in french
    assert "Is my money counted?" in text(inside(number).get(f"/my/{number}/").content)


def test_the_proof_is_downloaded_by_its_holder_alone_and_verifies(book: clock.ManualClock) -> None:
    number = stated(book)
    address = f"/my/{number}/reserves/proof/"
    assert browser().get(address).status_code == 404
    answer = inside(number).get(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}.reserves.json"'
    report = verify_reserves(answer.content, clock.now(), keys.current().receipt_signer.vkey)
    assert report.ok and report.key_pinned and report.yours == {"EUR": 500_000}


def test_what_is_published_is_the_note_in_the_proof(book: clock.ManualClock) -> None:
    assert browser().get("/record/reserves").status_code == 404
    number = stated(book)
    note = reserves.stated()[0].note
    for address in ("/record/reserves", "/record/reserves/0"):
        answer = browser().get(address)
        assert answer.status_code == 200 and answer.content.decode() == note
    assert number not in note
    assert browser().get("/record/reserves/1").status_code == 404
    page = text(browser().get("/record/").content)
    assert "The newest statement of our reserves was made on 2 March 2026, 09:00 UTC." in page


def test_an_operator_sees_the_sums_and_states_them_once(book: clock.ManualClock) -> None:
    client = logged_in()
    assert "Nothing has been sealed yet." in text(client.get("/console/record/reserves/").content)
    assert client.post("/console/record/reserves/").status_code == 409
    pay(place())
    fee(250)
    seal(book)
    page = text(client.get("/console/record/reserves/").content)
    assert "Owed to customers €5,000.00" in page and "not made" in page
    assert "Sign and publish these sums" in page
    for _ in range(2):
        assert client.post("/console/record/reserves/").status_code == 302
    acts = models.Act.objects.filter(type="reserves.stated")
    assert acts.count() == 1
    assert reserves.stated()[0].act.fields["person"] == "operator:ana"
    page = text(client.get("/console/record/reserves/").content)
    assert (
        "Sign and publish these sums" not in page and "2 March 2026, 09:00 UTC 0 €5,000.00 €4,997.50" in page
    )
    french = text(logged_in(language="fr").get("/console/record/reserves/").content)
    assert "Dû aux clients" in french and "Frais des prestataires et des banques" in french


def test_every_account_of_the_chart_has_its_words() -> None:
    assert list(ACCOUNTS) != [] and set(ACCOUNTS) == set(CHART)
