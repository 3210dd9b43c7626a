"""Bank files of every kind, and what is refused of them: whole, with line and reason."""

import io
from datetime import date
from pathlib import Path

import pytest

from earnest.rails.bank import reading
from earnest.rails.bank.fingerprint import duplicates
from earnest.rails.bank.statement import BankFile, Transaction, Unreadable

pytestmark = pytest.mark.once
STATEMENTS = Path(__file__).parent / "statements"


def read(name: str) -> BankFile:
    return reading.read(STATEMENTS / name, name)


def from_text(text: str | bytes) -> BankFile:
    return reading.read_open(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "file")


def refusal(text: str | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        from_text(text)
    return str(caught.value)


def camt(entries: str, message: str = "BkToCstmrStmt", statement: str = "Stmt") -> str:
    head = "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>"
    return f"<Document><{message}><{statement}><Id>1</Id>{head}{entries}</{statement}></{message}></Document>"


def entry(amount: str = "250.00", inside: str = "", *, currency: str = "EUR", direction: str = "CRDT") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<ValDt><Dt>2031-03-04</Dt></ValDt>{inside}</Ntry>"
    )


def details(*amounts: str, extra: str = "") -> str:
    inner = "".join(f'<TxDtls><Amt Ccy="EUR">{each}</Amt>{extra}</TxDtls>' for each in amounts)
    return f"<NtryDtls>{inner}</NtryDtls>"


def mt940(lines: str) -> str:
    return f":20:S\n:25:DE89370400440532013000\n:28C:1\n:60F:C310304EUR0,00\n{lines}\n:62F:C310304EUR0,00\n"


def minors(file: BankFile) -> list[int]:
    return [each.amount_minor for each in file.transactions]


def test_a_statement_with_charges_a_batch_a_return_a_debit_and_something_pending() -> None:
    file = read("statement.xml")
    assert file.kind == "camt.053"
    assert minors(file) == [24_750, 50_000, 25_000, 10_000, -31_000, 25_000]
    assert [each.status for each in file.transactions] == ["booked"] * 5 + ["pending"]
    first, club, _, back, _, _ = file.transactions
    assert first.references.creditor == "RF25 3JZ9 J6GM B" and first.references.end_to_end == ""
    assert (first.party.name, first.party.iban) == ("Anna Lindqvist", "NL91ABNA0417164300")
    assert club.text == "Places g5g5.49s0-0 and X370 7WE2 O"
    assert club.spaced_text == "Places g5g5.49s 0-0 and X370 7WE2 O"
    assert (back.returned, back.return_code, back.reversal) == (True, "AC04", True)
    assert back.party.name == "Dora Petit"
    (summary,) = file.statements
    assert summary.opening and summary.closing and summary.closing.on == date(2031, 3, 4)
    assert (summary.booked_minor, summary.gap_minor) == (78_750, 0)


def test_prefixes_old_versions_and_latin_letters_make_no_difference() -> None:
    latin = (STATEMENTS / "intraday.xml").read_text("ascii").replace("Anna Lindqvist", "Ren\xe9e")
    (found,) = from_text(latin.encode("latin-1")).transactions
    assert found.party.name == "Ren\xe9e" and found.booked


def test_codes_words_and_slashes_of_mt940() -> None:
    coded, slashed = read("coded.sta"), read("slashed.sta")
    assert minors(coded) == [24_750, 25_000, 10_000, -1_250]
    first, second, back, charge = coded.transactions
    assert (first.references.bank, first.references.end_to_end) == ("2031030400017", "")
    assert (first.party.name, first.party.iban) == ("ANNA LINDQVIST", "NL91ABNA0417164300")
    assert second.text.replace(" ", "").startswith("FUERDIERESERVIERUNG94JN-KXJE-Q")
    assert (back.reversal, back.returned, back.return_code) == (True, True, "AC04")
    assert back.references.end_to_end == "G5G5549S00-1-1"
    assert charge.lines == ("GEBUEHREN MAERZ",) and charge.booking_date == date(2031, 3, 5)
    assert [summary.gap_minor for summary in (*coded.statements, *slashed.statements)] == [0, 0]
    paid, returned = slashed.transactions
    assert paid.references.end_to_end == "X3707WE20"
    assert (paid.party.name, paid.party.iban) == ("CLEO MARCHAND", "FR1420041010050500013M02606")
    assert "X370-7WE2-0" in paid.text
    assert (returned.returned, returned.return_code) == (True, "MD07")


