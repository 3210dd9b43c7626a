"""Invoices, credit notes and statements as people get them: portal, console, command line; data and paper."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from earnest.accounting import documents
from earnest.book import clock, door, ledger, links, models, outbox, policy, rebuild
from earnest.core.acts import ERASED
from earnest.core.commands.convert import Convert
from earnest.core.commands.erase import Erase
from earnest.core.commands.give_address import GiveAddress
from earnest.core.money import major
from earnest.core.refusals import Missing
from earnest.seller import Seller
from earnest.web.telling import sheets
from tests import scene
from tests.faces.console_desk import logged_in
from tests.faces.test_cli_business import run
from tests.faces.visitor import browser, inside, once, text
from tests.scene import cancel, pass_on, pay, place, refused, state, work

MAKER = Seller("Boatyard SAS", ("1 quai des Forges", "44000 Nantes"), "FR", "732829320", "FR44732829320")
FILE = """[seller]
name = "Boatyard SAS"
address = ["1 quai des Forges", "44000 Nantes"]
country = "FR"
siren = "732829320"
vat_number = "FR44732829320"
"""


@pytest.fixture(autouse=True)
def book(
    db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[clock.ManualClock]:
    """A book whose maker is known by a file of accounts, as an installation has it."""
    file = tmp_path / "accounts.toml"
    file.write_text(FILE)
    settings.EARNEST = replace(settings.EARNEST, accounts=file)
    policy.current.cache_clear()
    yield scene.begin()
    scene.finish()
    policy.current.cache_clear()


def sold() -> str:
    """Two deposits of a price of 100,000.00 with tax, and a sale; the number."""
    number = place()
    pay(number)
    pay(number, 1_000_000, "transfer")
    door.do_one(Convert(**scene.MAKER, number=number, sale="S-7"))
    work()
    return number


def words(pdf: bytes) -> str:
    """Everything that a document says."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_file_of_accounts_names_the_maker_and_so_documents_are_issued() -> None:
    number = sold()
    assert [each.number for each in state(number).invoices] == [
        "DEP-2026-000001",
        "DEP-2026-000002",
        "INV-2026-000001",
    ]
    final = documents.one(number, "INV-2026-000001")
    assert final.seller == MAKER and final.sale == "S-7" and final.buyer == "Ada Moreau"
    assert (final.gross_minor, final.tax_minor, final.net_minor) == (10_000_000, 1_666_667, 8_333_333)
    assert (final.deducted_minor, final.deducted_tax_minor, final.due_minor) == (
        1_500_000,
        250_000,
        8_500_000,
    )
    assert documents.find("DEP-2026-000002").paid_minor == 1_000_000
    assert documents.find("DEP-2026-000002").source == "CGI, art. 269, 2, a"


def test_a_holder_finds_documents_and_statement_in_the_portal() -> None:
    number = sold()
    client = inside(number)
    page = text(client.get(f"/my/{number}/").content)
    assert "Invoice INV-2026-000001" in page and "Deposit invoice DEP-2026-000001" in page
    assert "Next: the rest of the price" in page and f"Please transfer €85,000.00 and write {number}" in page
    answer = client.get(f"/my/{number}/documents/INV-2026-000001/")
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    said = words(answer.content)
    for each in ("Boatyard SAS", "FR44732829320", "Ada Moreau", "Invoice INV-2026-000001", "S-7", "Tax 20%"):
        assert each in said, each
    for each in ("Deposits invoiced: DEP-2026-000001, DEP-2026-000002", "-€15,000.00", "€85,000.00"):
        assert each in said, each
    data = json.loads(client.get(f"/my/{number}/documents/DEP-2026-000001/?as=json").content)
    assert (data["gross_minor"], data["tax_minor"], data["seller"]["siren"]) == (500_000, 83_333, "732829320")
    assert client.get(f"/my/{number}/documents/INV-2026-000009/").status_code == 404
    assert client.get(f"/my/{number}/documents/INV-2026-000001/?as=doc").status_code == 404
    other = place(name="Bo Lind")
    assert inside(other).get(f"/my/{other}/documents/INV-2026-000001/").status_code == 404


def test_each_holder_has_the_documents_made_out_to_them_and_no_other() -> None:
    number = place()
    pay(number)
    work()
    pass_on(number)
    pay(number, 1_000_000, "transfer")
    door.do_one(Convert(**scene.MAKER, number=number, sale="S-7"))
    work()
    client = browser()
    client.get(f"/link/{links.make('portal', number, holder=1)}/")
    page = client.get(f"/my/{number}/").content.decode()
    assert "documents/DEP-2026-000002/" in page and "documents/DEP-2026-000001/" not in page
    for form in ("", "?as=json"):
        assert client.get(f"/my/{number}/documents/DEP-2026-000001/{form}").status_code == 404
    for called in ("DEP-2026-000002", "INV-2026-000001"):
        said = words(client.get(f"/my/{number}/documents/{called}/").content)
        assert "Cleo Bram" in said and "Belgium" in said and "Ada" not in said
    assert "Cleo Bram" in words(client.get(f"/my/{number}/statement/").content)
    first, final = documents.one(number, "DEP-2026-000001"), documents.one(number, "INV-2026-000001")
    assert (first.buyer, first.buyer_country) == ("Ada Moreau", "FR")
    assert final.of == ("DEP-2026-000001", "DEP-2026-000002") and final.deducted_minor == 1_500_000
    with pytest.raises(Missing):
        documents.one(number, "INV-2026-000001", holder=0)
    console = logged_in().get(f"/console/reservations/{number}/documents/DEP-2026-000001/")
    assert "Ada Moreau" in words(console.content)


