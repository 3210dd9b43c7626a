"""Who gets into the console, and how."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver

from earnest.book import links
from earnest.web.console import operators, throttle, urls
from tests.faces.console_desk import PASSWORD, desk, logged_in, open_offer, place

__all__ = ["desk"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("desk")]


@pytest.fixture(autouse=True)
def _no_failures_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def post_login(client: Client, name: str = "ana", password: str = PASSWORD, **more: str) -> object:
    return client.post("/console/login/", {"name": name, "password": password, **more})


def make(name: str = "ana") -> User:
    return User.objects.create_user(name, password=PASSWORD, is_staff=True)


def addresses() -> list[str]:
    """An address for every route of the console."""
    open_offer()
    number = place()
    given = {"slug": "boat", "number": number, "n": "1", "seq": "0", "pk": "1", "kind": "reservation"}
    given |= {
        "name": "cancel",
        "prefix": "abc",
        "proposal": "0",
        "account": "370400440532013000",
        "called": "INV-2026-000001",
        "code": "delay-notice",
    }
    found = []
    for pattern in urls.urlpatterns:
        route = re.sub(r"<\w+:(\w+)>", lambda match: given[match[1]], str(pattern.pattern))
        found.append(f"/console/{route}")
    return found


def test_a_stranger_is_sent_to_the_login_from_every_page_and_changes_nothing() -> None:
    for address in addresses():
        if address.endswith(("/login/", "/logout/")):
            continue
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith("/console/login/?next="), address


def test_every_route_declares_who_may_use_it() -> None:
    policies = {pattern.name: getattr(pattern.callback, "policy", None) for pattern in urls.urlpatterns}
    open_to_all = {"login", "logout"}
    assert {name for name, policy in policies.items() if policy == "public"} == open_to_all
    assert {policy for name, policy in policies.items() if name not in open_to_all} == {"operator"}


def test_somebody_who_is_no_operator_stays_outside() -> None:
    User.objects.create_user("guest", password=PASSWORD)
    client = Client()
    client.force_login(User.objects.get(username="guest"))
    assert client.get("/console/").status_code == 302


def test_a_holders_link_opens_their_reservation_and_never_the_console() -> None:
    open_offer()
    number = place()
    client = Client()
    token = links.make("portal", number)
    page = client.get(f"/link/{token}/", follow=True)
    client.post(page.redirect_chain[-1][0] if page.redirect_chain else f"/link/{token}/", follow=True)
    assert client.cookies
    answer = client.get(f"/console/reservations/{number}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/console/login/")


def test_name_and_password_open_the_console_with_a_cookie_of_its_own() -> None:
    make()
    client = Client()
    client.get("/console/login/")
    answer = post_login(client)
    assert answer["Location"] == "/console/"  # type: ignore[index]
    cookie = client.cookies["earnest_console"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert client.get("/console/").status_code == 200


def test_logging_in_gives_the_session_another_key() -> None:
    make()
    client = Client()
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    before = session.session_key
    client.cookies["earnest_console"] = before or ""
    post_login(client)
    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_name_are_answered_alike() -> None:
    make()
    wrong = post_login(Client(), password="not the one")
    unknown = post_login(Client(), name="nobody")
    assert (wrong.status_code, unknown.status_code) == (401, 401)  # type: ignore[attr-defined]
    sentence = b"The name or the password is wrong."
    assert sentence in wrong.content and sentence in unknown.content  # type: ignore[attr-defined]


def test_after_five_failures_even_the_right_password_waits() -> None:
    make()
    for _ in range(5):
        assert post_login(Client(), password="guess").status_code == 401  # type: ignore[attr-defined]
    answer = post_login(Client())
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert b"Too many attempts" in answer.content  # type: ignore[attr-defined]


def test_failures_from_elsewhere_do_not_lock_an_operator_out() -> None:
    for _ in range(20):
        throttle.failed("ana", "203.0.113.9")
    assert throttle.is_blocked("ana", "203.0.113.9")
    assert not throttle.is_blocked("ana", "198.51.100.4")


def test_one_address_cannot_try_many_names() -> None:
    for n in range(30):
        throttle.failed(f"name{n}", "203.0.113.9")
    assert throttle.is_blocked("ana", "203.0.113.9")


def test_logging_in_leads_where_one_was_going_and_never_elsewhere() -> None:
    make()
    assert post_login(Client(), next="/console/offers/")["Location"] == "/console/offers/"  # type: ignore[index]
    for elsewhere in ("https://evil.example/console/", "//evil.example/console/", "/my/x/"):
        assert post_login(Client(), next=elsewhere)["Location"] == "/console/"  # type: ignore[index]


def test_logging_out_is_a_post_and_ends_the_session() -> None:
    client = logged_in()
    assert client.get("/console/logout/").status_code == 405
    assert client.get("/console/").status_code == 200
    assert client.post("/console/logout/")["Location"] == "/console/login/"
    assert client.get("/console/").status_code == 302


def test_a_form_from_elsewhere_is_refused() -> None:
    open_offer()
    client = logged_in()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/console/offers/boat/status/", {"status": "paused"}).status_code == 403


def test_a_one_time_password_is_good_for_choosing_another() -> None:
    given = operators.add("ben")
    client = Client()
    assert post_login(client, "ben", given)["Location"] == "/console/password/"  # type: ignore[index]
    assert client.get("/console/")["Location"] == "/console/password/"
    chosen = {"now": given, "new": "under the old pear tree", "again": "under the old pear tree"}
    assert client.post("/console/password/", chosen)["Location"] == "/console/"
    assert client.get("/console/").status_code == 200
    assert post_login(Client(), "ben", given).status_code == 401  # type: ignore[attr-defined]
    again = Client()
    assert post_login(again, "ben", "under the old pear tree")["Location"] == "/console/"  # type: ignore[index]


@pytest.mark.parametrize(
    ("now", "new", "again", "says"),
    [
        ("wrong", "under the old pear tree", "under the old pear tree", b"This is not your password."),
        (PASSWORD, "under the old pear tree", "under another tree", b"The two are not the same."),
        (PASSWORD, PASSWORD, PASSWORD, b"Choose one that you did not have before."),
        (PASSWORD, "short", "short", b"too short"),
    ],
)
def test_a_password_that_will_not_do_is_told_at_its_field(
    now: str, new: str, again: str, says: bytes
) -> None:
    answer = logged_in().post("/console/password/", {"now": now, "new": new, "again": again})
    assert answer.status_code == 422
    assert says in answer.content
    assert User.objects.get(username="ana").check_password(PASSWORD)


def test_pages_are_never_kept_by_a_browser_and_never_framed() -> None:
    answer = logged_in().get("/console/")
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert "script" not in answer["Content-Security-Policy"]


def test_the_console_is_part_of_the_map() -> None:
    assert "console" in get_resolver().namespace_dict
