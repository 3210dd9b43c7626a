"""A story for people: only what the file opens is told, and the file is inside, whole."""

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from earnest.book import clock, door, export, sealing
from earnest.core.acts import ERASED, TYPES, Act
from earnest.core.commands.erase import Erase
from earnest.core.instants import instant
from earnest.record.story import redact
from earnest.record.verify import verify_story
from earnest.web.portal.words import Withheld
from earnest.web.telling import charts
from earnest.web.telling.narrative import narrative, sentence
from earnest.web.telling.page import page
from earnest.web.telling.paper import CARD, card, pdf
from tests.faces.visitor import text
from tests.scene import MAKER, cancel, pay, place, slip, work
from tests.scene import book as book

URL = "https://reserve.example.org/verify/"


@pytest.fixture
def number(book: clock.ManualClock) -> Iterator[str]:
    """A reservation with a deposit, a slip, and its end."""
    number = place()
    pay(number)
    slip()
    work()
    cancel(number)
    sealing.seal(sealing.acquire("tests", book.now()), book.now())
    yield number


def test_every_kind_of_act_has_its_sentence_in_both_languages() -> None:
    for language in ("en", "fr"):
        with translation.override(language):
            for kind, version in TYPES:
                told = sentence(Act(0, instant("2026-01-01T00:00:00Z"), kind, version, "maker", {}))
                assert told and told != f"{kind}.", (language, kind)


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        # Whether a bank took money or only asks is in the entries alone: without them neither is said.
        (
            "dispute.opened",
            {"amount_minor": 500, "currency": "EUR", "entries": Withheld()},
            "Dispute or inquiry opened.",
        ),
        (
            "dispute.opened",
            {"amount_minor": 500, "currency": "EUR"},
            "Your bank asks us about the payment of €5.00.",
        ),
        ("refund.sent", {"refund": 1, "reference": Withheld()}, "Refund 1 has left; reference (withheld)."),
        (
            "refund.refused",
            {"refund": 1, "why": Withheld()},
            "Refund 1 was refused (withheld); it is owed again.",
        ),
        ("refund.refused", {"refund": 1, "why": ERASED}, "Refund 1 was refused (erased); it is owed again."),
        ("refund.arrived", {"refund": Withheld()}, "Refund arrived."),
    ],
)
def test_nothing_is_concluded_from_a_value_that_is_not_shown(
    kind: str, fields: dict[str, Any], told: str
) -> None:
    with translation.override("en"):
        assert sentence(Act(0, instant("2026-01-01T00:00:00Z"), kind, 1, "bank", fields)) == told


@pytest.mark.parametrize(
    ("language", "cls", "told"),
    [
        ("en", "bank", "Personal data erased: bank accounts."),
        ("fr", "bank", "Données personnelles effacées\u00a0: comptes bancaires."),
        ("fr", "identity", "Données personnelles effacées\u00a0: identité."),
    ],
)
def test_what_was_erased_is_said_in_words(language: str, cls: str, told: str) -> None:
    with translation.override(language):
        act = Act(0, instant("2026-01-01T00:00:00Z"), "erasure.done", 1, "maker", {"class": cls})
        assert sentence(act) == told


@pytest.mark.django_db
def test_a_story_is_told_act_by_act(number: str, book: clock.ManualClock) -> None:
    told = narrative(export.story(number))
    assert [each.n for each in told.acts] == list(range(1, len(told.acts) + 1))
    said = "\n".join(each.sentence for each in told.acts)
    assert "€5,000.00 received by card" in said and "Cancelled: 1 place" in said
    assert [str(each.window.start) for each in told.promises] == ["2027-01-01", "2028-01-01"]
    assert (told.money[-1].held_minor, told.money[-1].owed_minor) == (0, 500_000)
    assert not any(each.withheld for each in told.acts) and all(each.sealed for each in told.acts)


@pytest.mark.django_db
def test_what_is_withheld_is_not_told_and_said_to_be_withheld(number: str) -> None:
    story = redact(export.story(number), {"queue"})
    told = narrative(story)
    assert told.money == () and told.money_withheld and told.promises == ()
    assert {"name", "email"} <= set(told.acts[0].withheld)
    shown = page(story, "en", "Boatyard").decode()
    body = shown.split('<script type="application/json"')[0]
    assert "The sums are withheld" in body and "Moreau" not in body and "€5,000" not in body


@pytest.mark.django_db
def test_erased_and_withheld_are_told_apart(book: clock.ManualClock) -> None:
    number = place()
    cancel(number)
    door.do_one(Erase(**MAKER, number=number, cls="identity"))
    story = redact(export.story(number), {"erased", "queue"})
    told = narrative(story)
    assert told.acts[0].erased == (("name", len(told.acts)),)
    assert "name" not in told.acts[0].withheld and "email" in told.acts[0].withheld
    shown = page(story, "en", "Boatyard").decode()
    assert f'<span class="erased">name</span> erased by act {len(told.acts)}' in shown


