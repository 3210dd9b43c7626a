"""The console's disputes: their dates, one button that hands in the story, and what the customer is told meanwhile."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from earnest.core.refusals import Refused
from earnest.management.base import BadUsage
from earnest.web.telling.evidence import evidence
from tests import scene
from tests.faces.console_desk import logged_in
from tests.faces.visitor import inside, text
from tests.outside.conftest import World
from tests.outside.conftest import world as world
from tests.outside.test_card_disputes import INQUIRY, disputed, opened, told
from tests.scene import book as book
from tests.scene import cancel, state


def test_a_dispute_is_listed_by_its_date_and_handed_in_with_one_button(world: World) -> None:
    number, reference = opened(world)
    desk = logged_in()
    body = desk.get("/console/disputes/").content.decode()
    assert number in body and "Hand in the story" in body and "16 March 2026" in body
    paper = desk.get(f"/console/reservations/{number}/disputes/1/story.pdf")
    assert paper.content.startswith(b"%PDF-") and paper["Content-Type"] == "application/pdf"
    answer = desk.post(f"/console/reservations/{number}/disputes/1/submit/", follow=True)
    assert "The evidence is handed in" in answer.content.decode()
    stored = world.double.need("dispute", reference)
    assert stored["status"] == "under_review" and stored["evidence"]["customer_name"] == "Ada Moreau"
    again = desk.post(f"/console/reservations/{number}/disputes/1/submit/")
    assert again.status_code == 409 and "takes no evidence any more" in again.content.decode()


def test_a_dispute_that_is_not_there_is_said_to_be_none(world: World) -> None:
    for number in (scene.place(), "x"):
        path = f"/console/reservations/{number}/disputes/1/story.pdf"
        assert logged_in().get(path).status_code == 404


def test_the_evidence_says_what_the_story_says(world: World) -> None:
    number, _ = opened(world)
    made = evidence(number, 1)
    assert {"product_description", "customer_name", "customer_email_address"} <= made.texts.keys()
    assert "Reserved: 1 place" in made.texts["uncategorized_text"]
    assert state(number).terms_hash in made.texts["refund_policy_disclosure"]
    assert "has not cancelled" in made.texts["refund_refusal_explanation"]
    cancel(number)
    assert "refund_refusal_explanation" not in evidence(number, 1).texts


def test_the_evidence_is_the_payers_and_nobody_elses(world: World) -> None:
    number = disputed(world)
    scene.pass_on(number)
    told(world)
    texts = evidence(number, 1).texts
    assert (texts["customer_name"], texts["customer_email_address"]) == ("Ada Moreau", "ada@example.org")
    assert not [text for text in texts.values() if "Cleo" in text or "cleo@" in text]


def test_the_command_lists_and_hands_in(world: World) -> None:
    number, reference = opened(world)
    out = StringIO()
    call_command("disputes", "--json", stdout=out)
    [row] = json.loads(out.getvalue())["disputes"]
    assert (row["number"], row["status"], row["due_at"]) == (number, "open", "2026-03-16T09:02:00Z")
    call_command("disputes", stdout=out)
    assert f"{number}/1" in out.getvalue()
    with pytest.raises(BadUsage):
        call_command("disputes", "submit", stdout=out)
    call_command("disputes", "submit", number, stdout=out)
    assert world.double.need("dispute", reference)["status"] == "under_review"
    with pytest.raises(Refused):
        call_command("disputes", "submit", number, stdout=out)


def test_the_customer_is_told_why_a_refund_waits(world: World) -> None:
    number, _ = opened(world)
    cancel(number)
    page = holder_page(number)
    assert "Your bank is asking us about a payment" in page and "a refund by us would pay you twice" in page
    assert "your bank disputes the payment, and both would pay you" in page


def test_the_customer_of_an_inquiry_is_told_that_nothing_is_held(world: World) -> None:
    number = disputed(world, INQUIRY)
    told(world)
    assert "Nothing was taken and nothing is held up" in holder_page(number)


def holder_page(number: str) -> str:
    return text(inside(number).get(f"/my/{number}/").content)
