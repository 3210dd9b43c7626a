"""Browsers without JavaScript, for tests of the public pages."""

import re

from django.test import Client

from earnest.book import links, models

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


def browser(language: str = "en") -> Client:
    """Somebody who has never been here."""
    return Client(headers={"accept-language": language})


def inside(number: str, language: str = "en") -> Client:
    """Somebody who came through the mailed link."""
    client = browser(language)
    client.get(f"/link/{links.make('portal', number)}/")
    return client


def text(body: bytes) -> str:
    """What is read on a page: no tags, plain spaces."""
    plain = re.sub(r"<[^>]+>", " ", body.decode()).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def once(client: Client, page: str) -> dict[str, str]:
    """The hidden key of a form that was just drawn."""
    found = re.search(r'name="once" value="([^"]+)"', client.get(page).content.decode())
    assert found, page
    return {"once": found[1]}


def written() -> tuple[int, int]:
    """How many acts and duties there are."""
    return models.Act.objects.count(), models.Duty.objects.count()
