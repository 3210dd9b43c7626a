"""The whole path by hand, in a real Chromium against the real server: what a newcomer would click.

EARNEST_TEST_PICTURES=FOLDER keeps a picture of each step.
"""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from earnest.config import ROOT
from earnest.record.canonical import canonical
from earnest.record.disclosure import read_disclosure
from earnest.record.verify import verify_story
from tests.vectors import make_v1

pytestmark = pytest.mark.browser
CARD = "4242 4242 4242 4242"


@dataclass
class Demo:
    """A server with the demonstration, and what it said when it was up."""

    base: str
    said: str
    env: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "earnest", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)


def free_ports() -> int:
    """A port whose neighbour, where the Stripe double listens, is free too."""
    for port in range(18_100, 18_900, 2):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two free ports")


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("EARNEST_TEST_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def reserve(page: Page, demo: Demo, words: dict[str, str]) -> str:
    """From the storefront to a place that is held; the number."""
    page.goto(demo.base)
    picture(page, f"storefront-{words['lang']}")
    page.get_by_role("link", name=words["offer"]).click()
    picture(page, f"offer-{words['lang']}")
    page.get_by_role("link", name=words["reserve"]).click()
    page.locator("[name=name]").fill("Nora Lindgren")
    page.locator("[name=email]").fill("nora.lindgren@example.org")
    page.locator("[name=residence]").select_option("FR")
    picture(page, f"reserve-{words['lang']}")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/my/**")
    picture(page, f"placed-{words['lang']}")
    return page.url.split("/")[4]


def pay(page: Page, demo: Demo, lang: str, card: str = CARD) -> None:
    """On the double's Checkout page, and back."""
    page.locator("form[action$='/pay/'] button").click()
    page.wait_for_url("**/c/pay/**")
    picture(page, f"checkout-{lang}")
    page.locator("[name=number]").fill(card)
    page.get_by_role("button").click()


def wait_for(page: Page, text: str) -> None:
    """Load the page again until the worker has done its part."""
    for _ in range(60):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(250)
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


def operator(browser: Browser, demo: Demo, name: str) -> tuple[BrowserContext, Page]:
    """Somebody of the maker, in a browser of their own."""
    password = re.search(r"password (\S+)", demo.said)
    assert password
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{demo.base}/console/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    picture(page, "console-today")
    return context, page


def slip(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.base}/console/offers/strada-bicycle/slip/")
    # Later than whatever other tests of this session have moved it to.
    page.locator("[name=window_from]").fill("2029-11-01")
    page.locator("[name=until]").fill("2029-12-31")
    page.locator("[name=why]").fill("The paint shop flooded.")
    page.get_by_role("button", name="Preview").click()
    picture(page, "slip-preview")
    page.get_by_role("button", name=re.compile("Slip, and write")).click()


def test_reserve_pay_slip_cancel_refund_story_verify(
    page: Page, browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    words = {"lang": "en", "offer": "Strada bicycle", "reserve": "Reserve a place"}
    number = reserve(page, demo, words)
    pay(page, demo, "declined", "4000 0000 0000 0002")
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("[name=number]").fill(CARD)
    page.get_by_role("button").click()
    page.wait_for_url(f"**/my/{number}/**")
    wait_for(page, "All deposits are paid.")
    picture(page, "paid")

    context, desk = operator(browser, demo, "ana")
    slip(desk, demo)
    wait_for(page, "The promised window has moved")
    picture(page, "slipped")
    page.get_by_role("button", name="I agree to the new window").click()
    expect(page.get_by_text("you agreed")).to_be_visible()

    page.get_by_role("link", name="Cancel", exact=True).first.click()
    expect(page.get_by_text("€400.00").first).to_be_visible()
    picture(page, "cancel")
    page.get_by_role("button", name="Cancel now").click()
    expect(page.get_by_role("heading", name="Your cancellation is received")).to_be_visible()
    picture(page, "cancelled")

    desk.goto(f"{demo.base}/console/reservations/{number}/refunds/1/")
    picture(desk, "refund")
    desk.get_by_role("button", name="Send now").click()
    page.goto(f"{demo.base}/my/{number}/")
    wait_for(page, "has left")
    picture(page, "refunded")
    context.close()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    story = tmp_path / "story.json"
    download.value.save_as(story)
    verified = demo.run("verify", str(story))
    assert verified.returncode == 0, verified.stdout
    assert "demonstration keys, proves nothing" in verified.stdout
    whole = json.loads(story.read_text())
    sealed, tail = whole["acts"], whole.get("tail", [])
    assert len(sealed) + len(tail) > 10
    for part, acts in (("acts", sealed), ("tail", tail)):
        for gone in {0, len(acts) // 2, len(acts) - 1} if acts else ():
            story.write_bytes(canonical(whole | {part: acts[:gone] + acts[gone + 1 :]}) + b"\n")
            cut = demo.run("verify", str(story))
            assert cut.returncode == 1 and "not-canonical" not in cut.stdout, (part, gone)


def test_on_a_phone_in_french(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR", has_touch=True)
    page = context.new_page()
    words = {"lang": "fr", "offer": "Vélo Strada", "reserve": "Réserver une place"}
    number = reserve(page, demo, words)
    pay(page, demo, "fr")
    page.wait_for_url(f"**/my/{number}/**")
    page.goto(f"{demo.base}/my/{number}/cancel/")
    picture(page, "cancel-fr")
    page.locator("main form[method=post] button").last.click()
    page.wait_for_url("**/cancelled/")
    picture(page, "cancelled-fr")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
    context.close()


def acts_of(data: Path) -> list[tuple[bytes, str]]:
    """Leaf hash and time of every act that the load made, in its order."""
    with sqlite3.connect(data / "demo" / "earnest.sqlite3") as database:
        return database.execute(
            "SELECT leaf_hash, at FROM act WHERE at <= '2026-03-31 12:00:00' ORDER BY id"
        ).fetchall()


def test_the_demonstration_is_the_same_bytes_each_time(demo: Demo, tmp_path: Path) -> None:
    again = Demo("", "", demo.env | {"EARNEST_DATA": str(tmp_path), "EARNEST_PORT": str(free_ports())})
    loaded = again.run("demo", "--json")
    assert loaded.returncode == 0, loaded.stderr
    one, other = acts_of(Path(demo.env["EARNEST_DATA"])), acts_of(tmp_path)
    assert len(other) > 2000 and one[: len(other)] == other


def test_what_the_demonstration_holds(demo: Demo) -> None:
    """The command line beside the server: the founding story, whole, and every invariant."""
    facts = json.loads(demo.run("demo", "--json").stdout)
    assert facts["founding"] in demo.said
    told = demo.run("story", facts["founding"])
    acts = json.loads(told.stdout)["acts"]
    kinds = [json.loads(act["leaf"])["type"] for act in acts]
    assert kinds[0] == "reservation.placed" and kinds.count("refund.sent") == 2
    checked = demo.run("check")
    assert checked.returncode == 0, checked.stdout
    assert demo.run("worker", "--once").returncode == 3
    assert demo.run("up").returncode == 3
    assert demo.run("story", "3BB0-J47G-Q").returncode == 2


#: What the founding story shows when names and bank data are withheld: the money, the dates, the terms.
PUBLIC = (
    "amount_minor,currency,entries,from,until,was_from,was_until,happened_at,due_at,quantity,refund,offer,queue,"
    "price_minor,plan,role,vkey"
)


def test_the_founding_story_without_names_holds_in_both_and_each_shorter_version_fails_in_both(
    demo: Demo, page: Page, tmp_path: Path
) -> None:
    """The tale in three acts: whichever act is left out, Python and the browser both say so."""
    founding = json.loads(demo.run("demo", "--json").stdout)["founding"]
    file = tmp_path / "founding.json"
    assert demo.run("story", founding, "--open", PUBLIC, "--output", str(file)).returncode == 0
    data = file.read_bytes()
    report = verify_story(data, datetime.now(UTC))
    assert report.ok and report.acts > 30 and {"name", "email", "number"} <= set(report.withheld), (
        report.errors
    )
    said = [str(read_disclosure(line)) for act in json.loads(data)["acts"] for line in act["open"].values()]
    assert len(said) > 50 and not any("Whitcombe" in each or "@" in each for each in said)

    page.goto(f"{demo.base}/verify/")
    page.set_input_files("#file", str(file))
    expect(page.locator(".verdict--holds")).to_contain_text(f"{report.acts} of {report.acts} acts")
    expect(page.locator("#key")).to_be_hidden()
    page.get_by_label("The keys that").check()
    expect(page.locator(".verdict--holds")).to_contain_text("Verified under")
    picture(page, "verify")

    whole = json.loads(data)
    cut = []
    for gone in range(len(whole["acts"])):
        for without_times in (True, False):
            shorter = whole | {"acts": whole["acts"][:gone] + whole["acts"][gone + 1 :]}
            if without_times:
                shorter.pop("times")
            cut.append(canonical(shorter) + b"\n")
    cut += [canonical(whole | {"acts": whole["acts"][:end]}) + b"\n" for end in range(1, len(whole["acts"]))]
    assert not any(verify_story(each, datetime.now(UTC)).ok for each in cut)
    held = page.evaluate(
        "async (files) => { const held = []; for (const each of files)"
        " held.push((await earnestVerify(new TextEncoder().encode(each))).ok); return held; }",
        [each.decode() for each in cut],
    )
    assert len(held) == len(cut) and not any(held)
    file.write_bytes(cut[-1])
    page.set_input_files("#file", str(file))
    expect(page.locator(".verdict--fails")).to_contain_text("DOES NOT HOLD")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_of_the_record_fit_a_phone(
    demo: Demo, browser: Browser, tmp_path: Path, language: str
) -> None:
    """Nothing stands beyond the right edge; what one gives is asked for under the choice that needs it."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale=language)
    page = context.new_page()
    found = re.search(r"http\S+/link/\S+", demo.said)
    assert found
    page.goto(found[0])
    mine = page.url
    for address in (f"{demo.base}/record/", f"{mine}share/", f"{mine}acts/", f"{demo.base}/verify/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    for chosen, shown in (("key", "#key"), ("policy", "#policy")):
        page.locator(f'input[name="trust"][value="{chosen}"]').check()
        expect(page.locator(shown)).to_be_visible()
        assert page.locator("#check .given:visible").count() == 1
    page.locator('input[name="trust"][value="none"]').check()
    page.set_input_files("#file", str(make_v1.FOLDER / "valid-erased.json"))
    said = {
        "en": "1 field erased: account number (act 10)",
        "fr": "1 champ effacé\u00a0: numéro de compte (acte 10)",
    }
    expect(page.locator(".verdict--holds")).to_contain_text(said[language])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, f"verify-erased-{language}")
    context.close()
