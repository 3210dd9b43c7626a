"""A story's own page in a real Chromium, without a network: it checks itself, fits a phone, and speaks its language."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from earnest.record.story import redact
from earnest.web.telling.page import page as told_page
from tests.vectors import make_v1

pytestmark = pytest.mark.browser
VALID = make_v1.FOLDER / "valid-full.json"


def opened(browser: Browser, folder: Path, story: bytes, language: str, width: int = 390) -> Page:
    """The page of a story, from a file, in a window of that width that has no network."""
    file = folder / f"story-{language}-{width}.html"
    file.write_bytes(told_page(story, language, "Boatyard"))
    context = browser.new_context(viewport={"width": width, "height": 844}, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.locator(".verdict h2")).to_be_visible()
    return page


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_holds_and_fits(browser: Browser, tmp_path: Path, language: str, width: int) -> None:
    page = opened(browser, tmp_path, VALID.read_bytes(), language, width)
    expect(page.locator(".verdict--holds")).to_be_visible()
    expect(page.locator("#claim")).to_contain_text({"en": "all there are", "fr": "ce sont tous"}[language])
    page.locator(".verdict summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = """() => [...document.querySelectorAll("main *")].filter((each) => !each.closest("svg")
        && each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML.slice(0, 80))"""
    assert page.evaluate(beyond) == []
    small = """() => [...document.querySelectorAll("figure *")].filter((each) => each.textContent.trim()
        && parseFloat(getComputedStyle(each).fontSize) < 13).length"""
    assert page.evaluate(small) == 0
    page.context.close()


def test_its_french_has_no_code_no_english_sum_and_no_loose_colon(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, VALID.read_bytes(), "fr")
    page.locator(".verdict summary").click()
    said = page.locator("#verdict").inner_text()
    assert "attention\u00a0: " in said and re.search(r"reçu [0-9\u202f]+,\d\d, rendu", said)
    assert not re.search(
        r" [:;?!]|\d\.\d\d\b|[a-z]+\.(placed|received|sent)|\d{4}-\d\d-\d\d|customer|system", said
    )
    assert re.search(r"\d+ (janvier|février|mars|juin|juillet) 20\d\d, \d\d:\d\d", said)
    page.context.close()


def test_a_redacted_page_names_what_is_withheld_in_words(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, redact(VALID.read_bytes(), {"queue"}), "fr")
    said = page.locator("#verdict").inner_text()
    assert re.search(r"\d+ champs masqués\u00a0: ", said) and "_minor" not in said and "montant" in said
    page.context.close()


def test_what_was_erased_is_named_in_words_with_the_act_that_did_it(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, (make_v1.FOLDER / "valid-erased.json").read_bytes(), "fr")
    expect(page.locator("#verdict")).to_contain_text("1 champ effacé\u00a0: numéro de compte (acte 10)")
    expect(page.locator("#act-6")).to_contain_text("numéro de compte effacé par l'acte 10")
    page.context.close()


def test_a_page_whose_story_was_cut_says_so(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, (make_v1.FOLDER / "attack-last-act-dropped.json").read_bytes(), "fr")
    expect(page.locator(".verdict--fails h2")).to_contain_text("NE TIENT PAS\u00a0: ")
    # What was claimed at the top before the check is taken back.
    expect(page.locator("#claim")).to_contain_text("NE TIENT PAS\u00a0: ")
    assert not re.search(r" [:;?!]", page.locator("#verdict").inner_text())
    page.context.close()
