"""A proof of reserves is judged in the browser as in Python, every guard is needed there too, and a reader is told."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Page

from earnest.record.chain import instant
from earnest.record.policy import Policy
from earnest.record.verify import Unreadable
from earnest.record.verify_reserves import verify_reserves
from earnest.web.record.verify import phrases, reserves_words
from tests.faces.browser.test_verify_in_browser import PARTS as STORY_PARTS
from tests.faces.browser.test_verify_in_browser import SCRIPTS
from tests.vectors import make_reserves
from tests.vectors.guards import Edit
from tests.vectors.guards_reserves import GUARDS

pytestmark = pytest.mark.browser
PARTS = (*STORY_PARTS, "verify_reserves.js", "verify_show.js")
RUN = """async (rows) => {
  const said = [];
  for (const row of rows) {
    const bytes = Uint8Array.from(atob(row.data), (letter) => letter.charCodeAt(0));
    try {
      const report = await earnestVerifyReserves(bytes, { ...row, now: new Date(row.now) });
      const plain = (name, value) => (typeof value === "bigint" ? String(value) : value);
      said.push(JSON.parse(JSON.stringify(report, plain)));
    } catch (error) {
      if (!(error instanceof Earnest.Unreadable)) throw error;
      said.push(null);
    }
  }
  return said;
}"""
SHOW = """async ([data, options, phrases]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  document.body.innerHTML = "<section></section>";
  const report = await earnestVerifyReserves(bytes, { ...options, now: new Date(options.now) });
  earnestShowReserves(report, document.querySelector("section"), phrases);
  return document.body.innerText;
}"""
RUN_SCRIPT = "(text) => { (0, eval)(text); }"
Row = dict[str, Any]
NAMES = tuple(make_reserves.all_vectors())


@pytest.fixture
def page_with_it(page: Page, tmp_path: Path) -> Page:
    """An empty page that has the verifier and nothing else."""
    (tmp_path / "empty.html").write_text("<!doctype html><meta charset=utf-8><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    put(page)
    return page


def put(page: Page, edit: Edit | None = None) -> None:
    """The verifier anew in the page, perhaps with a guard out."""
    for part in PARTS:
        text = (SCRIPTS / part).read_text()
        if edit is not None and part == f"{edit.where}.js":
            assert text.count(edit.guard) == 1, f"{edit.guard!r} stands {text.count(edit.guard)} times"
            text = text.replace(edit.guard, edit.instead)
        page.evaluate(RUN_SCRIPT, text)


def row(name: str) -> Row:
    """A vector with what is given beside it."""
    each = make_reserves.all_vectors()[name]
    data = (make_reserves.FOLDER / f"{name}.json").read_bytes()
    given = {"key": each.key, "policy": each.policy}
    return {
        "data": base64.b64encode(data).decode(),
        "now": make_reserves.NOW,
        **{name: value for name, value in given.items() if value},
    }


def in_browser(page: Page, names: tuple[str, ...]) -> dict[str, Row | None]:
    said: list[Row | None] = page.evaluate(RUN, [row(name) for name in names])
    return dict(zip(names, said, strict=True))


def in_python(name: str) -> Row | None:
    """What Python says; sums as text, as the page gives its whole numbers of any size."""
    given = row(name)
    policy = Policy.parse(given["policy"]) if "policy" in given else None
    try:
        report = verify_reserves(
            base64.b64decode(given["data"]), instant(given["now"]), given.get("key"), policy
        )
    except Unreadable:
        return None
    said = report.as_json()
    for sums in ("yours", "owed", "held"):
        said[sums] = {currency: str(minor) for currency, minor in said[sums].items()}
    return said


def test_every_vector_is_judged_alike(page_with_it: Page) -> None:
    for name, theirs in in_browser(page_with_it, NAMES).items():
        ours = in_python(name)
        if ours is None or theirs is None:
            assert ours is theirs, name
            continue
        assert [each["code"] for each in theirs["errors"]] == [each["code"] for each in ours["errors"]], name
        if ours["ok"]:
            assert {member: theirs[member] for member in ours} == json.loads(json.dumps(ours)), name


def test_without_a_guard_an_attack_passes(page_with_it: Page) -> None:
    for guard in GUARDS:
        if guard.browser is None:
            continue
        put(page_with_it, guard.browser)
        said = in_browser(page_with_it, tuple(f"attack-{name}" for name in guard.passing))
        assert [name for name, each in said.items() if not (each and each["ok"])] == [], guard.name


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_reader_is_told(page_with_it: Page, language: str) -> None:
    with translation.override(language):
        said_by_page = phrases(language) | {"reserves": reserves_words(language)}
    given = row("valid-logged")
    said = page_with_it.evaluate(SHOW, [given["data"], given, said_by_page])
    if language == "en":
        assert "Your 5,000.00 EUR (K7QF-2M9X-4) are part of 37,000.01 EUR owed to customers" in said
        assert "less: provider-fees" in said and "held less owed" in said
    else:
        assert "Vos 5\u202f000,00 EUR (K7QF-2M9X-4) font partie de 37\u202f000,01 EUR dus aux clients" in said
        assert "moins\u00a0: provider-fees" in said
    refused = row("attack-negative-sum")
    said = page_with_it.evaluate(SHOW, [refused["data"], refused, said_by_page])
    assert ("DOES NOT HOLD" in said or "NE TIENT PAS" in said) and "[sum]" in said
