"""The first line of a report in the browser: which key the reader trusts, word for word as Python says it."""

import base64
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Page

from earnest.record.chain import instant
from earnest.record.policy import Policy
from earnest.record.verify import verify_story
from earnest.record.verify_reserves import verify_reserves
from earnest.web.record.verify import phrases, reserves_words
from tests.faces.browser.test_verify_in_browser import PARTS, SCRIPTS, rows
from tests.vectors import make_reserves, make_v1

pytestmark = pytest.mark.browser
SHOW = """async ([data, options, phrases, reserves]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  document.body.innerHTML = "<section></section>";
  const [verify, show] = reserves ? [earnestVerifyReserves, earnestShowReserves] : [earnestVerify, earnestShow];
  show(await verify(bytes, options), document.querySelector("section"), phrases);
  return document.querySelector("h2").textContent;
}"""
STORIES = ("valid-full", "valid-rotated-old-key-pinned", "valid-rotated-new-key-pinned")
PROOFS = (
    "valid-warned-log-not-given",
    "valid-logged-under-the-log-key",
    "valid-logged-after-a-change-of-key",
)


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Page:
    """An empty page that has the verifier, and what shows its reports."""
    (tmp_path / "empty.html").write_text("<!doctype html><meta charset=utf-8><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    for part in (*PARTS, "verify_reserves.js", "verify_show.js"):
        page.add_script_tag(content=(SCRIPTS / part).read_text())
    return page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_names_the_key_that_was_given(shown: Page, language: str) -> None:
    with translation.override(language):
        said = phrases(language) | {"reserves": reserves_words(language)}
    told = set()
    given = {row["file"].removesuffix(".json"): row for row in rows()}
    for name in STORIES:
        row = given[name]
        options = {each: row[each] for each in ("key", "policy") if each in row}
        policy = Policy.parse(row["policy"]) if "policy" in row else None
        ours = verify_story(row["data"], instant(make_v1.NOW), row.get("key"), policy).text(language)
        theirs = shown.evaluate(SHOW, [base64.b64encode(row["data"]).decode(), options, said, False])
        assert theirs.translate({0xA0: " ", 0x202F: " "}) == ours.splitlines()[0], name
        told.add(theirs)
    for name in PROOFS:
        each = make_reserves.all_vectors()[name]
        data = (make_reserves.FOLDER / f"{name}.json").read_bytes()
        options = {option: value for option, value in (("key", each.key), ("policy", each.policy)) if value}
        trust = Policy.parse(each.policy) if each.policy else None
        report = verify_reserves(data, instant(make_reserves.NOW), each.key or None, trust)
        theirs = shown.evaluate(SHOW, [base64.b64encode(data).decode(), options, said, True])
        assert theirs.translate({0xA0: " ", 0x202F: " "}) == report.text(language).splitlines()[0], name
        told.add(theirs)
    assert len(told) >= 6
