"""Proofs of reserves: the committed files are what `make_reserves` makes, and the verifier says what the index says.

And each of its guards is needed: taken out, an attack that it alone stops passes.
"""

import json
import sys
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from earnest.record import verify
from earnest.record.chain import instant
from earnest.record.policy import Policy
from earnest.record.verify import Unreadable
from earnest.record.verify_reserves import MAX_BYTES, verify_reserves
from tests.vectors import make_reserves
from tests.vectors.guards import Guard
from tests.vectors.guards_reserves import GUARDS
from tests.vectors.test_mutations import without

INDEX: list[dict[str, Any]] = json.loads((make_reserves.FOLDER / "index.json").read_text())


@cache
def made() -> dict[str, tuple[make_reserves.Vector, bytes]]:
    """Every vector with its bytes."""
    return {name: (each, each.make()) for name, each in make_reserves.all_vectors().items()}


def passes(verifier: ModuleType, name: str) -> bool:
    """Whether a file is taken for one that holds."""
    each, data = made()[name]
    trust = sys.modules["earnest.record.policy"].Policy.parse(each.policy) if each.policy else None
    try:
        return bool(verifier.verify_reserves(data, instant(make_reserves.NOW), each.key or None, trust).ok)
    except verifier.Unreadable:
        return False


def test_the_files_are_made_again_byte_for_byte() -> None:
    files = make_reserves.files()
    assert {path.name for path in make_reserves.FOLDER.glob("*.json")} == set(files)
    for name, data in files.items():
        assert (make_reserves.FOLDER / name).read_bytes() == data, name


def test_the_headline_names_the_key_that_was_given() -> None:
    """That of receipts, that of the log which holds the statement, or one from which the log's present key follows."""
    said = {}
    for name in ("warned-log-not-given", "logged-under-the-log-key", "logged-after-a-change-of-key"):
        each, data = made()[f"valid-{name}"]
        report = verify_reserves(data, instant(make_reserves.NOW), each.key)
        said[name] = report.text().splitlines()[0]
    log, old = make_reserves.logged().log.verifier.id.hex(), make_reserves.begun().log.verifier.id.hex()
    given = f"Verified under {make_reserves.ORIGIN}"
    assert said["logged-under-the-log-key"] == f"{given} {log}, the key that you gave"
    assert said["logged-after-a-change-of-key"].startswith(f"{given} {old}, the key that you gave; the log")
    receipts = make_reserves.signer(1).verifier.id.hex()
    assert said["warned-log-not-given"] == f"{given} {receipts}, the key that you gave"


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["file"])
def test_what_the_verifier_says(row: dict[str, Any]) -> None:
    data = (make_reserves.FOLDER / row["file"]).read_bytes()
    policy = Policy.parse(row["policy"]) if "policy" in row else None
    if row["exit"] == 2:
        with pytest.raises(Unreadable):
            verify_reserves(data, instant(row["now"]), row.get("key"), policy)
        return
    report = verify_reserves(data, instant(row["now"]), row.get("key"), policy)
    assert (report.errors[0].code if report.errors else "") == row["error"], report.errors
    assert report.ok == (row["exit"] == 0)
    said = report.as_json()
    assert {name: said[name] for name in row.get("expects", {})} == row.get("expects", {})


def test_what_is_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Unreadable, match="larger"):
        verify_reserves(make_reserves.honest().proof() + b" " * MAX_BYTES, instant(make_reserves.NOW))


def test_with_all_guards_in_place_no_attack_passes() -> None:
    assert [name for name in made() if passes(verify, name)] == [
        f"valid-{name}" for name in make_reserves.VALID
    ]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_without_this_guard_an_attack_passes(guard: Guard) -> None:
    with without(guard.python) as verifier:
        assert [name for name in guard.passing if not passes(verifier, f"attack-{name}")] == []


def test_no_changed_bit_makes_another_proof() -> None:
    """Each byte of a proof, changed in one bit: refused, or it says exactly the same."""
    data = make_reserves.honest().proof()
    said = verify_reserves(data, instant(make_reserves.NOW), make_reserves.signer().vkey).as_json()
    for at in range(len(data)):
        other = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            report = verify_reserves(other, instant(make_reserves.NOW), make_reserves.signer().vkey)
        except Unreadable:
            continue
        assert not report.ok or report.as_json() == said, at


def test_it_is_said_in_english_and_french(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(make_reserves.FOLDER / "valid-counted.json")
    assert verify.main(["--reserves", file]) == 0
    said = capsys.readouterr().out
    assert "Your 5,000.00 EUR (K7QF-2M9X-4) are part of 37,000.01 EUR owed to customers" in said
    assert "Held: 37,030.01 EUR" in said
    assert "does not show that the money exists" in said
    assert "warning: the key was named by the file itself" in said
    assert "USD" not in said  # nothing is owed to them in it
    assert verify.main(["--reserves", file, "--lang", "fr"]) == 0
    said = capsys.readouterr().out
    assert "Vos 5 000,00 EUR (K7QF-2M9X-4) font partie de 37 000,01 EUR dus aux clients" in said
    assert "attention : la clé a été désignée par le fichier" in said


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_reserves.FOLDER
    assert verify.main(["--reserves", str(folder / "attack-negative-sum.json")]) == 1
    assert "a sum is below zero" in capsys.readouterr().out
    assert verify.main(["--reserves", str(folder / "attack-truncated.json"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["ok"] is False
    receipt = ["--receipt", str(folder / "index.json")]
    assert verify.main(["--reserves", str(folder / "valid-counted.json"), *receipt]) == 2
    assert "against a story" in capsys.readouterr().err


def test_all_that_does_not_hold_is_said_in_french() -> None:
    from earnest.record.words import WORDS
    from earnest.record.words_reserves import RESERVES

    said = WORDS["fr"] | RESERVES["fr"]
    assert {each.error for each in make_reserves.ATTACKS.values() if each.error} <= {
        code.removeprefix("c:") for code in said
    }
    assert set(RESERVES["en"]) <= set(RESERVES["fr"])