def test_the_address_that_a_holder_gives_stands_on_what_is_issued_from_then_on() -> None:
    number = place()
    client, page = inside(number), f"/my/{number}/address/"
    assert "Give your address first" in text(client.get(f"/my/{number}/").content)
    pay(number)
    work()
    assert "Yours should name your postal address" in text(client.get(f"/my/{number}/").content)
    assert client.post(page, {"street": "", "city": ""} | once(client, page)).status_code == 422
    given = {"street": "12 rue du Port", "street_more": "", "postcode": "29000", "city": "Quimper"}
    assert client.post(page, given | once(client, page)).status_code == 302
    assert "12 rue du Port 29000 Quimper" in text(client.get(f"/my/{number}/").content)
    assert 'value="29000"' in client.get(page).content.decode()
    pay(number, 1_000_000, "transfer")
    work()
    before, after = (documents.one(number, f"DEP-2026-00000{n}") for n in (1, 2))
    assert (before.buyer_lines, after.buyer_lines) == ([], ["12 rue du Port", "29000 Quimper"])
    said = words(client.get(f"/my/{number}/documents/DEP-2026-000002/").content)
    assert "Ada Moreau 12 rue du Port 29000 Quimper France" in said
    assert "12 rue du Port" in words(client.get(f"/my/{number}/statement/").content)
    assert "12 rue du Port" in text(logged_in().get(f"/console/reservations/{number}/").content)
    # Whoever has it next is asked for theirs, and reads nothing of this one.
    pass_on(number)
    other = browser()
    other.get(f"/link/{links.make('portal', number, holder=1)}/")
    for rest in ("", "address/", "acts/"):
        assert "rue du Port" not in other.get(f"/my/{number}/{rest}").content.decode()
    assert documents.one(number, "DEP-2026-000002").buyer_lines == ["12 rue du Port", "29000 Quimper"]
    assert list(rebuild.differences()) == []


def test_an_address_goes_with_the_name_and_its_acts_fold_to_the_same() -> None:
    number = place()
    given = {"street": "12 rue du Port", "postcode": "29000", "city": "Quimper"}
    door.do_one(GiveAddress(**scene.HOLDER, number=number, **given))
    cancel(number)
    door.do_one(Erase(**scene.MAKER, number=number, cls="identity"))
    assert state(number).address is ERASED
    assert list(rebuild.differences()) == []
    assert "rue du Port" not in inside(number).get(f"/my/{number}/").content.decode()


def test_without_invoices_nobody_is_asked_for_an_address(tmp_path: Path, settings: Any) -> None:
    settings.EARNEST = replace(settings.EARNEST, accounts=tmp_path / "none.toml")
    policy.current.cache_clear()
    number = place()
    client = inside(number)
    assert "/address/" not in client.get(f"/my/{number}/").content.decode()
    assert client.get(f"/my/{number}/address/").status_code == 404


def test_an_earlier_holders_name_is_kept_as_long_as_their_documents(book: clock.ManualClock) -> None:
    number = place()
    pay(number)
    work()
    for name in ("Cleo Bram", "Dan Okafor"):
        pass_on(number, f"{name.split()[0]}@example.org".lower(), name)
    first = Erase(**scene.MAKER, number=number, cls="identity", holder=0)
    assert "until 2036-12-31" in str(refused(first))
    # Whoever held it without a document may be forgotten, also while it lives.
    door.do_one(replace(first, holder=1))
    assert documents.one(number, "DEP-2026-000001").buyer == "Ada Moreau"
    book.advance(timedelta(days=366 * 11))
    door.do_one(first)
    assert documents.one(number, "DEP-2026-000001").buyer == "—"


def test_the_same_document_in_french_and_always_the_same_bytes() -> None:
    number = sold()
    answer = inside(number, "fr").get(f"/my/{number}/documents/DEP-2026-000001/")
    said = words(answer.content)
    assert "Facture d'acompte DEP-2026-000001" in said.replace("’", "'") and "Le bateau" in said
    assert "TVA exigible à l'encaissement" in said.replace("’", "'")
    found = documents.one(number, "DEP-2026-000001", "fr")
    assert sheets.invoice(found, "fr") == sheets.invoice(found, "fr") == answer.content


