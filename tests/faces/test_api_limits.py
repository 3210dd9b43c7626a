"""What the API does not take: too much, too often, in another shape, or by another way; always in one shape."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from earnest.api import auth, gate, keys
from earnest.book import clock, door, links, models, reads
from tests import scene
from tests.scene import place, state

BODY: dict[str, Any] = {"offer": "boat", "name": "Ada Moreau", "email": "ada@example.org", "residence": "FR"}
PLACE = "/api/v1/reservations"


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    cache.clear()
    yield scene.begin()
    scene.finish()
    cache.clear()


def caller(**headers: str) -> Client:
    key = keys.make("tests", list(keys.SCOPES), "operator:ana")
    return Client(headers={"authorization": f"Bearer {key}", **headers}, enforce_csrf_checks=True)


def post(client: Client, body: Any, path: str = PLACE, kind: str = "application/json") -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, data, content_type=kind)


def code(answer: Any) -> tuple[int, str]:
    """Status and code; there is nothing else in an error but a sentence and perhaps a field."""
    error = answer.json()["error"]
    assert set(error) <= {"code", "message", "field"} and error["message"].strip()
    assert list(answer.json()) == ["error"]
    return answer.status_code, error["code"]


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    body = json.dumps(BODY | {"name": "a" * gate.MAX_BODY})
    assert code(post(caller(), body)) == (413, "too-large")


@pytest.mark.parametrize(
    "body",
    [
        '{"offer": "boat"',
        b"\xff\xfe",
        "[" * 20_000,
        '{"quantity": NaN}',
        '{"quantity": ' + "9" * 5_000 + "}",
        json.dumps(BODY)[:-1] + ', "name": "Somebody Else"}',
    ],
)
def test_what_cannot_be_read_is_400(body: Any) -> None:
    assert code(post(caller(), body)) == (400, "bad-request")
    assert models.Reservation.objects.count() == 0


@pytest.mark.parametrize("body", [[], '"text"', 7, None, [BODY]])
def test_what_is_no_object_is_422(body: Any) -> None:
    assert post(caller(), body).status_code == 422


@pytest.mark.parametrize("member", ["offer", "variant", "name", "email", "vat_number"])
@pytest.mark.parametrize("bad", ["a\u0000b", "a\r\nb", "\ud800", "a\u202eb"])
def test_half_characters_and_controls_are_no_text(member: str, bad: str) -> None:
    answer = post(caller(), BODY | {member: bad})
    assert code(answer) == (422, "invalid") and answer.json()["error"]["field"] == member


def test_a_missing_member_is_named() -> None:
    answer = post(caller(), {name: value for name, value in BODY.items() if name != "email"})
    assert code(answer) == (422, "invalid") and answer.json()["error"]["field"] == "email"


def test_sentences_are_in_the_callers_language() -> None:
    def said(change: dict[str, Any]) -> str:
        return str(post(caller(**{"accept-language": "fr"}), BODY | change).json()["error"]["message"])

    assert said({"quantity": "1"}) == "C'est un nombre entier, écrit sans guillemets."
    assert said({"email": "personne"}) == "«\u00a0personne\u00a0» n'est pas une adresse électronique."
    assert "anglais" not in said({"surprise": 1})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nothing", 404),
        ("post", "/api/v1/nothing/at/all", 404),
        ("get", "/api/v1/offers/%00", 404),
        ("get", "/api/v1/offers/a%2Fb", 404),
        ("delete", "/api/v1/offers", 405),
        ("put", PLACE, 405),
        ("get", PLACE, 405),
        ("get", f"{PLACE}/K7QF-2M9X-4", 404),
        ("get", f"{PLACE}/%00", 404),
        ("get", f"{PLACE}/K7QF-2M9X-4/story", 404),
    ],
)
def test_addresses_and_methods_that_are_none(method: str, path: str, status: int) -> None:
    answer = getattr(caller(), method)(path)
    assert code(answer)[0] == status
    assert (status == 405) == ("Allow" in answer.headers)


def test_a_number_that_was_never_given_is_not_cancelled() -> None:
    assert code(post(caller(), {}, f"{PLACE}/K7QF-2M9X-4/cancel")) == (404, "no-reservation")


def test_no_cookie_and_no_form_opens_anything() -> None:
    assert post(caller(), BODY).status_code == 201
    operator = Client()
    operator.force_login(User.objects.create_user("ana", "ana@example.org", "x", is_staff=True))
    assert code(post(operator, BODY)) == (401, "unauthorized")
    answer = post(operator, BODY)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_wrong_keys_are_slowed_down_and_good_ones_are_not() -> None:
    wrong = Client(headers={"authorization": "Bearer ek_0000000000_wrong"})
    got = [wrong.get(f"{PLACE}/{place()}").status_code for _ in range(2)]
    for _ in range(auth.WRONG.most):
        last = post(wrong, BODY)
    assert got == [401, 401] and code(last) == (429, "too-many") and last.headers["Retry-After"] == "60"
    assert post(caller(), BODY).status_code == 201


def test_a_holder_is_slowed_down_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "HOLDERS_MOST", 3)
    mine, other = place(), place(name="Bo Other")

    def look(number: str) -> int:
        token = links.make("portal", number)
        client = Client(headers={"authorization": f"Bearer {token}"})
        return client.get(f"{PLACE}/{number}").status_code

    assert [look(mine) for _ in range(4)] == [200, 200, 200, 429]
    assert look(other) == 200


def test_a_link_of_another_purpose_or_a_changed_one_is_no_token() -> None:
    number = place()
    token = links.make("portal", number)
    for wrong in (
        links.make("account", number, "1"),
        token[:-1],
        f"{token}x",
        token.replace(number, place()),
    ):
        client = Client(headers={"authorization": f"Bearer {wrong}"})
        assert client.get(f"{PLACE}/{number}").status_code == 401


def test_personal_answers_are_kept_by_no_cache() -> None:
    client, number = caller(), place()
    assert client.get(f"{PLACE}/{number}").headers["Cache-Control"] == "private, no-store"
    assert client.get(f"{PLACE}/{number}/story").headers["Cache-Control"] == "private, no-store"
    assert post(client, BODY).headers["Cache-Control"] == "private, no-store"


def test_a_database_that_does_not_answer_is_503_and_a_fault_is_500(monkeypatch: pytest.MonkeyPatch) -> None:
    client = caller()

    def fails(error: Exception) -> Any:
        def do_one(*args: object) -> Any:
            raise error

        monkeypatch.setattr(door, "do_one", do_one)
        return code(post(client, BODY))

    assert fails(OperationalError("database is locked")) == (503, "busy")
    assert fails(RuntimeError("a secret")) == (500, "internal")
    assert "secret" not in post(client, BODY).content.decode()


def test_where_the_new_reservation_is_and_every_answer_has_a_receipt() -> None:
    client = caller()
    made = post(client, BODY)
    number = made.json()["number"]
    assert made.headers["Location"] == f"{PLACE}/{number}"
    got = client.get(made.headers["Location"]).json()
    assert got["receipt"] == made.json()["receipt"] == reads.receipt("reservation", number)
    assert client.get("/api/v1/offers/boat").json()["receipt"] == reads.receipt("offer", "boat")
    cancelled = post(client, {}, f"{PLACE}/{number}/cancel").json()
    assert cancelled["receipt"] == reads.receipt("reservation", number) != got["receipt"]


@pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    answer = caller().post(
        PLACE, json.dumps(BODY), content_type="application/json", headers={"idempotency-key": key}
    )
    assert code(answer) == (422, "idempotency-key")


def test_a_cancellation_is_answered_the_same_under_its_key() -> None:
    number, client = place(quantity=3), caller()
    path, headers = f"{PLACE}/{number}/cancel", {"idempotency-key": "c1"}
    body = json.dumps({"quantity": 1})
    got = [client.post(path, body, content_type="application/json", headers=headers).json() for _ in range(2)]
    assert got[0]["receipt"] == got[1]["receipt"] and state(number).quantity == 2
    other = client.post(path, "{}", content_type="application/json", headers=headers)
    assert code(other) == (409, "idempotency-conflict")


def test_keys_of_different_callers_do_not_meet() -> None:
    first, second = caller(), caller()
    numbers = {
        client.post(
            PLACE, json.dumps(BODY), content_type="application/json", headers={"idempotency-key": "same"}
        ).json()["number"]
        for client in (first, second)
    }
    assert len(numbers) == 2


def test_a_key_is_kept_as_its_hash_alone() -> None:
    key = keys.make("tests", ["reservations:read"], "operator:ana")
    row = models.ApiKey.objects.get()
    assert key.startswith(f"ek_{row.prefix}_") and key.split("_")[2] not in f"{row.__dict__}"
    assert keys.find(key) == row
    assert keys.find(key[:-1]) is keys.find(key + "x") is keys.find(f"ek_{row.prefix}_") is None
