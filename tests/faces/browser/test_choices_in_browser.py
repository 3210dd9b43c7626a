"""Withdrawing, and answering a slip by the link in its mail, in a real Chromium on a small screen, in two languages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from earnest.core.labels import LABELS
from tests.faces.browser.test_founding_path import Demo, operator, pay, picture, reserve, wait_for

pytestmark = pytest.mark.browser
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
WORDS = {
    "en": {"lang": "phone-en", "offer": "Strada bicycle", "reserve": "Reserve a place"},
    "fr": {"lang": "phone-fr", "offer": "Vélo Strada", "reserve": "Réserver une place"},
}


@pytest.fixture(params=["en", "fr"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[str, Page]]:
    """(language, a page of 390 px)."""
    context = _phone(browser, request.param)
    yield request.param, context.new_page()
    context.close()


def _phone(browser: Browser, language: str) -> BrowserContext:
    viewport = {"width": 390, "height": 844}
    return browser.new_context(viewport=viewport, locale=LOCALES[language], has_touch=True)  # type: ignore[arg-type]


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, page.url


def paid(page: Page, demo: Demo, language: str) -> str:
    """A place that is paid for; the number."""
    number = reserve(page, demo, WORDS[language])
    pay(page, demo, WORDS[language]["lang"])
    page.wait_for_url(f"**/my/{number}/**")
    return number


def test_anybody_withdraws_from_the_foot_of_a_page(
    demo: Demo, browser: Browser, phone: tuple[str, Page]
) -> None:
    language, page = phone
    number = paid(page, demo, language)
    guest = _phone(browser, language)
    other = guest.new_page()
    other.goto(f"{demo.base}/o/strada-bicycle/")
    other.get_by_role("link", name=LABELS[language].withdraw).click()
    expect(other.get_by_role("heading", level=1)).to_have_text(LABELS[language].withdraw)
    fits(other)
    picture(other, f"withdraw-{language}")
    other.locator("[name=name]").fill("Nora Lindgren")
    other.locator("[name=contract]").fill(number.lower())
    other.locator("[name=email]").fill("nora.lindgren@example.org")
    other.locator("main form button[type=submit]").click()
    expect(other.get_by_role("button", name=LABELS[language].confirm_withdrawal)).to_be_visible()
    fits(other)
    picture(other, f"withdraw-confirm-{language}")
    other.get_by_role("button", name=LABELS[language].confirm_withdrawal).click()
    other.wait_for_url("**/withdraw/*/")
    expect(other.locator("main")).to_contain_text("Nora Lindgren")
    expect(other.locator("main")).to_contain_text(re.compile(r"\d\d:\d\d UTC"))
    fits(other)
    picture(other, f"withdrawn-{language}")
    with other.expect_download() as download:
        other.locator("main a[download]").click()
    assert number in download.value.path().read_text()
    guest.close()
    page.goto(f"{demo.base}/my/{number}/")
    wait_for(page, {"en": "Cancelled on", "fr": "Annulée le"}[language])
    page.goto(f"{demo.base}/my/{number}/acts/")
    expect(
        page.get_by_text({"en": "Withdrawn from the contract", "fr": "Rétractation du contrat"}[language])
    ).to_be_visible()


@pytest.mark.parametrize(("language", "name"), [("en", "accept"), ("fr", "cancel")])
def test_a_choice_is_made_by_its_button_alone(demo: Demo, browser: Browser, language: str, name: str) -> None:
    context = _phone(browser, language)
    page = context.new_page()
    number = paid(page, demo, language)
    desk_context, desk = operator(browser, demo, "ben")
    year = {"en": 2027, "fr": 2028}[language]
    desk.goto(f"{demo.base}/console/offers/strada-bicycle/slip/")
    desk.locator("[name=window_from]").fill(f"{year}-01-01")
    desk.locator("[name=until]").fill(f"{year}-12-31")
    desk.locator("[name=why]").fill("The paint shop moved.")
    desk.locator("[name=evidence]").select_option("supplier")
    desk.get_by_role("button", name="Preview").click()
    expect(
        desk.get_by_role("heading", name="Whom it touches, and what they could claim back")
    ).to_be_visible()
    picture(desk, f"slip-reach-{language}")
    desk.get_by_role("button", name=re.compile("Slip, and write")).click()
    link = _link(desk, demo, number, name)
    desk_context.close()

    stranger = _phone(browser, language)
    other = stranger.new_page()
    other.goto(link)
    fits(other)
    picture(other, f"choice-{name}-{language}")
    buttons = other.locator("main button")
    expect(buttons).to_have_count(1)
    expect(other.locator("h1")).to_have_text(buttons.first.inner_text())
    page.goto(f"{demo.base}/my/{number}/")
    expect(page.locator("h2#slip")).to_be_visible()  # looking at the link has answered nothing
    picture(page, f"portal-slip-{language}")
    buttons.first.click()
    expect(other.get_by_role("status")).to_be_visible()
    expect(other.locator("main button")).to_have_count(0)
    picture(other, f"choice-{name}-done-{language}")
    answer = other.goto(f"{demo.base}/my/{number}/")
    assert answer is not None and answer.status == 404  # it is no way in
    stranger.close()
    page.goto(f"{demo.base}/my/{number}/")
    said = {"accept": "you agreed", "cancel": "Annulée le"}[name]
    expect(page.get_by_text(said).first).to_be_visible()
    fits(page)
    picture(page, f"portal-answered-{language}")
    context.close()


def _link(desk: Page, demo: Demo, number: str, name: str) -> str:
    """The address of a choice, from the mail as the outbox of a demonstration shows it."""
    for _ in range(60):
        desk.goto(f"{demo.base}/console/reservations/{number}/")
        mail = desk.get_by_role("link", name="The promised window has slipped")
        if mail.count():
            break
        desk.wait_for_timeout(500)
    mail.first.click()
    found = re.search(rf"http\S+/slip/\S+-{name}\.\S+/", desk.locator("pre").text_content() or "")
    assert found
    return found[0]
