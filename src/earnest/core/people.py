"""What is asked of a name, an address and a country, wherever somebody gives theirs."""

import re
from typing import Final

from earnest.core.refusals import Invalid

LANGUAGES: Final = ("en", "fr")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"()\[\]\\]+@[^@\s,;<>\"()\[\]\\]+\.[^@\s.,;<>]+")


def check_person(name: str, residence: str, vat_number: str, consumer: bool) -> None:
    """Raises Invalid. `residence` is ISO 3166-1 alpha-2."""
    if not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        raise Invalid("name", "Please give your name.")
    if not re.fullmatch(r"[A-Z]{2}", residence):
        raise Invalid("residence", "Please say in which country you live (two letters, such as FR or US).")
    if len(vat_number) > 20 or (vat_number and consumer):
        raise Invalid("vat-number", "A VAT number belongs to a company.")


def check_address(street: str, street_more: str, postcode: str, city: str) -> None:
    """Raises Invalid. A postcode is not everywhere, and its form is not checked."""
    for given, longest, needed in (
        (street, 100, True),
        (street_more, 100, False),
        (city, 100, True),
        (postcode, 20, False),
    ):
        if len(given) > longest or not given.isprintable() or (needed and not given.strip()):
            raise Invalid("address", "A postal address has a street and a town, each in one short line.")


def check_contact(email: str, language: str) -> None:
    """Raises Invalid."""
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise Invalid("email", "“%(given)s” is not an e-mail address.", given=email[:80])
    if language not in LANGUAGES:
        raise Invalid("language", "The language is en or fr.")
