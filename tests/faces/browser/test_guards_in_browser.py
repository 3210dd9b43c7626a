"""Each guard of the verifier in the browser is needed: the same table as for the one in Python."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.faces.browser.test_verify_in_browser import PARTS, SCRIPTS, Row, in_browser
from tests.vectors import limits, make_v1
from tests.vectors.guards import GUARDS, Edit
from tests.vectors.test_mutations import made
from tests.vectors.together import EVERY, TOGETHER

pytestmark = pytest.mark.browser
VERDICT = """async (now) => {
  const bytes = new Uint8Array(await document.querySelector("input").files[0].arrayBuffer());
  try {
    const report = await earnestVerify(bytes, { now: new Date(now) });
    return report.ok ? "holds" : report.errors[0].code;
  } catch (error) {
    if (!(error instanceof Earnest.Unreadable)) throw error;
    return "unreadable";
  }
}"""
RUN_SCRIPT = "(text) => { (0, eval)(text); }"


def put(page: Page, *edits: Edit | None) -> None:
    """The verifier anew in the page, perhaps with guards out."""
    for part in PARTS:
        text = (SCRIPTS / part).read_text()
        for edit in edits:
            if edit is None or part != f"{edit.where}.js":
                continue
            assert text.count(edit.guard) == 1, f"{edit.guard!r} stands {text.count(edit.guard)} times"
            text = text.replace(edit.guard, edit.instead)
        page.evaluate(RUN_SCRIPT, text)


def row(name: str) -> Row:
    """A vector as the page is given it."""
    each, data = made()[name]
    given = {"key": each.key, "policy": each.policy, "receipts": list(each.receipts)}
    return {"data": data, "now": make_v1.NOW, **{name: value for name, value in given.items() if value}}


def passing(page: Page, names: tuple[str, ...]) -> list[str]:
    """Refused files that are taken, and files that hold of which something else is told."""
    found = []
    for name, said in zip(names, in_browser(page, [row(name) for name in names]), strict=True):
        each, _ = made()[name]
        if said is None:
            continue
        if each.exit:
            told = each.exit == 2 or said["ok"]
        else:
            told = said["ok"] and any(said[name] != wanted for name, wanted in each.expects.items())
        if told:
            found.append(name)
    return found


def test_without_a_guard_an_attack_passes(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    put(page)
    assert passing(page, tuple(made())) == []
    for guard in GUARDS:
        if guard.browser is not None:
            put(page, guard.browser)
            assert passing(page, guard.passing) == list(guard.passing), guard.name


def test_without_several_guards_an_attack_passes_and_each_of_them_alone_stops_it(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    for row in TOGETHER:
        edits = [EVERY[name].browser for name in row.guards if name != row.idle_there]
        put(page, *edits)
        wanted = [name for name in row.passing if name not in row.stopped_there]
        assert passing(page, row.passing) == wanted, row.guards
        for back in edits:
            put(page, *(edit for edit in edits if edit is not back))
            assert passing(page, row.passing) == [], back


def test_a_story_is_as_large_here_as_in_python(page: Page, tmp_path: Path) -> None:
    """At the limits it holds, and beyond them it is not read."""
    (tmp_path / "empty.html").write_text("<!doctype html><title>-</title><input type=file>")
    page.goto((tmp_path / "empty.html").as_uri())
    put(page)

    def verdict(story: bytes) -> str:
        (tmp_path / "story.json").write_bytes(story)
        page.locator("input").set_input_files(tmp_path / "story.json")
        said: str = page.evaluate(VERDICT, make_v1.NOW)
        return said

    assert {name: verdict(story) for name, story in limits.holds().items()} == dict.fromkeys(
        limits.holds(), "holds"
    )
    beyond = {name: verdict(story) for name, story in limits.unreadable().items()}
    assert beyond == dict.fromkeys(limits.unreadable(), "unreadable")
    assert verdict(limits.many_siblings()) == "map"


def test_a_string_of_many_megabytes_is_read(page: Page, tmp_path: Path) -> None:
    """A pattern that backtracks runs out of stack; then the page would go on showing what it said before."""
    (tmp_path / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    put(page)
    length = page.evaluate("Earnest.strict('\"' + '\\\\n'.repeat(5e6) + 'x'.repeat(5e6) + '\"').length")
    assert length == 10_000_000
