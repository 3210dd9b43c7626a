"""Passing a reservation on, as the two people see it: one in the portal, the other through the link in a mail."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from earnest.book import clock, links, models, outbox
from tests.faces.visitor import browser, inside, once, text, written
from tests.scene import account, pay, place, slip, state, types, work
from tests.scene import book as book


def offered(number: str, *, means: str = "") -> str:
    """The holder offers it; the page that the mail links to."""
    client = inside(number)
    page = f"/my/{number}/pass-on/"
    said = {"email": "cleo@example.org", "language": "fr", "means": means} | once(client, page)
    assert client.post(page, said).status_code == 302
    work()
    mail = models.Mail.objects.filter(template="passed_to_you").latest("id")
    raw = (outbox.kept(mail.key) or b"").decode().replace("=\r\n", "").replace("=3D", "=")
    found = re.search(r"/passing/[^/\s]+/", raw)
    assert found
    return found[0]


def take(page: str, client: Client, **changed: str) -> int:
    said = {"name": "Cleo Bram", "residence": "BE", "language": "fr", "kind": "person", "agreed": "on"}
    return client.post(page, said | changed | once(client, page)).status_code


@pytest.fixture
def number(book: clock.ManualClock) -> str:
    made = place()
    pay(made)
    account(made)
    slip()
    work()
    return made


def test_it_is_offered_looked_at_and_taken(number: str) -> None:
    holder, other = inside(number), browser("fr")
    page = offered(number)
    assert "cleo@example.org can accept it until" in text(holder.get(f"/my/{number}/pass-on/").content)
    shown = text(other.get(page).content)
    assert "Une réservation vous est proposée" in shown and "5 000,00 €" in shown
    assert "Promise d'abord pour" in shown and "Ada" not in shown and "ada@" not in shown
    assert take(page, other, agreed="") == 422 and state(number).holder == 0
    assert take(page, other) == 302 and state(number).holder == 1
    mine = text(other.get(f"/my/{number}/").content)
    assert "Payé par un titulaire précédent" in mine
    assert "2606" not in mine
    acts = text(other.get(f"/my/{number}/acts/").content)
    assert "Reprise par le titulaire 2" in acts and "ada@" not in acts
    assert "to a bank account that you tell us" in text(
        inside_now(number).get(f"/my/{number}/cancel/").content
    )
    # Whoever had it is out, with the browser and with every link.
    for client in (holder, inside(number)):
        assert client.get(f"/my/{number}/").status_code == 404
    token = links.make("portal", number)
    assert (
        browser()
        .get(f"/api/v1/reservations/{number}", headers={"authorization": f"Bearer {token}"})
        .status_code
        == 401
    )
    assert browser().get(page).status_code == 410


def inside_now(number: str) -> Client:
    client = browser()
    client.get(f"/link/{links.make('portal', number, holder=state(number).holder)}/")
    return client


def test_looking_acts_on_nothing_and_a_forged_link_opens_nothing(number: str) -> None:
    page = offered(number)
    before = written()
    for _ in range(2):
        assert browser().get(page).status_code == 200
    assert browser().get(page[:-4] + "AAA/").status_code == 410
    # The link of one purpose is none of another.
    assert browser().get(f"/passing/{links.make('portal', number, '7')}/").status_code == 410
    assert written() == before


def test_it_is_declined_and_its_holder_told(number: str) -> None:
    page, other = offered(number), browser()
    answer = other.post(page, {"decline": "1"} | once(other, page))
    assert answer.status_code == 200 and "You did not take the reservation" in text(answer.content)
    work()
    assert models.Mail.objects.filter(template="passing_ended", status="sent").count() == 1
    assert other.get(page).status_code == 410 and state(number).passing is None


def test_it_is_taken_back(number: str) -> None:
    page, client = offered(number), inside(number)
    assert client.post(f"/my/{number}/keep/", once(client, f"/my/{number}/pass-on/")).status_code == 302
    assert browser().get(page).status_code == 410
    assert types(number)[-2:].count("reservation.holder_offer_ended") == 1


def test_both_may_leave_the_money_where_it_came_from(number: str) -> None:
    page, other = offered(number, means="on"), browser()
    assert "What was paid before me may go back to whoever paid it" in text(other.get(page).content)
    assert take(page, other, means="on") == 302
    assert "to the card you paid with" in text(other.get(f"/my/{number}/cancel/").content)


def test_without_the_first_holders_word_the_second_is_not_asked(number: str) -> None:
    page, other = offered(number), browser()
    assert "may go back to whoever paid it" not in text(other.get(page).content)
    assert take(page, other, means="on") == 302 and not state(number).earlier[0].means


def test_bad_input_gets_one_sentence_and_writes_nothing(number: str, book: clock.ManualClock) -> None:
    client, page = inside(number), f"/my/{number}/pass-on/"
    before = written()
    for email in ("", "nobody", "ada@example.org"):
        assert client.post(page, {"email": email, "language": "en"} | once(client, page)).status_code == 422
    assert written() == before
    link = offered(number)
    book.advance(timedelta(days=15))
    before = written()
    assert browser().get(link).status_code == 410 and written() == before
