"""Policies: whom a reader believes, exactly as C2SP tlog-policy says, and our own lines beside it."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.record.notes import COSIGNATURE, Signer
from earnest.record.policy import BadPolicy, Policy

LOG = Signer("log.example", bytes(32)).vkey
OTHER_LOG = Signer("other.example", bytes([9] * 32)).vkey
RECEIPTS = Signer("log.example/receipts", bytes([8] * 32)).vkey
NAMES = ("x1", "x2", "x3", "y1", "y2", "y3")


def key(n: int, name: str = "") -> str:
    """The key of the witness with that number, under its own name or another."""
    return Signer(name or f"w{n}.example", bytes([n + 1] * 32), COSIGNATURE).vkey


WITNESSES = "".join(f"witness {name} {key(n)}\n" for n, name in enumerate(NAMES))
TWO_LEVELS = (
    f"log {LOG}\n{WITNESSES}group x 2 x1 x2 x3\ngroup y any y1 y2 y3\ngroup both all x y\nquorum both\n"
)


def test_a_quorum_of_groups_of_groups_for_every_set_of_witnesses() -> None:
    policy = Policy.parse(TWO_LEVELS)
    for many in range(len(NAMES) + 1):
        for names in combinations(NAMES, many):
            x, y = (sum(name[0] == side for name in names) for side in "xy")
            assert policy.satisfied(set(names)) == (x >= 2 and y >= 1), names


def test_a_single_witness_is_a_quorum_and_none_asks_for_nobody() -> None:
    one = Policy.parse(f"{WITNESSES}quorum x2\n")
    assert one.satisfied({"x2"}) and not one.satisfied({"x1", "x3", "y1"})
    assert Policy.parse("quorum none").satisfied(set())
    assert Policy.parse("quorum none").quorum_times({"x1": 5}) is None


def test_names_that_no_witness_has_count_for_nothing() -> None:
    policy = Policy.parse(f"{WITNESSES}group g 2 x1 x2\nquorum g\n")
    assert not policy.satisfied({"x1", "stranger", "g", "w1.example"})


def test_white_space_comments_addresses_and_letters_of_any_script() -> None:
    odd = (
        f"\t# a comment, ünïcode\n\n \t \n  log\t{LOG}  https://log.example/ \n"
        f"witness K {key(0)} https://w.example/é\nwitness \u212a {key(1)}\nwitness a\u00a0b {key(2)}\n"
        "group  g\tall K \u212a a\u00a0b\nquorum g\n#earnest auditor a\u00a0b\n# earnestly meant"
    )
    policy = Policy.parse(odd)
    assert list(policy.witnesses) == ["K", "\u212a", "a\u00a0b"]  # a Kelvin sign is no K
    assert policy.auditors == {"a\u00a0b"}
    assert [log.vkey for log in policy.logs] == [LOG]


def test_as_many_logs_witnesses_and_groups_as_the_specification_recommends() -> None:
    lines = [f"log {Signer(f'l{n}.example', bytes([n + 1] * 32)).vkey}" for n in range(32)]
    lines += [f"witness w{n} {key(n)}" for n in range(32)]
    lines += [f"group g{n} 1 w{n}" for n in range(32)]
    assert len(Policy.parse("\n".join([*lines, "quorum g31"])).groups) == 32


REFUSED = {
    "no quorum": ("", "quorum"),
    "two quorums": ("quorum none\nquorum none", "line 2"),
    "a quorum of two names": (f"{WITNESSES}quorum x1 x2", "line 7"),
    "a quorum that is not defined": ("quorum x1", "not defined"),
    "a quorum that is defined later": (f"quorum x1\n{WITNESSES}", "line 1: “x1” is not defined"),
    "a witness named none": (f"witness none {key(0)}\nquorum none", "taken"),
    "a group named none": (f"{WITNESSES}group none any x1\nquorum none", "taken"),
    "none as a member": (f"{WITNESSES}group g any none\nquorum none", "not defined"),
    "one name for a witness and a group": (f"{WITNESSES}group x1 any x2\nquorum none", "taken"),
    "one name for two witnesses": (f"witness a {key(0)}\nwitness a {key(1)}\nquorum none", "taken"),
    "one witness under two names": (
        f"witness a {key(0)}\nwitness b {key(0)}\nquorum none",
        "line 2: the same key",
    ),
    "one key under two names of keys": (
        f"witness a {key(0)}\nwitness b {key(0, 'else.example')}\nquorum none",
        "line 2: the same key",
    ),
    "one log twice under another name": (
        f"log {LOG}\nlog {Signer('else.example', bytes(32)).vkey}\nquorum none",
        "same key",
    ),
    "a group of groups that come later": (
        f"{WITNESSES}group a any b\ngroup b any x1\nquorum a",
        "line 7: “b” is not",
    ),
    "a group of itself": (f"{WITNESSES}group a any a\nquorum a", "not defined"),
    "a member twice in one group": (f"{WITNESSES}group a 2 x1 x1\nquorum a", "member twice"),
    "a member of two groups": (f"{WITNESSES}group a any x1\ngroup b any x1\nquorum a", "line 8"),
    "a group without members": (f"{WITNESSES}group a all\nquorum a", "group is"),
    "at least none": (f"{WITNESSES}group a 0 x1\nquorum a", "from 1"),
    "more than there are": (f"{WITNESSES}group a 2 x1\nquorum a", "from 1"),
    "a number with a sign": (f"{WITNESSES}group a +1 x1\nquorum a", "from 1"),
    "a number of another script": (f"{WITNESSES}group a \u0661 x1\nquorum a", "from 1"),
    "a number of five thousand digits": (f"{WITNESSES}group a {'9' * 5000} x1\nquorum a", "from 1"),
    "a word that is not known": ("cosigner x\nquorum none", "line 1: “cosigner”"),
    "a witness's key as a log": (f"log {key(0)}\nquorum none", "cosigns"),
    "a log's key as a witness": (f"witness a {LOG}\nquorum none", "cosignatures"),
    "a key whose hash is not its own": (f"log {LOG.replace('+', '+0', 1)}\nquorum none", "hash"),
    "a carriage return": ("quorum none\r\n", "line 1: there are control"),
    "a zero byte in a comment": ("quorum none\n# \x00", "line 2: there are control"),
    "a delete character": ("# \x7f\nquorum none", "line 1: there are control"),
    "an auditor who is no witness": (f"{WITNESSES}quorum x1\n# earnest auditor z", "auditor"),
    "a duration without a unit": ("quorum none\n# earnest max-age 7", "line 2: “7” is no duration"),
    "a duration of nothing": ("quorum none\n# earnest max-age 0d", "no duration"),
    "a duration twice": ("quorum none\n# earnest max-age 7d\n# earnest max-age 8d", "line 3"),
    "a log's key for receipts": (f"quorum none\n# earnest receipts {LOG}", "no key of receipts"),
    "a certificate named otherwise": (f"quorum none\n# earnest tsa t {'AB' * 32}", "64 small"),
    "a line of ours that is misspelt": ("quorum none\n# earnest max-aeg 7d", "not understood"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_specification_refuses(name: str) -> None:
    text, why = REFUSED[name]
    with pytest.raises(BadPolicy) as caught:
        Policy.parse(text)
    assert why in str(caught.value)


def test_our_own_lines() -> None:
    policy = Policy.parse(
        f"log {LOG}\nlog {OTHER_LOG}\n{WITNESSES}quorum x1\n# earnest receipts {RECEIPTS}\n# earnest auditor x1 y1\n"
        f"# earnest auditor y2\n# earnest max-age 7d\n# earnest max-merge-delay 90m\n# earnest tsa one {'ab' * 32}\n"
    )
    assert policy.auditors == {"x1", "y1", "y2"}
    assert (policy.max_age_seconds, policy.max_merge_delay_seconds) == (604_800, 5_400)
    assert [each.vkey for each in policy.receipts] == [RECEIPTS]
    assert policy.tsas == {"one": "ab" * 32}
    bare = Policy.parse("quorum none")
    assert (bare.max_age_seconds, bare.max_merge_delay_seconds, bare.auditors) == (None, None, frozenset())


def test_from_when_and_up_to_when_a_quorum_had_signed() -> None:
    policy = Policy.parse(f"{WITNESSES}group two 2 x1 x2 x3\nquorum two\n")
    assert policy.quorum_times({"x1": 10, "x2": 20, "x3": 30}) == (20, 20)
    assert policy.quorum_times({"x1": 10, "x3": 30}) == (30, 10)
    assert policy.quorum_times({"x1": 10, "y1": 5}) is None
    assert policy.quorum_times({}) is None


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)))
def test_times_of_a_quorum_are_those_of_their_definition(times: dict[str, int]) -> None:
    policy = Policy.parse(TWO_LEVELS)

    def early(t: int) -> bool:
        return policy.satisfied({name for name, at in times.items() if at <= t})

    def late(t: int) -> bool:
        return policy.satisfied({name for name, at in times.items() if at >= t})

    found = policy.quorum_times(times)
    if found is None:
        assert not early(5)
    else:
        first, last = found
        assert early(first) and not early(first - 1)
        assert late(last) and not late(last + 1)
