"""Giving up many in the console: the preview, the proposal, the second operator, and the progress."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from earnest.book import reads
from earnest.core.commands.base import Policy
from tests import scene
from tests.faces.console_desk import desk, give_account, logged_in, open_offer, pay, place, press
from tests.scene import state

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]

NEW = "/console/offers/boat/give-up/"
WHY = "The yard has burnt down."


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two reservations of 100 euros each, where 150 need a second operator."""
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(second_operator_major=150))
    open_offer()
    found = [place("Ada Moreau"), place("Ben Roux")]
    for number in found:
        pay(number)
    pay(found[1], 20_000, "transfer")
    give_account(found[1], "Ben Roux")
    return found


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def preview(client: Client, **given: str) -> str:
    return page(client, f"{NEW}?{urlencode({'why': WHY, 'numbers': '', **given})}")


def proposed(client: Client, **given: str) -> str:
    """The address of the proposal's page."""
    answer = press(client, f"{NEW}?{urlencode({'why': WHY, **given})}", NEW, why=WHY, **given)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_the_preview_adds_up_and_asks_nobody_to_believe_it(people: list[str]) -> None:
    ana = logged_in()
    assert "Give up" in page(ana, "/console/offers/boat/")
    said = preview(ana)
    assert "This ends 2 reservations" in said and "€400.00" in said and WHY in said
    assert "€200.00" in said and "another one must confirm it" in said
    assert reads.offer("boat").offer.giveups == ()
    one = preview(ana, numbers=people[0].lower())
    assert "This ends 1 reservation" in one and "it begins at once" in one


def test_two_operators_and_the_progress(people: list[str]) -> None:
    ana, ben = logged_in(), logged_in("ben", "fr")
    where = proposed(ana)
    assert "You proposed this" in page(ana, where) and "confirm/" not in page(ana, where)
    assert "2 reservations of boat are to be given up" in page(ana, "/console/")
    assert press(ana, where, f"{where}confirm/").status_code == 409
    assert state(people[0]).status == "confirmed"
    assert "Abandonner 2 réservations maintenant" in page(ben, where)
    assert press(ben, where, f"{where}confirm/").status_code == 302
    assert "0 of 2 reservations have ended" in page(ana, where)
    scene.work()
    done = page(ana, where)
    assert "Done: 2 reservations have ended." in done and "€0.00 of €400.00 has left" in done
    assert [state(number).status for number in people] == ["cancelled"] * 2
    assert "are to be given up" not in page(ana, "/console/")
    offer = page(ana, "/console/offers/boat/")
    assert where in offer and NEW not in offer


def test_withdrawn_before_anything_happened(people: list[str]) -> None:
    ana = logged_in()
    where = proposed(ana)
    assert press(ana, where, f"{where}withdraw/").status_code == 302
    assert "withdrawn" in page(ana, where)
    scene.work()
    assert [state(number).status for number in people] == ["confirmed", "paid up"]


def test_under_the_limit_it_begins_at_once(people: list[str]) -> None:
    where = proposed(logged_in(), numbers=people[0])
    scene.work()
    assert "Done: 1 reservation has ended." in page(logged_in(), where)
    assert state(people[1]).status == "paid up"


def test_pressed_twice_it_is_proposed_once(people: list[str]) -> None:
    ana = logged_in()
    first = press(ana, f"{NEW}?{urlencode({'why': WHY})}", NEW, why=WHY)
    again = ana.post(NEW, {**first.wsgi_request.POST.dict()})
    assert again["Location"] == first["Location"]
    assert len(reads.offer("boat").offer.giveups) == 1


def test_a_reason_is_needed_and_numbers_must_be_some(people: list[str]) -> None:
    ana = logged_in()
    assert ana.get(f"{NEW}?why=").status_code == 422
    answer = ana.get(f"{NEW}?{urlencode({'why': WHY, 'numbers': 'nothing'})}")
    assert answer.status_code == 422 and "no reservation&#x27;s number" in answer.content.decode()
    gone = ana.get(f"{NEW}?{urlencode({'why': WHY, 'numbers': scene.ids.number()})}")
    assert gone.status_code == 404 and "no living reservation of this offer" in gone.content.decode()
    assert ana.get("/console/offers/boat/give-ups/99/").status_code == 404
    assert ana.get("/console/offers/ghost/give-up/").status_code == 404
