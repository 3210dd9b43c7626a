"""Stories of version 1: the committed files are what `make_v1` makes, and the verifier says what the index says."""

import json
from typing import Any

import pytest

from earnest.record.chain import instant
from earnest.record.policy import Policy
from earnest.record.verify import MAX_BYTES, Unreadable, verify_story
from tests.vectors import make_v1

INDEX: list[dict[str, Any]] = json.loads((make_v1.FOLDER / "index.json").read_text())


def test_the_files_are_made_again_byte_for_byte() -> None:
    made = make_v1.files()
    assert {path.name for path in make_v1.FOLDER.glob("*.json")} == set(made)
    for name, data in made.items():
        assert (make_v1.FOLDER / name).read_bytes() == data, name


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["file"])
def test_what_the_verifier_says(row: dict[str, Any]) -> None:
    data = (make_v1.FOLDER / row["file"]).read_bytes()
    policy = Policy.parse(row["policy"]) if "policy" in row else None
    given: dict[str, Any] = {"key": row.get("key"), "policy": policy, "receipts": row.get("receipts", ())}
    if row["exit"] == 2:
        with pytest.raises(Unreadable):
            verify_story(data, instant(row["now"]), **given)
        return
    report = verify_story(data, instant(row["now"]), **given)
    assert (report.errors[0].code if report.errors else "") == row["error"], report.errors
    assert report.ok == (row["exit"] == 0)
    said = report.as_json()
    assert {name: said[name] for name in row.get("expects", {})} == row.get("expects", {})


def test_what_is_too_large_is_refused_by_its_size_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = make_v1.TOO_LARGE()
    assert len(data) > MAX_BYTES
    monkeypatch.setattr("earnest.record.verify.json.loads", lambda text: pytest.fail("it was parsed"))
    with pytest.raises(Unreadable, match="16 MB"):
        verify_story(data, instant(make_v1.NOW))


def test_each_one_act_version_of_the_founding_story_fails() -> None:
    """The tale in three acts: whatever is left out, it shows."""
    for gone in range(9):
        cut = make_v1.changed(lambda file, gone=gone: file["acts"].pop(gone))  # type: ignore[misc]
        assert not verify_story(cut, instant(make_v1.NOW)).ok
    for end in range(1, 9):
        cut = make_v1.changed(lambda file, end=end: file.update(acts=file["acts"][:end]))  # type: ignore[misc]
        assert not verify_story(cut, instant(make_v1.NOW)).ok


def test_no_changed_byte_makes_another_story() -> None:
    """Each byte of a small story, changed in one bit: refused, or it still says exactly the same."""
    story = (make_v1.FOLDER / "valid-alone-in-the-map.json").read_bytes()
    now = instant(make_v1.NOW)
    for place in range(len(story)):
        broken = bytearray(story)
        broken[place] ^= 1
        try:
            report = verify_story(bytes(broken), now)
        except Unreadable:
            continue
        assert not report.ok, bytes(broken[place - 20 : place + 20])


def test_before_and_after_stand_beside_each_act() -> None:
    report = verify_story(make_v1.story(), instant(make_v1.NOW), policy=Policy.parse(make_v1.policy()))
    assert [(each.not_before[:10], each.not_after[:10]) for each in report.bounds] == [
        *[("", "2018-06-15")] * 2,
        *[("2018-06-15", "2021-03-02")] * 2,
        *[("2021-03-02", "2026-03-31")] * 5,
    ]
    assert {each.by for each in report.bounds} == {"auditor, w1, w2"}


def test_without_a_policy_the_time_of_a_seal_is_the_makers_word_alone() -> None:
    report = verify_story(make_v1.story(), instant(make_v1.NOW))
    assert {each.by for each in report.bounds} == {""} and {each.not_before for each in report.bounds} == {""}


