"""Time stamps in the browser: the same cases as in Python, and the same words for each."""

import base64
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from earnest.record.stamp import BadStamp, check_stamp
from tests.record.stamp_cases import ECDSA, MESSAGE, PSS, RSA, Case, by_root, by_signer, cases

SCRIPTS = Path(__file__).parents[3] / "src" / "earnest" / "web" / "static" / "earnest"
RUN = """async (rows) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const said = [];
  for (const row of rows) {
    try {
      const found = await earnestCheckStamp(bytes(row.token), bytes(row.message), new Map(row.trusted));
      said.push([found.name, found.at]);
    } catch (error) {
      if (!(error instanceof Earnest.BadStamp)) throw error;
      said.push(error.message ? error.code : "no sentence");
    }
  }
  return said;
}"""

pytestmark = pytest.mark.browser
Said = list[str | None] | str


@pytest.fixture
def verifier(page: Page, tmp_path: Path) -> Page:
    """An empty page that reads stamps and has nothing else."""
    return loaded(page, tmp_path)


def loaded(page: Page, folder: Path, guard: str = "", instead: str = "") -> Page:
    """The scripts in a page, perhaps with a guard out."""
    (folder / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((folder / "empty.html").as_uri())
    page.add_script_tag(content=(SCRIPTS / "verify_base.js").read_text())
    text = (SCRIPTS / "stamp.js").read_text()
    assert not guard or text.count(guard) == 1
    page.add_script_tag(content=text.replace(guard, instead) if guard else text)
    return page


def in_browser(page: Page, wanted: Sequence[Case]) -> list[Said]:
    def b64(data: bytes) -> str:
        return base64.b64encode(data).decode()

    rows = [
        {"token": b64(case.token), "message": b64(case.message), "trusted": list(case.trusted.items())}
        for case in wanted
    ]
    said: list[Said] = page.evaluate(RUN, rows)
    return said


def in_python(case: Case) -> Said:
    try:
        return list(check_stamp(case.token, case.message, case.trusted))
    except BadStamp as error:
        return error.code


def test_every_stamp_is_judged_alike(verifier: Page) -> None:
    wanted = cases()
    for (name, case), said in zip(wanted.items(), in_browser(verifier, list(wanted.values())), strict=True):
        assert said == (case.says if isinstance(case.says, str) else list(case.says)), name


def test_what_a_token_says(verifier: Page) -> None:
    token = base64.b64encode(RSA.stamp(MESSAGE, nonce=2**63)).decode()
    said: dict[str, Any] = verifier.evaluate(
        """async (text) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const { genTime, nonce, policy, hash, certificates } = await earnestReadStamp(bytes);
          return { genTime, nonce: String(nonce), policy, hash, certificates: certificates.length };
        }""",
        token,
    )
    assert said == {
        "genTime": "2026-03-02T09:30:00Z",
        "nonce": str(2**63),
        "policy": "1.3.6.1.4.1.99999.1",
        "hash": "SHA-256",
        "certificates": 2,
    }


def test_changed_bits_are_believed_in_neither(verifier: Page) -> None:
    """Two hundred for each kind of key; who is believed, or why it is refused, is the same in both."""
    dice = Random(11)
    wanted = []
    for authority in (RSA, ECDSA, PSS):
        token = authority.stamp(MESSAGE, nonce=5)
        for number in range(200):
            broken = bytearray(token)
            broken[dice.randrange(len(token))] ^= 1 << dice.randrange(8)
            trusted = by_root(authority) if number % 2 else by_signer(authority)
            wanted.append(Case(bytes(broken), "", trusted))
    theirs = in_browser(verifier, wanted)
    assert theirs == [in_python(case) for case in wanted]
    assert sum(isinstance(said, str) for said in theirs) > 400


@pytest.mark.parametrize(
    ("guard", "instead", "name"),
    [
        ("!E.same(hashed, await digest(hash, message))", "false", "other bytes"),
        ("|| !E.same(said, await digest(signer.hash, content))", "", "another time"),
        (
            "!(await verifies(certificate, signer",
            "false && !(await verifies(certificate, signer",
            "another ecdsa key",
        ),
        ("!stamps(certificate)", "false", "usage not critical"),
        ("at < certificate.from", "false", "not yet valid"),
        ("at > certificate.to", "false", "expired before the stamp"),
        ("if (rest.length)", "if (false)", "issued by no authority"),
        ("found.length > 0 && found.every(Boolean)", "true", "a twin of the signer"),
    ],
)
def test_without_this_guard_a_bad_stamp_passes(
    page: Page, tmp_path: Path, guard: str, instead: str, name: str
) -> None:
    case = cases()[name]
    assert in_browser(loaded(page, tmp_path), [case]) == [case.says]
    (passed,) = in_browser(loaded(page, tmp_path, guard, instead), [case])
    assert isinstance(passed, list)