def test_mt940_in_latin_letters_with_a_mark_and_carriage_returns() -> None:
    text = mt940(":61:3103040304C1,NTRFNONREF\n:86:Für Renée")
    for data in (
        text.encode("latin-1"),
        text.encode("utf-8-sig"),
        text.replace("\n", "\r\n").encode("cp1252"),
    ):
        (found,) = from_text(data).transactions
        assert (found.text, found.amount_minor) == ("Für Renée", 100)


def test_marks_of_mt940_say_the_direction() -> None:
    marks = "\n".join(f":61:310304{mark}1,00NTRFNONREF" for mark in ("C", "D", "RC", "RD", "CR", "DR"))
    assert minors(from_text(mt940(marks))) == [100, -100, -100, 100, 100, -100]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (details("100.00", "150.00"), [10_000, 15_000]),
        (details("101.00", "151.00", extra='<Chrgs><Amt Ccy="EUR">1.00</Amt></Chrgs>'), [10_000, 15_000]),
        (details("100.00", "150.00", extra='<Chrgs><Amt Ccy="EUR">1.00</Amt></Chrgs>'), [10_000, 15_000]),
        (details("999.00"), [25_000]),
        ("<NtryDtls><TxDtls/><TxDtls/></NtryDtls>", [25_000]),
        (
            '<NtryDtls><TxDtls><Amt Ccy="EUR">300.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
            '<TxDtls><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>',
            [30_000, -5_000],
        ),
    ],
)
def test_details_are_together_what_was_booked(inside: str, expected: list[int]) -> None:
    assert minors(from_text(camt(entry(inside=inside)))) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("5000", "JPY", 5_000), ("1.234", "KWD", 1_234), ("0.1", "EUR", 10)]
)
def test_minor_units_go_by_the_currency(amount: str, currency: str, minor: int) -> None:
    assert minors(from_text(camt(entry(amount, currency=currency)))) == [minor]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (" \n ", "it is empty"),
        ("number;amount", "line 1: it is neither"),
        ("<html><body>Sign in</body></html>", "line 1: it is an HTML page and no bank statement"),
        ("<!DOCTYPE html><html></html>", "line 1: it is an HTML page and no bank statement"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><Document>&a;</Document>', "document type"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document/>', "document type"),
        ("<Rechnung/>", "line 1: its outermost element is Rechnung and not Document"),
        ("<Document><CstmrCdtTrfInitn/></Document>", "line 1: it holds CstmrCdtTrfInitn, and no camt.052"),
        (camt(entry())[:-9], "line 1: not well-formed XML"),
        (camt("\n" + entry("1.005")), "line 2: EUR has 2 decimals, and 1.005 has 3"),
        (camt(entry("1,00")), "line 1: “1,00” is not an amount"),
        (camt(entry("-1.00")), "line 1: “-1.00” is not an amount"),
        (camt(entry(currency="eur")), "line 1: “eur” is not a currency"),
        (camt(entry(direction="C")), "line 1: the direction (CdtDbtInd) of Ntry is C, not CRDT or DBIT"),
        (camt(entry().replace("BOOK", "MAYBE")), "line 1: the entry's status (Sts) is MAYBE"),
        (camt(entry().replace("2031-03-04", "2031-02-30")), "line 1: “2031-02-30” is not a date"),
        (
            camt(entry(inside=details("100.00", "100.00"))),
            "line 1: the 2 details of this entry add up to 200.00 EUR, and 250.00 EUR were booked",
        ),
        ("<Document>" + "<a>" * 50, "line 1: elements are nested more than 40 deep"),
        (camt("<Id>" + "x" * 30_000 + "</Id>"), "line 1: a text is longer than 20000 letters"),
        (":20:S\n:61:310304C1,00NTRF", "line 2: an entry (:61:) stands before the opening balance"),
        (mt940(":61:310304C1,005NTRFNONREF"), "line 5: EUR has 2 decimals, and 1,005 has 3"),
        (mt940(":61:310304C1.00NTRFNONREF"), "line 5: field :61: cannot be read"),
        (mt940(":61:310231C1,00NTRFNONREF"), "line 5: “310231” is not a date"),
        (mt940(":99:what"), "line 5: field :99: is none of an MT940"),
        (mt940("")[:-22], "the file was cut off"),
        ("words\n" + mt940(""), "line 1: this line belongs to no field"),
    ],
)
def test_a_file_is_refused_whole_with_line_and_reason(text: str, why: str) -> None:
    assert why in refusal(text)


