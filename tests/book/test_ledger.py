"""The trial balance and the rows of an account, against a naive sum over all entries; and the sums of closed slices."""

from collections import Counter
from datetime import date, timedelta

import pytest

from earnest.book import clock, door, ledger, models, rebuild, slices
from earnest.book.ledger import Span
from earnest.core import entries
from earnest.core.commands.convert import Convert
from earnest.core.commands.take_back import TakeBack
from earnest.core.refusals import Invalid, Missing
from earnest.record.canonical import b64
from tests import scene
from tests.scene import account, cancel, pay, place, work

book = scene.book

pytestmark = pytest.mark.django_db

EVER = Span()


def business(manual: clock.ManualClock, days: int = 3) -> list[str]:
    """Some days of deposits and cancellations; the numbers."""
    numbers = []
    for n in range(days):
        numbers.append(place(name=f"Person{n} Ode"))
        pay(numbers[-1])
        if n % 2:
            account(numbers[-1])
            cancel(numbers[-1])
            work()
        manual.advance(timedelta(days=1))
    return numbers


def naive(until: date | None = None, since: date | None = None) -> dict[tuple[str, str], tuple[int, int]]:
    """(account, currency) -> (debits, credits), row after row."""
    found: Counter[tuple[str, str, str]] = Counter()
    for entry in models.Entry.objects.select_related("act"):
        day = entry.act.at.date()
        if (until and day > until) or (since and day < since):
            continue
        for side in ("debit", "credit"):
            name = entries.class_of(getattr(entry, side))
            found[name, entry.currency, side] += entry.amount_minor
    return {(a, c): (found[a, c, "debit"], found[a, c, "credit"]) for a, c, _ in found}


def said(span: Span = EVER) -> dict[tuple[str, str], tuple[int, int]]:
    lines = ledger.trial(span)
    return {
        (each.account, each.currency): (each.debit_minor, each.credit_minor)
        for each in lines
        if each.debit_minor or each.credit_minor
    }


@pytest.mark.parametrize("closed", ["never", "half way", "at the end"])
def test_the_trial_balance_is_the_sum_of_all_entries_whatever_was_closed(
    book: clock.ManualClock, closed: str
) -> None:
    business(book)
    if closed == "half way":
        assert slices.close(book.now()) == 1
    business(book, days=2)
    if closed == "at the end":
        slices.close(book.now())
    assert said() == naive()
    for offset in range(-1, 8):
        day = scene.START.date() + timedelta(days=offset)
        assert said(Span(until=day)) == naive(until=day)
        assert said(Span(since=day, until=day + timedelta(days=1))) == naive(day + timedelta(days=1), day)
    for currency, debits, credits in ledger.totals(ledger.trial()):
        assert debits == credits > 0, currency


def test_what_was_brought_forward_and_what_moved_is_the_balance(book: clock.ManualClock) -> None:
    business(book, days=4)
    slices.close(book.now())
    day = scene.START.date() + timedelta(days=2)
    before = ledger.balances(day - timedelta(days=1))
    for line in ledger.trial(Span(since=day)):
        assert line.opening_minor == before.get((line.account, line.currency), 0)
    after = {(each.account, each.currency): each.balance_minor for each in ledger.trial(Span(since=day))}
    assert after == ledger.balances()


def test_slices_follow_each_other_and_hold_what_their_entries_say(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "MOST_ACTS", 7)
    business(book)
    assert slices.close(book.now()) > 1
    assert slices.close(book.now()) == 0
    business(book, days=1)
    slices.close(book.now())
    assert list(slices.differences()) == []
    assert said() == naive()
    slices.forget()
    assert slices.closed_until() == 0 and said() == naive()


def test_a_sum_that_was_tampered_with_is_found(book: clock.ManualClock) -> None:
    business(book)
    slices.close(book.now())
    assert list(rebuild.differences()) == []
    models.EntrySum.objects.filter(account="deposit").update(credit_minor=1)
    found = list(rebuild.differences())
    assert [each.kind for each in found] == ["ledger"] and "are not those of their entries" in found[0].what


