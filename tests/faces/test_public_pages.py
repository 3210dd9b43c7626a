"""Storefront and portal as a browser without JavaScript meets them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from earnest.book import clock, links, models, reads
from earnest.core.commands.erase import Erase
from earnest.core.offer import Text
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import account, cancel, offer, pay, place, slip, state, types, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def browser(language: str = "en") -> Client:
    return Client(headers={"accept-language": language})


def inside(number: str, language: str = "en") -> Client:
    """A browser that came through the mailed link."""
    client = browser(language)
    answer = client.get(f"/link/{links.make('portal', number)}/")
    assert answer.status_code == 302 and answer.headers["Location"] == f"/my/{number}/"
    return client


def once(client: Client, page: str) -> dict[str, str]:
    """The hidden key of a form that was just drawn."""
    found = re.search(r'name="once" value="([^"]+)"', client.get(page).content.decode())
    assert found
    return {"once": found[1]}


FORM = {
    "variant": "one",
    "quantity": "1",
    "name": "Ada Moreau",
    "email": "ada@example.org",
    "residence": "FR",
    "language": "fr",
    "kind": "person",
    "version": "1",
    "once": "a-key-that-is-long-enough",
}


# --- storefront


@pytest.mark.parametrize("page", ["/", "/o/boat/", "/o/boat/reserve/", "/find/"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_are_there_in_both_languages(page: str, language: str) -> None:
    answer = browser(language).get(page)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()


def test_an_offer_tells_its_slips_and_what_it_takes() -> None:
    slip()
    page = browser().get("/o/boat/").content.decode()
    assert "The mould cracked." in page and "€5,000.00" in page and "€45,000.00" in page
    assert "5 of 5 places are left" in page


def test_reserving_leads_into_the_portal_with_a_place() -> None:
    client = browser()
    answer = client.post("/o/boat/reserve/", FORM)
    number = answer.headers["Location"].split("/")[2]
    assert state(number).status == "placed" and state(number).queue == 1
    page = client.get(f"/my/{number}/").content.decode()
    assert "Pay €5,000.00" in page and "Cancel" in page


def test_the_form_sent_twice_reserves_once() -> None:
    client = browser()
    first, second = (client.post("/o/boat/reserve/", FORM).headers["Location"] for _ in range(2))
    assert first == second and models.Reservation.objects.count() == 1


def test_the_same_key_with_another_wish_is_refused() -> None:
    client = browser()
    client.post("/o/boat/reserve/", FORM)
    assert client.post("/o/boat/reserve/", FORM | {"quantity": "2"}).status_code == 409
    assert models.Reservation.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"email": "not an address"}, 422, "email"),
        ({"email": "ada@example.org\nBcc: x@example.org"}, 422, "email"),
        ({"name": ""}, 422, "name"),
        ({"residence": "??"}, 422, "residence"),
        ({"quantity": "0"}, 422, "quantity"),
        ({"quantity": "6"}, 409, "Only 5 places are left."),
        ({"version": "7"}, 409, "The offer has changed since you saw it; please look at it again."),
        ({"variant": "ghost"}, 422, "variant"),
        ({"once": "short"}, 422, "This form is incomplete; please load the page again."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(change: dict[str, str], status: int, said: str) -> None:
    acts = models.Act.objects.count()
    answer = browser().post("/o/boat/reserve/", FORM | change)
    assert answer.status_code == status and said in answer.content.decode()
    assert models.Act.objects.count() == acts


def test_sold_out_and_unknown_offers() -> None:
    offer("tiny", capacity=1, variants=(scene.TERMS["variants"][0],))
    place(slug="tiny")
    page = browser().get("/o/tiny/").content.decode()
    assert "Every place is taken." in page
    answer = browser().post("/o/tiny/reserve/", FORM)
    assert answer.status_code in (409, 422)
    assert browser().get("/o/nothing/").status_code == 404
    assert browser().post("/o/nothing/reserve/", FORM).status_code == 404


def test_names_and_texts_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    offer("evil", texts={"en": Text(evil, evil, evil)})
    number = place(slug="evil", name="Ada <b>")
    for page in ("/", "/o/evil/"):
        assert evil not in browser().get(page).content.decode()
    assert evil not in inside(number).get(f"/my/{number}/").content.decode()


# --- ways in


def test_another_customers_reservation_does_not_exist() -> None:
    mine, other = place(), place(name="Bo Other")
    client = inside(mine)
    for page in ("", "acts/", "cancel/", "account/", "story/", "cancelled/"):
        theirs = client.get(f"/my/{other}/{page}")
        nobodys = client.get(f"/my/3BB0-J47G-5/{page}")
        assert theirs.status_code == nobodys.status_code == 404
    assert client.post(f"/my/{other}/cancel/", {"once": "x" * 20}).status_code == 404
    assert state(other).status == "placed"


def test_links_are_bound_to_purpose_and_time(book: clock.ManualClock) -> None:
    number = place()
    portal, confirm = links.make("portal", number), links.make("account", number, "1")
    assert browser().get(f"/link/{confirm}/").status_code == 410
    assert browser().get(f"/account/confirm/{portal}/").status_code == 410
    for forged in (
        portal[:-1] + ("A" if portal[-1] != "A" else "B"),
        portal.replace(number, "3BB0-J47G-5"),
        "x",
    ):
        assert browser().get(f"/link/{forged}/").status_code == 410
    book.advance(timedelta(days=91))
    assert browser().get(f"/link/{portal}/").status_code == 410


def test_asking_for_a_link_never_says_whether_it_fits() -> None:
    number = place()
    work()
    before = models.Mail.objects.count()
    right = browser().post("/find/", {"number": number, "email": "ADA@example.org"})
    wrong = browser().post("/find/", {"number": number, "email": "bo@example.org"})
    nobody = browser().post("/find/", {"number": "3BB0-J47G-5", "email": "ada@example.org"})
    pages = [re.sub(r'value="[^"]{20,}"', "", each.content.decode()) for each in (right, wrong, nobody)]
    assert pages[0] == pages[1] == pages[2]
    work()
    assert models.Mail.objects.count() == before + 1


# --- the portal


def test_two_clicks_cancel_and_the_receipt_is_shown() -> None:
    number = place()
    pay(number)
    client = inside(number)
    page = f"/my/{number}/cancel/"
    assert "€5,000.00" in client.get(page).content.decode()
    answer = client.post(page, once(client, page))
    assert answer.headers["Location"] == f"/my/{number}/cancelled/"
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "2 March 2026, 09:00 UTC" in shown and "3 March 2026, 09:00 UTC" in shown and "receipt" in shown
    assert state(number).status == "cancelled"


def test_a_cancellation_is_taken_back_until_the_refund_has_left() -> None:
    number = place()
    pay(number)
    cancel(number)
    client = inside(number)
    client.post(f"/my/{number}/take-back/", once(client, f"/my/{number}/"))
    assert state(number).status == "confirmed" and state(number).owed_back() == {}


def test_part_of_several_places_is_cancelled() -> None:
    number = place(2)
    pay(number, 1_000_000)
    client = inside(number)
    page = f"/my/{number}/cancel/?quantity=1"
    assert "€5,000.00" in client.get(page).content.decode()
    client.post(f"/my/{number}/cancel/", once(client, page) | {"quantity": "1"})
    assert (state(number).quantity, state(number).owed_back()) == (1, {"EUR": 500_000})


def test_a_slip_is_answered() -> None:
    number = place()
    pay(number)
    slip()
    work()
    client = inside(number)
    told = state(number).told[0]
    client.post(f"/my/{number}/slips/{told.slip}/", once(client, f"/my/{number}/") | {"answer": "accept"})
    assert state(number).told[0].answer == "accept"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"iban": "FR1420041010050500013M02607"}, "is not a valid IBAN"),
        (
            {"country": "US", "account_number": "12345678", "routing": "021000022"},
            "is not a valid routing code",
        ),
        ({"country": "FR", "account_number": "12345678"}, "is given by its IBAN"),
        ({}, "Please give an IBAN"),
    ],
)
def test_a_malformed_account_is_refused_in_one_sentence(given: dict[str, str], said: str) -> None:
    number = place()
    client = inside(number)
    page = f"/my/{number}/account/"
    answer = client.post(page, once(client, page) | {"holder_name": "Ada Moreau", **given})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert state(number).accounts == ()


def test_an_account_is_confirmed_by_the_mailed_link_alone() -> None:
    number = place()
    client = inside(number)
    page = f"/my/{number}/account/"
    client.post(page, once(client, page) | {"holder_name": "Ada Moreau", "iban": scene.IBAN})
    link = f"/account/confirm/{links.make('account', number, '1')}/"
    for _ in range(2):
        assert browser().get(link).status_code == 200
    assert state(number).accounts[0].confirmed_at is None
    stranger = browser()
    stranger.post(link, once(stranger, link))
    assert state(number).accounts[0].confirmed_at and state(number).accounts[0].name_matches


def test_the_story_downloads_and_verifies() -> None:
    number = place()
    pay(number)
    client = inside(number)
    whole = verify_story(client.get(f"/my/{number}/story/").content, clock.now())
    hidden = verify_story(client.get(f"/my/{number}/story/?open=none").content, clock.now())
    assert whole.ok and hidden.ok and whole.acts == hidden.acts == len(types(number))
    assert whole.withheld == [] and "name" in hidden.withheld


def test_an_erased_reservation_still_has_its_pages() -> None:
    number = place()
    account(number)
    cancel(number)
    from earnest.book import door

    for cls in ("identity", "contact", "bank", "text"):
        door.do_one(Erase(**scene.MAKER, number=number, cls=cls))
    client = inside(number)
    for page in ("", "acts/", "cancelled/"):
        assert client.get(f"/my/{number}/{page}").status_code == 200
    assert verify_story(client.get(f"/my/{number}/story/").content, clock.now()).erased


def test_cards_that_are_not_set_up_are_said_to_be_so() -> None:
    number = place()
    answer = inside(number).post(f"/my/{number}/pay/")
    assert answer.status_code == 503 and "Card payments are not set up here." in answer.content.decode()


def test_every_page_can_be_got_without_anything_being_written() -> None:
    number = place()
    pay(number)
    slip()
    work()
    cancel(number)
    client = inside(number)
    before = (models.Act.objects.count(), models.Duty.objects.count())
    for page in ("", "acts/", "cancel/", "cancelled/", "account/", "story/"):
        client.get(f"/my/{number}/{page}")
    for page in ("take-back/", "pay/", "version/"):
        assert client.get(f"/my/{number}/{page}").status_code == 405
    assert (models.Act.objects.count(), models.Duty.objects.count()) == before


def test_cancel_is_on_every_page_of_a_living_reservation() -> None:
    number = place()
    client = inside(number)
    for page in ("", "acts/", "account/"):
        assert f'href="/my/{number}/cancel/"' in client.get(f"/my/{number}/{page}").content.decode()


# --- the frame


def test_no_script_no_inline_style_and_a_strict_policy() -> None:
    number = place()
    client = inside(number)
    for page in ("/", "/o/boat/", "/o/boat/reserve/", "/find/", f"/my/{number}/", f"/my/{number}/cancel/"):
        answer = client.get(page)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy
        body = answer.content.decode()
        assert "<script" not in body and " style=" not in body and "<style" not in body
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_post_without_the_forms_token_is_refused() -> None:
    number = place()
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/link/{links.make('portal', number)}/")
    assert strict.post(f"/my/{number}/cancel/", {"once": "x" * 20}).status_code == 403
    assert state(number).status == "placed"


def test_the_language_is_chosen_and_kept() -> None:
    client = browser("en")
    answer = client.post("/language/", {"language": "fr", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"
    assert '<html lang="fr">' in client.get("/").content.decode()


def routes(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        where = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, where)
        else:
            yield where, each


def test_every_route_says_who_may_use_it() -> None:
    """The API's routes are guarded by the API itself; every other view declares a policy."""
    open_routes = {
        where: getattr(route.callback, "policy", None)
        for where, route in routes(get_resolver().url_patterns)
        if not where.startswith("api/v1/")
    }
    assert [where for where, policy in open_routes.items() if policy is None] == []
    for where, policy in open_routes.items():
        if where.startswith("my/"):
            assert policy == "holder", where
        if where.startswith("console/") and "login" not in where and "logout" not in where:
            assert policy == "operator", where


