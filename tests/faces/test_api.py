"""The API as a program meets it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from earnest.api import keys
from earnest.book import clock, links, models
from earnest.record.verify import verify_story
from tests import scene
from tests.scene import offer, pay, place, state

ALL = ["reservations:place", "reservations:read", "reservations:cancel"]
BODY: dict[str, Any] = {
    "offer": "boat",
    "name": "Ada Moreau",
    "email": "ada@example.org",
    "residence": "FR",
    "language": "fr",
}
PAID = {"rail": "transfer", "amount_minor": 500_000, "reference": "WIRE-1"}


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


def caller(scopes: list[str] | None = None, **headers: str) -> Client:
    key = keys.make("tests", scopes or ALL, "ana")
    return Client(headers={"authorization": f"Bearer {key}", **headers})


def post(client: Client, body: Any, path: str = "/api/v1/reservations", **headers: str) -> Any:
    data = body if isinstance(body, str) else json.dumps(body)
    return client.post(path, data, content_type="application/json", headers=headers)


def test_one_call_places() -> None:
    answer = post(caller(), BODY)
    made = answer.json()
    assert answer.status_code == 201 and made["status"] == "placed" and made["queue"] == 1
    assert made["receipt"].startswith("tests.example\nreceipt\n")
    assert state(made["number"]).price_minor == 10_000_000


def test_with_the_import_scope_it_may_be_paid_already() -> None:
    refused = post(caller(), BODY | {"paid": PAID})
    assert refused.status_code == 403 and refused.json()["error"]["code"] == "scope"
    made = post(caller(["reservations:import"]), BODY | {"paid": PAID}).json()
    assert made["status"] == "confirmed" and made["paid"] == [{"amount_minor": 500_000, "currency": "EUR"}]
    again = post(caller(["reservations:import"]), BODY | {"paid": PAID})
    assert again.status_code == 409 and again.json()["error"]["code"] == "payment-used"
    assert models.Reservation.objects.count() == 1


def test_the_same_key_and_body_is_answered_the_same_and_another_body_is_a_conflict() -> None:
    client = caller()
    first, second = (post(client, BODY, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json()["number"] == second.json()["number"]
    assert first.json()["receipt"] == second.json()["receipt"]
    other = post(client, BODY | {"quantity": 2}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 409 and other.json()["error"]["code"] == "idempotency-conflict"
    assert models.Reservation.objects.count() == 1


def test_a_refusal_is_not_remembered() -> None:
    offer("tiny", capacity=1, variants=(scene.TERMS["variants"][0],))
    held = place(slug="tiny")
    client, body = caller(), BODY | {"offer": "tiny"}
    assert post(client, body, **{"Idempotency-Key": "k"}).json()["error"]["code"] == "sold-out"
    scene.cancel(held)
    assert post(client, body, **{"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"offer": "nothing"}, 404, "no-offer", None),
        ({"variant": "ghost"}, 422, "no-variant", "variant"),
        ({"quantity": "1"}, 422, "invalid", "quantity"),
        ({"quantity": 1.0}, 422, "invalid", "quantity"),
        ({"quantity": 0}, 422, "invalid", "quantity"),
        ({"quantity": 99}, 409, "too-few-left", None),
        ({"residence": "France"}, 422, "invalid", "residence"),
        ({"email": "nobody"}, 422, "email", "email"),
        ({"surprise": 1}, 422, "invalid", "surprise"),
        ({"paid": {**PAID, "amount_minor": -5}}, 422, "invalid", "paid.amount_minor"),
        ({"paid": {**PAID, "amount_minor": "5,000"}}, 422, "invalid", "paid.amount_minor"),
        ({"paid": {**PAID, "happened_at": "2026-02-30T00:00:00Z"}}, 422, "happened-at", "paid.happened_at"),
        ({"version": 9}, 409, "offer-changed", None),
    ],
)
def test_bad_input_has_one_shape_and_writes_nothing(
    change: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    client = caller([*ALL, "reservations:import"])
    before = models.Act.objects.count()
    answer = post(client, BODY | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("field")) == (status, code, field)
    assert models.Act.objects.count() == before


def test_what_is_no_json_is_said_to_be_none() -> None:
    answer = post(caller(), '{"offer": "boat"')
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad-request"


def test_without_a_good_key_nothing_opens() -> None:
    number = place()
    for header in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Bearer ek_00_00"}):
        client = Client(headers=header)
        assert post(client, BODY).status_code == 401
        assert client.get(f"/api/v1/reservations/{number}").status_code == 401
        assert client.get(f"/api/v1/reservations/{number}/story").status_code == 401


def test_a_revoked_key_opens_nothing() -> None:
    client = caller()
    keys.revoke(models.ApiKey.objects.get().prefix)
    assert post(client, BODY).status_code == 401


def test_each_scope_opens_its_own_door_alone() -> None:
    number = place()
    assert caller(["reservations:read"]).get(f"/api/v1/reservations/{number}").status_code == 200
    assert post(caller(["reservations:read"]), BODY).status_code == 403
    assert caller(["reservations:place"]).get(f"/api/v1/reservations/{number}").status_code == 403
    assert post(caller(["reservations:read"]), {}, f"/api/v1/reservations/{number}/cancel").status_code == 403
    assert state(number).status == "placed"


def test_a_holder_cancels_with_the_token_of_their_link_and_only_their_own() -> None:
    mine, other = place(), place(name="Bo Other")
    pay(mine)
    holder = Client(headers={"authorization": f"Bearer {links.make('portal', mine)}"})
    assert holder.get(f"/api/v1/reservations/{other}").status_code == 404
    assert post(holder, {}, f"/api/v1/reservations/{other}/cancel").status_code == 404
    answer = post(holder, {}, f"/api/v1/reservations/{mine}/cancel")
    assert answer.json()["status"] == "cancelled"
    assert answer.json()["refunds"][0]["due_at"] == "2026-03-03T09:00:00Z"
    assert post(holder, BODY).status_code == 403


def test_cancelling_twice_is_cancelling_once() -> None:
    number = place()
    pay(number)
    client = caller()
    for _ in range(2):
        assert post(client, {}, f"/api/v1/reservations/{number}/cancel").status_code == 200
    assert len(state(number).refunds) == 1


def test_the_story_is_whole_and_hides_what_is_asked() -> None:
    number = place()
    client = caller()
    whole = client.get(f"/api/v1/reservations/{number}/story")
    assert verify_story(whole.content, clock.now()).withheld == []
    some = client.get(f"/api/v1/reservations/{number}/story?open=queue,offer")
    assert "name" in verify_story(some.content, clock.now()).withheld
    assert client.get(f"/api/v1/reservations/{number}/story?open=a;b").status_code == 422


def test_offers_are_public_and_speak_the_callers_language() -> None:
    found = Client(headers={"accept-language": "fr"}).get("/api/v1/offers/boat").json()
    assert (found["title"], found["left"], found["plan"][0]["amount_minor"]) == ("Le bateau", 5, 500_000)
    assert Client().get("/api/v1/offers/nothing").json()["error"]["code"] == "no-offer"
    assert len(Client().get("/api/v1/offers").json()) == 1


def test_openapi_is_3_1_and_describes_every_route() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert sorted(described["paths"]) == [
        "/api/v1/offers",
        "/api/v1/offers/{slug}",
        "/api/v1/reservations",
        "/api/v1/reservations/{number}",
        "/api/v1/reservations/{number}/cancel",
        "/api/v1/reservations/{number}/story",
    ]
