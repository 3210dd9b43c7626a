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
from tests.vectors.guards import Edit
from tests.vectors.test_mutations import without

INDEX: list[dict[str, Any]] = json.loads((make_reserves.FOLDER / "index.json").read_text())

#: What is checked, the files that pass without it, and where.
GUARDS: tuple[tuple[str, tuple[str, ...], Edit], ...] = (
    ("no sum is below zero", ("negative-sum",), Edit("sumtree", "any(minor < 0 for minor in sums)")),
    (
        "no sum wraps round",
        ("summed-overflow",),
        Edit("sumtree", "tuple(one + other for", "tuple((one + other) % LIMIT for"),
    ),
    (
        "a node commits to the sums of both children",
        ("other-halves",),
        Edit(
            "sumtree",
            "left.hash + _bytes(left.sums) + right.hash + _bytes(right.sums)",
            "left.hash + right.hash + _bytes(_added(left.sums, right.sums))",
        ),
    ),
    ("a place is left or right", ("children-swapped",), Edit("sumtree", "if place & 1", "if False")),
    (
        "a tree has no more places",
        ("place-beyond-the-tree",),
        Edit("sumtree", "not 0 <= place < 1 << len(path)"),
    ),
    (
        "the path is as long as the tree is deep",
        ("path-too-short",),
        Edit("verify_reserves", 'len(file["path"]) != made.depth'),
    ),
    (
        "the leaf leads to the root that was signed",
        (
            "one-leaf-for-two",
            "sibling-altered",
            "another-number",
            "another-salt",
        ),
        Edit("verify_reserves", "root.hash != made.tree"),
    ),
    (
        "the root adds up to what is owed",
        ("total-understated",),
        Edit("verify_reserves", "root.sums != made.owed"),
    ),
    (
        "the difference is explained",
        ("difference-unexplained",),
        Edit("verify_reserves", "if off:", "if False:"),
    ),
    (
        "no account of what is owed is below zero",
        ("owed-below-zero",),
        Edit("reserves", "any(minor < 0 for minor in groups[OWED].values())"),
    ),
    (
        "the key is the one that was given",
        ("another-key", "not-logged-and-the-log-key-given", "log-of-another-key"),
        Edit("verify_reserves", "not in_log and self.key.vkey not in {each.vkey for each in receipts}"),
    ),
    (
        "the key is of this book's receipts",
        ("key-of-another-name",),
        Edit("verify_reserves", "self.key.name != receipts_name(made.origin)"),
    ),
    (
        "a proof has the members of a proof",
        ("unknown-member",),
        Edit("verify_reserves", "set(file) - OPTIONAL != REQUIRED"),
    ),
    (
        "there is one text of it",
        ("not-canonical",),
        Edit("verify_reserves", 'canonical(file) + b"\\n" != data'),
    ),
    (
        "it is not older than the policy takes",
        ("stale",),
        Edit("verify_reserves", "report.age_seconds > policy.max_age_seconds"),
    ),
    (
        "the act in the log made this statement",
        ("logged-another-statement",),
        Edit("verify_reserves", 'self._opened(leaf, said["open"]) != made.fields()'),
    ),
    (
        "what the act said is what it committed to",
        ("logged-and-opened-otherwise",),
        Edit("verify_reserves", "said != name or leaf.sd.get(name) != disclosure.digest(line)"),
    ),
    (
        "the act is a statement",
        ("logged-as-another-act",),
        Edit("verify_reserves", "leaf.type != reserves.ACT or ", ""),
    ),
    (
        "the act is of the book's statements",
        ("logged-by-another-subject",),
        Edit("verify_reserves", " or leaf.subject != subject", ""),
    ),
    (
        "the act is in the log",
        ("logged-elsewhere",),
        Edit("verify_reserves", "check_proof(index, path, chain.leaf_hash(raw), point)", "pass"),
    ),
    (
        "the checkpoint that it names has leaves",
        ("logged-at-no-checkpoint",),
        Edit("verify_reserves", "if not made.size:", "if False:"),
    ),
    (
        "the checkpoint that it names is the beginning of the log",
        ("logged-at-another-root",),
        Edit(
            "verify_reserves", "check_consistency(made.size, point.size, made.log, point.root, grown)", "pass"
        ),
    ),
    (
        "the log's newest key signed",
        ("logged-by-the-key-before",),
        Edit("verify_reserves", "signed.log != log"),
    ),
    (
        "enough witnesses have signed",
        ("logged-without-quorum",),
        Edit("verify_reserves", "policy and not policy.satisfied(set(signed.times))"),
    ),
)


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


@pytest.mark.parametrize(("files", "edit"), [row[1:] for row in GUARDS], ids=[row[0] for row in GUARDS])
def test_without_this_guard_an_attack_passes(files: tuple[str, ...], edit: Edit) -> None:
    with without(edit) as verifier:
        assert [name for name in files if not passes(verifier, f"attack-{name}")] == []


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
    assert "Vos 5,000.00 EUR (K7QF-2M9X-4) font partie de 37,000.01 EUR dus aux clients" in said
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