def test_a_policy_that_is_empty_or_unknown_cannot_be_declared() -> None:
    from earnest.web.policy import policy

    for name in ("", "everybody"):
        with pytest.raises(ValueError):
            policy(name)


def test_anonymous_sees_no_reservation_and_no_console() -> None:
    number = place()
    for where, _ in routes(get_resolver().url_patterns):
        if where.startswith("my/"):
            page = "/" + where.replace("<str:number>", number).replace("<int:slip>", "1")
            assert browser().get(page).status_code in (404, 405), page
    assert browser().get("/console/").status_code in (302, 404)


def test_an_operators_login_opens_no_reservation_and_a_customers_link_no_console() -> None:
    number = place()
    desk = Client()
    desk.force_login(User.objects.create_user("ana", password="the tide table on the wall", is_staff=True))
    for where, _ in routes(get_resolver().url_patterns):
        if where.startswith("my/"):
            page = "/" + where.replace("<str:number>", number).replace("<int:slip>", "1")
            assert desk.get(page).status_code in (404, 405), page
    client = inside(number)
    for page in ("/console/", f"/console/reservations/{number}/", "/console/refunds/", "/console/outbox/"):
        assert client.get(page).status_code in (302, 404), page


def test_health() -> None:
    assert browser().get("/health/live").json() == {"ok": True}
    assert browser().get("/health/ready").status_code == 200


def test_the_position_moves_up_when_somebody_before_leaves() -> None:
    first, second = place(), place(name="Bo Other")
    assert reads.position(state(second)).ahead == 1
    cancel(first)
    assert reads.position(state(second)).ahead == 0
