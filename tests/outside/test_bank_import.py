"""A bank's files are booked: each entry once for ever, whatever files it is in and whenever the process dies."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from earnest.book import clock, crash, door, ledger, models, reads, rebuild, slices
from earnest.core import creditor_reference, end_to_end, entries, numbers
from earnest.core.commands.correct_deposit import ProposeCorrection
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refund import OWED, SENT, WAITING
from tests import scene
from tests.faces.test_cli_business import run
from tests.outside.bank_file import DAY, Line, camt, mt940
from tests.scene import pay, place, state, types, work

TABLES = (models.Act, models.Entry, models.Claim, models.Duty, models.Balance, models.Subject)


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    manual = scene.begin()
    manual.advance(timedelta(days=2))
    yield manual
    assert list(rebuild.differences()) == []
    scene.finish()


def reference(number: str) -> str:
    return creditor_reference.grouped(creditor_reference.of(number))


def held(account: str = entries.BANK, currency: str = "EUR") -> int:
    return ledger.balances().get((account, currency), 0)


def rows() -> list[int]:
    return [each.objects.count() for each in TABLES]


def totals(capsys: pytest.CaptureFixture[str], *files: str, code: int = 0) -> list[dict[str, int]]:
    """What became of the entries of each file, by outcome."""
    capsys.readouterr()
    assert run("bank", "import", *files, "--json") == code
    found: list[dict[str, int]] = []
    for line in capsys.readouterr().out.splitlines():
        found.append({})
        for row in json.loads(line).get("totals", []):
            found[-1][row["outcome"]] = found[-1].get(row["outcome"], 0) + row["entries"]
    return found


def kept() -> list[Any]:
    """The acts on our accounts at banks, in their order."""
    names = models.Subject.objects.filter(kind="bank").order_by("number").values_list("number", flat=True)
    return [read.act for name in names for read in reads.acts("bank", name)]


def test_a_credit_with_a_reference_is_the_deposit_of_its_reservation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    file = camt(tmp_path / "a.xml", Line("5000.00", reference(number), bank="B1"))
    assert totals(capsys, file) == [{"received": 1}]
    assert types(number)[-2:] == ["deposit.received", "reservation.confirmed"]
    (payment,) = state(number).payments
    assert (payment.rail, payment.amount_minor, payment.reference) == ("transfer", 500_000, "B1")
    assert payment.happened_at.date() == DAY
    assert held() == 500_000
    assert [act.type for act in kept()] == ["statement.imported"]


def test_a_number_that_begins_like_a_reference_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One number in a thousand begins with RF."""
    given = iter(each for n in range(99) if (each := numbers.number_from((24 * 32 + 15) * 32**6 + n)))
    monkeypatch.setattr(scene.ids, "number", lambda: next(given))
    by_number, by_reference = place(), place(name="Ben Ode")
    assert by_number.startswith("RF") and by_reference.startswith("RF")
    first = Line("5000.00", f"boat {by_number} thank you", bank="B1")
    second = Line("5000.00", reference(by_reference), bank="B2")
    assert totals(capsys, camt(tmp_path / "a.xml", first, second)) == [{"received": 2}]
    assert [state(each).paid_minor() for each in (by_number, by_reference)] == [500_000, 500_000]


def test_too_little_is_kept_and_too_much_is_owed_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    less, more = place(), place(name="Ben Okafor")
    file = camt(
        tmp_path / "a.xml",
        Line("4000.00", less, bank="B1"),
        Line("60000.00", more.replace("-", " "), bank="B2"),
    )
    assert totals(capsys, file) == [{"received": 2}]
    assert (state(less).status, state(less).paid_minor()) == ("placed", 400_000)
    assert state(more).owed_back() == {"EUR": 1_000_000}
    assert held() == 6_400_000


