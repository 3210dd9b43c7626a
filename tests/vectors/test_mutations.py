"""Each guard of the verifier is needed: taken out, an attack that it alone stops would pass.

A guard is taken out of the source text, the verifier is made anew from it, and the attacks are tried again.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import earnest.record.verify  # noqa: F401 - with everything that it needs
from earnest.record.chain import instant
from tests.vectors import make_v1

#: In the order in which they need each other: what comes after a changed module is made anew from it.
MODULES = (
    *(
        "canonical",
        "notes",
        "merkle",
        "submap",
        "disclosure",
        "chain",
        "receipt",
        "checkpoint",
        "money",
        "report",
    ),
    *("policy", "stamp", "trust", "story", "checking", "verify_v0", "verify_v1", "verify"),
)

Edit = tuple[str, str]

#: (module, what is taken out and what stands instead, attacks that pass then)
GUARDS: tuple[tuple[str, Edit, tuple[str, ...]], ...] = (
    ("verify_v1", ("root != seal.map", "False"), ("last-act-dropped", "last-two-acts-dropped")),
    ("verify_v1", ("index != self.checkpoint.size - 1", "False"), ("seal-not-last",)),
    (
        "verify_v1",
        ("check_proof(index, path, chain.leaf_hash(raw), self.checkpoint)", "pass"),
        ("seal-edited", "proof-hash-missing"),
    ),
    ("verify_v1", ("not policy.satisfied(set(cosigned))", "False"), ("cosignatures-stripped",)),
    (
        "verify_v1",
        ("not any(self.trust.believes(log) for log in self.logs)", "False"),
        ("another-key-than-given", "new-key-without-the-old-one"),
    ),
    ("verify_v1", ("report.age_seconds > policy.max_age_seconds", "False"), ("stale",)),
    (
        "verify_v1",
        (
            "if receipt.seq >= len(checker.heads):",
            "if receipt.seq >= len(checker.heads):\n                continue\n            if False:",
        ),
        ("receipt-for-an-act-left-out", "map-rolled-back-and-a-receipt"),
    ),
    ("verify_v1", ("checker.heads[receipt.seq] != receipt.head", "False"), ("receipt-for-another-history",)),
    ("verify_v1", ("report.tail and last < len(checker.heads) - 1", "False"), ("tail-without-receipt",)),
    (
        "verify_v1",
        ("late > timedelta(seconds=policy.max_merge_delay_seconds)", "False"),
        ("receipt-never-sealed",),
    ),
    (
        "verify_v1",
        ("anchor_of(note, stamps) != seal.anchor", "False"),
        ("times-anchor-with-more-cosignatures",),
    ),
    (
        "verify_v1",
        ("check_proof(index, path, self.checker.hashes[end], checkpoint)", "pass"),
        ("times-proof-of-another-act",),
    ),
    (
        "verify_v1",
        (
            'check_proof(checkpoint.size - 1, _hashes(group["path"]), chain.leaf_hash(raw), checkpoint)',
            "pass",
        ),
        ("times-seal-exchanged",),
    ),
    ("verify_v1", ("if report.errors:", "if False:"), ("linked-act-dropped", "linked-value-edited")),
    ("checking", ("disclosure.digest(line) != leaf.sd[name]", "False"), ("value-edited",)),
    ("checking", ("said != name or ", ""), ("value-named-otherwise",)),
    ("checking", ("why = money.add(b64(self.subject), entries)", "why = None"), ("money-below-zero",)),
    ("checking", ("or not set(names) <= set(self.leaves[int(seq)].sd)", ""), ("erasure-of-nothing",)),
    (
        "checkpoint",
        ("not cosigners[who].verifies(_cosigned(body, at), signature[8:])", "False"),
        ("cosignature-of-another-size", "cosignature-of-another-log", "plain-signature-as-cosignature"),
    ),
    (
        "notes",
        ("or not key.verifies(body, signature)", ""),
        ("checkpoint-by-another-key-under-the-true-name",),
    ),
    ("canonical", ("if canonical(value) != raw:", "if False:"), ("leaf-loosely-written-in-the-log",)),
    ("verify", ('canonical(file) + b"\\n" != data', "False"), ("file-with-spaces", "file-members-reordered")),
    ("verify", ("    if odd:", "    if False:"), ("unknown-member",)),
)


@cache
def made() -> dict[str, tuple[make_v1.Vector, bytes]]:
    """The attacks that are read and refused, with their bytes."""
    return {name: (each, each.make()) for name, each in make_v1.attacks().items() if each.exit == 1}


@contextmanager
def without(module: str, *edits: Edit) -> Iterator[ModuleType]:
    """The verifier with guards out; afterwards everything is as it was."""
    modules = [sys.modules[f"earnest.record.{name}"] for name in MODULES[MODULES.index(module) :]]
    kept = [dict(vars(each)) for each in modules]
    mutated = Path(str(modules[0].__file__)).read_text()
    for guard, instead in edits:
        assert mutated.count(guard) == 1, f"{guard!r} stands {mutated.count(guard)} times in {module}"
        mutated = mutated.replace(guard, instead)
    try:
        for each in modules:
            source = mutated if each is modules[0] else Path(str(each.__file__)).read_text()
            exec(compile(source, str(each.__file__), "exec"), vars(each))  # noqa: S102 - our own text
        yield importlib.import_module("earnest.record.verify")
    finally:
        for each, names in zip(modules, kept, strict=True):
            vars(each).clear()
            vars(each).update(names)


def passing(verify: ModuleType) -> set[str]:
    """The attacks that are not refused any more."""
    policy = sys.modules["earnest.record.policy"].Policy
    found = set()
    for name, (each, data) in made().items():
        trust = policy.parse(each.policy) if each.policy else None
        if verify.verify_story(data, instant(make_v1.NOW), each.key or None, trust, each.receipts).ok:
            found.add(name)
    return found


def test_with_all_guards_in_place_nothing_passes() -> None:
    assert passing(sys.modules["earnest.record.verify"]) == set()


@pytest.mark.parametrize(
    ("module", "edit", "attacks"), GUARDS, ids=[f"{row[0]}: {row[1][0][:50]}" for row in GUARDS]
)
def test_without_this_guard_an_attack_passes(module: str, edit: Edit, attacks: tuple[str, ...]) -> None:
    with without(module, edit) as verify:
        assert set(attacks) <= passing(verify)
