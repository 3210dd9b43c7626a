"""A small book and two operators, for the tests of the console."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from earnest.book import beginning, clock, ids, keys, mode
from earnest.core.offer import Instalment, Variant
from tests import scene
from tests.scene import HOLDER, IBAN, MAKER, START, cancel

__all__ = ["HOLDER", "IBAN", "MAKER", "START", "cancel"]

PASSWORD = "the tide table on the wall"


@pytest.fixture
def desk() -> Iterator[clock.ManualClock]:
    """A test book of its own, on a clock that stands still; import it where it is used."""
    hand = clock.ManualClock(START)
    mode.forget()
    with clock.using(hand), ids.using(ids.SeededIds("desk")):
        keys.use(keys.from_seed("desk.example", "desk"))
        beginning.begin("desk.example", "test", "Corvane Works")
        yield hand
    keys.use(None)
    mode.forget()


def logged_in(name: str = "ana", language: str = "en") -> Client:
    """A browser in which an operator is logged in; the operator is made if there is none."""
    if not User.objects.filter(username=name).exists():
        User.objects.create_user(name, password=PASSWORD, is_staff=True)
    client = Client(headers={"accept-language": language})
    client.force_login(User.objects.get(username=name))
    return client


def open_offer(slug: str = "boat", **changed: Any) -> None:
    """A boat for 1,000 euros: 100 by card at once, 200 by transfer within 30 days."""
    terms: dict[str, Any] = {
        "variants": (Variant("one", "The one", 100_000),),
        "plan": (Instalment(1, 10_000, "card", 0), Instalment(2, 20_000, "transfer", 30)),
        "capacity": 20,
    }
    scene.offer(slug, **{**terms, **changed})


def place(name: str = "Ada Moreau", slug: str = "boat", quantity: int = 1, language: str = "fr") -> str:
    """Somebody reserves; the number."""
    return scene.place(quantity, slug=slug, name=name, language=language)


def pay(number: str, minor: int = 10_000, rail: str = "card") -> None:
    """Money comes in; the first deposit, if nothing else is said."""
    scene.pay(number, minor, rail)


def give_account(number: str, holder: str = "Ada Moreau") -> None:
    """A bank account is given and confirmed."""
    scene.account(number, holder)


def fresh_key(client: Client, address: str) -> str:
    """The hidden key of a page's forms."""
    body = client.get(address).content.decode()
    found = re.search(r'name="once" value="([^"]+)"', body)
    assert found, f"no form on {address}"
    return found[1]


def press(client: Client, page: str, address: str = "", **data: Any) -> Any:
    """Fill in a form of a page and send it."""
    return client.post(address or page, {"once": fresh_key(client, page), **data})
