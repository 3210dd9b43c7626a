"""Reservation numbers, as they are made, typed and mistyped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.core.numbers import ALPHABET, check_symbol, number_from, parse

VALUES = st.integers(0, 32**8 - 1)
NUMBERS = VALUES.map(number_from).filter(bool)


@pytest.mark.parametrize(
    ("letters", "symbol"),
    # By hand: 0, 1, 32, 36, and 2**40 - 1, which is 2**4 - 1 modulo 37, for 2**36 is 1 (Fermat).
    [("00000000", "0"), ("00000001", "1"), ("00000010", "*"), ("00000014", "U"), ("ZZZZZZZZ", "F")],
)
def test_the_check_symbol_is_the_value_modulo_37(letters: str, symbol: str) -> None:
    assert check_symbol(letters) == symbol


@pytest.mark.parametrize("value", [32, 33, 34, 35, 36])
def test_numbers_with_an_unusual_check_symbol_are_not_given_out(value: int) -> None:
    assert number_from(value) is None


@given(VALUES)
def test_a_number_looks_like_one(value: int) -> None:
    number = number_from(value)
    if number is not None:
        assert [len(part) for part in number.split("-")] == [4, 4, 1]
        assert set(number) <= set(ALPHABET + "-")


@given(NUMBERS)
def test_a_number_is_read_as_itself(number: str) -> None:
    assert parse(number) == number


@given(NUMBERS, st.sampled_from([" ", "", "-", "\u2013", "\u2011", "\u2212", " - ", "\u00a0", "\t"]))
def test_case_spaces_and_dashes_do_not_matter(number: str, between: str) -> None:
    assert parse(f" {between.join(number.replace('-', '').lower())} ") == number


@given(NUMBERS)
def test_letters_that_look_like_digits_are_those_digits(number: str) -> None:
    for zero, one in (("O", "I"), ("o", "l"), ("O", "L"), ("o", "i")):
        assert parse(number.replace("0", zero).replace("1", one)) == number


@given(NUMBERS, st.data())
def test_one_wrong_letter_is_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([i for i, letter in enumerate(number) if letter != "-"]))
    other = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != number[place]]))
    assert parse(number[:place] + other + number[place + 1 :]) is None


@given(NUMBERS, st.integers(0, 6))
def test_two_neighbours_exchanged_are_noticed(number: str, place: int) -> None:
    plain = number.replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert parse(swapped) == (number if swapped == plain else None)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "K7QF",
        "K7QF-2M9X",
        "K7QF-2M9X-44",
        "K7QU-2M9X-4",
        "ß7QF-2M9X",
        "00000010*",
        "٠٠٠٠٠٠٠٠٠",
        "K7QF_2M9X_4",
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert parse(written) is None


@given(st.text())
def test_anything_typed_is_a_number_or_none(written: str) -> None:
    found = parse(written)
    assert found is None or parse(found) == found
