"""The function by which anybody withdraws: on every page, two steps, a receipt, and nothing told to strangers."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from earnest.book import clock, export, links, models, reads, rebuild, sealing, tallying, withdrawals
from earnest.core.commands.convert import Convert, Deliver
from earnest.core.labels import LABELS
from earnest.post import withdrawals as to_withdraw
from earnest.record.verify import verify_story
from earnest.web import withdrawing
from tests import scene
from tests.scene import MAKER, cancel, pay, place, slip, state, types, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    cache.clear()
    yield scene.begin()
    scene.finish()
    cache.clear()


def browser(language: str = "en") -> Client:
    return Client(headers={"accept-language": language})


def wish(number: str, **changed: str) -> dict[str, str]:
    return {"name": "Ada Moreau", "contract": number, "email": "ada@example.org", **changed}


def once(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def confirm(client: Client, given: dict[str, str]) -> Any:
    """Both steps, as a browser makes them."""
    page = client.post("/withdraw/", given)
    assert page.status_code == 200
    return client.post("/withdraw/", {**given, "once": once(page.content.decode()), "confirm": "1"})


def mails(template: str) -> list[str]:
    from earnest.book import outbox

    rows = models.Mail.objects.filter(template=template).order_by("id").values_list("key", flat=True)
    return [(outbox.kept(key) or b"").decode() for key in rows]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_reached_from_every_public_page_and_every_page_of_the_portal(language: str) -> None:
    number = place()
    client = browser(language)
    client.get(f"/link/{links.make('portal', number)}/")
    label = f">{LABELS[language].withdraw}</a>"
    for page in ("/", "/o/boat/", "/o/boat/reserve/", "/find/", "/verify/", "/withdraw/", f"/my/{number}/",
                 f"/my/{number}/acts/", f"/my/{number}/cancel/", f"/my/{number}/account/"):  # fmt: skip
        assert label in client.get(page).content.decode(), page
    assert client.get("/console/login/").content.decode().find("/withdraw/") < 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_steps_with_the_words_of_the_law(language: str) -> None:
    number = place()
    client = browser(language)
    first = client.get("/withdraw/").content.decode()
    assert f"<h1>{LABELS[language].withdraw}</h1>" in first
    second = client.post("/withdraw/", wish(number)).content.decode()
    assert f">{LABELS[language].confirm_withdrawal}</button>" in second and "Ada Moreau" in second
    assert models.Subject.objects.filter(kind="withdrawal").count() == 0  # looking at it states nothing


def test_a_guest_withdraws_and_all_comes_back() -> None:
    number = place()
    pay(number)
    answer = confirm(browser(), wish(number, email="ADA@example.org"))
    page = browser().get(answer.headers["Location"]).content.decode()
    assert number in page and "2 March 2026, 09:00 UTC" in page
    work()
    assert state(number).status == "cancelled" and state(number).endings[-1].ground == "withdrawal"
    assert state(number).owed_back() == {"EUR": 500_000}
    (receipt,) = mails("withdrawn")
    assert "To: ada@example.org" in receipt and mails("withdrawal_filed") == []


def test_the_receipt_has_content_date_and_time_and_can_be_saved() -> None:
    number = place()
    answer = confirm(browser("fr"), wish(number))
    work()
    where = answer.headers["Location"]
    saved = browser("fr").get(f"{where}receipt.txt")
    text = saved.content.decode()
    assert "attachment" in saved.headers["Content-Disposition"]
    for said in (
        "me rétracte du contrat",
        "Ada Moreau",
        number,
        "2 mars 2026, 09:00 UTC",
        "Boatyard",
    ):
        assert said in text, said


def test_nothing_tells_whether_a_reservation_exists() -> None:
    real, ghost = place(), "7K3M-Q9TX-4"
    seen = []
    for given in (wish(real), wish(real, email="eve@example.org"), wish(ghost)):
        answer = confirm(browser(), given)
        assert answer.status_code == 302
        page = browser().get(answer.headers["Location"]).content.decode()
        page = re.sub(r'/withdraw/[^"]+|[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]|csrf[^>]+>', "", page)
        seen.append(page)
    assert seen[0] == seen[1] == seen[2]


def test_a_stranger_who_knows_the_number_ends_nothing_and_learns_nothing() -> None:
    number = place()
    pay(number)
    confirm(browser(), wish(number, email="eve@example.org"))
    work()
    assert state(number).status == "confirmed"
    (receipt,) = mails("withdrawal_filed")
    assert "To: eve@example.org" in receipt and "boat" not in receipt.lower().replace("boatyard", "")
    assert len(mails("withdrawal_to_see_to")) == 1 and withdrawals.newest(1)[0].outcome == "unmatched"


def test_what_fits_nothing_is_filed_and_receipted_all_the_same() -> None:
    answer = confirm(
        browser(), wish("the little boat of last spring", name="Zoë Bram", email="zoe@example.org")
    )
    work()
    found = withdrawals.newest(1)[0]
    assert found.outcome == "unmatched" and found.said.get("contract") == "the little boat of last spring"
    assert "Zo" in browser().get(answer.headers["Location"]).content.decode()
    assert len(mails("withdrawal_filed")) == 1


def test_sent_twice_it_is_one_statement() -> None:
    number = place()
    client = browser()
    page = client.post("/withdraw/", wish(number)).content.decode()
    form = {**wish(number), "once": once(page), "confirm": "1"}
    first, second = (client.post("/withdraw/", form).headers["Location"] for _ in range(2))
    work()
    assert first == second and models.Subject.objects.filter(kind="withdrawal").count() == 1
    assert types(number).count("withdrawal.received") == 1
    models.Duty.objects.filter(kind="withdrawal").update(state="waiting")
    work()
    assert types(number).count("withdrawal.received") == 1 and len(mails("withdrawn")) == 1


def test_it_counts_from_when_it_was_stated_however_late_it_is_carried_out(book: clock.ManualClock) -> None:
    number = place()
    confirm(browser(), wish(number))
    stated = book.now()
    book.advance(timedelta(hours=5))
    work()
    assert state(number).withdrawals[0].stated_at == stated


def test_from_a_delivered_one_people_see_to_it_and_say_so() -> None:
    number = place()
    pay(number)
    from earnest.book import door

    door.do_one(Convert(**MAKER, number=number, sale="S-1"))
    door.do_one(Deliver(**MAKER, number=number, happened_at=clock.now()))
    confirm(browser(), wish(number))
    work()
    assert state(number).status == "delivered" and types(number)[-2] == "withdrawal.received"
    assert withdrawals.newest(1)[0].outcome == "over" and len(mails("withdrawal_received")) == 1


def test_what_was_cancelled_before_is_not_ended_again() -> None:
    number = place()
    cancel(number)
    confirm(browser(), wish(number))
    work()
    assert len(state(number).endings) == 1 and withdrawals.newest(1)[0].outcome == "over"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": ""}, "name"), ({"contract": ""}, "contract"), ({"email": "nobody"}, "email")],
)
def test_what_is_missing_is_said_at_its_field(changed: dict[str, str], field: str) -> None:
    answer = browser().post("/withdraw/", wish("7K3M-Q9TX-4", **changed))
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.content.decode()


def test_a_name_that_is_an_advertisement_is_not_mailed_to_anybody() -> None:
    client = browser()
    given = wish("7K3M-Q9TX-4", name="https://pills.example")
    assert confirm(client, given).status_code == 422
    work()
    assert models.Mail.objects.count() == 0


def test_a_form_without_its_key_states_nothing() -> None:
    answer = browser().post("/withdraw/", {**wish("7K3M-Q9TX-4"), "confirm": "1"})
    assert answer.status_code == 422 and models.Subject.objects.filter(kind="withdrawal").count() == 0


def test_one_address_states_only_so_many_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "MOST", 2)
    client = browser()
    codes = [confirm(client, wish("7K3M-Q9TX-4")).status_code for _ in range(3)]
    assert codes == [302, 302, 429]


def test_an_address_that_fits_nothing_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_withdraw, "RECEIPTS_MOST", 2)
    for _ in range(4):
        confirm(browser(), wish("7K3M-Q9TX-4", email="victim@example.org"))
    work()
    assert len(withdrawals.newest(9)) == 4 and len(mails("withdrawal_filed")) == 2


def test_whoever_was_let_in_finds_it_filled_in_and_nobody_else() -> None:
    number = place()
    client = browser()
    client.get(f"/link/{links.make('portal', number)}/")
    assert "ada@example.org" in client.get(f"/withdraw/?number={number}").content.decode()
    stranger = browser().get(f"/withdraw/?number={number}").content.decode()
    assert "ada@example.org" not in stranger and "Ada Moreau" not in stranger


def test_a_forged_receipt_opens_nothing() -> None:
    answer = confirm(browser(), wish("7K3M-Q9TX-4"))
    where = answer.headers["Location"].rstrip("/")
    assert browser().get(where[:-1] + ("A" if where[-1] != "A" else "B") + "/").status_code == 410
    number = where.split("/")[-1].split(".")[0]
    assert browser().get(f"/withdraw/{number}/").status_code == 410


def test_the_order_button_has_the_words_of_the_law() -> None:
    for language, labels in LABELS.items():
        assert f">{labels.order}</button>" in browser(language).get("/o/boat/reserve/").content.decode()


def test_the_receipt_is_kept_from_caches() -> None:
    answer = confirm(browser(), wish("7K3M-Q9TX-4"))
    assert "no-store" in browser().get(answer.headers["Location"]).headers["Cache-Control"]


def test_the_statement_is_in_the_record_like_any_act() -> None:
    confirm(browser(), wish("7K3M-Q9TX-4"))
    work()
    found = withdrawals.newest(1)[0]
    kinds = [read.act.type for read in reads.acts("withdrawal", found.number)]
    assert kinds == ["withdrawal.stated", "withdrawal.answered"]


def test_its_story_and_that_of_an_answered_slip_hold() -> None:
    number = place()
    pay(number)
    work()
    slip()
    work()
    confirm(browser(), wish(number))
    work()
    tallying.tally()
    sealing.seal(sealing.acquire("tests", clock.now()), clock.now())
    report = verify_story(export.story(number), clock.now())
    assert report.ok, report.errors
    assert list(rebuild.differences()) == []