def test_a_statement_says_what_the_ledger_holds(book: clock.ManualClock) -> None:
    number = place(2)
    pay(number, 1_000_000)
    pay(number, 250_000, "transfer")
    cancel(number, 1)
    held, owed = (
        sum(
            row.amount_minor
            for row in ledger.account_rows(ledger.account(f"{cls}:{number}"), "EUR", ledger.Span())
        )
        for cls in ("deposit", "refund")
    )
    assert held and owed and held + owed == 1_250_000
    client = inside(number)
    said = words(client.get(f"/my/{number}/statement/").content)
    assert f"Held for you €{float(major(held, 'EUR')):,.2f}" in said
    assert f"Owed back to you €{float(major(owed, 'EUR')):,.2f}" in said
    assert "Refund 1" in said and "Deposit by card" in said and "€2,500.00" in said
    assert "Statement of deposits and refunds (PDF)" in text(client.get(f"/my/{number}/").content)
    french = words(inside(number, "fr").get(f"/my/{number}/statement/").content)
    assert "Relevé des acomptes et des remboursements" in french and "Gardé pour vous" in french


def test_the_console_has_them_too_and_notes_who_looked() -> None:
    number = sold()
    client = logged_in()
    page = client.get(f"/console/reservations/{number}/").content.decode()
    assert "INV-2026-000001" in page and "Statement of deposits and refunds" in page
    answer = client.get(f"/console/reservations/{number}/documents/INV-2026-000001/")
    assert "Boatyard SAS" in words(answer.content)
    assert client.get(f"/console/reservations/{number}/statement/").content.startswith(b"%PDF")
    assert client.get(f"/console/reservations/{number}/documents/XYZ/").status_code == 404
    assert client.get("/console/reservations/3BB0-J47G-Q/statement/").status_code == 404

    assert set(models.Look.objects.values_list("what", flat=True)) >= {"document", "statement"}


def test_mail_and_page_about_the_sale_ask_for_the_rest_with_everything_to_be_copied(settings: Any) -> None:
    line = "Boatyard, IBAN FR76 3000 6000 0112 3456 7890 189, BIC EARNFRP1"
    settings.EARNEST = replace(settings.EARNEST, bank_account=line)
    number = sold()
    mail = models.Mail.objects.get(template="converted")
    body = (outbox.kept(mail.key) or b"").decode().replace("=\r\n", "").replace("=\n", "")
    page = inside(number).get(f"/my/{number}/transfer/").content.decode()
    assert f"write {number} as the" in body and "85,000.00" in body and 'pick">85000.00<' in page
    for each in ("FR76 3000 6000 0112 3456 7890 189", "EARNFRP1"):
        assert each in body and f'pick">{each}<' in page
    pay(number, 8_500_000, "transfer", "the-rest")
    assert inside(number).get(f"/my/{number}/transfer/").status_code == 302


def test_the_command_lists_writes_and_refuses(
    book: clock.ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = sold()
    cancel(number)
    book.advance(timedelta(hours=2))
    work()
    assert run("invoices", number) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "DEP-2026-000001",
        "DEP-2026-000002",
        "INV-2026-000001",
        "CRN-2026-000001",
    ]
    assert run("invoices", "--csv", "--year", "2026") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["number"] for row in rows] == [
        "CRN-2026-000001",
        "DEP-2026-000001",
        "DEP-2026-000002",
        "INV-2026-000001",
    ]
    assert rows[0]["of"] == "INV-2026-000001" and rows[3]["due_minor"] == "8500000"
    assert run("invoices", "CRN-2026-000001", "--output", str(tmp_path / "c.pdf"), "--lang", "fr") == 0
    assert "Correction de INV-2026-000001" in words((tmp_path / "c.pdf").read_bytes())
    assert run("invoices", "INV-2026-000001", "--output", str(tmp_path / "i.json")) == 0
    assert json.loads((tmp_path / "i.json").read_text())["sale"] == "S-7"
    capsys.readouterr()
    for arguments, code, said in (
        (("INV-2026-000009",), 2, "no document"),
        (("INV-2026-x",), 2, "no document"),
        ((number, "--year", "2026"), 2, "Give a number or a year"),
        (("--output", str(tmp_path / "x.pdf")), 2, "Say which document"),
        (("INV-2026-000001", "--output", str(tmp_path / "x.doc")), 2, "is none of these"),
        (("INV-2026-000001", "--output", "/nowhere/x.pdf"), 2, "cannot be written"),
    ):
        assert run("invoices", *arguments) == code
        assert said in capsys.readouterr().err


def test_a_maker_who_becomes_known_later_issues_what_lacks(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    known = settings.EARNEST.accounts
    settings.EARNEST = replace(settings.EARNEST, accounts=tmp_path / "none.toml")
    policy.current.cache_clear()
    number = sold()
    assert state(number).invoices == ()
    assert run("invoices", "--issue") == 3
    assert "must name the seller" in capsys.readouterr().err
    settings.EARNEST = replace(settings.EARNEST, accounts=known)
    policy.current.cache_clear()
    assert run("invoices", "--issue") == 0 and run("invoices", "--issue") == 0
    assert len(state(number).invoices) == 3


def test_an_erased_name_is_called_so_and_the_sums_stay() -> None:
    number = sold()
    found = documents.one(number, "INV-2026-000001")
    erased = replace(found, buyer="—", buyer_vat="")
    assert "€100,000.00" in words(sheets.invoice(erased, "en"))
