"""Numbers and references in what payers write, and which reservations a credit is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.core import creditor_reference, matching
from earnest.core.matching import Credit, Expected, Match, Share
from earnest.core.numbers import number_from
from earnest.core.sought import seek

ANNA, BORIS, CLEO = "3JZ9-J6GM-B", "G5G5-49S0-0", "X370-7WE2-0"
EXPECTED = {number: Expected(number, 25_000, "EUR", "", "Anna Lindqvist") for number in (ANNA, BORIS, CLEO)}


def matched(*pieces: str, minor: int = 25_000, currency: str = "EUR") -> Match:
    credit = Credit(minor, currency, pieces)
    return matching.match(credit, matching.sought(credit), EXPECTED)


def test_the_reference_of_iso_11649() -> None:
    assert creditor_reference.holds("RF18539007547034")  # the standard's own example
    assert not creditor_reference.holds("RF19539007547034")
    assert creditor_reference.of(ANNA) == "RF253JZ9J6GMB"
    assert creditor_reference.grouped("RF253JZ9J6GMB") == "RF25 3JZ9 J6GM B"


@given(st.integers(0, 32**8 - 1))
def test_every_reference_holds_and_no_exchange_of_digits_does(value: int) -> None:
    number = number_from(value)
    if number is None:
        return
    reference = creditor_reference.of(number)
    assert creditor_reference.holds(reference)
    assert seek([creditor_reference.grouped(reference)]).numbers == (number,)
    other = reference[:2] + reference[3] + reference[2] + reference[4:]
    assert other == reference or not creditor_reference.holds(other)


@pytest.mark.parametrize(
    "written",
    [
        "3JZ9-J6GM-B",
        "3jz9j6gmb",
        "Reservation 3JZ9 J6GM B, thanks",
        "3.J.Z.9.J.6.G.M.B",
        "3JZ9-J6\nGM-B",
        "Acompte\n3JZ9J6GMB\nmerci",
        "no 3JZ9\u2013J6GM\u2011B",
        "\uff13\uff2a\uff3a\uff19-J6GM-B",
        "EARNEST-3JZ9J6GMB",
        "RF25 3JZ9 J6GM B",
        "rf253jz9j6gmb",
        "/RFB/RF253JZ9J6GMB/",
    ],
)
def test_a_complete_number_is_found_however_it_is_written(written: str) -> None:
    assert matched(written).shares == (Share(ANNA, 25_000),)


def test_letters_that_look_like_digits() -> None:
    assert matched("g5g5-49sO-o").numbers == (BORIS,)
    assert matched("X37o 7WE2 O").numbers == (CLEO,)


@pytest.mark.parametrize(
    "written",
    [
        "3JZ9-J6GM-C",
        "3JZ9-J6GN-B",
        "3J9Z-J6GM-B",
        "3JZ9-J6GM",
        "3JZ9-J66GM-B",
        "acompte3JZ9-J6GM-B",
        "RF99 3JZ9 J6GM B",
    ],
)
def test_a_near_miss_is_a_proposal_and_nothing_more(written: str) -> None:
    found = matched(written)
    assert (found.numbers, found.shares, found.proposals) == ((), (), (ANNA,))
    assert ANNA in found.why


def test_nothing_is_found_across_two_pieces() -> None:
    assert matched("3JZ9-J6", "GM-B").numbers == ()


def test_another_amount_still_matches_and_is_said() -> None:
    assert "under by 50.00 EUR" in matched(ANNA, minor=20_000).why
    assert "over by 50.00 EUR" in matched(ANNA, minor=30_000).why
    assert matched(ANNA, minor=20_000).shares == (Share(ANNA, 20_000),)


def test_another_currency_is_unmatched() -> None:
    found = matched(ANNA, currency="USD")
    assert (found.numbers, found.shares, found.proposals) == ((), (), (ANNA,))


def test_one_credit_for_several_is_divided_where_the_sum_is_exact() -> None:
    exact = matched(f"{BORIS}, {ANNA} and again {BORIS}", minor=50_000)
    assert exact.shares == (Share(BORIS, 25_000), Share(ANNA, 25_000))
    other = matched(f"{BORIS} {ANNA}", minor=49_999)
    assert (other.numbers, other.shares) == ((BORIS, ANNA), ())
    assert "a person must divide it" in other.why


def test_names_accounts_and_amounts_only_propose() -> None:
    credit = Credit(25_000, "EUR", ("for my boat",), "LINDQVIST, Anna", "NL91ABNA0417164300")
    waiting = [
        Expected(BORIS, 25_000, "EUR"),
        Expected(ANNA, 25_000, "EUR", holder="Anna Lindqvist"),
        Expected(CLEO, 9_000, "EUR", iban="NL91ABNA0417164300"),
        Expected("4PP3-QVPT-G", 25_000, "USD"),
    ]
    assert [said[:11] for said in matching.proposals(credit, waiting)] == [CLEO, ANNA, BORIS]
    assert matching.match(credit, matching.sought(credit), EXPECTED).numbers == ()
