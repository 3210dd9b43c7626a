"""Refunds leave by transfer: one order, one file, each refund once, and nothing half-made."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from sepaxml.validation import try_valid_xml

from earnest.book import clock, crash, door, models, policy, rebuild
from earnest.book import ledger as books
from earnest.core.commands.book_entry import BookStatement, Statement
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refusals import Missing, Refusal, Refused
from earnest.rails.bank import own_account, pain001, paying
from earnest.rails.bank.fingerprint import account_name
from tests import scene
from tests.outside.orders import ACCOUNT, ANA, BEN, due, make, paid, standing
from tests.scene import IBAN, state, types

ORDER = Path(__file__).with_name("order.xml")
OTHER_IBAN = "DE89370400440532013000"


@pytest.fixture(autouse=True)
def book(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    policy.current.cache_clear()
    yield scene.begin()
    scene.finish()
    policy.current.cache_clear()


def texts(data: bytes, name: str) -> list[str]:
    """What every element of a name says, in order."""
    root = ElementTree.fromstring(data)  # noqa: S314 our own document
    return [node.text or "" for node in root.iter() if node.tag.endswith(f"}}{name}")]


def on(account: str) -> int:
    return books.balances().get((account, "EUR"), 0)


def test_all_that_is_due_leaves_in_one_file(book: clock.ManualClock) -> None:
    one, other = paid(), paid(300_000, "Élise Nuñez", language="fr")
    due(book, one, other)
    assert (on("bank"), on("refund-in-transit")) == (800_000, 0)
    order = make()
    assert (order.status, order.total_minor, len(order.transfers)) == ("released", 800_000, 2)
    assert standing(one) == standing(other) == ("requested", 1, order.number)
    assert (on("bank"), on("refund-in-transit"), on("refund")) == (800_000, 800_000, 0)
    data = paying.file_of(order)
    assert sorted(texts(data, "EndToEndId")) == sorted(f"{n.replace('-', '')}-1-1" for n in (one, other))
    assert texts(data, "MsgId") == texts(data, "PmtInfId") == [order.number]
    assert texts(data, "CtrlSum") == ["8000.00", "8000.00"] and texts(data, "NbOfTxs") == ["2", "2"]
    assert texts(data, "Nm")[:2] == ["Boatyard Sons"] * 2
    assert sorted(texts(data, "Nm")[2:]) == ["Ada Moreau", "Elise Nunez"]
    assert sorted(said.split()[0] for said in texts(data, "Ustrd")) == ["Refund", "Remboursement"]
    assert paying.due().transfers == ()
    with pytest.raises(Refused, match="No refund is due"):
        make()
    assert list(rebuild.differences()) == []


@pytest.mark.once
@pytest.mark.parametrize("format", pain001.FORMATS)
@pytest.mark.parametrize("account", [ACCOUNT, ACCOUNT.partition(", BIC")[0]])
def test_the_file_is_what_the_schema_asks_for(
    book: clock.ManualClock, format: str, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=account))
    due(book, paid(name="Łukasz “Ł” Žižek <& co>"))
    data = paying.file_of(make(), format)
    try_valid_xml(data, format)
    assert texts(data, "Nm")[-1] == "Lukasz L Zizek co"
    with pytest.raises(Exception, match="validation errors"):
        try_valid_xml(data.replace(b"EUR", b"EURO"), format)


def test_the_same_order_is_the_same_bytes_for_ever(book: clock.ManualClock) -> None:
    """The file of a story told by seed, as it was when this test was written: a bank may have it."""
    due(book, paid(), paid(300_000, "Élise Nuñez", language="fr"))
    order = make()
    first = paying.file_of(order)
    book.advance(timedelta(days=400))
    assert paying.file_of(paying.order(order.number.lower())) == first
    assert first == ORDER.read_bytes()


def test_what_can_still_be_taken_back_is_not_sent(book: clock.ManualClock) -> None:
    number = paid()
    book.advance(timedelta(days=4))
    scene.cancel(number)
    found = paying.due()
    assert found.transfers == () and [(each.number, each.why) for each in found.left] == [(number, "pause")]
    book.advance(timedelta(hours=1))
    assert [each.number for each in paying.due().transfers] == [number]


def test_what_no_file_can_carry_is_named_with_the_reason(book: clock.ManualClock) -> None:
    american, turkish = (scene.place(name=name) for name in ("Bo Lee", "Can Ay"))
    for number in (american, turkish):
        scene.pay(number, 500_000, "transfer")
    dollars = paid(name="Dee Ray")
    door.do_one(
        GiveAccount(
            **scene.HOLDER,
            number=american,
            holder="Bo Lee",
            country="US",
            account_number="12345678",
            routing="021000021",
        )
    )
    door.do_one(
        GiveAccount(**scene.HOLDER, number=turkish, holder="Can Ay", iban="TR330006100519786457841326")
    )
    for number in (american, turkish):
        door.do_one(ConfirmAccount(**scene.HOLDER, number=number, account=1))
    due(book, american, turkish)
    wire = Paid("transfer", 9_900, "USD", "WIRE-9", book.now())
    door.do_one(ReceiveDeposit(**scene.MAKER, number=dollars, paid=wire))
    book.advance(timedelta(hours=1))
    found = paying.due()
    assert found.transfers == ()
    assert {each.number: each.why for each in found.left} == {
        american: "no-iban",
        turkish: "not-sepa",
        dollars: "not-euro",
    }


def test_too_little_money_is_refused_with_the_figures(book: clock.ManualClock) -> None:
    card = scene.place(name="Cy Card")
    scene.pay(card, 500_000, "card")
    scene.account(card, "Cy Card")
    one = paid()
    due(book, one)
    # The other is owed by transfer, too, and came by card: its money is not at the bank.
    door.do_one(_refuse_card(book, card))
    found = paying.due()
    assert (found.total_minor, found.funds.free_minor, found.short_minor) == (1_000_000, 500_000, 500_000)
    with pytest.raises(
        Refused, match=r"10000\.00 EUR are due .* has 5000\.00 EUR .* 5000\.00 EUR are missing"
    ):
        make()
    assert standing(one) == ("owed", 0, "") and not models.Subject.objects.filter(kind="order").exists()
    assert make(short=True).total_minor == 1_000_000


def _refuse_card(manual: clock.ManualClock, number: str) -> ReportRefund:
    """Its card is dead: the refund goes to the account."""
    scene.cancel(number)
    manual.advance(timedelta(hours=1))
    door.do_one(RequestRefund(by="system", via="worker", person="worker", number=number, refund=1))
    return ReportRefund(
        by="provider",
        via="stripe",
        number=number,
        refund=1,
        attempt=1,
        outcome="refused",
        happened_at=manual.now(),
        why="expired_card",
    )


def test_over_the_limit_another_operator_releases_it(book: clock.ManualClock) -> None:
    numbers = [paid(500_000, name) for name in ("Ada Moreau", "Bo Lee", "Cy Ray")]
    due(book, *numbers)
    order = make()
    assert order.status == "prepared" and [standing(each)[0] for each in numbers] == ["owed"] * 3
    with pytest.raises(Refused, match="prepared, so it has no file"):
        paying.file_of(order)
    with pytest.raises(Refused, match="Another operator must release"):
        paying.release(order.number, ANA)
    assert make().status == "prepared", "asked again by the same operator it is the same order"
    released = paying.release(order.number, BEN)
    assert (released.status, released.prepared_by, released.released_by) == (
        *("released", "operator:ana", "operator:ben"),
    )
    assert [standing(each) for each in numbers] == [("requested", 1, order.number)] * 3
    with pytest.raises(Refused, match="released already"):
        paying.release(order.number, BEN)


def test_an_account_that_replaced_another_takes_a_second_operator(book: clock.ManualClock) -> None:
    number = paid()
    door.do_one(GiveAccount(**scene.HOLDER, number=number, holder="Ada Moreau", iban=OTHER_IBAN))
    door.do_one(ConfirmAccount(**scene.HOLDER, number=number, account=2))
    due(book, number)
    order = make()
    assert order.status == "prepared" and order.transfers[0].account == 2
    assert paying.release(order.number, BEN).status == "released"
    assert OTHER_IBAN in texts(paying.file_of(paying.order(order.number)), "IBAN")


def test_what_has_changed_since_it_was_prepared_is_not_released(book: clock.ManualClock) -> None:
    numbers = [paid(500_000, name) for name in ("Ada Moreau", "Bo Lee", "Cy Ray")]
    due(book, *numbers)
    order = make()
    by_hand = {**scene.MAKER, "number": numbers[1], "refund": 1}
    door.do_one(RequestRefund(**by_hand))
    with pytest.raises(Refused, match="cannot be sent now"):
        paying.release(order.number, BEN)
    assert [standing(each)[0] for each in numbers] == ["owed", "requested", "owed"]
    again = make()
    assert again.number != order.number and again.status == "released" and len(again.transfers) == 2


def test_a_withdrawn_order_is_owed_again_to_the_same_accounts(book: clock.ManualClock) -> None:
    number = paid()
    due(book, number)
    order = make()
    with pytest.raises(Refused, match="Another operator"):
        paying.withdraw(order.number, "never uploaded", ANA)
    with pytest.raises(Refusal, match="Say why"):
        paying.withdraw(order.number, " ", BEN)
    assert paying.withdraw(order.number, "never uploaded", BEN).status == "withdrawn"
    assert (standing(number)[:2], state(number).refunds[0].account) == (("owed", 1), 1)
    assert on("refund-in-transit") == 0 and on("refund") == 500_000
    with pytest.raises(Refused, match="withdrawn, so it has no file"):
        paying.file_of(paying.order(order.number))
    again = make()
    assert again.number != order.number
    assert again.transfers[0].end_to_end == f"{number.replace('-', '')}-1-2"
    assert types(number)[-4:] == ["refund.requested", "refund.refused", "refund.owed", "refund.requested"]
    assert list(rebuild.differences()) == []


class PulledOut(Exception):
    """The plug, at the n-th statement."""


def pulled_at(n: int) -> Callable[..., Any]:
    count = itertools.count(1)

    def pull(execute: Callable[..., Any], *statement: Any) -> Any:
        if next(count) == n:
            raise PulledOut
        return execute(*statement)

    return pull


def test_killed_at_any_statement_it_is_all_or_nothing(book: clock.ManualClock) -> None:
    numbers = [paid(100_000, name) for name in ("Ada Moreau", "Bo Lee")]
    due(book, *numbers)
    found = paying.due()
    for n in range(1, 200):
        try:
            with connection.execute_wrapper(pulled_at(n)):
                paying.make(found, ANA)
        except PulledOut:
            made = models.Subject.objects.filter(kind="order").count()
            assert {standing(each)[0] for each in numbers} == ({"requested"} if made else {"owed"})
            if not made:
                continue
        break
    # On PostgreSQL a batch is written in fewer statements.
    assert n > 10, "the loop reached into the writing"
    order = paying.order(found.number)
    assert order.status == "released" and len(texts(paying.file_of(order), "EndToEndId")) == 2
    assert list(rebuild.differences()) == []


def test_a_crash_before_the_commit_leaves_nothing_and_after_it_the_whole_order(
    book: clock.ManualClock,
) -> None:
    number = paid()
    due(book, number)
    found = paying.due()
    for place, status in (("before-commit", "owed"), ("after-commit", "requested")):

        def die(here: str, place: str = place) -> None:
            if here == place:
                raise crash.Crash

        crash.use(die)
        try:
            with pytest.raises(crash.Crash):
                paying.make(found, ANA)
        finally:
            crash.use(None)
        assert standing(number)[0] == status
    order = paying.order(found.number)
    assert texts(paying.file_of(order), "EndToEndId") == [order.transfers[0].end_to_end]


def test_there_is_no_such_order() -> None:
    for number in ("PAY-000000000000", "", "K7QF-2M9X-4"):
        with pytest.raises(Missing, match="no payment order"):
            paying.order(number)


@pytest.mark.parametrize(
    ("day", "wanted"), [(2, 2), (6, 6), (7, 9), (8, 9), (9, 9)], ids=["Mon", "Fri", "Sat", "Sun", "Mon"]
)
def test_a_bank_is_asked_for_a_weekday(book: clock.ManualClock, day: int, wanted: int) -> None:
    assert paying.banking_day(scene.START.replace(day=day)) == date(2026, 3, wanted)


@pytest.mark.parametrize(
    "line", ["", "Boatyard", "IBAN FR7630006000011234567890189", "Boatyard, IBAN FR00 1234"]
)
def test_without_an_account_of_ours_nothing_is_paid(
    book: clock.ManualClock, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = paid()
    due(book, number)
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=line))
    with pytest.raises(Refused, match="has no account to pay from"):
        own_account.payer()
    with pytest.raises(Refused):
        make()
    assert standing(number) == ("owed", 0, "")
    assert IBAN not in line


def test_what_the_bank_said_last_counts_and_not_what_the_ledger_knows_of(book: clock.ManualClock) -> None:
    one, other = paid(300_000), paid(200_000, "Bo Lee")
    due(book, one)
    account = account_name(own_account.payer().iban)
    for n, closing, day in ((1, 450_000, 3), (2, 999_900, 1), (3, 100, 2)):
        until = date(2026, 3, day)
        said = Statement("0" * 64, n, "camt.053", "S", account, 0, 0, None, closing, "EUR", until)
        door.do_one(BookStatement(by="bank", via="cli", account=account, statement=said))
    funds = paying.due().funds
    assert (funds.bank_minor, funds.on, on("bank")) == (450_000, date(2026, 3, 3), 500_000)
    make()
    assert paying.due().funds.free_minor == 150_000, "what is asked for is gone"
    sent = ReportRefund(
        by="bank",
        via="cli",
        number=one,
        refund=1,
        attempt=1,
        outcome="sent",
        happened_at=book.now(),
        reference="R",
    )
    door.do_one(sent)
    assert paying.due().funds.free_minor == 150_000, "and what left since that statement"
    scene.cancel(other)
    book.advance(timedelta(hours=1))
    with pytest.raises(Refused, match=r"has 1500\.00 EUR for it: 500\.00 EUR are missing"):
        make()


def test_what_was_withdrawn_before_it_was_released_is_prepared_again(book: clock.ManualClock) -> None:
    due(book, *(paid(500_000, name) for name in ("Ada Moreau", "Bo Lee", "Cy Ray")))
    order = make()
    assert order.status == "prepared"
    paying.withdraw(order.number, "wrong day", ANA)
    again = make()
    assert (again.number, again.status) == (order.number, "prepared")
    assert paying.release(order.number, BEN).status == "released"
    assert list(rebuild.differences()) == []
