"""A small book and two operators, for the tests of the console."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from earnest.book import clock, door, ids, keys, mode
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.offer import Instalment, Sale, Text, Variant, Window

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAKER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ana"}
HOLDER: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:0"}
PASSWORD = "the tide table on the wall"
IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def desk() -> Iterator[clock.ManualClock]:
    """A test book of its own, on a clock that stands still; import it where it is used."""
    hand = clock.ManualClock(START)
    mode.forget()
    with clock.using(hand), ids.using(ids.SeededIds("desk")):
        mode.open_book("desk.example", "test", START, "Corvane Works")
        keys.use(keys.from_seed("desk.example", "desk"))
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
    terms: dict[str, Any] = {
        "currency": "EUR",
        "variants": (Variant("one", "The one", 100_000),),
        "plan": (Instalment(1, 10_000, "card", 0), Instalment(2, 20_000, "transfer", 30)),
        "capacity": 20,
        "window": Window(date(2027, 1, 1), date(2027, 12, 31)),
        "sale": Sale("distance", "acompte", False, 2000),
        "texts": {
            "en": Text("The boat", "A small boat.", "Terms in English."),
            "fr": Text("Le bateau", "Un petit bateau.", "Conditions en français."),
        },
    }
    door.do_one(OpenOffer(slug=slug, terms=Terms(**{**terms, **changed}), **MAKER))


def place(name: str = "Ada Moreau", slug: str = "boat", quantity: int = 1, language: str = "fr") -> str:
    number = ids.number()
    email = f"{name.split()[0].casefold()}@example.org"
    door.do_one(
        Place(
            number=number,
            slug=slug,
            variant="one",
            quantity=quantity,
            name=name,
            email=email,
            residence="FR",
            language=language,
            by="customer",
            via="web",
            person="holder:0",
        )
    )
    return number


def pay(number: str, minor: int = 10_000, rail: str = "card") -> None:
    paid = Paid(rail, minor, "EUR", f"{rail}-{number}-{minor}", clock.now())
    door.do_one(ReceiveDeposit(number=number, paid=paid, **MAKER))


def give_account(number: str, holder: str = "Ada Moreau") -> None:
    door.do_one(GiveAccount(number=number, holder=holder, iban=IBAN, **HOLDER))
    door.do_one(ConfirmAccount(number=number, account=1, **HOLDER))


def cancel(number: str) -> None:
    door.do_one(Cancel(number=number, **HOLDER))


def fresh_key(client: Client, address: str) -> str:
    """The hidden key of a page's forms."""
    body = client.get(address).content.decode()
    found = re.search(r'name="once" value="([^"]+)"', body)
    assert found, f"no form on {address}"
    return found[1]


def press(client: Client, page: str, address: str = "", **data: Any) -> Any:
    """Fill in a form of a page and send it."""
    return client.post(address or page, {"once": fresh_key(client, page), **data})
