"""What the verifier refuses, what it says, and that each of its guards is needed."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.record import chain, checking, verify_v0
from earnest.record.verify import MAX_BYTES, Unreadable, verify_story
from earnest.record.words import WARNINGS, WORDS
from earnest.record.words_reserves import RESERVES
from tests.vectors import make
from tests.vectors.story_v0 import redact

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
STORY = make.story()


@pytest.mark.parametrize("gone", range(len(make.ACTS)))
def test_any_one_act_left_out_is_refused(gone: int) -> None:
    cut = make.changed(lambda file: file["acts"].pop(gone))
    assert not verify_story(cut, NOW).ok


@given(st.integers(0, len(STORY) - 1), st.integers(1, 255))
def test_no_changed_byte_makes_another_story(place: int, change: int) -> None:
    """A changed byte is refused, or the file still says exactly the same."""
    broken = bytearray(STORY)
    broken[place] ^= change
    try:
        report = verify_story(bytes(broken), NOW)
    except Unreadable:
        return
    if report.ok:
        assert json.loads(bytes(broken)) == json.loads(STORY)


def test_an_older_true_head_shows_its_age() -> None:
    report = verify_story(make.story(make.ACTS[:3]), NOW)
    assert report.ok and report.age_seconds == 2 * 86_400
    assert "2 days old" in report.text()


def test_json_has_the_members_of_the_contract() -> None:
    assert list(verify_story(STORY, NOW).as_json()) == [
        *("ok", "version", "number", "acts", "of", "as_of", "age_seconds", "sealed", "tail", "key_pinned"),
        *("witnesses", "audited", "withheld", "erased", "receipts", "times", "linked"),
        *("warnings", "errors"),
    ]


def test_without_a_key_the_headline_says_that_nothing_was_checked() -> None:
    text = verify_story(STORY, NOW).text()
    assert text.startswith(f"Consistent under a key that the file itself names: {make.ORIGIN}")
    assert ", not checked\ndemonstration keys, proves nothing\n" in text
    assert "5 of 5 acts" in text and len(text.splitlines()) <= 40


def test_with_the_right_key_it_is_pinned_and_with_another_it_fails() -> None:
    assert verify_story(STORY, NOW, make.SIGNER.vkey).key_pinned
    report = verify_story(STORY, NOW, make.OTHER.vkey)
    assert [problem.code for problem in report.errors] == ["other-key"]


def test_withheld_and_erased_look_different() -> None:
    report = verify_story(make.VALID["erased"](), NOW)
    assert (report.withheld, report.erased) == ([], ["name (act 6)"])
    hidden = verify_story(redact(STORY, "none"), NOW)
    assert hidden.ok and hidden.erased == [] and len(hidden.withheld) == sum(len(row[3]) for row in make.ACTS)
    assert "not added up" in " ".join(hidden.warnings)


def test_redacted_and_full_stories_agree_on_the_head() -> None:
    assert json.loads(redact(STORY, {"entries"}))["head"] == json.loads(STORY)["head"]


def test_the_money_is_added_up() -> None:
    assert verify_story(STORY, NOW).money == [("USD", 500_000, 500_000, 0)]
    assert verify_story(make.story(make.ACTS[:4]), NOW).money == [("USD", 500_000, 0, 500_000)]


def test_french_is_spoken_throughout() -> None:
    text = verify_story(STORY, NOW).text("fr")
    assert "Cohérent selon une clé" in text and "5 actes sur 5" in text
    assert "acts" not in text and "warning" not in text
    assert "attention : la clé" in text and "argent en USD : reçu 5 000,00, rendu 5 000,00" in text
    broken = verify_story((make.FOLDER / "attack-act-doubled.json").read_bytes(), NOW).text("fr")
    assert "NE TIENT PAS : " in broken and re.search(r"acte \d : ", broken)
    # On a page no line may end before such a mark.
    said = [*WORDS["fr"].values(), *WARNINGS.values(), *RESERVES["fr"].values()]
    assert not [each for each in said if re.search(" [:;?!]", each)]


def test_one_is_said_in_the_singular() -> None:
    erased = (make.FOLDER / "valid-erased.json").read_bytes()
    report = verify_story(erased, NOW)
    report.erased = ["iban (act 9)"]
    report.withheld, report.receipts = ["name"], 1
    english, french = report.text(), report.text("fr")
    assert "1 field withheld: name\n" in english and "1 field erased: iban (act 9)\n" in english
    assert "1 champ masqué : name\n" in french and "1 champ effacé : iban (acte 9)\n" in french
    one = verify_story((make.FOLDER / "valid-one-act.json").read_bytes(), NOW)
    assert "1 of 1 act, not left out" in one.text() and "1 acte sur 1, ni omis" in one.text("fr")


def test_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Unreadable, match="larger"):
        verify_story(b"{" + b" " * MAX_BYTES, NOW)


@pytest.mark.parametrize(
    ("guard", "attack"),
    [
        ("leaf_hash", "time-edited"),
        ("next_head", "last-act-dropped-head-too"),
    ],
)
def test_these_guards_carry_weight(guard: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the chain's hashing blinded, the true story itself no longer holds: nothing else stands in for it."""
    monkeypatch.setattr(chain, guard, lambda *args: bytes(32))
    assert not verify_story(STORY, NOW).ok or not verify_story(make.ATTACKS[attack][0](), NOW).ok


def test_without_the_signature_check_a_forged_head_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard out: an act dropped, head and note rewritten without the key. The guard in: refused."""

    def forge(file: dict[str, object]) -> None:
        make._older_head(file)
        file["note"] = str(file["note"]).replace("\n5\n", "\n4\n").replace(_head(STORY), str(file["head"]))

    forged = make.changed(forge)
    assert [problem.code for problem in verify_story(forged, NOW).errors] == ["signature"]
    monkeypatch.setattr(verify_v0, "open_note", lambda text, keys: text.rpartition("\n\n")[0] + "\n")
    assert verify_story(forged, NOW).ok


def test_without_the_digest_check_a_false_value_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    false = make.ATTACKS["value-edited"][0]()
    assert not verify_story(false, NOW).ok
    true = {}
    monkeypatch.setattr(checking.disclosure, "digest", lambda written: true.get(written) or _Anything())
    assert verify_story(false, NOW).ok


class _Anything(str):
    def __ne__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


def _head(story: bytes) -> str:
    return str(json.loads(story)["head"])


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earnest.record.verify", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_exit_codes_of_the_command(tmp_path: Path) -> None:
    whole, cut, broken = tmp_path / "whole", tmp_path / "cut", tmp_path / "broken"
    whole.write_bytes(STORY)
    cut.write_bytes(make.ATTACKS["last-act-dropped"][0]())
    broken.write_bytes(STORY[:500])
    assert _run(str(whole)).returncode == 0
    assert _run(str(whole), "--key", make.SIGNER.vkey).returncode == 0
    assert _run(str(whole), "--key", make.OTHER.vkey).returncode == 1
    assert _run(str(cut)).returncode == 1
    for bad in (
        _run(str(broken)),
        _run(str(tmp_path / "missing")),
        _run(),
        _run(str(whole), "--key", "nonsense"),
    ):
        assert bad.returncode == 2 and "Traceback" not in bad.stderr
    assert json.loads(_run(str(cut), "--json").stdout)["errors"][0]["code"] == "count"
