"""The account that customers transfer to, and the data that banking apps read (EPC069-12)."""

import pytest

from earnest.core import epc_code, payee
from earnest.core.payee import Payee

IBAN = "DE71110220330123456789"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "Boatyard, IBAN DE71 1102 2033 0123 4567 89, BIC BHBLDEHHXXX",
            Payee("Boatyard", IBAN, "BHBLDEHHXXX"),
        ),
        ("Boatyard & Sons, Inc., iban: de71110220330123456789", Payee("Boatyard & Sons, Inc.", IBAN)),
        ("Boatyard; DE71 1102 2033 0123 4567 89; BHBLDEHH", Payee("Boatyard", IBAN, "BHBLDEHH")),
        ("Boatyard, routing 021000021, account 12345678", None),
        ("Boatyard, DE12 3456 7890 1234", None),
    ],
)
def test_an_account_in_one_line(line: str, found: Payee | None) -> None:
    assert payee.read(line) == found


@pytest.mark.parametrize(
    "line",
    [
        "Boatyard, IBAN DE72 1102 2033 0123 4567 89",
        "Boatyard, IBAN DE71 1102 2033 0123 4567 89, BIC WRONG",
        "IBAN DE71 1102 2033 0123 4567 89",
        f"{'B' * 71}, IBAN {IBAN}",
    ],
)
def test_an_account_with_a_slip_in_it_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="has "):
        payee.read(line)


def test_the_data_of_a_transfer() -> None:
    written = epc_code.data(Payee("Bücherei & Söhne", IBAN, "BHBLDEHH"), 123_45, "RF18539007547034")
    assert written.split("\n") == [
        *("BCD", "002", "1", "SCT", "BHBLDEHH", "Bücherei & Söhne", IBAN),
        *("EUR123.45", "", "RF18539007547034"),
    ]


@pytest.mark.parametrize("minor", [0, -1, 100_000_000_000])
def test_an_amount_that_no_sepa_transfer_can_have(minor: int) -> None:
    with pytest.raises(ValueError, match="fit no SEPA transfer"):
        epc_code.data(Payee("Boatyard", IBAN), minor, "RF18539007547034")


def test_the_longest_that_fits() -> None:
    longest = Payee("é" * 70, IBAN, "BHBLDEHHXXX")
    assert len(epc_code.data(longest, epc_code.AMOUNT_MAX, "R" * 25).encode()) <= epc_code.BYTES_MAX
    with pytest.raises(ValueError, match="at most 331 bytes"):
        epc_code.data(Payee("字" * 100, IBAN), 1, "R" * 25)
