"""The verifier in the browser says of every file what the one in Python says."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from earnest.record.chain import instant
from earnest.record.policy import Policy
from earnest.record.verify import Unreadable, verify_story
from tests.vectors import make, make_v1
from tests.vectors.small_log import key_text

SCRIPTS = Path(__file__).parents[3] / "src" / "earnest" / "web" / "static" / "earnest"
PARTS = ("verify_base.js", "verify_log.js", "stamp.js", "verify.js")
NOW = make_v1.NOW
#: What both must say alike; sentences may differ, codes may not.
ALIKE = (
    *(
        "ok",
        "version",
        "number",
        "acts",
        "of",
        "as_of",
        "age_seconds",
        "sealed",
        "tail",
        "key_pinned",
        "witnesses",
    ),
    *("audited", "withheld", "erased", "receipts", "times", "linked", "warnings"),
)
RUN = """async (rows) => {
  const said = [];
  for (const row of rows) {
    const bytes = Uint8Array.from(atob(row.data), (letter) => letter.charCodeAt(0));
    try {
      const report = await earnestVerify(bytes, { ...row, now: new Date(row.now) });
      const plain = (name, value) => (typeof value === "bigint" ? String(value) : value);
      said.push(JSON.parse(JSON.stringify(report, plain)));
    } catch (error) {
      if (!(error instanceof Earnest.Unreadable)) throw error;
      said.push(null);
    }
  }
  return said;
}"""

pytestmark = pytest.mark.browser
Row = dict[str, Any]


@pytest.fixture
def verifier(page: Page, tmp_path: Path) -> Iterator[Page]:
    """An empty page that has the verifier and nothing else."""
    yield loaded(page, tmp_path)


def loaded(page: Page, folder: Path) -> Page:
    """The scripts in a page."""
    (folder / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((folder / "empty.html").as_uri())
    for part in PARTS:
        page.add_script_tag(content=(SCRIPTS / part).read_text())
    return page


def rows() -> list[Row]:
    """Every vector of both versions, with what is given beside it."""
    found = []
    for folder, index in ((make.FOLDER, "index.json"), (make_v1.FOLDER, "index.json")):
        for row in json.loads((folder / index).read_text()):
            given = {name: row[name] for name in ("key", "policy", "receipts") if name in row}
            found.append(
                {"file": row["file"], "data": (folder / row["file"]).read_bytes(), "now": NOW, **given}
            )
    return found


def in_browser(page: Page, wanted: list[Row]) -> list[Row | None]:
    sent = [row | {"data": base64.b64encode(row["data"]).decode()} for row in wanted]
    said: list[Row | None] = page.evaluate(RUN, sent)
    return said


def in_python(row: Row) -> Row | None:
    policy = Policy.parse(row["policy"]) if "policy" in row else None
    try:
        report = verify_story(
            row["data"], instant(row["now"]), row.get("key"), policy, row.get("receipts", ())
        )
    except Unreadable:
        return None
    return report.as_json()


def same(ours: Row | None, theirs: Row | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if [(each["code"], each["seq"]) for each in ours["errors"]] != [
        (e["code"], e["seq"]) for e in theirs["errors"]
    ]:
        return False
    return not ours["ok"] or all(ours[name] == theirs[name] for name in ALIKE)


def test_every_vector_is_judged_alike(verifier: Page) -> None:
    wanted = rows()
    assert len(wanted) > 140
    for row, theirs in zip(wanted, in_browser(verifier, wanted), strict=True):
        ours = in_python(row)
        assert same(ours, theirs), (row["file"], ours, theirs)


def corrected() -> bytes:
    """A story in which 5,000 were booked by mistake and taken back, and 500 booked instead."""
    log = make_v1.begun()
    deposit = f"customer/{key_text(log, make_v1.NUMBER)}/deposit"
    for kind, by, entries in (
        ("deposit.received", "maker", f"bank {deposit} 500000 EUR"),
        (
            "deposit.corrected",
            "maker",
            f"{deposit} bank-unmatched 500000 EUR\nbank-unmatched bank 500000 EUR",
        ),
        ("deposit.received", "maker", f"bank {deposit} 50000 EUR"),
    ):
        log.act(make_v1.NUMBER, kind, by, "2018-06-15T17:26:00Z", {"entries": entries})
    log.seal(make_v1.SEALS[0])
    return log.story(make_v1.NUMBER)


def test_what_was_booked_by_mistake_is_neither_received_nor_paid_back(verifier: Page) -> None:
    row = {"data": corrected(), "now": NOW}
    [theirs], ours = in_browser(verifier, [row]), in_python(row)
    assert ours is not None and theirs is not None and same(ours, theirs) and ours["ok"]
    report = verify_story(row["data"], instant(NOW))
    assert report.money == [("EUR", 50_000, 0, 50_000)]
    assert theirs["money"] == [{"currency": "EUR", "received": "50000", "paid": "0", "owed": "50000"}]


def test_what_is_too_large_is_refused_by_its_size(verifier: Page) -> None:
    said = verifier.evaluate(
        "earnestVerify(new Uint8Array(16 * 1024 * 1024 + 1)).then(() => 'read', (error) => error.message)"
    )
    assert "16 MB" in said


def test_changed_bytes_are_judged_alike(verifier: Page) -> None:
    """Three hundred changes of one byte, at places that a seed chose; the policy knows every key that has signed."""
    dice = Random(7)
    story = (make_v1.FOLDER / "valid-tail.json").read_bytes()
    wanted = []
    for _ in range(300):
        broken = bytearray(story)
        broken[dice.randrange(len(story))] ^= 1 << dice.randrange(8)
        wanted.append({"data": bytes(broken), "now": NOW, "policy": make_v1.policy()})
    for row, theirs in zip(wanted, in_browser(verifier, wanted), strict=True):
        ours = in_python(row)
        assert (ours is None, bool(ours and ours["ok"])) == (theirs is None, bool(theirs and theirs["ok"]))
        # What still holds had a cosigner's name changed: a stranger's line is passed over, and enough others signed.
        assert not (ours and ours["ok"]) or same(ours, theirs)


def test_its_hashes_are_those_of_webcrypto(verifier: Page) -> None:
    wrong = verifier.evaluate(
        """async () => {
          const wrong = [];
          for (let size = 0; size < 300; size++) {
            const data = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) & 255);
            const theirs = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
            if (!Earnest.same(theirs, Earnest.sha256(data))) wrong.push(size);
          }
          return wrong;
        }"""
    )
    assert wrong == []
