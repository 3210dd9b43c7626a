"""What a bank says of our own transfers: its answer to the file, debits, returns; in any order, twice or late."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from django.conf import settings

from earnest.book import clock, door, ledger, models, rebuild
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.payment_order import Order
from earnest.management.commands.bank import Command
from earnest.rails.bank import pain002, paying
from earnest.rails.bank.statement import Unreadable
from tests import scene
from tests.outside.bank_file import Line, camt
from tests.outside.orders import ACCOUNT, ANA, BEN, due, make, paid, standing
from tests.scene import state, types

OTHER_IBAN = "NL91ABNA0417164300"


@pytest.fixture(autouse=True)
def book(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    monkeypatch.setenv("LOGNAME", "ana")
    monkeypatch.chdir(tmp_path)
    yield scene.begin()
    scene.finish()


@pytest.fixture
def order(book: clock.ManualClock) -> Order:
    """One refund of 5,000 EUR, asked for in a file."""
    due(book, paid())
    return make()


def number(order: Order) -> str:
    return order.transfers[0].number


def one(end_to_end: str, status: str, why: str = "", amount: str = "") -> str:
    reason = f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else ""
    told = f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{escape(end_to_end)}</OrgnlEndToEndId>"
        f"<TxSts>{status}</TxSts>{reason}{told}</TxInfAndSts>"
    )


def report(order: str, *transfers: str, whole: str = "", why: str = "") -> str:
    reason = f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else ""
    status = f"<GrpSts>{whole}</GrpSts>" if whole else ""
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>B-1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{order}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}{reason}"
        f"</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{order}</OrgnlPmtInfId>{''.join(transfers)}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


def take(text: str, name: str = "answer.xml") -> int:
    """`./earnest bank import` of an answer; its exit code."""
    Path(name).write_text(text)
    return bring(name)


def bring(*names: str) -> int:
    try:
        Command().run_from_argv(["./earnest", "bank", "import", *names])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def debit(order: Order, **changed: Any) -> str:
    """A camt.053 with the debit of the first transfer."""
    line = Line("5000.00", "", bank="B7", end_to_end=order.transfers[0].end_to_end, debit=True)
    return camt(Path(f"{changed.pop('name', 'debit')}.xml"), replace(line, **changed))


def returned(order: Order, code: str = "AC04") -> str:
    line = Line("5000.00", "", bank="B8", end_to_end=order.transfers[0].end_to_end, returned=code)
    return camt(Path("returned.xml"), line)


def held() -> tuple[int, int, int]:
    found = ledger.balances()
    return (
        found.get(("bank", "EUR"), 0),
        found.get(("refund-in-transit", "EUR"), 0),
        found.get(("refund", "EUR"), 0),
    )


def count(kind: str) -> int:
    return models.Act.objects.filter(type=kind).count()


@pytest.mark.parametrize("status", ["ACSC", "ACCC"])
@pytest.mark.parametrize("whole", [True, False], ids=["of the file", "of the transfer"])
def test_accepted_and_settled_is_sent(order: Order, status: str, whole: bool) -> None:
    id = order.transfers[0].end_to_end
    text = report(order.number, whole=status) if whole else report(order.number, one(id, status))
    assert take(text) == 0
    assert standing(number(order))[0] == ("arrived" if status == "ACCC" else "sent")
    assert state(number(order)).refunds[0].reference == id
    assert held() == (0, 0, 0)
    assert paying.order(order.number).answer == (status if whole else "")
    before = models.Act.objects.count()
    assert take(text) == 0 and take(text.replace("B-1", "B-2"), "again.xml") == 0
    assert models.Act.objects.count() == before + 1, (
        "another file about the same is written down, and nothing else"
    )


@pytest.mark.parametrize("status", ["ACTC", "ACCP", "ACSP", "ACWC", "RCVD", "PDNG", "PART", "RCVC"])
def test_what_is_only_under_way_changes_nothing(order: Order, status: str) -> None:
    assert take(report(order.number, whole=status)) == 0
    assert standing(number(order)) == ("requested", 1, order.number) and held() == (500_000, 500_000, 0)
    assert paying.order(order.number).answer == status


@pytest.mark.parametrize(
    ("why", "after"),
    [("AC04", "account"), ("AC01", "account"), ("MD07", "heirs"), ("AM04", ""), ("FF01", "")],
)
def test_a_rejection_opens_the_debt_and_asks_for_another_account_where_it_is_the_accounts(
    order: Order, why: str, after: str
) -> None:
    assert take(report(order.number, one(order.transfers[0].end_to_end, "RJCT", why))) == 0
    refund = state(number(order)).refunds[0]
    assert (refund.status, refund.why) == (("waiting", after) if after else ("owed", ""))
    assert held() == (500_000, 0, 500_000)
    assert "refund.refused" in types(number(order)) and "refund.returned" not in types(number(order))
    asked = models.Duty.objects.filter(kind="mail", key__contains="account_needed").count()
    assert asked == (1 if after == "account" else 0)


@pytest.mark.parametrize("why", ["DUPL", "AM05", "DU01"])
def test_a_file_that_the_bank_has_already_is_under_way_and_not_refused(order: Order, why: str) -> None:
    """Uploaded twice, the second is rejected; the first one pays."""
    assert take(report(order.number, whole="RJCT", why=why)) == 0
    assert standing(number(order))[0] == "requested"
    assert bring(debit(order)) == 0
    assert standing(number(order))[0] == "sent"


def test_what_is_not_named_in_a_partly_accepted_file_waits(book: clock.ManualClock) -> None:
    due(book, paid(300_000), paid(300_000, "Bo Lee"))
    order = make()
    bad, good = order.transfers
    assert take(report(order.number, one(bad.end_to_end, "RJCT", "AC01"), whole="PART")) == 0
    assert (standing(bad.number)[0], standing(good.number)[0]) == ("waiting", "requested")
    assert take(report(order.number, one(bad.end_to_end, "RJCT", "AC01"), whole="ACSC"), "later.xml") == 0
    assert (standing(bad.number)[0], standing(good.number)[0]) == ("waiting", "sent")


def test_an_answer_about_something_else_is_said_to_be_none_of_ours(
    order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    before = models.Act.objects.count()
    assert take(report("PAY-000000000000", whole="RJCT")) == 0
    assert "no payment order of ours" in capsys.readouterr().out
    assert models.Act.objects.count() == before
    id = order.transfers[0].end_to_end
    assert take(report(order.number, one("XXXX", "RJCT"), one(id, "ACSC", amount="4999.99"))) == 0
    said = capsys.readouterr().out
    assert "has no such transfer" in said and "another amount" in said
    assert standing(number(order))[0] == "requested"


def test_a_dry_run_says_it_and_writes_nothing(order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.xml").write_text(report(order.number, one(order.transfers[0].end_to_end, "RJCT", "AC04")))
    before = models.Act.objects.count()
    assert bring("--dry-run", "a.xml") == 0
    assert "told: AC04" in capsys.readouterr().out and models.Act.objects.count() == before


@pytest.mark.parametrize("kind", ["053", "054"])
def test_a_debit_by_its_id_is_sent_once_whatever_file_tells_it(order: Order, kind: str) -> None:
    line = Line("5000.00", "", bank="B7", end_to_end=order.transfers[0].end_to_end, debit=True)
    file, other = (
        camt(Path("a.xml"), line, kind=kind),
        camt(Path("b.xml"), replace(line, bank=""), kind="054"),
    )
    assert bring(file) == bring(file) == bring(other) == bring(file, other) == 0
    assert count("refund.sent") == 1 and held() == (0, 0, 0)
    assert state(number(order)).refunds[0].sent_at == scene.START.replace(hour=0), "the day of the statement"


def test_the_same_whichever_comes_first_twice_or_late(book: clock.ManualClock) -> None:
    """All orders of the bank's answer, the debit in two files, and each once more: sent once, and nothing else."""
    ends = set()
    for n, order_of in enumerate(itertools.permutations(range(3))):
        ours = paid(500_000, f"Ada{n} Moreau")
        due(book, ours)
        order = make(short=True)
        id = order.transfers[0].end_to_end
        line = Line("5000.00", "", bank=f"B{n}", end_to_end=id, debit=True)
        files = [
            camt(Path(f"s{n}.xml"), line),
            camt(Path(f"n{n}.xml"), replace(line, bank=""), kind="054"),
            f"a{n}.xml",
        ]
        Path(files[2]).write_text(report(order.number, one(id, "ACSC")))
        for place in (*order_of, *order_of):
            assert bring(files[place]) == 0
        ends.add(tuple(kind for kind in types(ours) if kind.startswith("refund.")))
        assert standing(ours)[0] == "sent"
    assert ends == {("refund.owed", "refund.requested", "refund.sent")}
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize("files", list(itertools.permutations(("answer", "debit", "returned"))), ids="-".join)
def test_a_return_ends_in_an_open_debt_whatever_came_before_it(order: Order, files: tuple[str, ...]) -> None:
    Path("answer.xml").write_text(report(order.number, one(order.transfers[0].end_to_end, "ACSC")))
    debit(order), returned(order)
    for name in (*files, *files):
        assert bring(f"{name}.xml") == 0
    refund = state(number(order)).refunds[0]
    assert (refund.status, refund.why) == ("waiting", "account"), types(number(order))
    assert held() == (500_000, 0, 500_000)
    assert count("refund.sent") <= 1
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize("code", ["AC01", "AC04"])
def test_after_a_return_the_clock_begins_anew_and_another_account_is_paid(
    book: clock.ManualClock, order: Order, code: str
) -> None:
    ours = number(order)
    assert bring(debit(order)) == 0
    book.advance(timedelta(days=3))
    assert bring(returned(order, code)) == 0
    refund = state(ours).refunds[0]
    assert (refund.status, refund.why) == ("waiting", "account") and held() == (500_000, 0, 500_000)
    assert models.Duty.objects.filter(kind="refund_clock", state="waiting", key__contains=ours).exists()
    assert models.Duty.objects.filter(kind="mail", key__contains="account_needed").exists()
    door.do_one(GiveAccount(**scene.HOLDER, number=ours, holder="Ada Moreau", iban=OTHER_IBAN))
    door.do_one(ConfirmAccount(**scene.HOLDER, number=ours, account=2))
    assert state(ours).refunds[0].why == "hold", "an account that replaces another is held"
    book.advance(timedelta(hours=49))
    scene.work()
    refund = state(ours).refunds[0]
    assert refund.status == "owed" and refund.due_at > book.now(), "our promise runs anew"
    again = make()
    assert again.status == "prepared", "and it takes two operators"
    again = paying.release(again.number, BEN)
    assert again.transfers[0].end_to_end.endswith("-1-2")
    assert OTHER_IBAN.encode() in paying.file_of(again)
    late = camt(
        Path("late.xml"), Line("5000.00", bank="B9", end_to_end=order.transfers[0].end_to_end, debit=True)
    )
    assert bring(late) == 0 and standing(ours)[0] == "requested", "old news is no news of the second asking"
    assert bring(debit(again, name="second", bank="B10")) == 0
    assert standing(ours)[:2] == ("sent", 2) and held() == (0, 0, 0)


