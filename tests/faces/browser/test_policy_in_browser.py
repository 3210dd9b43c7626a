"""Policies are read in the browser as in Python, and each guard is needed here too."""

from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from earnest.record.policy import BadPolicy, Policy
from tests.faces.browser.test_guards_in_browser import put
from tests.record.test_guards import POLICY
from tests.record.test_policy import LOG, NAMES, OTHER_LOG, RECEIPTS, REFUSED, TWO_LEVELS, WITNESSES, key
from tests.vectors import make_v1
from tests.vectors.guards import Edit

pytestmark = pytest.mark.browser

READ = """(texts) => texts.map((text) => {
  try {
    const policy = Earnest.parsePolicy(text);
    const keys = (list) => list.map((key) => key.vkey);
    return {
      logs: keys(policy.logs), witnesses: [...policy.witnesses].map(([name, key]) => [name, key.vkey]),
      groups: [...policy.groups].map(([name, { least, members }]) => [name, least, members]), quorum: policy.quorum,
      receipts: keys(policy.receipts), auditors: [...policy.auditors].sort(), tsas: [...policy.tsas],
      max_age: policy.durations.get("max-age") ?? null,
      max_merge_delay: policy.durations.get("max-merge-delay") ?? null,
    };
  } catch (error) {
    if (!(error instanceof Earnest.BadPolicy)) throw error;
    return error.message;
  }
})"""
SATISFIED = """([text, sets]) => {
  const policy = Earnest.parsePolicy(text);
  return sets.map((names) => Earnest.satisfied(policy, new Set(names)));
}"""
ACCEPTED = (
    "quorum none",
    TWO_LEVELS,
    "\n".join([*(f"witness w{n} {key(n)}" for n in range(128)), "quorum w127"]),
    make_v1.policy("# earnest max-age 30d", f"# earnest tsa root {make_v1.TSA}"),
    f"\t# a comment, ünïcode\n\n \t \n  log\t{LOG}  https://log.example/ \n{WITNESSES}quorum x2\n# earnestly meant",
    f"log {LOG}\nlog {OTHER_LOG}\n{WITNESSES}quorum x1\n# earnest receipts {RECEIPTS}\n#earnest auditor x1 y1\n"
    f"# earnest auditor y2\n# earnest max-age 7d\n# earnest max-merge-delay 90m\n# earnest tsa one {'ab' * 32}\n",
)
#: The guards of `tests/record/test_guards.py`, as they stand here.
HERE = {
    "one witness counted twice under two names": Edit(
        "verify_log", "known.some((each) => E.same(each.public, key.public))", "false"
    ),
    "a member counted twice": Edit("verify_log", "policy.members.has(member)", "false"),
    "a quorum of nobody": Edit("verify_log", "count < 1 || count > members.length", "false"),
    "a second quorum, weaker": Edit("verify_log", " || policy.quorum !== null", ""),
    "an auditor whom nobody asked": Edit("verify_log", "if (!policy.witnesses.has(name))", "if (false)"),
    "a group called none": Edit("verify_log", 'name === "none" || ', ""),
    "a log's key that cosigns": Edit(
        "verify_log", "if (key.type !== ED25519) refuse(\"a log's", "if (false) refuse(\"a log's"
    ),
}


@pytest.fixture
def verifier(page: Page, tmp_path: Path) -> Page:
    """An empty page that has the verifier and nothing else."""
    (tmp_path / "empty.html").write_text("<!doctype html><title>-</title>")
    page.goto((tmp_path / "empty.html").as_uri())
    put(page)
    return page


def in_python(text: str) -> dict[str, Any]:
    policy = Policy.parse(text)
    return {
        "logs": [key.vkey for key in policy.logs],
        "witnesses": [[name, key.vkey] for name, key in policy.witnesses.items()],
        "groups": [[name, *map(_listed, asdict(group).values())] for name, group in policy.groups.items()],
        "quorum": policy.quorum,
        "receipts": [key.vkey for key in policy.receipts],
        "auditors": sorted(policy.auditors),
        "tsas": [list(each) for each in policy.tsas.items()],
        "max_age": policy.max_age_seconds,
        "max_merge_delay": policy.max_merge_delay_seconds,
    }


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_what_is_refused_there_is_refused_here(verifier: Page) -> None:
    texts = [text for text, _ in REFUSED.values()]
    for name, said in zip(REFUSED, verifier.evaluate(READ, texts), strict=True):
        assert isinstance(said, str), name
        line = REFUSED[name][1].partition(":")[0]
        assert not line.startswith("line ") or said.startswith(f"{line}:"), (name, said)


def test_more_witnesses_than_anybody_can_follow(verifier: Page) -> None:
    crowd = "\n".join([*(f"witness w{n} {key(n)}" for n in range(129)), "quorum w127"])
    with pytest.raises(BadPolicy, match="follow"):
        Policy.parse(crowd)
    assert "follow" in verifier.evaluate(READ, [crowd])[0]


def test_what_is_read_there_is_read_here(verifier: Page) -> None:
    assert verifier.evaluate(READ, ACCEPTED) == [in_python(text) for text in ACCEPTED]


def test_a_quorum_of_groups_for_every_set_of_witnesses(verifier: Page) -> None:
    sets = [list(names) for many in range(len(NAMES) + 1) for names in combinations(NAMES, many)]
    policy = Policy.parse(TWO_LEVELS)
    assert verifier.evaluate(SATISFIED, [TWO_LEVELS, sets]) == [policy.satisfied(set(each)) for each in sets]


def test_without_a_guard_a_trick_passes(verifier: Page) -> None:
    assert set(HERE) == set(POLICY)
    for trick, edit in HERE.items():
        put(verifier)
        assert isinstance(verifier.evaluate(READ, [POLICY[trick][2]])[0], str), trick
        put(verifier, edit)
        assert not isinstance(verifier.evaluate(READ, [POLICY[trick][2]])[0], str), trick