@pytest.mark.django_db
def test_the_page_holds_the_exact_story_and_nothing_from_elsewhere(
    number: str, book: clock.ManualClock
) -> None:
    story = export.story(number)
    for language in ("en", "fr"):
        shown = page(story, language, "Boatyard & <Sons>").decode()
        found = re.search(r'id="story-bytes">"([^"]+)"', shown)
        assert found and base64.b64decode(found[1]) == story
        assert verify_story(base64.b64decode(found[1]), book.now()).ok
        assert f'<html lang="{language}">' in shown and "Boatyard &amp; &lt;Sons&gt;" in shown
        assert not re.search(r'(src|href)="(?!#)', shown) and "@import" not in shown
        assert "default-src 'none'" in shown


@pytest.mark.django_db
def test_paper_is_an_archive_with_the_file_inside_and_the_same_bytes_twice(number: str) -> None:
    story = export.story(number)
    made = pdf(story, "fr", "Boatyard", URL)
    assert made == pdf(story, "fr", "Boatyard", URL) and made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>3<" in made or b'pdfaid:part="3"' in made
    streams = re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL)
    assert story in {unpacked(stream) for stream in streams}


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return stream.rstrip(b"\r\n")


@pytest.mark.django_db
def test_the_card_has_the_size_of_a_card_and_never_says_that_it_was_verified(number: str) -> None:
    made = card(export.story(number), "en", "Boatyard", URL)
    assert made.startswith(b"\x89PNG") and struct.unpack(">II", made[16:24]) == CARD
    template = (Path(__file__).parents[2] / "src/earnest/web/telling/card.typ").read_text()
    assert "erified" not in template


@pytest.mark.django_db
def test_a_story_that_is_not_sealed_says_so(book: clock.ManualClock) -> None:
    story = export.story(place())
    assert json.loads(story)["acts"] == []
    assert "not sealed yet" in page(story, "en", "Boatyard").decode()


def test_a_year_at_the_right_edge_of_a_drawing_is_not_cut_off() -> None:
    axis = charts.Axis(date(2018, 6, 15), date(2026, 3, 31))
    years = axis.years()
    assert [each.number for each in years] == [2019, 2021, 2023, 2025]
    narrow = charts.Axis(date(2024, 6, 1), date(2026, 1, 20)).years()
    assert [(each.number, each.stands_before) for each in narrow] == [(2025, False), (2026, True)]
    assert len(charts.Axis(date(1998, 1, 1), date(2026, 1, 1)).years()) <= charts.MOST_YEARS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "promised", "line"),
    [
        ("en", "Promised on 2 March 2026: 1 January 2027 – 31 December 2027", "The red line is 2 March 2026"),
        (
            "fr",
            "Promis le 2 mars 2026 : 1er janvier 2027 – 31 décembre 2027",
            "Le trait rouge est le 2 mars 2026",
        ),
    ],
)
def test_a_drawing_has_its_words_as_text_and_its_days_as_people_write_them(
    number: str, language: str, promised: str, line: str
) -> None:
    shown = (
        page(export.story(number), language, "Boatyard").decode().split('<script type="application/json"')[0]
    )
    read = text(shown.encode())
    assert promised in read and line in read
    assert "<text" not in shown and not re.search(r"\d{4}-\d\d-\d\d", read)
    # Places are written with a point, or a browser would not know them.
    places = re.findall(r'(?:left: | x[12]?=")([^%"]+)[%"]', shown.split("</style>")[1])
    assert len(places) > 8 and all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", place) for place in places)


@pytest.mark.django_db
def test_what_was_held_falls_to_nothing_before_the_edge_and_what_is_owed_is_seen(number: str) -> None:
    drawn = charts.money(narrative(export.story(number)))
    assert drawn is not None and drawn.most_minor == 500_000
    assert float(re.findall(r"H([0-9.]+)", drawn.held)[-1]) < 100
    assert re.fullmatch(r"(M[0-9.]+ 100V[0-9.]+H[0-9.]+V100Z)+", drawn.owed)
    assert charts.money(narrative(redact(export.story(number), "none"))) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "told"), [("en", "e-mail address"), ("fr", "adresse électronique")])
def test_what_is_withheld_is_named_in_words(number: str, language: str, told: str) -> None:
    story = redact(export.story(number), "none")
    shown = page(story, language, "Boatyard").decode().split('<script type="application/json"')[0]
    assert told in text(shown.encode()).split("Masqué : " if language == "fr" else "Withheld: ")[1]
    assert "amount_minor" not in shown and "vat_number" not in shown
