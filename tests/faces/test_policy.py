"""Every route, walked as everybody: who may not, sees nothing, learns nothing and changes nothing."""

import re
import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import translation
from django.views.defaults import server_error

from earnest.book import clock, links
from tests.faces.visitor import browser, inside, once, text, written
from tests.scene import account, cancel, pay, place, slip, state, work
from tests.scene import book as book

NOBODYS = "3BB0-J47G-5"


def routes(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(address with its places, route)."""
    for each in found:
        where = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, where)
        else:
            yield where, each


def address(where: str, route: URLPattern, number: str) -> str:
    """A route filled in with what is there; that it leads to the route is asserted."""
    for name, converter in route.pattern.converters.items():
        known = (number,) if name == "number" else ("boat", "1", *converter.regex.split("|"))
        fitting = next(each for each in known if re.fullmatch(converter.regex, each))
        where = re.sub(rf"<(\w+:)?{name}>", fitting, where)
    assert resolve(f"/{where}").func is route.callback, where
    return f"/{where}"


def of(policy: str, number: str) -> list[str]:
    """The addresses of all routes that declare a policy."""
    every = routes(get_resolver().url_patterns)
    found = [
        address(where, each, number)
        for where, each in every
        if getattr(each.callback, "policy", "") == policy
    ]
    assert len(found) > 5
    return found


def operator() -> Client:
    client = browser()
    client.force_login(User.objects.create_user("ana", password="x", is_staff=True))
    return client


@pytest.mark.parametrize("who", ["anonymous", "another customer", "operator"])
def test_a_reservation_is_open_to_its_holder_alone(book: clock.ManualClock, who: str) -> None:
    mine = place()
    others = {
        "anonymous": browser,
        "another customer": lambda: inside(place(name="Bo Other")),
        "operator": operator,
    }
    client = others[who]()
    before = written()
    for page in of("holder", mine):
        nobodys, key = page.replace(mine, NOBODYS), {"once": "k" * 24}
        pairs = [(client.get(page), client.get(nobodys)), (client.post(page, key), client.post(nobodys, key))]
        assert 404 in [answer.status_code for answer, _ in pairs], page
        for answer, same in pairs:
            assert answer.status_code == same.status_code and answer.status_code in (404, 405), page
            assert text(answer.content) == text(same.content).replace(NOBODYS, mine)
    assert written() == before


@pytest.mark.parametrize("who", ["anonymous", "customer", "user who is no operator"])
def test_the_console_is_open_to_operators_alone(book: clock.ManualClock, who: str) -> None:
    number = place()
    client = inside(number) if who == "customer" else browser()
    if who.startswith("user"):
        client.force_login(User.objects.create_user("eve", password="x"))
    before = written()
    for page in of("operator", number):
        for answer in (client.get(page), client.post(page, {"once": "k" * 24})):
            refused = answer.status_code == 302 and answer.headers["Location"].startswith("/console/login/")
            assert refused or answer.status_code == 405, page
    assert written() == before


@pytest.mark.parametrize("broken", ["", "x", "x" * 5000, "W10:1:x", "\x00"])
def test_a_cookie_that_was_not_signed_here_opens_nothing(book: clock.ManualClock, broken: str) -> None:
    number = place()
    client = browser()
    client.cookies["earnest_portal"] = broken
    assert client.get(f"/my/{number}/").status_code == 404


def test_a_cookie_is_as_old_as_it_is_allowed_to_be(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place()
    client = inside(number)
    kept = client.cookies["earnest_portal"]
    assert kept["httponly"] and kept["samesite"] == "Lax" and kept["path"] == "/"
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 31 * 86_400)
    assert client.get(f"/my/{number}/").status_code == 404


def test_getting_a_page_never_acts(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    account(number, confirmed=False)
    slip()
    work()
    ended = place(name="Bo Other")
    pay(ended)
    cancel(ended)
    client = inside(number)
    client.get(f"/link/{links.make('portal', ended)}/")
    before = written()
    pages = [*of("holder", number), *of("holder", ended), *of("public", number)]
    pages += [f"/link/{links.make('portal', number)}/", f"/link/{links.make('portal', number, 'cancel')}/"]
    pages += [f"/account/confirm/{links.make('account', number, '1')}/", "/?lang=fr", "/find/?number=x"]
    for page in pages:
        if page.endswith("/paid/"):
            continue  # asks the provider what came of a payment; the tests of card money look at it
        for method in (client.get, client.head):
            assert method(page).status_code in (200, 302, 404, 405, 410), page
    assert written() == before


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_frame_refuses_in_our_own_words(book: clock.ManualClock, language: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": language})
    said = {
        403: {"en": "This is not possible from here", "fr": "n'est pas possible"},
        404: {"en": "There is nothing here", "fr": "Il n'y a rien ici"},
    }
    for status, answer in ((403, strict.post("/find/", {})), (404, strict.get("/nothing/"))):
        body = answer.content.decode()
        assert answer.status_code == status and said[status][language] in text(answer.content)
        assert f'<html lang="{language}">' in body and "<style" not in body and 'class="foot"' in body


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_fault_of_ours_is_a_page_that_needs_nothing(language: str) -> None:
    """No database, no request: it must be there when everything else is not."""
    with translation.override(language):
        answer = server_error(RequestFactory().get("/"))
    body = answer.content.decode()
    assert answer.status_code == 500 and f'<html lang="{language}">' in body
    assert {"en": "Something broke on our side", "fr": "Quelque chose s'est cassé"}[language] in text(
        answer.content
    )


def test_a_form_without_its_key_does_nothing(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    client = inside(number)
    before = written()
    for key in ("", "short", "x" * 65):
        assert client.post(f"/my/{number}/cancel/", {"once": key}).status_code == 422
    assert written() == before


def test_a_form_sent_twice_acts_once(book: clock.ManualClock) -> None:
    number = place(2)
    pay(number, 1_000_000)
    client = inside(number)
    page = f"/my/{number}/cancel/"
    given = once(client, page) | {"quantity": "1"}
    for _ in range(2):
        assert client.post(page, given).status_code == 302
    assert state(number).quantity == 1
