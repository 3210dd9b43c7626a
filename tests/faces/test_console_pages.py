"""Every page of the console: in both languages, with nothing in it that acts, and safe against what people type."""

import re
from datetime import date, timedelta

import pytest

from earnest.book import clock, door, models, sealing
from earnest.core.commands.base import Duty
from earnest.core.commands.erase import Erase
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Window
from earnest.record.policy import Policy
from earnest.record.verify import verify_story
from tests.faces.console_desk import MAKER, cancel, desk, give_account, logged_in, open_offer, pay, place

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


def slip() -> int:
    window = Window(date(2028, 1, 1), date(2028, 12, 31))
    done = door.do_one(SlipPromise(slug="boat", window=window, why="The mould broke.", **MAKER))
    assert isinstance(done, door.Done)
    return done.seq


def everything() -> tuple[str, list[str]]:
    """A book with one of each, and the addresses of all pages that can be looked at."""
    open_offer()
    number, other = place(), place("Bo Ek", language="en")
    pay(number)
    give_account(number)
    seq = slip()
    cancel(number)
    pages = ["", "offers/", "offers/new/", "offers/boat/", "offers/boat/edit/", "offers/boat/close/"]
    pages += ["offers/boat/slip/", "offers/boat/slip/?window_from=2029-01-01&until=2029-12-31&why=Late"]
    pages += [f"offers/boat/slips/{seq}/", "reservations/", "reservations/?status=placed&offer=boat"]
    pages += [f"reservations/{number}/", f"reservations/{number}/refunds/1/", f"reservations/{number}/story/"]
    pages += [
        f"reservations/{other}/{step}/"
        for step in ("cancel", "give-up", "lapse", "convert", "deliver", "erase")
    ]
    pages += ["refunds/", "outbox/", "keys/", "record/", "password/", f"receipts/reservation/{number}/0/"]
    return number, [f"/console/{page}" for page in pages]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_can_be_looked_at_and_looking_never_acts(language: str) -> None:
    pages = everything()[1]
    client = logged_in(language=language)
    before = (models.Act.objects.count(), list(models.Duty.objects.values()), models.Answer.objects.count())
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        if answer["Content-Type"].startswith("text/html"):
            body = answer.content.decode()
            assert f'<html lang="{language}"' in body, page
            assert "<script" not in body and "style=" not in body and "onclick" not in body, page
    after = (models.Act.objects.count(), list(models.Duty.objects.values()), models.Answer.objects.count())
    assert after == before


@pytest.mark.parametrize(("language", "words"), [("en", "Refunds due"), ("fr", "Remboursements dus")])
def test_today_speaks_the_operators_language(language: str, words: str) -> None:
    assert words in logged_in(language=language).get("/console/").content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "reservations/K7QF-2M9X-4/",
        "reservations/nonsense/",
        "reservations/K7QF-2M9X-4/cancel/",
        "reservations/K7QF-2M9X-4/story/",
        "reservations/K7QF-2M9X-4/refunds/1/",
        "offers/none/",
        "offers/none/edit/",
        "offers/none/slip/",
        "offers/none/slips/3/",
        "outbox/77/",
        "outbox/77/html/",
        "receipts/reservation/K7QF-2M9X-4/0/",
    ],
)
def test_what_does_not_exist_is_404(page: str) -> None:
    assert logged_in().get(f"/console/{page}").status_code == 404


def test_today_shows_what_is_due_by_the_time_left_and_what_waits_apart(desk: clock.ManualClock) -> None:
    open_offer()
    card, transfer = place("Card Holder"), place("Transfer Holder")
    pay(card)
    pay(transfer, rail="transfer")
    cancel(card)
    cancel(transfer)
    desk.advance(timedelta(hours=3))
    body = logged_in().get("/console/").content.decode()
    due, waiting = body.split("Held or waiting", 1)
    assert "21 h 00 min left" in due and "Card Holder" in due
    assert "Transfer Holder" in waiting and "no confirmed bank account yet" in waiting
    assert "clock--urgent" not in body


def test_under_six_hours_a_refund_is_red_and_then_overdue(desk: clock.ManualClock) -> None:
    open_offer()
    number = place()
    pay(number)
    cancel(number)
    desk.advance(timedelta(hours=18, minutes=1))
    assert "clock--urgent" in logged_in().get("/console/refunds/").content.decode()
    desk.advance(timedelta(hours=6))
    assert "clock--late" in logged_in().get("/console/refunds/").content.decode()


def test_today_counts_what_is_owed_to_customers_in_each_currency() -> None:
    open_offer()
    kept, owed = place(), place()
    pay(kept)
    pay(owed)
    cancel(owed)
    body = logged_in().get("/console/").content.decode()
    assert "<strong>€200.00</strong>" in body
    assert body.count("€100.00") >= 2