def test_what_stands_in_a_statement_without_entries_is_bounded() -> None:
    assert "too many elements" in refusal(camt("<Bal/>" * 60_000))


def judged(*names: str) -> list[bool]:
    return list(duplicates([each for name in names for each in read(name).transactions]))


def test_each_entry_once_over_files_and_formats() -> None:
    assert judged("statement.xml", "statement.xml") == [False] * 6 + [True] * 5 + [False]
    assert judged("intraday.xml", "statement.xml")[1:3] == [True, False]
    assert judged("statement.xml", "notification.xml")[6:] == [True, False]
    assert judged("notification.xml", "statement.xml")[2:5] == [False, True, True]
    assert judged("statement.xml", "coded.sta")[6:] == [True, False, False, False]


def twice(one: str, other: str) -> list[bool]:
    return list(duplicates([*from_text(camt(one)).transactions, *_renamed(camt(other))]))


def _renamed(text: str) -> tuple[Transaction, ...]:
    return reading.read_open(io.BytesIO(text.encode()), "other").transactions


def refs(bank: str = "", end_to_end: str = "") -> str:
    own = f"<AcctSvcrRef>{bank}</AcctSvcrRef>" if bank else ""
    return f"{own}<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs></TxDtls></NtryDtls>"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (refs("A", "E"), refs("A", "F"), True),
        (refs("A", "E"), refs("B", "E"), False),
        (refs("A", "E"), refs("", "E"), True),
        (refs("", "E"), refs("A", "E"), True),
        (refs("", "E"), refs("", "F"), False),
        (refs("A", "E"), refs("", ""), False),
        (refs("", ""), refs("", ""), True),
    ],
)
def test_the_strongest_reference_that_both_have_decides(one: str, other: str, same: bool) -> None:
    assert twice(entry(inside=one), entry(inside=other)) == [False, same]


def test_the_same_reference_on_another_amount_day_or_account_is_another_entry() -> None:
    same = entry(inside=refs("A"))
    assert twice(same, entry("250.01", refs("A"))) == [False, False]
    assert twice(same, entry(inside=refs("A"), direction="DBIT")) == [False, False]
    assert twice(same, same.replace("2031-03-04", "2031-03-05")) == [False, False]
    elsewhere = camt(same).replace("DE89370400440532013000", "NL91ABNA0417164300")
    assert list(duplicates([*from_text(camt(same)).transactions, *_renamed(elsewhere)])) == [False, False]


def test_twins_without_references_are_two_in_one_statement_and_the_same_two_in_the_next() -> None:
    assert twice(entry() * 2, entry() * 3) == [False, False, True, True, False]


def test_parts_of_a_batch_that_share_its_reference_are_two() -> None:
    batch = entry(inside=f"<AcctSvcrRef>A</AcctSvcrRef>{details('125.00', '125.00')}")
    assert twice(batch, batch) == [False, False, True, True]
