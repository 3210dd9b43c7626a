"""The API as others have built on it: its description, and one example of each call and of each kind of error."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from earnest.api import keys
from earnest.book import clock, links
from tests import scene
from tests.public import frozen

PLACE = "/api/v1/reservations"
BODY: dict[str, Any] = {
    "offer": "boat",
    "variant": "two",
    "quantity": 2,
    "name": "Ada Moreau",
    "email": "ada@example.org",
    "residence": "FR",
    "language": "fr",
}
PAID: dict[str, Any] = {
    "rail": "transfer",
    "amount_minor": 1_000_000,
    "currency": "EUR",
    "reference": "WIRE-2018-06-15",
    "happened_at": "2018-06-15T09:30:00Z",
}


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    cache.clear()
    yield scene.begin()
    scene.finish()


def plain(text: str, numbers: list[str]) -> Any:
    """Without what is drawn at random: the number, and what a receipt signs."""
    for number in numbers:
        text = text.replace(number, "K7QF-2M9X-4")
    return json.loads(re.sub(r'("receipt": "[^"\\]*\\n[^"\\]*\\n)[^"]*"', r'\1…"', text))


class Caller:
    """Asks, and writes down what was asked and answered."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"} if token else {})
        self.numbers: list[str] = []

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(self.client, method)(path, headers=headers, **given)
        text = answer.content.decode()
        self.numbers += re.findall(r'"number": "([^"]+)"', text)
        asked = {"method": method.upper(), "path": path, "headers": headers, "body": body}
        return plain(
            json.dumps(
                {"asked": asked, "status": answer.status_code, "answered": json.loads(text)},
                ensure_ascii=False,
            ),
            self.numbers,
        )


def test_the_description_is_the_one_that_was_published() -> None:
    frozen.same("openapi", Client().get("/api/v1/openapi.json").json())


def test_each_call_is_answered_as_it_was(book: clock.ManualClock) -> None:
    caller = Caller(keys.make("tests", list(keys.SCOPES), "operator:ana"))
    found = {
        "offers": caller.ask("get", "/api/v1/offers"),
        "an offer in French": caller.ask("get", "/api/v1/offers/boat", **{"accept-language": "fr"}),
        "place": caller.ask("post", PLACE, BODY, **{"idempotency-key": "order-7"}),
    }
    number = caller.numbers[0]
    scene.pay(number, 1_000_000)
    holder = Caller(links.make("portal", number))
    holder.numbers = [number]
    found |= {
        "read": caller.ask("get", f"{PLACE}/{number}"),
        "cancel one place": holder.ask("post", f"{PLACE}/{number}/cancel", {"quantity": 1}),
        "cancel the rest": holder.ask("post", f"{PLACE}/{number}/cancel"),
    }
    caller.numbers = []
    found["import with what was paid"] = caller.ask("post", PLACE, BODY | {"variant": "one", "paid": PAID})
    frozen.same("examples", found)


def test_each_error_is_told_as_it_was() -> None:
    caller = Caller(keys.make("tests", ["reservations:place"], "operator:ana"))
    caller.ask("post", PLACE, BODY, **{"idempotency-key": "order-7"})
    caller.numbers = []
    frozen.same(
        "errors",
        [
            Caller().ask("post", PLACE, BODY),
            caller.ask("post", PLACE, BODY | {"paid": PAID}),
            caller.ask("post", PLACE, BODY | {"offer": "nothing"}),
            caller.ask("post", PLACE, BODY | {"quantity": "2"}),
            caller.ask("post", PLACE, BODY | {"colour": "red"}),
            caller.ask("post", PLACE, BODY | {"email": "nobody"}),
            caller.ask("post", PLACE, BODY | {"quantity": 9}),
            caller.ask("post", PLACE, BODY | {"quantity": 1}, **{"idempotency-key": "order-7"}),
            caller.ask("get", PLACE),
            caller.ask("get", "/api/v1/nothing"),
        ],
    )


def test_a_story_over_the_api_has_the_members_that_were_published() -> None:
    number = scene.place()
    caller = Client(headers={"authorization": f"Bearer {links.make('portal', number)}"})
    story = caller.get(f"{PLACE}/{number}/story?open=none").json()
    assert story["earnest"] == "story/v1" and story["number"] == number
    assert sorted(story) == ["acts", "earnest", "keys", "linked", "number", "origin", "receipts", "tail"]