def test_a_back_dated_act_is_pointed_at() -> None:
    policy = Policy.parse(make_v1.policy())
    report = verify_story(make_v1.story(make_v1.backdated()), instant(make_v1.NOW), policy=policy)
    assert report.ok
    assert any("act 5 is dated long before it was sealed" in warning for warning in report.warnings)


def test_a_rotation_that_only_one_key_signed_is_refused() -> None:
    log = make_v1.rotated()
    body, _, lines = log.rotations[0].rpartition("\n\n")
    for kept in lines.strip("\n").split("\n"):
        half = f"{body}\n\n{kept}\n"
        cut = make_v1.changed(lambda f, half=half: f.update(rotations=[half]), make_v1.story(log, linked=()))  # type: ignore[misc]
        report = verify_story(cut, instant(make_v1.NOW), make_v1.told().log.vkey)
        assert [each.code for each in report.errors] == ["signature"]


def test_the_headline_names_the_key_that_was_given_and_the_one_that_follows_from_it() -> None:
    """Whoever was given the old key trusts that one, and the present one by its word alone."""
    story, now = make_v1.story(make_v1.rotated()), instant(make_v1.NOW)
    old, new = make_v1.told().log.verifier, make_v1.rotated().log.verifier
    both = Policy(logs=(old, new))
    for report in (verify_story(story, now, old.vkey), verify_story(story, now, policy=Policy(logs=(old,)))):
        assert report.text().splitlines()[0] == (
            f"Verified under {make_v1.ORIGIN} {old.id.hex()}, the key that you gave; the log's key is "
            f"{new.id.hex()} now, and each change was signed by both keys"
        )
        french = report.text("fr").splitlines()[0]
        assert french.startswith(
            f"Vérifié avec {make_v1.ORIGIN} {old.id.hex()}, la clé que vous avez donnée ;"
        )
        assert f"la clé du registre est maintenant {new.id.hex()}" in french
    for report in (verify_story(story, now, new.vkey), verify_story(story, now, policy=both)):
        assert report.text().splitlines()[0] == (
            f"Verified under {make_v1.ORIGIN} {new.id.hex()}, the key that you gave"
        )
    assert verify_story(story, now).text().startswith("Consistent under a key that the file itself names")


def test_the_screen_says_who_answers_for_it() -> None:
    now = instant(make_v1.NOW)
    audited = verify_story(make_v1.story(), now, policy=Policy.parse(make_v1.policy())).text()
    assert (
        "9 of 9 acts" in audited
        and "audited by auditor" in audited
        and "witnessed by auditor, w1, w2" in audited
    )
    alone = verify_story(make_v1.story(), now).text()
    assert alone.startswith(f"Consistent under a key that the file itself names: {make_v1.ORIGIN}")
    assert "not audited: the maker could have rolled this subject back" in alone
    tail = verify_story(make_v1.story(make_v1.unsealed()), now).text()
    assert "5 of 5 sealed, and 1 receipted, not yet sealed" in tail
    for language in ("en", "fr"):
        for text in (audited, alone, tail):
            assert len(text.splitlines()) <= 40, text
        assert verify_story(make_v1.story(), now).text(language)


def test_a_stamp_that_is_earlier_than_the_witnesses_says_not_after() -> None:
    """Whoever of those that one trusts saw the checkpoint first bounds its acts; a stranger's stamp bounds nothing."""
    trusted = make_v1.policy(f"# earnest tsa root {make_v1.TSA}")
    story, now = make_v1.story(make_v1.stamped()), instant(make_v1.NOW)
    lonely = "\n".join(
        line for line in trusted.split("\n") if not line.startswith(("witness", "group", "# earnest a"))
    )
    report = verify_story(story, now, policy=Policy.parse(lonely.replace("quorum most", "quorum none")))
    assert {each.by for each in report.bounds} == {"root"}
    assert report.bounds[0].not_after == "2018-06-15T18:00:10Z"
    assert report.bounds[-1].not_before == "2021-03-02T10:00:10Z"
    assert verify_story(story, now).unchecked_stamps == 3