def test_a_missing_slice_is_found(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MOST_ACTS", 7)
    business(book)
    slices.close(book.now())
    first = models.EntrySlice.objects.order_by("after_act").first()
    assert first is not None
    models.EntrySum.objects.filter(slice=first).delete()
    first.delete()
    assert "leave out the acts 1 to 7" in next(slices.differences())


def test_a_slice_is_due_after_many_acts_or_when_a_day_is_over(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert slices.due(book.now())
    slices.close(book.now())
    assert not slices.due(book.now())
    place()
    assert not slices.due(book.now())
    monkeypatch.setattr(slices, "LEAST_ACTS", 1)
    assert slices.due(book.now())
    monkeypatch.undo()
    book.advance(timedelta(days=1))
    assert slices.due(book.now())


@pytest.mark.parametrize("closed", [False, True])
def test_the_rows_of_an_account_run_to_its_balance(book: clock.ManualClock, closed: bool) -> None:
    numbers = business(book, days=4)
    if closed:
        slices.close(book.now())
    for (name, currency), balance in ledger.balances().items():
        rows = list(ledger.account_rows(ledger.account(name), currency))
        assert rows[-1].balance_minor == balance
        assert [each.place for each in rows] == sorted(each.place for each in rows)
        half = len(rows) // 2
        if half:
            rest = list(ledger.account_rows(ledger.account(name), currency, after=rows[half - 1].place))
            assert rest == rows[half:]
        for day in (scene.START.date() + timedelta(days=n) for n in range(5)):
            span = Span(since=day, until=day)
            assert list(ledger.account_rows(ledger.account(name), currency, span)) == [
                each for each in rows if each.at.date() == day
            ]
    own = ledger.account(f"deposit:{numbers[1]}")
    assert [each.amount_minor for each in ledger.account_rows(own, "EUR")] == [500_000, -500_000]
    assert [each.number for each in ledger.account_rows(own, "EUR")] == [numbers[1]] * 2
    assert ledger.opening(own, "EUR", Span(since=scene.START.date() + timedelta(days=1))) == 0
    assert ledger.currencies(own) == ["EUR"]


def test_rows_come_in_portions(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    business(book, days=4)
    whole = list(ledger.account_rows(ledger.account("deposit"), "EUR"))
    monkeypatch.setattr(ledger, "_PORTION", 2)
    assert list(ledger.account_rows(ledger.account("deposit"), "EUR")) == whole
    assert list(ledger.account_rows(ledger.account("deposit"), "EUR", most=3)) == whole[:3]


@pytest.mark.parametrize("name", ["cash", "bank:K7QF-2M9X-4", "", "customer/K/deposit"])
def test_what_is_no_account_is_refused(book: clock.ManualClock, name: str) -> None:
    with pytest.raises(Invalid, match="is no account"):
        ledger.account(name)


def test_a_number_that_was_never_given_has_no_account(book: clock.ManualClock) -> None:
    with pytest.raises(Missing):
        ledger.account("deposit:3BB0-J47G-Q")


def test_the_class_of_a_customers_account_is_found_in_its_name() -> None:
    """The SQL cuts at a fixed place, because a subject key is always as long."""
    name = entries.customer(b64(bytes(range(32))), "receivable")
    assert name[slices._CLASS_AT - 1 :] == "receivable"


@pytest.mark.parametrize(
    ("written", "first", "end"),
    [
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_periods(written: str, first: str, end: str) -> None:
    assert (ledger.period(written).first, ledger.period(written).end) == (first, end)


@pytest.mark.parametrize("written", ["2026-13", "26-11", "2026-1", "november", "", "2026-11-01", "9999-12-"])
def test_what_is_no_period(written: str) -> None:
    with pytest.raises(Invalid):
        ledger.period(written)


def test_a_place_cancelled_before_the_sale_and_taken_back_after_it_is_paid_as_price(
    book: clock.ManualClock,
) -> None:
    number = place(2)
    pay(number, 1_000_000)
    cancel(number, 1)
    door.do_one(Convert(**scene.MAKER, number=number, sale="ORDER-7"))
    door.do_one(TakeBack(**scene.HOLDER, number=number))
    held = ledger.balances()
    assert [held.get((name, "EUR"), 0) for name in ("deposit", "refund", "sales")] == [0, 0, 1_000_000]
    assert list(rebuild.differences()) == []