@pytest.mark.parametrize(
    "again",
    ["the same file", "another format", "fewer references"],
)
def test_what_was_booked_is_not_booked_again(
    again: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    lines = (
        Line("5000.00", number, bank="B1", end_to_end="E1"),
        Line("70.00", "for the boat", bank="B2", end_to_end="E2"),
    )
    first = camt(tmp_path / "a.xml", *lines)
    assert totals(capsys, first) == [{"received": 1, "unmatched": 1}]
    before = rows()
    bare = tuple(Line(each.amount, each.text, end_to_end=each.end_to_end) for each in lines)
    second = {
        "the same file": lambda: first,
        "another format": lambda: mt940(tmp_path / "a.sta", *lines),
        "fewer references": lambda: mt940(tmp_path / "a.sta", *bare),
    }[again]()
    assert totals(capsys, second, second) == [{"known already": 2}] * 2
    # The statement of another file is an act of its own; of the same one it is none.
    assert rows()[0] - before[0] == (again != "the same file")
    assert (held(), held(entries.UNMATCHED)) == (507_000, 7_000)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_overlapping_files_in_any_order_come_to_the_same(
    order: tuple[int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(name="Ben Okafor")
    lines = (
        Line("5000.00", one, bank="B1"),
        Line("5000.00", "no number"),
        Line("5000.00", "no number"),
        Line("5000.00", other, bank="B4", day=DAY + timedelta(days=1)),
    )
    files = (
        camt(tmp_path / "0.xml", *lines[:3]),
        camt(tmp_path / "1.xml", *lines[:2]),
        camt(tmp_path / "2.xml", *lines[1:]),
    )
    totals(capsys, *(files[n] for n in order))
    assert [state(number).paid_minor() for number in (one, other)] == [500_000, 500_000]
    assert (held(), held(entries.UNMATCHED)) == (2_000_000, 1_000_000)


@pytest.mark.parametrize("details_first", [True, False])
def test_the_details_of_an_entry_are_not_booked_beside_it(
    details_first: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(name="Ben Okafor")
    whole = camt(tmp_path / "053.xml", Line("10000.00", f"{one} {other}", bank="BATCH"))
    parts = [Line("5000.00", one, bank="BATCH", end_to_end="E1"), Line("5000.00", other, end_to_end="E2")]
    details = camt(tmp_path / "054.xml", parts, kind="054")
    files = (details, whole) if details_first else (whole, details)
    found = totals(capsys, *files)
    assert found == (
        [{"received": 2}, {"known already": 1}] if details_first else [{"divided": 1}, {"known already": 2}]
    )
    assert [state(number).paid_minor() for number in (one, other)] == [500_000, 500_000]
    assert (held(), held(entries.UNMATCHED)) == (1_000_000, 0)


def test_one_credit_is_divided_where_it_is_what_they_expect_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(2, name="Ben Okafor")
    file = camt(tmp_path / "a.xml", Line("15000.00", f"{one} + {other}", bank="B1"))
    assert totals(capsys, file) == [{"divided": 1}]
    assert [state(number).status for number in (one, other)] == ["confirmed", "confirmed"]
    assert [each.reference for each in state(one).payments] == ["B1/1"]
    assert [act.type for act in kept()] == ["statement.imported", "credit.unmatched", "credit.assigned"]
    assert (held(), held(entries.UNMATCHED)) == (1_500_000, 0)
    assert not models.Duty.objects.filter(kind__in=("divide", "take_shares")).exclude(state="done").exists()


def test_what_names_nobody_is_kept_with_all_that_its_payer_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, other = place(), place(name="Ben Okafor")
    file = camt(
        tmp_path / "a.xml",
        Line("5000.00", "for the boat", bank="B1", name="Ada Moreau"),
        Line("5000.00", f"{number[:-1]}", bank="B2"),
        Line("5000.00", number, bank="B3", currency="USD"),
        Line("9999.00", f"{number} and {other}", bank="B4"),
    )
    assert totals(capsys, file) == [{"unmatched": 4}]
    assert state(number).payments == state(other).payments == ()
    assert (held(entries.UNMATCHED), held(entries.UNMATCHED, "USD")) == (1_999_900, 500_000)
    first = kept()[1]
    assert first.type == "credit.unmatched"
    assert (first.text("name"), first.text("iban")) == ("Ada Moreau", scene.IBAN)
    assert first.fields["words"] == ["for the boat"] and first.text("reference") == "B1"


def test_pending_entries_and_plain_debits_are_not_booked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pending = Line("5000.00", number, bank="B1", status="PDNG")
    file = camt(tmp_path / "a.xml", pending, Line("12.00", f"rent {number}", bank="B2", debit=True))
    assert totals(capsys, file) == [{"debit": 1, "not booked": 1}]
    assert held() == 0
    later = camt(tmp_path / "b.xml", Line("5000.00", number, bank="B1"))
    assert totals(capsys, later) == [{"received": 1}]


def test_a_bad_file_is_refused_whole_and_the_others_are_booked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(name="Ben Okafor")
    good = camt(tmp_path / "good.xml", Line("5000.00", one, bank="B1"))
    bad = Path(camt(tmp_path / "bad.xml", Line("5000.00", other, bank="B2"), Line("1.00", other, bank="B3")))
    bad.write_text(bad.read_text().replace("1.00</Amt>", "1.005</Amt>"))
    before = rows()
    assert run("bank", "import", str(bad)) == 2
    assert "bad.xml is refused: line 6: EUR has 2 decimals" in capsys.readouterr().err
    assert rows() == before
    assert run("bank", "import", str(bad), str(tmp_path / "nowhere.xml"), good) == 2
    assert (state(one).paid_minor(), state(other).paid_minor()) == (500_000, 0)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, other = place(), place(name="Ben Okafor")
    file = camt(
        tmp_path / "a.xml",
        Line("4000.00", number, bank="B1"),
        Line("4000.00", number, bank="B1"),
        Line("6000.00", f"{number} {other}", bank="B2"),
        Line("6000.00", "hello", bank="B3"),
    )
    before = rows()
    assert run("bank", "import", "--dry-run", file) == 0
    out = capsys.readouterr().out
    assert rows() == before
    assert "under by 1000.00 EUR" in out and "dry run: nothing was written" in out
    capsys.readouterr()
    assert run("bank", "import", "--dry-run", file, "--json") == 0
    (would,) = (json.loads(line)["totals"] for line in capsys.readouterr().out.splitlines())
    assert run("bank", "import", file, "--json") == 0
    (did,) = (json.loads(line)["totals"] for line in capsys.readouterr().out.splitlines())
    assert would == did
    assert {row["outcome"]: row["amount_minor"] for row in did} == {
        "received": 400_000,
        "known already": 400_000,
        "unmatched": 1_200_000,
    }


def test_a_transfer_recorded_by_hand_is_not_booked_again_nor_the_other_way_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(name="Ben Okafor")
    pay(one, 500_000, "transfer", "B1")
    lines = (
        Line("5000.00", one, bank="B1"),
        Line("5000.00", other, bank="B2"),
        Line("1.00", "for nothing", bank="B3"),
    )
    assert totals(capsys, camt(tmp_path / "a.xml", *lines)) == [
        {"received": 1, "unmatched": 1, "known already": 1}
    ]
    for taken in ("B2", "B3"):
        assert run("receive", other, "5000", "EUR", "--reference", taken) in (0, 3)
    assert held() == 1_000_100
    assert len(state(other).payments) == 1


def test_another_amount_than_was_recorded_by_hand_is_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pay(number, 500_000, "transfer", "B1")
    assert totals(capsys, camt(tmp_path / "a.xml", Line("4990.00", number, bank="B1"))) == [{"unmatched": 1}]
    assert state(number).paid_minor() == 500_000


def correct(number: str, right: int, to: str = "") -> None:
    seq = state(number).payments[-1].seq
    given: dict[str, Any] = {"payment": seq, "right_minor": right, "to": to, "why": "Misread."}
    door.do_one(ProposeCorrection(**scene.MAKER, number=number, **given))
    work()


@pytest.mark.parametrize(("booked", "right"), [(500_000, 500_000), (400_000, 500_000), (500_000, 0)])
def test_a_statement_finds_what_was_recorded_by_hand_where_a_correction_brought_it(
    booked: int, right: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where it was said never to have come, it has come after all."""
    wrong, other = place(), place(name="Ben Okafor")
    pay(wrong, booked, "transfer", "B1")
    correct(wrong, right, other if right else "")
    told = camt(tmp_path / "a.xml", Line("5000.00", "" if right else other, bank="B1"))
    assert totals(capsys, told, told) == [
        {"known already" if right else "received": 1},
        {"known already": 1},
    ]
    assert (held(), held(entries.UNMATCHED), state(other).paid_minor()) == (500_000, 0, 500_000)


def test_the_sum_that_a_statement_told_of_is_right_and_whose_it_is_can_be_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, other, third = place(), place(name="Ben Okafor"), place(name="Cleo Faure")
    came = camt(tmp_path / "a.xml", Line("5000.00", wrong, bank="B1"))
    totals(capsys, came)

    def refusal(number: str, right: int, to: str) -> str:
        payment = state(number).payments[-1].seq
        wish = ProposeCorrection(
            **scene.MAKER, number=number, payment=payment, right_minor=right, to=to, why="Misread."
        )
        return scene.refused(wish).code

    assert [refusal(wrong, right, to) for right, to in ((0, ""), (1, ""), (400_000, other))] == [
        "the-banks-sum"
    ] * 3
    correct(wrong, 500_000, other)
    assert (state(wrong).paid_minor(), state(other).paid_minor(), held()) == (0, 500_000, 500_000)
    # It is still the bank's sum where it is now.
    assert refusal(other, 0, "") == "the-banks-sum"
    correct(other, 500_000, third)
    # The bank takes it back, by its own reference: from where it is.
    later = DAY + timedelta(days=1)
    gone = camt(tmp_path / "b.xml", Line("5000.00", bank="B1", debit=True, reversal=True, day=later))
    assert totals(capsys, came, gone, gone) == [{"known already": 1}, {"taken back": 1}, {"known already": 1}]
    assert [state(each).paid_minor() for each in (wrong, other, third)] == [0, 0, 0]
    assert (held(), held(entries.UNMATCHED), "deposit.reversed" in types(third)) == (0, 0, True)


def test_a_bank_that_uses_its_reference_again_loses_no_money(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = place(), place(name="Ben Okafor")
    file = camt(
        tmp_path / "a.xml",
        Line("5000.00", one, bank="1"),
        Line("5000.00", other, bank="1", day=DAY + timedelta(days=1)),
    )
    assert totals(capsys, file) == [{"received": 2}]
    assert [state(number).paid_minor() for number in (one, other)] == [500_000, 500_000]


class Died(BaseException):
    """As SIGKILL would: nothing of the process's own catches it."""


@pytest.mark.parametrize("place_of", ["before-commit", "after-commit"])
@pytest.mark.parametrize("nth", range(1, 7))
def test_killed_anywhere_it_is_begun_again_and_nothing_is_lost_or_doubled(
    place_of: str,
    nth: int,
    book: clock.ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("earnest.rails.bank.booking._CHUNK", 2)
    numbers = [place(name=name) for name in ("Ada Moreau", "Ben Okafor", "Cleo Park", "Dan Ruiz")]
    parts = [Line("100.00", f"part {n}", bank="BATCH", end_to_end=f"E{n}") for n in range(3)]
    file = camt(
        tmp_path / "a.xml",
        Line("5000.00", numbers[0], bank="B1"),
        Line("10000.00", f"{numbers[1]} {numbers[2]}", bank="B2"),
        parts,
        Line("5000.00", numbers[3], bank="B3"),
    )
    times = 0

    def dies(where: str) -> None:
        nonlocal times
        times += where == place_of
        if times == nth and where == place_of:
            raise Died

    crash.use(dies)
    try:
        with pytest.raises(Died):
            run("bank", "import", file)
    finally:
        crash.use(None)
    assert run("bank", "import", file) == 0
    # The lease of whoever died runs out.
    book.advance(timedelta(minutes=3))
    scene.work()
    assert [state(number).paid_minor() for number in numbers] == [500_000] * 4
    assert (held(), held(entries.UNMATCHED)) == (2_030_000, 30_000)
    assert totals(capsys, file) == [{"known already": 6}]


def sent(number: str) -> str:
    """The deposit goes back by hand; the end-to-end id under which it left."""
    scene.account(number)
    scene.cancel(number)
    (refund,) = state(number).refunds
    door.do_one(RequestRefund(**scene.MAKER, number=number, refund=refund.n))
    asked = state(number).refund(refund.n)
    assert asked is not None
    said = end_to_end.of(number, refund.n, asked.attempt)
    door.do_one(
        ReportRefund(
            **scene.OTHER,
            number=number,
            refund=refund.n,
            attempt=asked.attempt,
            outcome="sent",
            happened_at=clock.now(),
            reference="OUT-1",
        )
    )
    return said


@pytest.mark.parametrize("named", ["our id", "the reference that was written down"])
def test_a_refund_that_came_back_is_owed_again_and_its_clock_runs(
    named: str, book: clock.ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pay(number, 100_000, "transfer")
    ours = sent(number)
    (refund,) = state(number).refunds
    assert (refund.status, held()) == (SENT, 0)
    book.advance(timedelta(days=3))
    line = Line("1000.00", "", bank="B9", end_to_end=ours if named == "our id" else "OUT-1", returned="AC04")
    file = camt(tmp_path / "a.xml", line)
    assert totals(capsys, file, file) == [{"came back": 1}, {"known already": 1}]
    (refund,) = state(number).refunds
    assert refund.status == WAITING and refund.why == "account"
    assert state(number).owed_back() == {"EUR": 100_000}
    assert held() == 100_000
    assert types(number)[-3:] == ["refund.returned", "refund.corrected", "refund.held"]
    clocks = models.Duty.objects.filter(kind="refund_clock", key__startswith=f"refund_clock/{number}/")
    assert clocks.filter(state="waiting").exists()
    scene.account(number)
    assert state(number).refunds[0].status in (OWED, WAITING)


@pytest.mark.parametrize(
    "line",
    [
        Line("999.00", bank="B9", end_to_end="ours", returned="MD07"),
        Line("1000.00", bank="B9", end_to_end="X370-1-1", returned="AC01"),
        Line("1000.00", bank="B9", returned="AC01"),
    ],
)
def test_a_return_that_is_not_the_whole_refund_is_for_a_person(
    line: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pay(number, 100_000, "transfer")
    ours = sent(number)
    said = Line(**{**line.__dict__, "end_to_end": ours if line.end_to_end == "ours" else line.end_to_end})
    assert totals(capsys, camt(tmp_path / "a.xml", said)) == [{"unmatched": 1}]
    assert state(number).refunds[0].status == SENT
    assert kept()[-1].text("returned") == line.returned


def test_a_return_that_an_operator_told_before_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    pay(number, 100_000, "transfer")
    ours = sent(number)
    back: dict[str, Any] = {"number": number, "refund": 1, "attempt": 1, "outcome": "returned"}
    door.do_one(ReportRefund(**scene.MAKER, **back, happened_at=clock.now(), why="AC04"))
    line = Line("1000.00", bank="B9", end_to_end=ours, returned="AC04")
    assert totals(capsys, camt(tmp_path / "a.xml", line)) == [{"known already": 1}]
    assert held() == 100_000


@pytest.mark.parametrize("named", ["by the bank", "by its number"])
def test_a_deposit_that_the_bank_takes_back(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place()
    came = camt(tmp_path / "a.xml", Line("5000.00", number, bank="B1"))
    bank, text = ("B1", "") if named == "by the bank" else ("B7", number)
    later = DAY + timedelta(days=1)
    gone = camt(tmp_path / "b.xml", Line("5000.00", text, bank=bank, debit=True, reversal=True, day=later))
    assert totals(capsys, came, gone, gone) == [{"received": 1}, {"taken back": 1}, {"known already": 1}]
    assert "deposit.reversed" in types(number)
    assert (state(number).paid_minor(), held()) == (0, 0)


def test_a_credit_that_nobody_settles_is_an_alarm_by_its_name(
    book: clock.ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("bank", "import", camt(tmp_path / "a.xml", Line("3.00", bank="B1")))
    book.advance(timedelta(days=5))
    run("bank", "import", camt(tmp_path / "b.xml", Line("4.00", bank="B2")))
    capsys.readouterr()
    assert run("check") == 0 and "alarm" not in capsys.readouterr().out
    book.advance(timedelta(days=1))
    assert run("check") == 0
    out = capsys.readouterr().out
    assert "3.00 EUR has stood on bank-unmatched for more than 5 days (370400440532013000/1)" in out
    assert "4.00 EUR" not in out
    assert run("check", "--json") == 0
    assert [each["item"] for each in json.loads(capsys.readouterr().out)["alarms"]] == [
        "370400440532013000/1"
    ]


def test_the_sums_of_the_ledger_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = place()
    totals(capsys, camt(tmp_path / "a.xml", Line("5000.00", number, bank="B1"), Line("3.00", bank="B2")))
    slices.close(clock.now())
    assert (held(), held(entries.UNMATCHED)) == (500_300, 300)
