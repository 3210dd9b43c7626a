"""Refunds through a bank that others wrote, over HTTP: paid, refused, returned, and paid to another account."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from earnest.book import clock, door, ledger, models, rebuild
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.management.commands.bank import Command
from earnest.rails.bank import pain001, paying
from tests import scene
from tests.outside import mock_bank
from tests.outside.mock_bank import OURS, Bank
from tests.outside.orders import BEN, due, make, paid, standing
from tests.outside.test_heirs import inherit
from tests.scene import state, types

#: Another account at the same bank.
OTHER_IBAN = "NL30MOCK0000000005"


@pytest.fixture
def book(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    yield scene.begin()
    scene.finish()


@pytest.fixture
def bank(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    with mock_bank.serving(scene.START) as bank:
        line = f"Boatyard, IBAN {bank.iban}, BIC MOCKNL2A"
        monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=line))
        monkeypatch.setenv("LOGNAME", "ana")
        yield bank


def bring(*files: Path) -> None:
    """`./earnest bank import` of what was fetched; what is for banks alone (pacs.004) is left."""
    for file in files:
        if "pacs" not in file.name:
            Command().run_from_argv(["./earnest", "bank", "import", str(file)])


def kinds(files: list[Path]) -> list[str]:
    return [file.name[5:13] for file in files]


def at_the_bank() -> int:
    return ledger.balances().get(("bank", "EUR"), 0)


@pytest.mark.parametrize("format", pain001.FORMATS)
def test_owed_ordered_accepted_debited_and_on_the_statement(
    book: clock.ManualClock, bank: Bank, tmp_path: Path, format: str
) -> None:
    numbers = [paid(300_000), paid(200_000, "Élise Nuñez", language="fr")]
    due(book, *numbers)
    bank.until(book.now())
    bank.fetch(tmp_path)
    order = make()
    data = paying.file_of(order, format)
    assert "0 findings" in bank.checked(data)
    answer = bank.pay(data)
    assert answer["status"] == "ACCP" and {each["outcome"] for each in answer["payments"]} == {"accepted"}
    first = bank.fetch(tmp_path)
    assert kinds(first) == ["pain.002", "camt.054"]
    bring(first[0])
    assert [standing(each)[0] for each in numbers] == ["requested"] * 2, "accepted is not yet paid"
    assert paying.order(order.number).answer == "ACCP"
    bring(first[1])
    assert [standing(each)[0] for each in numbers] == ["sent"] * 2
    book.advance(timedelta(days=1))
    bank.until(book.now())
    statements = bank.fetch(tmp_path)
    assert set(kinds(statements)) == {"camt.053"}
    acts = models.Act.objects.exclude(type="statement.imported").count()
    bring(*statements, *first, *statements)
    assert models.Act.objects.exclude(type="statement.imported").count() == acts, "all of it was known"
    assert at_the_bank() == 0 and ledger.balances().get(("refund-in-transit", "EUR"), 0) == 0
    assert list(rebuild.differences()) == []


def test_the_same_file_twice_is_refused_by_the_bank_and_pays_once(
    book: clock.ManualClock, bank: Bank, tmp_path: Path
) -> None:
    number = paid()
    due(book, number)
    bank.until(book.now())
    data = paying.file_of(make())
    assert bank.pay(data)["status"] == "ACCP"
    assert bank.pay(paying.file_of(paying.newest()[0]))["status"] == "RJCT"
    files = bank.fetch(tmp_path)
    assert kinds(files).count("pain.002") == 2 and "DUPL" in "".join(each.read_text() for each in files)
    bring(*reversed(files))
    assert standing(number)[0] == "sent" and types(number).count("refund.sent") == 1


def test_a_closed_account_is_refused_and_the_other_is_paid(
    book: clock.ManualClock, bank: Bank, tmp_path: Path
) -> None:
    closed, good = paid(300_000), paid(200_000, "Bo Lee")
    bank.hold("ADA", OTHER_IBAN, behaviour="closed-account")
    door.do_one(GiveAccount(**scene.HOLDER, number=closed, holder="Ada Moreau", iban=OTHER_IBAN))
    door.do_one(ConfirmAccount(**scene.HOLDER, number=closed, account=2))
    due(book, closed, good)
    bank.until(book.now())
    order = make()
    order = order if order.released_at else paying.release(order.number, BEN)
    assert bank.pay(paying.file_of(order))["status"] == "PART"
    bring(*bank.fetch(tmp_path))
    refund = state(closed).refunds[0]
    assert (refund.status, refund.why) == ("waiting", "account") and "refund.refused" in types(closed)
    assert standing(good)[0] == "sent" and at_the_bank() == 300_000


def test_too_little_money_at_the_bank_leaves_it_owed_to_the_same_account(
    book: clock.ManualClock, bank: Bank, tmp_path: Path
) -> None:
    number = paid()
    due(book, number)
    bank.until(book.now())
    bank.call("PATCH", f"/_mock/accounts/{OURS}", b'{"balance": 100, "behaviour": "insufficient-funds"}')
    assert bank.pay(paying.file_of(make()))["status"] == "RJCT"
    bring(*bank.fetch(tmp_path))
    assert standing(number)[:2] == ("owed", 1) and state(number).refunds[0].account == 1
    bank.call("PATCH", f"/_mock/accounts/{OURS}", b'{"balance": 900000, "behaviour": "accept"}')
    assert bank.pay(paying.file_of(make()))["status"] == "ACCP"
    bring(*bank.fetch(tmp_path))
    assert standing(number)[:2] == ("sent", 2) and at_the_bank() == 0


def test_a_file_that_the_bank_refuses_whole_is_owed_again(
    book: clock.ManualClock, bank: Bank, tmp_path: Path
) -> None:
    number = paid()
    due(book, number)
    bank.until(book.now())
    bank.behave(OURS, "reject-file")
    assert bank.pay(paying.file_of(make()))["status"] == "RJCT"
    bring(*bank.fetch(tmp_path))
    assert standing(number)[:2] == ("owed", 1) and at_the_bank() == 500_000


@pytest.mark.parametrize("reason", ["AC04", "MD07"])
def test_a_return_after_days_opens_the_debt_and_another_account_is_paid(
    book: clock.ManualClock, bank: Bank, tmp_path: Path, reason: str
) -> None:
    number = paid()
    due(book, number)
    bank.until(book.now())
    bank.behave(OURS, "return-later", days=3, reason=reason)
    assert bank.pay(paying.file_of(make()))["status"] == "ACCP"
    bring(*bank.fetch(tmp_path))
    assert standing(number)[0] == "sent" and at_the_bank() == 0
    book.advance(timedelta(days=5))
    bank.until(book.now())
    files = bank.fetch(tmp_path)
    assert "pacs.004" in kinds(files) and "camt.054" in kinds(files) and "camt.053" in kinds(files)
    bring(*files, *files)
    refund = state(number).refunds[0]
    dead = reason == "MD07"
    assert (refund.status, refund.why) == ("waiting", "heirs" if dead else "account")
    assert at_the_bank() == 500_000
    assert types(number).count("refund.returned") == 1 and types(number).count("refund.corrected") == 1
    told = [read.act for read in scene.reads.acts("reservation", number)]
    (returned,) = (act for act in told if act.type == "refund.returned")
    assert (returned.text("why"), returned.by) == (reason, "bank")
    assert models.Duty.objects.filter(kind="mail", key__contains="account_needed").exists() != dead
    if dead:
        inherit(number)
    holder = scene.holder(number)
    door.do_one(GiveAccount(**holder, number=number, holder="Ada Moreau", iban=OTHER_IBAN))
    door.do_one(ConfirmAccount(**holder, number=number, account=len(state(number).accounts)))
    book.advance(timedelta(hours=49))
    scene.work()
    bank.until(book.now())
    bank.behave(OURS, "accept")
    order = paying.release(make().number, BEN)
    assert bank.pay(paying.file_of(order))["status"] == "ACCP"
    asked = bank.call("GET", f"/_mock/payments/{order.transfers[0].end_to_end}")
    assert OTHER_IBAN in str(asked)
    bring(*bank.fetch(tmp_path))
    book.advance(timedelta(days=1))
    bank.until(book.now())
    bring(*bank.fetch(tmp_path))
    assert standing(number)[:2] == ("sent", 2) and at_the_bank() == 0
    assert types(number).count("refund.sent") == 2
    assert list(rebuild.differences()) == []


def test_a_bank_that_says_nothing_and_leaves_a_line_out_is_seen_by_the_notification(
    book: clock.ManualClock, bank: Bank, tmp_path: Path
) -> None:
    number = paid()
    due(book, number)
    bank.until(book.now())
    bank.behave(OURS, "silent")
    bank.pay(paying.file_of(make()))
    files = bank.fetch(tmp_path)
    assert "pain.002" not in kinds(files)
    bring(*files)
    assert standing(number)[0] == "sent"
