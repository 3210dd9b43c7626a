"""Who looked at whose data is written down: once for each page that shows it, and for no other."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client

from earnest.api import keys as api_keys
from earnest.book import clock, looks, models, sealing
from tests.faces.console_desk import (
    cancel,
    desk,
    give_account,
    logged_in,
    open_offer,
    pay,
    place,
    press,
)
from tests.faces.visitor import inside, text
from tests.scene import work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture
def number(desk: clock.ManualClock) -> str:
    """A cancelled reservation whose transfer goes back to an account, by hand; its mails were made."""
    open_offer()
    made = place("Ada Moreau")
    give_account(made)
    desk.advance(timedelta(days=5))
    pay(made, rail="transfer")
    cancel(made)
    work()
    return made


def what(number: str) -> list[str]:
    """The looks at a reservation, the first one first."""
    return [each.what for each in reversed(looks.at(number))]


def mail() -> int:
    return models.Mail.objects.get(template="placed").pk


def page_of(number: str, rest: str = "") -> str:
    return f"/console/reservations/{number}/{rest}"


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("", "reservation"),
        ("erase/", "reservation"),
        ("story/", "story"),
        ("story/?as=html&open=none", "story"),
        ("share/", "story"),
        ("refunds/1/", "refund"),
    ],
)
def test_each_page_about_a_person_is_one_look(number: str, rest: str, code: str) -> None:
    client = logged_in()
    assert client.get(page_of(number, rest)).status_code == 200
    assert [(each.who, each.what, each.at) for each in looks.at(number)] == [
        ("operator:ana", code, clock.now())
    ]
    client.get(page_of(number, rest))
    assert what(number) == [code, code]


def test_a_number_written_in_another_way_is_looked_at_all_the_same(number: str) -> None:
    logged_in().get(page_of(number.lower().replace("-", "")))
    assert what(number) == ["reservation"]


def test_a_page_that_comes_again_with_a_refusal_shows_it_again_and_is_a_look(number: str) -> None:
    client = logged_in()
    press(client, page_of(number), page_of(number, "payments/"), amount="nonsense")
    press(client, page_of(number, "refunds/1/"), page_of(number, "refunds/1/sent/"), attempt="x")
    assert what(number) == ["reservation", "reservation", "refund", "refund"]


def test_an_account_that_is_shown_in_full_is_a_look_of_its_own_kind(number: str) -> None:
    client = logged_in()
    page = page_of(number, "refunds/1/")
    assert "FR14" not in client.get(page).content.decode() and what(number) == ["refund"]
    press(client, page, page + "prepare/")
    assert "FR14" in client.get(page).content.decode()
    assert what(number) == ["refund", "refund", "bank"]


def frame_of(client: Client) -> str:
    found = re.search(
        r'<iframe[^>]* src="([^"]+)"', client.get(f"/console/outbox/{mail()}/").content.decode()
    )
    assert found
    return found[1]


def test_a_mail_with_its_frame_is_one_look(number: str) -> None:
    client = logged_in()
    assert client.get(frame_of(client)).status_code == 200
    assert what(number) == ["mail"]


def test_the_frame_of_a_mail_without_its_page_is_a_look(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = logged_in("ana"), logged_in("ben")
    frame = frame_of(ana)
    other = models.Mail.objects.exclude(pk=mail()).filter(subject__number=number).first()
    assert other is not None
    ana.get(f"/console/outbox/{mail()}/html/")
    ana.get(f"/console/outbox/{mail()}/html/?seen=made-up")
    ben.get(frame)
    ana.get(frame.replace(f"/{mail()}/", f"/{other.pk}/"))
    assert what(number) == ["mail"] * 5
    assert [each.name for each in looks.at(number)] == ["ana", "ben", "ana", "ana", "ana"]
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 61)
    ana.get(frame)
    assert what(number) == ["mail"] * 6


def test_what_shows_nothing_of_a_person_is_no_look(number: str) -> None:
    client = logged_in()
    for page in ("", "reservations/", "refunds/", "outbox/", "record/", f"reservations/{number}/looks/"):
        assert client.get(f"/console/{page}").status_code == 200
    assert client.head(page_of(number)).status_code == 200
    assert client.get(page_of(number, "story/?open=nome")).status_code == 422
    assert client.get(page_of(number, "refunds/9/")).status_code == 404
    assert Client().get(page_of(number)).status_code == 302
    assert what(number) == []


def test_what_cannot_be_written_down_is_not_shown(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: str) -> None:
        raise OSError("no room")

    monkeypatch.setattr(looks, "note", broken)
    client = logged_in()
    client.raise_request_exception = False
    for page in (page_of(number), page_of(number, "story/"), f"/console/outbox/{mail()}/"):
        answer = client.get(page)
        assert answer.status_code == 500 and b"Moreau" not in answer.content


def test_only_what_has_a_name_can_be_looked_at(number: str) -> None:
    with pytest.raises(ValueError, match="no look 'diary'"):
        looks.note(number, "operator:ana", "diary")


@pytest.mark.parametrize(("language", "told"), [("en", "ben the story"), ("fr", "ben l'histoire")])
def test_the_page_of_a_reservation_shows_who_looked(number: str, language: str, told: str) -> None:
    logged_in("ben").get(page_of(number, "story/"))
    client = logged_in("ana", language)
    page = text(client.get(page_of(number)).content)
    assert told in page
    for _ in range(6):
        client.get(page_of(number))
    assert page_of(number, "looks/") in client.get(page_of(number)).content.decode()
    every = text(client.get(page_of(number, "looks/")).content)
    assert told in every and every.count(" ana ") >= 8


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_holder_sees_when_and_at_what_and_not_who(number: str, language: str) -> None:
    nobody = {"en": "Nobody so far.", "fr": "Personne jusqu'ici."}
    assert nobody[language] in text(inside(number, language).get(f"/my/{number}/acts/").content)
    logged_in("zelda").get(page_of(number, "refunds/1/"))
    page = text(inside(number, language).get(f"/my/{number}/acts/").content)
    told = {"en": "7 March 2026, 09:00 UTC a refund", "fr": "7 mars 2026, 09:00 UTC un remboursement"}
    assert told[language] in page and "zelda" not in page and nobody[language] not in page


def test_the_record_page_shows_who_read_leaves(number: str) -> None:
    page = text(logged_in().get("/console/record/").content)
    assert "Who read leaves" in page and "Nobody yet." in page
    sealing.seal(sealing.acquire("tests", clock.now()), clock.now())
    secret = api_keys.make("Cabinet Morel", [api_keys.AUDIT], "operator:ana")
    answer = Client().get("/record/leaves?from=0&to=4", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    page = text(logged_in().get("/console/record/").content)
    assert "Cabinet Morel" in page and "leaves 0 to 3" in page and "ek_" in page
    assert "feuilles 0 à 3" in text(logged_in(language="fr").get("/console/record/").content)
