"""The liabilities of IFRS 15 at a date, against what the reservations themselves said on that day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from earnest.book import clock, ifrs15, ledger, models, policy, slices
from earnest.core.refund import OPEN, TAKEN_BACK, UNCLAIMED
from earnest.core.vat import tax_in
from tests import scene
from tests.accounting import random_book
from tests.faces.test_cli_business import run
from tests.scene import state

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    known = replace(policy.current(), seller_country="FR")
    monkeypatch.setattr(policy, "current", lambda: known)
    yield scene.begin()
    scene.finish()


def naive(numbers: list[str]) -> dict[str, int]:
    """From the states alone, in euros: what is here and not handed over, owed back, and handed over."""
    sums = {"contract": 0, "refund": 0, "delivered": 0}
    for number in numbers:
        held = state(number)
        for payment in held.payments:
            left = held.left_of(payment)
            sold = held.converted_seq is not None and payment.seq < held.converted_seq
            sums["delivered" if sold and held.delivered_at else "contract"] += left
        tax_of_deposits = sum(
            each.sign * each.tax_minor for each in held.invoices if each.payment is not None
        )
        invoiced = any(each.series == "invoice" for each in held.invoices)
        tax = sum(each.sales_tax_minor for each in held.invoices) if invoiced else tax_of_deposits
        sums["delivered" if held.delivered_at else "contract"] -= tax
        sums["refund"] += sum(
            each.amount_minor
            for each in held.refunds
            if each.status in (*OPEN, UNCLAIMED) and each.status != TAKEN_BACK
        )
    return sums


def said(on: date | None = None) -> dict[str, int]:
    found = next((each for each in ifrs15.positions(on) if each.currency == "EUR"), None)
    if found is None:
        return {"contract": 0, "refund": 0, "delivered": 0}
    return {
        "contract": found.contract_liability_minor,
        "refund": found.refund_liability_minor,
        "delivered": found.delivered_minor,
    }


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_on_every_day_of_a_random_book_it_is_what_the_reservations_said(
    book: clock.ManualClock, seed: int
) -> None:
    days: dict[date, dict[str, int]] = {}

    def note(numbers: list[str]) -> None:
        days[book.now().date()] = naive(numbers)

    random_book.run(book, seed, each=note)
    slices.close(book.now())
    assert any(each["delivered"] for each in days.values()) and any(each["refund"] for each in days.values())
    for day, expected in days.items():
        assert said(day) == expected, day
    assert said() == list(days.values())[-1]
    assert said(scene.START.date() - timedelta(days=1)) == {"contract": 0, "refund": 0, "delivered": 0}


def test_it_equals_the_accounts_to_the_cent(book: clock.ManualClock) -> None:
    random_book.run(book, 4)
    standing = ledger.balances()
    for found in ifrs15.positions():
        of = {account: minor for (account, currency), minor in standing.items() if currency == found.currency}
        assert found.contract_liability_minor + found.delivered_minor == (
            of.get("deposit", 0) - of.get("tax-on-deposits", 0) + of.get("sales", 0)
        )
        assert found.refund_liability_minor == sum(
            of.get(name, 0) for name in ("refund", "refund-in-transit", "unclaimed")
        )


def test_a_sale_that_is_no_reservations_is_noticed(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_book.run(book, 4, steps=30)
    honest = ledger.balances
    monkeypatch.setattr(
        ledger,
        "balances",
        lambda on=None: {slot: minor + (slot[0] == "sales") for slot, minor in honest(on).items()},
    )
    with pytest.raises(ValueError, match="not those of the reservations"):
        ifrs15.positions()


def test_the_command(book: clock.ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ledger", "ifrs15") == 0
    assert "Nothing has moved yet." in capsys.readouterr().out
    number = scene.place()
    scene.pay(number)
    scene.work()
    assert run("ledger", "ifrs15", "--on", "2026-03-02") == 0
    out = capsys.readouterr().out
    assert f"Contract liability (IFRS 15.106)  {(500_000 - tax_in(500_000, 2000)) / 100:>18.2f}" in out
    assert run("ledger", "ifrs15", "--json") == 0 and run("ledger", "ifrs15", "--csv") == 0
    out = capsys.readouterr().out
    assert '"contract_liability_minor": 416667' in out and "EUR,500000,83333," in out
    assert run("ledger", "ifrs15", "--from", "2026-03-02") == 2
    assert models.Entry.objects.count() == 2
