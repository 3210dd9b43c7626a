"""The links of a slip: one for each choice, no way in, and only the button acts."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from earnest.book import clock, door, links, models, outbox, reads
from earnest.core.commands.answer_slip import AnswerSlip, HearSilence
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Window
from earnest.core.refusals import Refusal
from tests import scene
from tests.scene import HOLDER, MAKER, cancel, pass_on, pay, place, slip, state, types, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def undated(why: str = "The yard burnt down.") -> None:
    door.do_one(SlipPromise(**MAKER, slug="boat", window=None, why=why))


def paths(language: str = "en", which: int = -1) -> dict[str, str]:
    """Choice -> path, from the newest mail about a slip."""
    key = list(models.Mail.objects.filter(template="slipped").order_by("id").values_list("key", flat=True))[
        which
    ]
    from email import policy
    from email.parser import BytesParser

    message = BytesParser(policy=policy.default).parsebytes(outbox.kept(key) or b"")
    body = message.get_body(("plain",))
    assert body is not None
    found = re.findall(r"/slip/[\w~.-]+/", body.get_content())
    return {each.rsplit(".", 2)[1].partition("-")[2]: each for each in found}


def browser(language: str = "en") -> Client:
    return Client(headers={"accept-language": language})


def press(path: str, client: Client | None = None) -> int:
    """The button of the page."""
    client = client or browser()
    page = client.get(path).content.decode()
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found, page
    return client.post(path, {"once": found[1]}).status_code


def told(window: bool = True, **who: str) -> str:
    number = place(**who)
    pay(number)
    work()
    slip() if window else undated()
    work()
    return number


def test_a_slip_with_a_date_can_be_accepted_or_cancelled_and_one_without_be_waited_for() -> None:
    told()
    assert list(paths()) == ["accept", "wait", "cancel"]
    undated()
    work()
    assert list(paths()) == ["wait", "cancel"]


def test_looking_does_nothing_however_often() -> None:
    number = told()
    before = types(number)
    for path in paths().values():
        for _ in range(3):
            assert browser().get(path).status_code == 200
            assert browser().head(path).status_code == 200
    assert types(number) == before


def test_the_button_answers_and_pressed_again_it_says_the_same() -> None:
    number = told()
    path = paths()["accept"]
    assert press(path) == 302
    assert state(number).told[-1].answer == "accept"
    again = browser().post(path, {"once": "another-key-long-enough"})
    assert again.status_code == 200 and "Your answer is recorded" in again.content.decode()
    assert types(number).count("promise.answered") == 1


def test_one_form_sent_twice_is_one_answer() -> None:
    number = told()
    path, client = paths()["cancel"], browser()
    key = re.search(r'name="once" value="([^"]+)"', client.get(path).content.decode())
    assert key
    codes = [client.post(path, {"once": key[1]}).status_code for _ in range(2)]
    assert codes == [302, 200] and types(number).count("cancellation.requested") == 1


def test_cancelling_says_what_comes_back_and_does_it() -> None:
    number = told()
    page = browser().get(paths()["cancel"]).content.decode()
    assert "€5,000.00" in page
    assert press(paths()["cancel"]) == 302
    assert state(number).status == "cancelled" and state(number).owed_back() == {"EUR": 500_000}
    assert state(number).endings[-1].ground == "slip"


def test_waiting_without_a_date() -> None:
    number = told(window=False)
    assert press(paths()["wait"]) == 302
    assert state(number).told[-1].answer == "wait" and state(number).status == "confirmed"


def test_it_is_no_way_in_and_shows_nothing_of_who_they_are() -> None:
    number = told()
    client = browser()
    page = client.get(paths()["accept"]).content.decode().replace(paths()["accept"], "")
    assert "Ada" not in page and "ada@" not in page and number not in page
    assert client.get(f"/my/{number}/").status_code == 404
    press(paths()["accept"], client)
    assert client.get(f"/my/{number}/").status_code == 404 and "earnest_portal" not in client.cookies


def test_a_link_is_bound_to_its_choice_its_slip_and_its_reservation() -> None:
    told()
    other = told(name="Ben Otto")
    mine = paths()["accept"]
    for forged in (
        mine.replace("-accept.", "-cancel."),
        mine.replace(mine.split("/")[2].split(".")[0], other, 1) if other not in mine else mine[:-3] + "xx/",
        mine[:-3] + ("AA/" if not mine.endswith("AA/") else "BB/"),
        f"/slip/{links.make('portal', other, '3-cancel')}/",
    ):
        assert browser().get(forged).status_code == 410, forged
        assert browser().post(forged, {"once": "a-key-that-is-long-enough"}).status_code == 410
    assert state(other).told[-1].answer == ""


def test_answered_one_way_the_other_link_is_closed() -> None:
    number = told()
    press(paths()["accept"])
    page = browser().get(paths()["cancel"])
    assert page.status_code == 200 and "You have answered already" in page.content.decode()
    assert browser().post(paths()["cancel"], {"once": "a-key-that-is-long-enough"}).status_code == 200
    assert state(number).status == "confirmed"


def test_two_links_pressed_at_the_same_time_are_one_answer() -> None:
    number = told()
    seq = state(number).told[-1].slip
    said = {**HOLDER, "number": number, "slip": seq, "newest": True}
    door.do_one(AnswerSlip(**said, answer="accept"))
    with pytest.raises(Refusal) as caught:
        door.do_one(AnswerSlip(**said, answer="cancel"))
    assert caught.value.code == "slip-answered"


def test_a_later_slip_closes_the_links_of_the_one_before() -> None:
    number = told()
    old = paths()["accept"]
    slip()
    work()
    page = browser().get(old)
    assert page.status_code == 410 and "moved again" in page.content.decode()
    assert browser().post(old, {"once": "a-key-that-is-long-enough"}).status_code == 410
    assert [each.answer for each in state(number).told] == ["", ""]
    assert press(paths()["accept"]) == 302


def test_links_do_not_grow_old(book: clock.ManualClock) -> None:
    told()
    book.advance(timedelta(days=3000))
    assert browser().get(paths()["accept"]).status_code == 200


def test_after_a_change_of_holder_the_old_links_are_dead() -> None:
    number = told()
    mine = paths()
    pass_on(number)
    for path in mine.values():
        assert browser().get(path).status_code == 410
        assert browser().post(path, {"once": "a-key-that-is-long-enough"}).status_code == 410
    assert state(number).told[-1].answer == ""


def test_what_has_ended_has_nothing_to_answer() -> None:
    number = told()
    cancel(number)
    page = browser().get(paths()["accept"])
    assert page.status_code == 410 and "has ended" in page.content.decode()


def test_the_mail_and_the_page_speak_the_holders_language() -> None:
    told(language="fr")
    page = browser("fr").get(paths()["cancel"]).content.decode()
    assert '<html lang="fr">' in page and "Le bateau" in page


def test_silence_without_a_law_about_it_changes_nothing(book: clock.ManualClock) -> None:
    number = told()
    book.advance(timedelta(days=500))
    work()
    assert door.do_one(
        HearSilence(by="system", via="worker", number=number, slip=state(number).told[-1].slip)
    )
    assert state(number).told[-1].answer == "" and state(number).status == "confirmed"


def test_the_offer_says_its_history_by_how_much() -> None:
    slip()
    undated()
    late = Window(reads.offer("boat").offer.slips[0].now.start, clock.now().date().replace(year=2030))  # type: ignore[union-attr]
    door.do_one(SlipPromise(**MAKER, slug="boat", window=late, why="New yard."))
    page = browser().get("/o/boat/").content.decode()
    assert "First promised" in page and "365 days later" in page and "there was no new date" in page
    assert "The yard burnt down." in page and "New yard." in page
    french = browser("fr").get("/o/boat/").content.decode()
    assert "Premier engagement" in french and "365 jours plus tard" in french


def test_nobody_can_reserve_while_there_is_no_date() -> None:
    undated()
    for page in ("/o/boat/", "/o/boat/reserve/"):
        assert "no delivery date at present" in browser().get(page).content.decode()
