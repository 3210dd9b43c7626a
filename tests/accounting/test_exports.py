"""Every export says what the ledger says, to the cent, and the programs that read it find nothing wrong with it."""

import csv
import io
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from beancount import loader
from beancount.core.data import Transaction

from earnest.accounting import fec, plaintext, plan, tables, xlsx
from earnest.book import clock, journal, ledger, policy
from earnest.book.ledger import Span
from earnest.core.entries import CHART, DEBIT
from earnest.core.money import major
from earnest.core.refusals import Invalid
from tests import scene
from tests.accounting import fec_rules, hledger_rules, random_book
from tests.faces.test_cli_business import run

pytestmark = pytest.mark.django_db

SETTINGS = """
[seller]
name = "Boatyard SAS"
siren = "732829320"

[plan.bank]
number = "5121"
label = "Comptes en euros"

[rates.USD]
"""
SPANS = (
    Span(),
    Span(date(2026, 1, 1), date(2026, 12, 31)),
    Span(date(2027, 1, 1), date(2027, 12, 31)),
    Span(date(2026, 6, 15), date(2027, 5, 3)),
    Span(until=date(2026, 9, 1)),
)


@pytest.fixture(params=(1,))
def book(
    db: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[clock.ManualClock]:
    """A book of about two years, of a maker who writes invoices."""
    known = replace(policy.current(), seller_country="FR")
    monkeypatch.setattr(policy, "current", lambda: known)
    manual = scene.begin()
    random_book.run(manual, request.param)
    yield manual
    scene.finish()


@pytest.fixture
def small_book(db: None) -> Iterator[None]:
    """A book in which nothing has moved."""
    scene.begin()
    yield
    scene.finish()


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """Of a French maker who knows what a dollar is worth."""
    months = [f"{year}-{month:02d}" for year in range(2025, 2031) for month in range(1, 13)]
    file = tmp_path / "accounts.toml"
    file.write_text(SETTINGS + "".join(f'"{month}" = "0.8621"\n' for month in months))
    return file


def moved(span: Span) -> dict[tuple[str, str], tuple[int, int]]:
    """(account, currency) -> (debits, credits), as the trial balance has them."""
    return {
        (line.account, line.currency): (line.debit_minor, line.credit_minor)
        for line in ledger.trial(span)
        if line.debit_minor or line.credit_minor
    }


def standing(span: Span) -> dict[tuple[str, str], Decimal]:
    """(account, currency) -> balance, debits positive, as plain text formats count."""
    return {
        (line.account, line.currency): Decimal(major(line.balance_minor, line.currency))
        * (1 if line.side == DEBIT else -1)
        for line in ledger.trial(span)
        if line.balance_minor
    }


def test_the_reader_gives_each_entry_once_and_their_sums_are_the_trial_balance(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for span in SPANS:
        whole = list(journal.movements(span))
        monkeypatch.setattr(journal, "_PORTION", 7)
        assert list(journal.movements(span)) == whole
        sums: dict[tuple[str, str], list[int]] = {}
        for row in whole:
            for n, account in enumerate((row.debit, row.credit)):
                sums.setdefault((account, row.currency), [0, 0])[n] += row.amount_minor
        assert {slot: tuple(each) for slot, each in sums.items()} == moved(span)
        assert len({(row.act, row.n) for row in whole}) == len(whole)
        assert journal.count(span) == len({row.act for row in whole}) == len(list(journal.writings(span)))


def test_csv_adds_up_to_the_ledger(book: clock.ManualClock) -> None:
    for span in SPANS:
        rows = list(csv.DictReader(io.StringIO("".join(tables.csv_lines(span)))))
        sums: Counter[tuple[str, str, str]] = Counter()
        for row in rows:
            sums[row["debit"], row["currency"], "d"] += int(row["amount_minor"])
            sums[row["credit"], row["currency"], "c"] += int(row["amount_minor"])
            assert row["number"] and row["type"] and int(row["seq"]) >= 1
        assert {(a, c): (sums[a, c, "d"], sums[a, c, "c"]) for a, c, _ in sums} == moved(span)


def test_beancount_finds_no_error_and_has_our_balances(book: clock.ManualClock) -> None:
    for span in SPANS:
        entries, errors, _ = loader.load_string("".join(plaintext.beancount(span)))
        assert errors == []
        sums: Counter[tuple[str, str]] = Counter()
        for entry in entries:
            for posting in entry.postings if isinstance(entry, Transaction) else ():
                account = posting.account.split(":")[1].lower()
                sums[account, posting.units.currency] += posting.units.number
        assert {slot: left for slot, left in sums.items() if left} == standing(span)


def test_beancount_notices_a_row_that_is_missing(book: clock.ManualClock) -> None:
    text = "".join(plaintext.beancount(Span()))
    blocks = text.split("\n\n")
    _, errors, _ = loader.load_string("\n\n".join(blocks[:5] + blocks[6:]))
    assert errors and "Balance failed" in str(errors[0].message)


def test_hledger_would_find_no_error_and_has_our_balances(book: clock.ManualClock) -> None:
    for span in SPANS:
        found = hledger_rules.check("".join(plaintext.hledger(span)))
        assert {(a.split(":")[1], c): left for (a, c), left in found.items() if left} == standing(span)


def test_hledger_itself_finds_no_error_and_has_our_balances(book: clock.ManualClock, tmp_path: Path) -> None:
    """The program, where the machine has it; elsewhere the strict reader above stands in for it."""
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("this machine has no hledger")
    file = tmp_path / "books.hledger"
    for span in SPANS:
        file.write_text("".join(plaintext.hledger(span)), encoding="utf-8")
        asked = [program, "-f", str(file)]
        subprocess.run([*asked, "check", "--strict"], check=True, env={"LANG": "C.UTF-8"})
        balances = [*asked, "balance", "--flat", "--no-total", "--output-format", "csv"]
        said = subprocess.run(
            balances, check=True, env={"LANG": "C.UTF-8"}, capture_output=True, text=True
        ).stdout
        _, *rows = csv.reader(io.StringIO(said))
        found = {
            (account.split(":")[1], currency): Decimal(amount)
            for account, amounts in rows
            for amount, currency in (each.split() for each in amounts.split(", "))
        }
        assert found == standing(span)


def test_the_reader_of_hledger_files_notices_what_is_wrong(book: clock.ManualClock) -> None:
    text = "".join(plaintext.hledger(Span()))
    blocks = text.split("\n\n")
    with pytest.raises(ValueError, match="stands there"):
        hledger_rules.check("\n\n".join(blocks[:5] + blocks[6:]))
    with pytest.raises(ValueError, match="does not balance"):
        hledger_rules.check(text.replace("  -", "  ", 1))


def test_a_workbook_opens_and_adds_up(book: clock.ManualClock, tmp_path: Path) -> None:
    for span in SPANS:
        file = tmp_path / "books.xlsx"
        with file.open("wb") as into:
            tables.xlsx(span, into)
        workbook = openpyxl.load_workbook(file, read_only=True)
        assert workbook.sheetnames == ["Trial balance", "Entries"]
        heads, *rows = workbook["Entries"].iter_rows(values_only=True)
        sums: Counter[tuple[Any, Any, str]] = Counter()
        for row in rows:
            line = dict(zip(heads, row, strict=True))
            sums[line["debit"], line["currency"], "d"] += round(float(line["amount"]) * 100)
            sums[line["credit"], line["currency"], "c"] += round(float(line["amount"]) * 100)
        assert {(a, c): (sums[a, c, "d"], sums[a, c, "c"]) for a, c, _ in sums} == moved(span)
        _, *balances = workbook["Trial balance"].iter_rows(values_only=True)
        assert len(balances) == len(ledger.trial(span))


@pytest.mark.once
def test_a_sheet_that_is_full_goes_on_and_no_text_is_a_formula(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 4)
    with (tmp_path / "x.xlsx").open("wb") as into, xlsx.Workbook(into) as made:
        made.sheet("A", ("text", "money"))
        for n in range(7):
            made.row(("=1+1 <&> \x01 é", (-105 * n, 2)))
    read = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert read.sheetnames == ["A", "A 2", "A 3"]
    assert [sheet.max_row for sheet in read] == [4, 4, 2]
    assert read["A"]["A2"].value == "=1+1 <&> \ufffd é" and read["A"]["A2"].data_type == "s"
    assert read["A"]["B3"].value == -1.05


# --- FEC


def accounts(rows: list[dict[str, str]], called: plan.Plan, *, opening: bool) -> dict[str, Decimal]:
    """Account of the chart -> debits less credits, in euros."""
    by_number = {named.number: name for name, named in called.accounts.items()} | {"110": "result"}
    sums: dict[str, Decimal] = {}
    for row in rows:
        if (row["JournalCode"] == "AN") <= opening:
            name = by_number[row["CompteNum"]]
            left = fec_rules.amount(row["Debit"]) - fec_rules.amount(row["Credit"])
            sums[name] = sums.get(name, Decimal()) + left
    return {name: left for name, left in sums.items() if left}


@pytest.mark.parametrize("year", (2026, 2027))
def test_a_fec_keeps_the_regulation_and_equals_the_ledger(
    book: clock.ManualClock, settings_file: Path, year: int
) -> None:
    called, span = plan.load(settings_file), Span(date(year, 1, 1), date(year, 12, 31))
    rows = fec_rules.read(b"".join(fec.lines(span, called)))
    assert fec_rules.named(fec.name(span, called)) and fec.name(span, called) == f"732829320FEC{year}1231.txt"
    assert rows[0]["EcritureNum"] == "1"
    euros: Counter[tuple[str, str]] = Counter()
    dollars: Counter[str] = Counter()
    for row in rows:
        if row["JournalCode"] == "AN":
            continue
        if row["Idevise"]:
            dollars[row["CompteNum"]] += int(fec_rules.amount(row["Montantdevise"]) * 100)
        else:
            euros[row["CompteNum"], "Debit"] += int(fec_rules.amount(row["Debit"]) * 100)
            euros[row["CompteNum"], "Credit"] += int(fec_rules.amount(row["Credit"]) * 100)
    for (account, currency), (debit, credit) in moved(span).items():
        number = called.accounts[account].number
        if currency == "EUR":
            assert (euros[number, "Debit"], euros[number, "Credit"]) == (debit, credit), account
        else:
            assert dollars[number] == debit - credit, account


def test_a_year_opens_with_what_the_one_before_left(book: clock.ManualClock, settings_file: Path) -> None:
    called = plan.load(settings_file)
    first, second = (
        fec_rules.read(b"".join(fec.lines(Span(date(y, 1, 1), date(y, 12, 31)), called)))
        for y in (2026, 2027)
    )
    left = accounts(first, called, opening=True)
    opened: dict[str, Decimal] = {}
    for row in second:
        if row["JournalCode"] == "AN":
            name = {named.number: n for n, named in called.accounts.items()}.get(row["CompteNum"], "result")
            more = fec_rules.amount(row["Debit"]) - fec_rules.amount(row["Credit"])
            opened[name] = opened.get(name, Decimal()) + more
    cents = Decimal(len(first)) / 100  # dollars are rounded in sum here, and were one by one there
    for name, amount in opened.items():
        if name != "result":
            assert abs(amount - left[name]) <= (cents if name == "card-clearing" else 0), name
    assert sum(opened.values()) == 0


def test_a_part_of_a_year_has_the_numbers_of_the_whole(book: clock.ManualClock, settings_file: Path) -> None:
    called = plan.load(settings_file)
    for year in (2026, 2027):
        cut = date(year, 7, 14)
        whole = b"".join(fec.lines(Span(date(year, 1, 1), date(year, 12, 31)), called))
        first = b"".join(fec.lines(Span(date(year, 1, 1), cut), called))
        head, *second = fec.lines(Span(cut + timedelta(days=1), date(year, 12, 31)), called)
        assert first + b"".join(second) == whole and whole.startswith(head)


def test_the_validator_notices_what_the_regulation_forbids(
    book: clock.ManualClock, settings_file: Path
) -> None:
    data = b"".join(fec.lines(Span(date(2026, 1, 1), date(2026, 12, 31)), plan.load(settings_file)))
    lines = data.split(b"\r\n")
    for broken, rule in (
        (data.replace(b"\t", b";"), "18 fields"),
        (data.replace(b",00\t", b".00\t", 1), "no amount"),
        (b"\r\n".join(line for line in lines if line.split(b"\t")[2:3] != [b"2"]), "gap"),
        (b"\r\n".join(lines[:4] + lines[5:]), "balance"),
        (data[:-2], "does not end"),
    ):
        with pytest.raises(ValueError, match=rule):
            fec_rules.read(broken)


def test_a_financial_year_may_begin_in_another_month(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[seller]\nsiren = "732829320"\nyear_begins = "07-01"\n')
    called = plan.load(file)
    assert called.year_of(date(2026, 6, 30)) == Span(date(2025, 7, 1), date(2026, 6, 30))
    with pytest.raises(Invalid, match="cannot go over its end"):
        fec.check(Span(date(2026, 6, 1), date(2026, 7, 1)), called)


def test_the_packaged_plan_names_every_account_once() -> None:
    called = plan.load(plan.PACKAGED)
    assert set(called.accounts) == set(CHART)
    numbers = [named.number for named in called.accounts.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[seller", "cannot be read"),
        ("[sellers]\n", "no table"),
        ('[plan.cash]\nnumber = "530"\nlabel = "Caisse"', "no account of the ledger"),
        ('[plan.bank]\nnumber = "51"\nlabel = "Banque"', "three digits"),
        ('[plan.bank]\nnumber = "512"\nlabel = "银行"', "ISO 8859-15"),
        ('[seller]\nsiren = "123456789"', "no SIREN"),
        ('[seller]\nyear_begins = "13-01"', "year_begins"),
        ('[seller]\ncolour = "red"', "nothing that"),
        ('[rates.USD]\n"2026-11" = "x"', "a rate"),
    ],
)
def test_a_file_of_accounts_that_cannot_be_used_says_why(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(written)
    with pytest.raises(Invalid, match=r"^accounts\.toml") as raised:
        plan.load(file)
    assert said in str(raised.value)


# --- the command line


def test_the_command_writes_a_file_whole(
    book: clock.ManualClock, settings_file: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    year = ("--period", "2026", "--accounts", str(settings_file))
    assert run("export", "fec", *year, "--output", str(tmp_path)) == 0
    assert fec_rules.read((tmp_path / "732829320FEC20261231.txt").read_bytes())
    for form in ("beancount", "hledger", "csv", "xlsx"):
        assert run("export", form, "--to", "2027-03-01", "--output", str(tmp_path / form)) == 0
        assert (tmp_path / form).stat().st_size > 1000
    capfdbinary.readouterr()
    assert run("export", "csv", "--to", "2027-03-01") == 0
    assert capfdbinary.readouterr().out == (tmp_path / "csv").read_bytes()
    (tmp_path / "no-rates.toml").write_text("[seller]\n")
    without = ("--accounts", str(tmp_path / "no-rates.toml"), "--output", str(tmp_path / "no.txt"))
    assert run("export", "fec", "--period", "2026", *without) == 2
    assert b"has no rate of USD for 2026-" in capfdbinary.readouterr().err
    assert not (tmp_path / "no.txt").exists()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fec",), "of one financial year"),
        (("fec", "--from", "2026-01-01", "--to", "2027-01-31"), "cannot go over its end"),
        (("xlsx",), "give --output"),
        (("csv", "--from", "soon"), "A day is written as"),
        (("csv", "--period", "2026", "--to", "2026-01-01"), "Give --period, or"),
        (("csv", "--accounts", "x.toml"), "belongs to a FEC"),
        (("csv", "--output", "/nowhere/at/all"), "cannot be written"),
        (("sage",), "invalid choice"),
        (("fec", "--period", "2026", "--accounts", "/nowhere.toml"), "cannot be read"),
    ],
)
def test_what_was_asked_wrongly(
    small_book: None, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", *arguments) == 2
    assert said in capsys.readouterr().err