def test_a_debit_of_another_amount_is_for_a_person(order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(debit(order, amount="4999.00")) == 0
    assert bring("--dry-run", "debit.xml") == 0
    assert "another amount: a person must look" in capsys.readouterr().out
    assert standing(number(order))[0] == "requested"


def test_what_was_withdrawn_and_paid_after_all_is_sent(order: Order) -> None:
    """The second person was wrong: the bank had it. The money has left, so it is not paid again."""
    paying.withdraw(order.number, "never uploaded", BEN)
    assert standing(number(order))[0] == "owed"
    assert bring(debit(order)) == 0
    assert standing(number(order))[:2] == ("sent", 1) and held() == (0, 0, 0)
    assert paying.due().transfers == () and list(rebuild.differences()) == []


def test_what_was_paid_twice_is_said(order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    paying.withdraw(order.number, "never uploaded", BEN)
    again = make()
    assert bring(debit(again, name="second", bank="B10")) == 0
    debit(order)
    assert bring("--dry-run", "debit.xml") == 0
    assert "asked for again and paid: twice?" in capsys.readouterr().out


def test_a_whole_file_in_one_sum_is_all_of_it(book: clock.ManualClock) -> None:
    numbers = [paid(300_000), paid(200_000, "Bo Lee")]
    due(book, *numbers)
    order = make()
    text = Path(
        debit(replace(order, transfers=(order.transfers[0]._replace(number="K7QF-2M9X-4"),)))
    ).read_text()
    start, end = text.index("<NtryDtls>"), text.index("</NtryDtls>")
    whole = f"{text[:start]}<NtryDtls><Btch><PmtInfId>{order.number}</PmtInfId></Btch>{text[end:]}"
    Path("whole.xml").write_text(whole.replace("5000.00", "5000.01"))
    assert bring("whole.xml") == 0 and [standing(each)[0] for each in numbers] == ["requested"] * 2
    Path("whole.xml").write_text(whole)
    assert bring("whole.xml", "whole.xml") == 0
    assert [standing(each)[0] for each in numbers] == ["sent"] * 2 and held() == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (report("", whole="ACSC"), "what it answers"),
        (report("PAY-1", one("A", "GOOD")), "“GOOD” is no status"),
        (report("PAY-1", one("", "RJCT")), "without its end-to-end id"),
        (report("PAY-1", one("A", "RJCT"))[:-30], "not well-formed"),
        (report("PAY-1", one("A", "ACSC", amount="1.005")), "EUR has 2 decimals"),
        ("<!DOCTYPE x><Document><CstmrPmtStsRpt/></Document>", "document type"),
        ("<Document><CstmrPmtStsRpt></CstmrPmtStsRpt></Document>", "what it answers"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_whole(text: str, why: str, order: Order) -> None:
    with pytest.raises(Unreadable, match=why):
        pain002.read("a.xml", [text.encode()])
    before = models.Act.objects.count()
    assert take(text) == 2 and models.Act.objects.count() == before


def test_an_operator_who_made_the_file_may_bring_the_banks_word_but_not_their_own(order: Order) -> None:
    own = ReportRefund(
        **ANA,
        number=number(order),
        refund=1,
        attempt=1,
        outcome="sent",
        happened_at=scene.START,
        reference="trust me",
    )
    assert scene.refused(own).code == "second-person"
    assert scene.refused(replace(own, outcome="refused", reference="", **BEN)).code == "refund-in-order"
    assert bring(debit(order)) == 0 and standing(number(order))[0] == "sent"


@pytest.mark.parametrize(
    ("code", "answer"),
    [("RCVC", "match"), ("RVMC", "close-match"), ("RVNM", "no-match"), ("RVNA", "not-available")],
)
def test_verification_of_payee_is_written_down_and_blocks_nothing(
    order: Order, code: str, answer: str
) -> None:
    id, ours = order.transfers[0].end_to_end, number(order)
    text = report(order.number, one(id, code), whole="RVCM")
    assert take(text) == take(text) == 0
    assert state(ours).accounts[0].verified == answer and types(ours).count("account.verified") == 1
    assert standing(ours)[0] == "requested" and bring(debit(order)) == 0
    assert standing(ours)[0] == "sent" and list(rebuild.differences()) == []
    assert take(report(order.number, one(id, "RVNM")), "later.xml") == 0
    assert state(ours).accounts[0].verified == "no-match", "the newest answer counts"


def test_an_old_answer_says_nothing_of_what_came_back_since(order: Order) -> None:
    paying.withdraw(order.number, "never uploaded", BEN)
    Path("answer.xml").write_text(report(order.number, one(order.transfers[0].end_to_end, "ACSC")))
    debit(order)
    returned(order)
    assert [bring(f"{name}.xml") for name in ("answer", "debit", "returned")] == [0, 0, 0]
    assert standing(number(order))[0] == "waiting" and held()[2] == 500_000
    for name in ("answer", "debit", "returned"):
        bring(f"{name}.xml")
        assert standing(number(order))[0] == "waiting" and held()[2] == 500_000
    assert list(rebuild.differences()) == []
