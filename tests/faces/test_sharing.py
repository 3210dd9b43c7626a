"""A story with the values that its holder chose: previewed as it will read, in every form, and nothing else in it."""

import base64
import json
import re
from html import unescape

import pytest
from django.http import QueryDict

from earnest.book import clock, door, export, sealing
from earnest.core.acts import TYPES
from earnest.core.commands.erase import Erase
from earnest.core.refusals import Invalid
from earnest.record.disclosure import read_disclosure
from earnest.record.verify import verify_story
from earnest.web.telling import choosing, fields
from tests.faces.visitor import inside, text
from tests.scene import MAKER, account, cancel, pay, place, slip, work
from tests.scene import book as book


@pytest.fixture
def number(book: clock.ManualClock) -> str:
    """A reservation with a deposit, a slip, an account and its end."""
    number = place()
    pay(number)
    account(number)
    slip()
    work()
    cancel(number)
    sealing.seal(sealing.acquire("tests", book.now()), book.now())
    return number


def opened(story: bytes) -> dict[str, set[str]]:
    """Field -> its values, in the story and in what travels with it."""
    found: dict[str, set[str]] = {}

    def walk(file: dict[str, object]) -> None:
        for act in [*file["acts"], *file.get("tail", [])]:  # type: ignore[misc]
            for line in act["open"].values():
                _, name, value = read_disclosure(line)
                found.setdefault(name, set()).add(json.dumps(value))
        for each in file.get("linked", []):  # type: ignore[attr-defined]
            walk(each)

    walk(json.loads(story))
    return found


def test_every_field_has_a_name_among_people() -> None:
    subjects = ("reservation", "offer", "keys", "operator")
    every = {field.name for row in TYPES.values() if row.subject in subjects for field in row.fields}
    assert every - set(fields.NAMES) == set()


def test_a_class_opens_its_fields_and_not_others_of_the_same_name(number: str) -> None:
    # `why` is a code where a refund waits, and free words where a slip is told.
    whole = opened(export.story(number))
    assert '"The mould cracked."' in whole["why"]
    money = opened(export.story(number, {"money"}))
    assert not {"name", "email", "number", "holder", "texts"} & set(money)
    assert {"amount_minor", "due_at", "queue"} <= set(money)
    assert '"The mould cracked."' not in money.get("why", set())
    assert set(opened(export.story(number, {"identity", "queue"}))) == {"name", "queue", *export.PUBLIC}


@pytest.mark.parametrize("words", ["prices", "all,name", "none,name", "name,pricess"])
def test_a_name_that_no_field_has_is_refused_in_one_sentence(words: str) -> None:
    with pytest.raises(Invalid, match=r"^No act has a field \w+: say all, none, or names of fields"):
        export.kept_from(words)


def test_the_first_choice_tells_what_happened_and_names_nobody(number: str) -> None:
    page = text(inside(number).get(f"/my/{number}/share/").content)
    assert (
        "€5,000.00 received by card" in page
        and "Withheld: e-mail address, language, name, who did it" in page
    )
    assert (
        "Told that the promised window moves to 1 January 2028 – 30 December 2028. Reason: (withheld)" in page
    )
    for told in ("Moreau", "ada@example.org", "The mould cracked.", "holder:0", "Martin"):
        assert told not in page, told


def test_the_preview_shows_each_act_as_the_file_will_have_it(number: str) -> None:
    client = inside(number)
    body = client.get(f"/my/{number}/share/", {"open": ["none", "amount_minor", "identity"]}).content
    page = text(body)
    acts = len(json.loads(export.story(number))["acts"])
    assert f"{acts} acts, all of them." in page and body.count(b"timeline__when") == acts
    # A sum without its day and currency is no sentence; what can be read of the act is listed under it.
    assert "Deposit received." in page and "amount 500000" in page and "Ada Moreau" in page
    assert "Withheld: currency, entries in the books," in page
    links = [unescape(each) for each in re.findall(r'href="(/my/[^"]+/story/\?[^"]+)"', body.decode())]
    assert [each.rsplit("=", 1)[1] for each in links] == ["html", "pdf", "png", "json"]
    made = client.get(links[3]).content
    assert set(opened(made)) == {"amount_minor", "name", *export.PUBLIC}
    assert verify_story(made, clock.now()).ok
    inner = re.search(r'id="story-bytes">"([^"]+)"', client.get(links[0]).content.decode())
    assert inner and base64.b64decode(inner[1]) == made


def test_every_form_is_a_file_of_its_kind(number: str) -> None:
    client = inside(number)
    for form, begins in (
        ("html", b"<!doctype"),
        ("pdf", b"%PDF-1.7"),
        ("png", b"\x89PNG"),
        ("json", b'{"acts"'),
    ):
        answer = client.get(f"/my/{number}/story/", {"open": "none", "as": form})
        assert answer.status_code == 200 and answer.content.startswith(begins), form
        assert answer["Content-Disposition"] == f'attachment; filename="{number}.earnest.{form}"'
        assert b"Moreau" not in answer.content


def test_a_form_without_a_tick_shows_nothing_rather_than_everything(number: str) -> None:
    client = inside(number)
    assert b'<input type="hidden" name="open" value="none">' in client.get(f"/my/{number}/share/").content
    page = text(client.get(f"/my/{number}/share/?open=none").content)
    assert "€5,000.00" not in page and "Deposit received." in page
    assert choosing.asked(QueryDict("open=none"), "all") == "none"
    assert choosing.asked(QueryDict("open=none&open=queue"), "all") == {"queue"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_field_that_is_not_there_gets_one_sentence_and_no_file(number: str, language: str) -> None:
    client = inside(number, language)
    said = {
        "en": "No act has a field nome: say all, none, or names of fields separated by commas.",
        "fr": "Aucun acte n'a de champ nome : dites all, none, ou des noms de champs séparés par des virgules.",
    }
    for page in ("share", "story"):
        answer = client.get(f"/my/{number}/{page}/", {"open": "nome"})
        assert answer.status_code == 422 and said[language] in text(answer.content), page
        assert (
            "Content-Disposition" not in answer and b"/story/?open" not in answer.content.split(b"<footer")[0]
        )
        assert client.get(f"/my/{number}/{page}/", {"open": ""}).status_code == 422
    assert client.get(f"/my/{number}/story/", {"as": "docx"}).status_code == 404


def test_boxes_stand_as_they_were_ticked(number: str) -> None:
    body = inside(number).get(f"/my/{number}/share/", {"open": ["none", "bank", "queue"]}).content.decode()
    ticked = re.findall(r'name="open" value="(\w+)" checked', body)
    assert ticked == ["queue", "bank"]


def test_what_was_erased_is_told_apart_from_what_is_withheld(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    door.do_one(Erase(**MAKER, number=number, cls="identity"))
    body = inside(number).get(f"/my/{number}/share/").content.decode()
    assert re.search(r"<s>name</s> erased by act \d", body)
    assert not re.search(r'name="open" value="(identity|name)"', body)


def test_the_choice_reads_in_french(number: str) -> None:
    page = text(inside(number, "fr").get(f"/my/{number}/share/").content)
    assert "Masqué : " in page and "adresse électronique" in page and "valeurs sont masquées" in page
    assert "A mail was sent" not in page and "Withheld" not in page
