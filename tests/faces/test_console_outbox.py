"""Mails as they were made, shown so that nothing in them can act, and that nobody can act with them."""

import re
from dataclasses import replace

import pytest
from django.conf import settings

from earnest.book import clock, door, mode, models, outbox
from earnest.core.commands.erase import Erase
from tests.faces.console_desk import MAKER, cancel, desk, logged_in, open_offer, place
from tests.scene import work

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture
def number() -> str:
    """A reservation whose first mail was made."""
    open_offer()
    made = place("Ada Moreau")
    work()
    return made


@pytest.fixture
def demo(desk: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same book, taken for a demonstration."""
    monkeypatch.setattr(mode, "_current", replace(mode.current(), mode="demo"))


def mail() -> models.Mail:
    return models.Mail.objects.get(template="placed")


def test_the_outbox_lists_mails_with_whom_they_are_about(number: str) -> None:
    client = logged_in()
    body = client.get("/console/outbox/").content.decode()
    assert "Reservation placed" in body and number in body
    assert f"/console/outbox/{mail().pk}/" in client.get(f"/console/reservations/{number}/").content.decode()


def test_one_mail_has_headers_picture_and_text(number: str) -> None:
    body = logged_in().get(f"/console/outbox/{mail().pk}/").content.decode()
    assert (
        "ada@example.org" in body and f"Votre réservation {number}" in body
    ) or f"Your reservation {number}" in body
    frame = re.search(r"<iframe[^>]*>", body)
    assert frame and 'sandbox=""' in frame[0]
    assert f'src="/console/outbox/{mail().pk}/html/?seen=' in frame[0]


def test_the_html_part_cannot_act_even_without_its_frame(number: str) -> None:
    answer = logged_in().get(f"/console/outbox/{mail().pk}/html/")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy and "allow-scripts" not in policy
    assert "form-action 'none'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert b"<html" in answer.content


def test_an_operator_cannot_read_a_holders_link_from_a_real_book(number: str) -> None:
    client = logged_in()
    raw = (outbox.kept(mail().key) or b"").replace(b"=\r\n", b"")
    links = set(re.findall(rb"/link/([A-Za-z0-9._~-]{24,})/", raw))
    assert links
    for page in (f"/console/outbox/{mail().pk}/", f"/console/outbox/{mail().pk}/html/"):
        body = client.get(page).content
        assert "/link/…/".encode() in body
        assert not any(link in body for link in links), page


def test_a_demonstration_shows_the_links_so_that_they_can_be_followed(number: str, demo: None) -> None:
    body = logged_in().get(f"/console/outbox/{mail().pk}/").content.decode()
    found = re.findall(rf'href="({re.escape(settings.EARNEST.base_url)}/link/[^"]+)"', body)
    assert found and all(link.count(".") >= 3 for link in found)


def test_a_mail_that_was_erased_is_said_to_be(number: str) -> None:
    cancel(number)
    work()
    door.do_one(Erase(number=number, cls="contact", **MAKER))
    client = logged_in()
    pk = mail().pk
    for page in (f"/console/outbox/{pk}/", f"/console/outbox/{pk}/html/"):
        assert client.get(page).status_code == 404
    assert "erased" in client.get("/console/outbox/").content.decode()


@pytest.mark.parametrize("older", ["x", "-1", "9" * 40, "²"])
def test_a_made_up_page_of_the_outbox_is_the_first(number: str, older: str) -> None:
    answer = logged_in().get("/console/outbox/", {"older": older})
    assert answer.status_code == 200
    assert number in answer.content.decode()
