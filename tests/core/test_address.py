"""A holder's address for invoices: given, given anew, never another's, and gone with their name."""

from dataclasses import replace
from typing import Any

import pytest

from earnest.core.acts import ERASED
from earnest.core.commands.erase import Erase
from earnest.core.commands.give_address import GiveAddress
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.refusals import Invalid, Refused
from earnest.core.reservation import Address
from tests.core.driver import HOLDER, MAKER, Case, with_policy
from tests.core.test_invoicing import case, pay

GIVEN: dict[str, Any] = {"number": "N", "street": " 12 rue du Port ", "postcode": "29000", "city": "Quimper"}


def test_it_is_written_once_and_the_newer_one_holds() -> None:
    made = case()
    assert made.do(GiveAddress(**HOLDER, **GIVEN)) == ["address.given"]
    assert made.do(GiveAddress(**HOLDER, **GIVEN)) == []
    assert made.held.address == Address("12 rue du Port", "", "29000", "Quimper")
    assert made.held.address_lines == ["12 rue du Port", "29000 Quimper"]
    made.do(GiveAddress(**HOLDER, **GIVEN | {"street_more": "Bâtiment B"}))
    assert made.held.address_lines == ["12 rue du Port", "Bâtiment B", "29000 Quimper"]
    assert "postcode" not in _given(made, postcode="").fields


def _given(made: Case, **changed: str) -> Any:
    made.do(GiveAddress(**HOLDER, **GIVEN | changed))
    return made.acts[-1]


@pytest.mark.parametrize("country", ["US", "GB"])
def test_where_the_postcode_stands_behind_the_town(country: str) -> None:
    assert Address("1 Main Street", "", "04609", "Bar Harbor").lines(country)[-1] == "Bar Harbor 04609"
    assert Address("1 Main Street", "", "", "Bar Harbor").lines(country)[-1] == "Bar Harbor"


@pytest.mark.parametrize(
    "wrong",
    [{"street": " "}, {"city": ""}, {"street": "a\nb"}, {"street_more": "x" * 101}, {"postcode": "1" * 21}],
)
def test_what_is_no_address_is_refused_and_writes_nothing(wrong: dict[str, str]) -> None:
    made = case()
    with pytest.raises(Invalid, match="a street and a town"):
        made.do(GiveAddress(**HOLDER, **GIVEN | wrong))
    assert made.held.address is None


def test_nobody_is_asked_for_it_who_gets_no_invoices() -> None:
    made = case()
    made.policy = with_policy()
    with pytest.raises(Refused, match="not needed"):
        made.do(GiveAddress(**HOLDER, **GIVEN))


def test_whoever_takes_it_over_gives_theirs() -> None:
    made = case()
    pay(made)
    made.do(GiveAddress(**HOLDER, **GIVEN))
    made.do(OfferHolder(**HOLDER, number="N", email="c@example.org", language="en"))
    assert made.held.passing
    other = HOLDER | {"person": "holder:1"}
    taken: dict[str, Any] = {"offered": made.held.passing.seq, "name": "Cleo Bram", "language": "en"}
    made.do(ChangeHolder(**other, number="N", residence="US", **taken))
    assert made.held.address is None and made.held.address_lines == []
    made.do(GiveAddress(**other, **GIVEN | {"city": "Bar Harbor", "postcode": "04609"}))
    assert made.held.address_lines[-1] == "Bar Harbor 04609"
    with pytest.raises(Refused, match="somebody else"):
        made.do(GiveAddress(**HOLDER, **GIVEN))


def test_it_goes_with_the_name_and_is_not_taken_again() -> None:
    made = case()
    made.do(GiveAddress(**HOLDER, **GIVEN))
    made.cancel()
    assert made.do(Erase(**MAKER, number="N", cls="identity")) == ["erasure.done"]
    gone = made.acts[-1].fields["erased"]
    assert isinstance(gone, dict) and gone["1"] == ["city", "postcode", "street"]
    assert made.held.address is ERASED and made.held.address_lines == []
    with pytest.raises(Refused, match="erased for good"):
        made.do(GiveAddress(**HOLDER, **GIVEN))
    assert replace(made.held, address=None).address_lines == []
