"""The sum tree: it adds up, every leaf proves itself and nothing else, and no sum can take another away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.record import sumtree
from earnest.record.sumtree import LIMIT, BadSum, Node

SEED = bytes(32)
SUMS = st.tuples(st.integers(0, 10**12), st.integers(0, 10**12))
OWED = st.dictionaries(st.binary(min_size=32, max_size=32), SUMS, min_size=1, max_size=33)


def path_of(levels: list[list[Node]], place: int) -> list[Node]:
    """The siblings of a leaf."""
    return [level[(place >> height) ^ 1] for height, level in enumerate(levels[:-1])]


@given(OWED)
def test_the_root_is_what_is_owed_to_all(owed: dict[bytes, tuple[int, int]]) -> None:
    levels = sumtree.levels(sumtree.padded(SEED, owed, 2))
    assert levels[-1][0].sums == tuple(sum(sums) for sums in zip(*owed.values(), strict=True))
    assert len(levels[0]) == 1 << (len(levels) - 1) < 2 * len(owed) or len(owed) == 1


@given(OWED, st.data())
def test_each_leaf_leads_to_the_root_from_its_own_place_alone(
    owed: dict[bytes, tuple[int, int]], data: st.DataObject
) -> None:
    levels = sumtree.levels(sumtree.padded(SEED, owed, 2))
    key = data.draw(st.sampled_from(sorted(owed)))
    own = sumtree.leaf(key, sumtree.salt(SEED, key), owed[key])
    place = levels[0].index(own)
    assert sumtree.fold(own, place, path_of(levels, place)) == levels[-1][0]
    other = data.draw(st.integers(0, len(levels[0]) - 1))
    if other != place:
        assert sumtree.fold(own, other, path_of(levels, other)) != levels[-1][0]


@given(OWED, st.data())
def test_no_other_sum_leads_to_the_root(owed: dict[bytes, tuple[int, int]], data: st.DataObject) -> None:
    levels = sumtree.levels(sumtree.padded(SEED, owed, 2))
    key = data.draw(st.sampled_from(sorted(owed)))
    said = data.draw(SUMS.filter(lambda sums: sums != owed[key]))
    place = levels[0].index(sumtree.leaf(key, sumtree.salt(SEED, key), owed[key]))
    other = sumtree.leaf(key, sumtree.salt(SEED, key), said)
    assert sumtree.fold(other, place, path_of(levels, place)).hash != levels[-1][0].hash


@given(OWED)
def test_leaves_stand_in_the_order_of_their_hashes_whoever_they_are_of(
    owed: dict[bytes, tuple[int, int]],
) -> None:
    leaves = sumtree.padded(SEED, owed, 2)
    assert [leaf.hash for leaf in leaves] == sorted(leaf.hash for leaf in leaves)
    assert sumtree.padded(SEED, dict(reversed(owed.items())), 2) == leaves


def test_a_tree_of_nobody_owes_nothing() -> None:
    (leaf,) = sumtree.padded(SEED, {}, 1)
    assert sumtree.levels([leaf]) == [[leaf]]
    assert leaf.sums == (0,)


def test_a_sum_below_zero_or_at_the_limit_is_no_sum() -> None:
    key = bytes(32)
    for minor in (-1, LIMIT):
        with pytest.raises(BadSum):
            sumtree.leaf(key, key, (minor,))
    most = sumtree.leaf(key, key, (LIMIT - 1,))
    with pytest.raises(BadSum):
        sumtree.join(most, sumtree.leaf(key, key, (1,)))
    with pytest.raises(BadSum):
        sumtree.fold(most, 0, [Node(bytes(32), (-1,))])


def test_sums_of_other_currencies_are_not_added() -> None:
    one, two = sumtree.leaf(bytes(32), bytes(32), (1,)), sumtree.leaf(bytes(32), bytes(32), (1, 2))
    with pytest.raises(BadSum):
        sumtree.join(one, two)


def test_a_tree_is_perfect() -> None:
    leaf = sumtree.leaf(bytes(32), bytes(32), (1,))
    for many in (0, 3):
        with pytest.raises(ValueError, match="power of two"):
            sumtree.levels([leaf] * many)


def test_another_seed_shows_nothing_of_the_first() -> None:
    """Two statements of the same debts have no leaf in common: nobody is followed from one to the next."""
    owed = {bytes([n] * 32): (n,) for n in range(9)}
    one, other = sumtree.padded(SEED, owed, 1), sumtree.padded(bytes([1] * 32), owed, 1)
    assert not {leaf.hash for leaf in one} & {leaf.hash for leaf in other}
