"""Refunds by transfer in the console: two steps, two people over the limit, the file, and the bank's word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from earnest.book import clock, ledger, looks, models, reads
from earnest.rails.bank import paying
from tests import scene
from tests.faces.console_desk import fresh_key, logged_in, press
from tests.faces.test_portal_pages import read
from tests.outside.bank_file import Line, camt
from tests.outside.orders import ACCOUNT, due, paid, standing
from tests.outside.test_bank_answers import one, report

PAGE = "/console/refunds/transfers/"
NEW = f"{PAGE}new/"


@pytest.fixture(autouse=True)
def book(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    yield scene.begin()
    scene.finish()


def body(response: Any) -> str:
    return str(response.content.decode())


def made(client: Client, **data: Any) -> Any:
    return press(client, NEW, NEW, order=paying.due().number, **data)


def upload(client: Client, text: str, name: str = "answer.xml") -> Any:
    file = SimpleUploadedFile(name, text.encode(), "application/xml")
    return client.post(f"{PAGE}answers/", {"once": fresh_key(client, PAGE), "file": file})


def test_two_steps_with_totals_and_the_file_at_the_end(book: clock.ManualClock) -> None:
    number = paid()
    waiting = paid(name="Bo Lee")
    due(book, number)
    scene.cancel(waiting)
    ana = logged_in("ana")
    page = body(ana.get(PAGE))
    assert "€5,000.00" in page and "can still be taken back by the customer" in page
    page = body(ana.get(NEW))
    assert (
        "1 transfer to make" in page and "Ada Moreau" in page and "…2606" in page and scene.IBAN not in page
    )
    response = made(ana)
    order = paying.newest()[0]
    assert response.status_code == 302 and response.url == f"{PAGE}{order.number}/"
    assert standing(number) == ("requested", 1, order.number)
    page = body(ana.get(response.url))
    assert "Download the file" in page and "only another operator can withdraw it" in page
    file = ana.get(f"{response.url}file/")
    assert file.content == paying.file_of(order) and scene.IBAN in body(file)
    assert file["Content-Disposition"] == f'attachment; filename="{order.number}.xml"'
    assert "no-store" in file["Cache-Control"]
    assert ("operator:ana", "bank") in [(each.who, each.what) for each in looks.at(number)]
    page = body(ana.get(f"/console/reservations/{number}/refunds/1/"))
    assert "do not pay it by hand" in page and scene.IBAN not in page and "It is sent" not in page
    page = body(logged_in("ben").get(f"/console/reservations/{number}/refunds/1/"))
    assert "The bank gives no file: it is sent" in page and "It was refused or came back" not in page


def test_what_changed_meanwhile_is_looked_at_again(book: clock.ManualClock) -> None:
    first = paid()
    due(book, first)
    ana, seen = logged_in("ana"), paying.due().number
    second = paid(name="Bo Lee")
    book.advance(timedelta(days=4))
    scene.cancel(second)
    book.advance(timedelta(hours=1))
    response = press(ana, NEW, NEW, order=seen)
    assert response.status_code == 409 and "What is due has changed" in body(response)
    assert [standing(each)[0] for each in (first, second)] == ["owed"] * 2
    assert made(ana).status_code == 302
    assert [standing(each)[0] for each in (first, second)] == ["requested"] * 2


def test_over_the_limit_two_people(book: clock.ManualClock) -> None:
    numbers = [paid(500_000, name) for name in ("Ada Moreau", "Bo Lee", "Cy Ray")]
    due(book, *numbers)
    ana, ben = logged_in("ana"), logged_in("ben")
    assert "over the limit for one operator" in body(ana.get(NEW))
    address = made(ana).url
    assert "another operator must release it" in body(ana.get(address))
    assert press(ana, PAGE, f"{address}release/").status_code == 409
    assert ana.get(f"{address}file/").status_code == 409
    assert press(ben, address, f"{address}release/").status_code == 302
    assert [standing(each)[0] for each in numbers] == ["requested"] * 3
    assert press(ben, PAGE, f"{address}withdraw/", why="no").status_code == 409
    assert press(ana, address, f"{address}withdraw/", why="").status_code == 422
    assert press(ana, address, f"{address}withdraw/", why="The portal refused it.").status_code == 302
    assert [standing(each)[0] for each in numbers] == ["owed"] * 3


def test_too_little_money_takes_a_word(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    number = paid()
    due(book, number)
    monkeypatch.setattr(ledger, "balances", lambda: {("bank", "EUR"): 400_000})
    ana = logged_in("ana")
    assert "€1,000.00" in body(ana.get(NEW))
    response = made(ana)
    assert response.status_code == 409 and "1000.00 EUR are missing" in body(response)
    assert standing(number)[0] == "owed"
    assert made(ana, short="yes").status_code == 302 and standing(number)[0] == "requested"


def test_the_banks_word_is_taken_in(book: clock.ManualClock, tmp_path: Any) -> None:
    good, bad = paid(), paid(400_000, "Bo Lee")
    due(book, good, bad)
    ana = logged_in("ana")
    made(ana)
    order = paying.newest()[0]
    ids = {each.number: each.end_to_end for each in order.transfers}
    said = body(upload(ana, report(order.number, one(ids[bad], "RJCT", "AC04"), whole="PART")))
    assert ids[bad] in said and "AC04" in said and "under way" in said
    line = Line("5000.00", bank="B1", end_to_end=ids[good], debit=True)
    statement = open(camt(tmp_path / "s.xml", line)).read()
    assert "refunds that left" in body(upload(ana, statement, "s.xml"))
    assert "known already" in body(upload(ana, statement, "s.xml"))
    assert (standing(good)[0], standing(bad)[0]) == ("sent", "waiting")
    sent = next(read.act for read in reads.acts("reservation", good) if read.act.type == "refund.sent")
    assert (sent.by, sent.text("person"), sent.text("via")) == ("bank", "operator:ana", "console")
    page = body(ana.get(f"{PAGE}{order.number}/"))
    assert "no confirmed bank account yet" in page and "PART" in page


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "empty"), ("hello", "neither"), ("<html></html>", "HTML"), ("<Document>", "well-formed")],
)
def test_a_bad_file_is_refused_with_its_reason(book: clock.ManualClock, text: str, why: str) -> None:
    before = models.Act.objects.count()
    response = upload(logged_in("ana"), text)
    assert response.status_code == 422 and why in body(response) and models.Act.objects.count() == before


def test_nothing_is_there_for_strangers_and_for_wrong_numbers() -> None:
    assert Client().get(PAGE).status_code == 302
    ana = logged_in("ana")
    for step in ("", "file/"):
        assert ana.get(f"{PAGE}PAY-000000000000/{step}").status_code == 404
    assert "No refund is due by transfer." in body(ana.get(NEW))


def test_the_holder_reads_where_the_money_is(book: clock.ManualClock) -> None:
    number = paid()
    due(book, number)
    order = paying.make(paying.due(), scene.MAKER)
    assert "Our bank has been asked to pay it to your account." in read(number)
    ana = logged_in("ana")
    id = order.transfers[0].end_to_end
    upload(ana, report(order.number, one(id, "ACSC")))
    page = read(number)
    assert "Sent to your bank on" in page and id in page
    upload(ana, report(order.number, one(id, "RJCT", "AC04")), "later.xml")
    page = read(number)
    assert "the account is closed" in page and "Please give another account" in page
    assert "Donnez un autre compte" in read(number, language="fr")
