"""Randomness: unguessable from the machine, repeatable from a seed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from earnest.book import ids
from earnest.core.numbers import number_from, parse


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    one, same, other = (ids.SeededIds(seed) for seed in ("a", "a", "b"))
    first = [one.token(n) for n in (1, 32, 33)]
    assert first == [same.token(n) for n in (1, 32, 33)]
    assert first != [other.token(n) for n in (1, 32, 33)]
    assert [len(token) for token in first] == [1, 32, 33]


def test_a_seed_gives_these_bytes_for_ever() -> None:
    # HMAC-SHA256 under the key "demo" of 1 as eight bytes, by openssl: the demonstration depends on it.
    assert ids.SeededIds("demo").token(8).hex() == "abeed6b1e42d0b3b"


def test_threads_never_share_bytes() -> None:
    source = ids.SeededIds("threads")
    with ThreadPoolExecutor(4) as threads:
        tokens = list(threads.map(lambda n: source.token(32), range(400)))
    assert len(set(tokens)) == 400


def test_the_machine_gives_as_many_bytes_as_asked_and_never_the_same() -> None:
    assert [len(ids.token(n)) for n in (0, 5, 40)] == [0, 5, 40]
    assert ids.token(32) != ids.token(32)


def test_numbers_are_drawn_until_one_may_be_given_out() -> None:
    class Drawn:
        def __init__(self) -> None:
            self.left = [32, 36, 77]

        def token(self, size: int) -> bytes:
            return self.left.pop(0).to_bytes(size, "big")

    drawn = Drawn()
    with ids.using(drawn):
        assert ids.number() == number_from(77)
    assert drawn.left == []


def test_numbers_are_well_formed() -> None:
    with ids.using(ids.SeededIds("numbers")):
        numbers = [ids.number() for _ in range(200)]
    assert [parse(number) for number in numbers] == numbers
    assert len(set(numbers)) == 200


def test_using_goes_back_to_what_was_used_before_also_after_an_error() -> None:
    outer = ids.SeededIds("outer")
    with ids.using(outer):
        with pytest.raises(KeyError), ids.using(ids.SeededIds("inner")):
            raise KeyError
        assert ids.token(4) == ids.SeededIds("outer").token(4)