def test_today_shows_alarms_with_the_reservation_that_they_are_about() -> None:
    from earnest.book import duties

    open_offer()
    number = place()
    duties.insert([Duty("mail", "mail/x", clock.now(), {"number": number})])
    models.Duty.objects.filter(key="mail/x").update(
        state="parked", attempts=11, last_error="No <route> to host"
    )
    body = logged_in().get("/console/").content.decode()
    assert "No &lt;route&gt; to host" in body
    assert f'href="/console/reservations/{number}/"' in body.split("Alarms", 1)[1]


def test_a_promise_that_is_over_while_people_wait_is_marked(desk: clock.ManualClock) -> None:
    open_offer()
    pay(place())
    assert "badge--bad" not in logged_in().get("/console/").content.decode()
    desk.set(clock.now() + timedelta(days=900))
    assert '<span class="badge badge--bad">over</span>' in logged_in().get("/console/").content.decode()


def test_the_list_is_filtered_and_searched() -> None:
    open_offer()
    ada, bo = place("Ada Moreau"), place("Bo Ek")
    pay(bo)
    client = logged_in()
    confirmed = client.get("/console/reservations/?status=confirmed").content.decode()
    assert bo in confirmed and ada not in confirmed
    found = client.get("/console/reservations/", {"search": "ada@example.org"})
    assert found["Location"] == f"/console/reservations/{ada}/"
    typed = client.get("/console/reservations/", {"search": ada.lower().replace("-", "")})
    assert typed["Location"] == f"/console/reservations/{ada}/"
    nothing = client.get("/console/reservations/", {"search": "Moreau"}).content.decode()
    assert "names are not searched" in nothing


def test_the_list_pages_by_fifty_and_keeps_its_filter() -> None:
    open_offer(capacity=100)
    for n in range(51):
        place(f"Person{n} Last")
    client = logged_in()
    first = client.get("/console/reservations/?status=placed").content.decode()
    assert first.count('class="c-holder"') == 50
    older = first.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert "status=placed" in older
    second = client.get(f"/console/reservations/{older}").content.decode()
    assert second.count('class="c-holder"') == 1
    assert 'rel="prev"' in second and 'rel="next"' not in second


def test_a_cursor_that_is_none_of_ours_is_said_in_one_sentence() -> None:
    answer = logged_in().get("/console/reservations/?older=nonsense")
    assert answer.status_code == 422
    assert b"This page is no longer there" in answer.content


def test_what_people_type_is_shown_and_never_run() -> None:
    nasty = "<script>alert(1)</script>"
    open_offer(texts={"en": _text(nasty)})
    number = place(f"Eve {nasty}")
    client = logged_in()
    for page in (
        "",
        "reservations/",
        f"reservations/{number}/",
        "offers/",
        "offers/boat/",
        "offers/boat/edit/",
    ):
        body = client.get(f"/console/{page}").content.decode()
        assert nasty not in body, page
    assert "&lt;script&gt;" in client.get(f"/console/reservations/{number}/").content.decode()
    assert nasty not in client.get("/console/reservations/", {"search": f'"{nasty}'}).content.decode()


def test_a_person_who_was_erased_is_shown_as_erased() -> None:
    open_offer()
    number = place("Ada Moreau")
    cancel(number)
    for cls in ("identity", "contact", "bank"):
        door.do_one(Erase(number=number, cls=cls, **MAKER))
    client = logged_in()
    for page in ("", "reservations/", f"reservations/{number}/"):
        body = client.get(f"/console/{page}").content.decode()
        assert "Moreau" not in body and "ada@" not in body, page
        assert "<em>erased</em>" in body, page


def test_a_reservations_page_has_everything(desk: clock.ManualClock) -> None:
    number, _ = everything()
    body = logged_in().get(f"/console/reservations/{number.lower()}/").content.decode()
    for words in (
        "Ada Moreau",
        "ada@example.org",
        "boat",
        "€100.00",
        "…2606",
        "Refund 1",
        "Deposit received",
    ):
        assert words in body, words
    assert "FR1420041010050500013M02606" not in body.split("34 acts")[0].split('<ol class="timeline"')[0]


def _text(title: str) -> object:
    from earnest.core.offer import Text

    return Text(title, title, title)


def test_a_story_holds_under_the_policy_that_the_record_page_gives_away() -> None:
    number, _ = everything()
    client = logged_in()
    for sealed in (False, True):
        if sealed:
            sealing.seal(sealing.acquire("tests", clock.now()), clock.now())
        body = client.get("/console/record/").content.decode()
        assert ("nothing is sealed yet" in body) is not sealed and "verify FILE --policy POLICY" in body
        policy = Policy.parse(client.get(re.findall(r'href="([^"]*/policy)"', body)[0]).content.decode())
        story = client.get(f"/console/reservations/{number}/story/").content
        report = verify_story(story, clock.now(), policy=policy)
        assert report.ok and report.key_pinned and bool(report.sealed) is sealed
