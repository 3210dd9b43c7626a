"""The console's French: every sentence of its code and templates is translated, with the same places in it."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from earnest.core import acts, offer, refund, reservation
from earnest.web import console
from earnest.web.console import words

ROOT = Path(console.__file__).parent
KEYWORDS = ("_", "gettext", "gettext_lazy", "lazy", "ngettext", "pgettext", "within")
STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(?:_|gettext|ngettext|pgettext)\((?:u?{STRING}|[^()'\"])*\)")

Message = tuple[str | None, str]  # context, msgid


def messages() -> Iterator[Message]:
    """All that the console says."""
    sources = [path.read_text() for path in ROOT.rglob("*.py")]
    templates = [templatize(path.read_text()) for path in (ROOT / "templates").rglob("*.html")]
    sources += ["\n".join(match[0] for match in CALL.finditer(text)) for text in templates]
    for source in sources:
        for _, name, said, _ in extract_python(
            io.BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"}
        ):
            parts = (said,) if isinstance(said, str) else said
            if name in ("pgettext", "within"):
                yield parts[0], parts[1]
            elif parts[0]:
                yield None, parts[0]


@pytest.fixture(scope="module")
def french() -> Catalog:
    """The console's own catalogue."""
    with (ROOT / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="fr")


def test_everything_that_the_console_says_is_translated(french: Catalog) -> None:
    found = set(messages())
    assert len(found) > 400
    missing = [message for message in found if not _translated(french, message)]
    assert missing == []


def test_nothing_is_translated_that_is_no_longer_said(french: Catalog) -> None:
    said = set(messages())
    ids = {(each.context, each.id if isinstance(each.id, str) else each.id[0]) for each in french if each.id}
    assert ids - said == set()


def test_translations_have_the_places_of_their_sentences(french: Catalog) -> None:
    wrong = []
    for each in french:
        one, many = (each.id, each.id) if isinstance(each.id, str) else (each.id[0], each.id[1])
        allowed = _places(one) | _places(many)
        for text in [each.string] if isinstance(each.string, str) else each.string:
            if each.id and not _places(many) <= _places(text) <= allowed:
                wrong.append(text)
    assert wrong == []


def test_every_status_and_act_has_its_words() -> None:
    assert set(reservation.TRANSITIONS) - {""} == set(words.STATUSES)
    assert set(offer.TRANSITIONS) - {""} == set(words.OFFER_STATUSES)
    assert set(refund.TRANSITIONS) - {""} == set(words.REFUNDS)
    assert {name for name, _ in acts.TYPES} == set(words.ACTS)
    assert set(acts.SPEAKERS) == set(words.SPEAKERS)


def test_every_mail_has_its_words() -> None:
    from earnest.post import withdrawals
    from earnest.post.deadlines import TEMPLATES
    from earnest.post.every_letter import LETTERS

    assert {*LETTERS, *TEMPLATES, *withdrawals.TEMPLATES} == set(words.MAILS)


def _translated(french: Catalog, message: Message) -> bool:
    found = french.get(message[1], message[0])
    return bool(found and found.string and all(found.string))


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))
