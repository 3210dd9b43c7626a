"""Paying by transfer: everything to be copied, and a code that another's reader understands; in pages and in mails."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from django.conf import settings

from earnest.book import clock, models, outbox
from earnest.config import BadSetting, load
from earnest.core import creditor_reference, epc_code
from earnest.core.offer import Instalment
from earnest.core.payee import Payee
from earnest.post import codes
from tests import scene
from tests.faces.test_cli_business import run
from tests.faces.test_receipt_codes import drawn, read
from tests.faces.visitor import inside, text
from tests.outside.bank_file import Line, camt
from tests.scene import book as book
from tests.scene import pay, place

LINE = "Corvane Works, IBAN FR76 3000 6000 0112 3456 7890 189, BIC EARNFRP1"
TRANSFER = (Instalment(1, 500_050, "transfer", 0), Instalment(2, 4_500_000, "transfer", 100))


@pytest.fixture
def maker(book: clock.ManualClock) -> Iterator[None]:
    """The maker's account is set, and offers are paid by transfer: in euros and in dollars."""
    before = settings.EARNEST
    settings.EARNEST = replace(before, bank_account=LINE)
    scene.offer("kayak", plan=TRANSFER)
    scene.offer("canoe", plan=TRANSFER, currency="USD")
    yield
    settings.EARNEST = before


def code_on(page: str) -> str:
    """What the page's code says."""
    found = re.search(r'class="receipt-code"[^>]*>(<svg.*?</svg>)', page, re.DOTALL)
    return read(drawn(found[1])) if found else ""


@pytest.mark.parametrize("where", ["", "transfer/"])
def test_the_page_has_what_a_banking_app_asks_for(where: str, maker: None) -> None:
    number = place(slug="kayak")
    answer = inside(number).get(f"/my/{number}/{where}")
    page, plain = answer.content.decode(), text(answer.content)
    reference = creditor_reference.of(number)
    for each in ("FR76 3000 6000 0112 3456 7890 189", "EARNFRP1", "Corvane Works", "5000.50"):
        assert f'pick">{each}<' in page
    assert creditor_reference.grouped(reference) in plain and number in plain
    assert code_on(page).split("\n") == [
        *("BCD", "002", "1", "SCT", "EARNFRP1", "Corvane Works", "FR7630006000011234567890189"),
        *("EUR5000.50", "", reference),
    ]
    assert "<script" not in page


def test_in_another_currency_there_is_no_code(maker: None) -> None:
    number = place(slug="canoe")
    page = inside(number).get(f"/my/{number}/transfer/").content.decode()
    assert "5000.50</span> USD" in page and code_on(page) == "" and "banking app" not in page


def test_what_is_left_of_it_is_asked_for(maker: None) -> None:
    number = place(slug="kayak")
    pay(number, 100_000, "transfer")
    assert "EUR4000.50" in code_on(inside(number).get(f"/my/{number}/transfer/").content.decode())


def test_an_account_without_an_iban_is_shown_as_it_is_and_none_is_asked_for(maker: None) -> None:
    number = place(slug="kayak")
    for line, said in (
        ("Works, routing 021000021", "Works, routing 021000021"),
        ("", "Write to us for the account."),
    ):
        settings.EARNEST = replace(settings.EARNEST, bank_account=line)
        page = text(inside(number).get(f"/my/{number}/transfer/").content)
        assert said in page and f"write {number} as the reference" in page


def test_where_nothing_is_to_be_transferred_the_reservation_is_shown(maker: None) -> None:
    card, over = place(), place(slug="kayak", name="Ben Okafor")
    scene.cancel(over)
    for number in (card, over):
        assert inside(number).get(f"/my/{number}/transfer/")["Location"] == f"/my/{number}/"
    assert inside(card).get(f"/my/{over}/transfer/").status_code == 404


@pytest.mark.parametrize(("language", "label"), [("en", "To transfer"), ("fr", "À virer")])
def test_the_mail_has_the_same_and_leads_to_the_page(language: str, label: str, maker: None) -> None:
    number = place(slug="kayak", language=language)
    scene.work()
    raw = outbox.kept(models.Mail.objects.get(subject__number=number).key)
    mail = message_from_bytes(raw or b"", policy=SMTP)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    assert part is not None
    body = part.get_content().replace("\u00a0", " ").replace("\u202f", " ")
    reference = creditor_reference.grouped(creditor_reference.of(number))
    for each in (label, "FR76 3000 6000 0112 3456 7890 189", "EARNFRP1", reference):
        assert each in body
    (address,) = set(re.findall(r"https?://[^/\s]+(/link/\S+\.transfer\.\S+/)", body))
    assert inside(number).get(address)["Location"] == f"/my/{number}/transfer/"


def test_what_the_page_says_is_matched_when_it_comes(maker: None, tmp_path: Any) -> None:
    number = place(slug="kayak")
    page = inside(number).get(f"/my/{number}/transfer/").content.decode()
    reference = re.search(r'pick">(RF[0-9A-Z ]+)<', page)
    assert reference
    assert run("bank", "import", camt(tmp_path / "a.xml", Line("5000.50", reference[1], bank="B1"))) == 0
    assert scene.state(number).status == "confirmed"


@pytest.mark.once
def test_the_longest_code_is_read_and_has_no_more_than_version_13() -> None:
    longest = epc_code.data(Payee("é" * 70, "FR7630006000011234567890189", "EARNFRP1XXX"), 10**10, "R" * 25)
    assert read(drawn(codes.transfer(longest))) == longest
    with pytest.raises(ValueError, match="version 13"):
        codes.transfer("é" * 300)


@pytest.mark.once
def test_a_setting_with_a_slip_is_refused_at_the_start() -> None:
    with pytest.raises(BadSetting, match="EARNEST_BANK_ACCOUNT has an IBAN that is not valid"):
        load({"EARNEST_BANK_ACCOUNT": "Works, IBAN FR76 3000 6000 0112 3456 7890 188"})
