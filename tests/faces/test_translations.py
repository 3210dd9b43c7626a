"""Everything that storefront, portal, mails, API and rules say is there in French, with the same places in it."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation import gettext, ngettext

import earnest
from earnest.rails.stripe.client import UNREACHABLE
from earnest.testing.messages import Message, in_folder

SOURCE = Path(earnest.__file__).parent
AREAS = {
    "web": {**in_folder(SOURCE / "web", without=(SOURCE / "web" / "console",))},
    "post": {
        message: places
        for folder in ("post", "api", "core", "rails", "book")
        for message, places in in_folder(SOURCE / folder).items()
    }
    | {UNREACHABLE: ["client.py"]},
}


def catalogue(area: str) -> Catalog:
    with (SOURCE / area / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="fr")


def places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


@pytest.mark.parametrize("area", AREAS)
def test_all_of_it_is_translated(area: str) -> None:
    french = catalogue(area)
    missing: list[Message] = []
    for message in AREAS[area]:
        found = french.get(message if isinstance(message, str) else message[0])
        said = (found.string,) if found and isinstance(found.string, str) else (found.string if found else ())
        if not found or found.fuzzy or not said or not all(said):
            missing.append(message)
    assert len(AREAS[area]) > 150 and missing == []


@pytest.mark.parametrize("area", AREAS)
def test_nothing_is_left_of_what_is_no_longer_said(area: str) -> None:
    assert {each.id for each in catalogue(area) if each.id} - set(AREAS[area]) == set()


@pytest.mark.parametrize("area", AREAS)
def test_places_are_kept(area: str) -> None:
    for each in catalogue(area):
        many = each.id if isinstance(each.id, str) else each.id[1]
        for text in [each.string] if isinstance(each.string, str) else each.string:
            assert places(text) <= places(many) and (
                places(many) <= places(text) or isinstance(each.id, tuple)
            ), text


@pytest.mark.parametrize("area", AREAS)
def test_french_punctuation_never_breaks_a_line(area: str) -> None:
    for each in catalogue(area):
        for text in [each.string] if isinstance(each.string, str) else each.string:
            assert not re.search(r" [:;?!»]|« ", text), text


def test_the_compiled_catalogues_are_in_use() -> None:
    with translation.override("fr"):
        assert gettext("Reserve a place") == "Réserver une place"
        assert gettext("Every place of “%(slug)s” is taken.").startswith("Toutes les places")
        assert ngettext("%(n)d day left", "%(n)d days left", 1) % {"n": 1} == "reste 1 jour"
        assert gettext("Refunds due") == "Remboursements dus"
