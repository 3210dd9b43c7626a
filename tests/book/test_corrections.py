"""A deposit that was booked wrongly is taken back with its reason and booked again; nothing is edited."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from earnest.book import clock, door, ledger, models, reads, rebuild, writing
from earnest.core.commands.base import Policy
from earnest.core.commands.convert import Convert
from earnest.core.commands.correct_deposit import (
    ConfirmCorrection,
    ProposeCorrection,
    RebookDeposit,
    WithdrawCorrection,
)
from earnest.core.commands.receive_deposit import Paid
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from tests import scene
from tests.book import guards_off
from tests.book.guards_off import CLAIM, LENGTH, LOCK, PLACE
from tests.book.test_group_commit import together
from tests.book.test_races import KEPT_AWAY_SECONDS, bare_door, meet, own_door
from tests.scene import MAKER, OTHER, account, cancel, pay, place, refused, state, types, work
from tests.scene import book as book

WHY = "The statement was read one line too low."


def wire(number: str, minor: int = 500_000) -> int:
    """A transfer booked by hand; its act."""
    pay(number, minor, "transfer", f"wire-{number}")
    return state(number).payments[-1].seq


def correct(number: str, payment: int, right: int, to: str = "", who: dict[str, Any] = MAKER) -> Any:
    return door.do_one(
        ProposeCorrection(**who, number=number, payment=payment, right_minor=right, to=to, why=WHY)
    )


def held(*names: str) -> list[int]:
    stands = ledger.balances()
    return [stands.get((name, "EUR"), 0) for name in names]


def test_booked_to_the_wrong_reservation_it_comes_to_the_right_one(book: clock.ManualClock) -> None:
    wrong, right = place(), place(name="Ben Roux")
    correct(wrong, wire(wrong), 500_000, right)
    # Until it is booked there it is nobody's, and the ledger says so.
    assert held("bank", "bank-unmatched", "deposit") == [500_000, 500_000, 0]
    assert state(wrong).paid_minor() == 0 and state(right).status == "placed"
    work()
    work()
    assert held("bank", "bank-unmatched", "deposit") == [500_000, 0, 500_000]
    assert state(right).status == "confirmed" and state(right).paid_minor() == 500_000
    assert state(right).payments[0].reference == f"wire-{wrong}"
    assert types(right).count("deposit.received") == 1 and "deposit.corrected" in types(wrong)
    # What was said stays said.
    assert types(wrong).count("deposit.received") == 1
    assert models.Mail.objects.filter(template="deposit_corrected", subject__number=wrong).exists()
    assert models.Mail.objects.filter(template="confirmed", subject__number=right).exists()
    assert list(rebuild.differences()) == []


@pytest.mark.parametrize(("right", "status"), [(50_000, 50_000), (900_000, 900_000), (0, 0)])
def test_booked_with_the_wrong_amount(book: clock.ManualClock, right: int, status: int) -> None:
    number = place()
    correct(number, wire(number), right)
    assert state(number).paid_minor() == status
    assert held("bank", "bank-unmatched", "deposit") == [right, 0, right]
    work()
    assert list(rebuild.differences()) == []


def test_wrong_reservation_and_wrong_amount_at_once(book: clock.ManualClock) -> None:
    wrong, right = place(), place(name="Ben Roux")
    correct(wrong, wire(wrong), 600_000, right)
    work()
    assert held("bank", "bank-unmatched", "deposit") == [600_000, 0, 600_000]
    assert state(right).paid_minor() == 600_000
    assert list(rebuild.differences()) == []


def test_what_was_owed_back_of_it_is_owed_no_more_and_what_was_paid_back_its_holder_owes(
    book: clock.ManualClock,
) -> None:
    owed, paid = place(), place(name="Ben Roux")
    first, second = wire(owed), wire(paid)
    cancel(owed)
    account(paid, "Ben Roux")
    book.advance(timedelta(days=4))
    cancel(paid)
    door.do_one(RequestRefund(**MAKER, number=paid, refund=1))
    under_way = ProposeCorrection(**MAKER, number=paid, payment=second, right_minor=0, why=WHY)
    assert refused(under_way).code == "refund-under-way"
    sent = ReportRefund(
        **OTHER,
        number=paid,
        refund=1,
        attempt=1,
        outcome="sent",
        reference="out",
        happened_at=book.now(),
    )
    door.do_one(sent)
    correct(owed, first, 0)
    assert [each.status for each in state(owed).refunds] == ["settled"]
    correct(paid, second, 0)
    assert state(paid).receivables() == {"EUR": 500_000}
    assert held("bank", "bank-unmatched", "refund", "receivable") == [-500_000, 0, 0, 500_000]
    work()
    assert list(rebuild.differences()) == []


def test_what_was_booked_instead_can_be_corrected_in_turn(book: clock.ManualClock) -> None:
    number = place()
    correct(number, wire(number), 50_000)
    second = state(number).payments[-1]
    assert (
        second.reference == f"wire-{number}" and state(number).paid_by("transfer", second.reference) == second
    )
    correct(number, second.seq, 500_000)
    assert state(number).paid_minor() == 500_000 and state(number).status == "confirmed"
    work()
    assert list(rebuild.differences()) == []


def test_above_the_limit_another_operator_confirms(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(second_operator_major=4_999))
    number = place()
    seq = wire(number)
    correct(number, seq, 50_000)
    found = state(number).corrections[0]
    assert (found.status, state(number).paid_minor()) == ("proposed", 500_000)
    common = {"number": number, "proposal": found.seq, "payment": seq}
    assert refused(ConfirmCorrection(**MAKER, **common)).code == "second-person"
    again = ProposeCorrection(**OTHER, number=number, payment=seq, right_minor=1, why=WHY)
    assert refused(again).code == "correction-waits"
    door.do_one(ConfirmCorrection(**OTHER, **common))
    act = next(each.act for each in reads.acts("reservation", number) if each.act.type == "deposit.corrected")
    assert (act.get("why"), act.get("proposal"), act.get("person")) == (WHY, found.seq, "operator:ben")
    assert state(number).paid_minor() == 50_000
    assert isinstance(door.do_one(ConfirmCorrection(**OTHER, **common)), door.Nothing)
    assert refused(WithdrawCorrection(**MAKER, number=number, proposal=found.seq)).code == "correction-done"


def test_withdrawn_it_stands_as_it_was(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(second_operator_major=0))
    number = place()
    seq = wire(number)
    correct(number, seq, 50_000)
    found = state(number).corrections[0]
    door.do_one(WithdrawCorrection(**OTHER, number=number, proposal=found.seq))
    assert isinstance(
        door.do_one(WithdrawCorrection(**OTHER, number=number, proposal=found.seq)), door.Nothing
    )
    confirm = ConfirmCorrection(**OTHER, number=number, proposal=found.seq, payment=seq)
    assert refused(confirm).code == "correction-withdrawn"
    assert state(number).paid_minor() == 500_000
    correct(number, seq, 60_000)
    assert [each.status for each in state(number).corrections] == ["withdrawn", "proposed"]


def test_what_cannot_be_corrected(book: clock.ManualClock) -> None:
    card, sold, done = place(), place(name="Ben Roux"), place(name="Cleo Faure")
    pay(card)
    price = wire(sold)
    door.do_one(Convert(**MAKER, number=sold, sale="ORDER-1"))
    twice = wire(done)
    correct(done, twice, 0)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"number": card, "payment": state(card).payments[0].seq, "right_minor": 0}, "not-by-hand"),
        ({"number": sold, "payment": price, "right_minor": 0}, "sold"),
        ({"number": done, "payment": twice, "right_minor": 0}, "taken-back"),
        ({"number": done, "payment": 99, "right_minor": 0}, "no-payment"),
    ]
    fresh = place(name="Dan Petit")
    seq = wire(fresh)
    cases += [
        ({"number": fresh, "payment": seq, "right_minor": 500_000}, "correction"),
        ({"number": fresh, "payment": seq, "right_minor": 500_000, "to": fresh}, "correction"),
        ({"number": fresh, "payment": seq, "right_minor": 0, "to": done}, "correction"),
        ({"number": fresh, "payment": seq, "right_minor": -1}, "amount"),
        ({"number": fresh, "payment": seq, "right_minor": 0, "why": " "}, "why"),
    ]
    for given, code in cases:
        assert refused(ProposeCorrection(**{**MAKER, "why": WHY, **given})).code == code


# Two hands at once: with the guards off it is booked twice, and each guard alone stops the second.


@pytest.fixture
def empty(real_database: str) -> Iterator[None]:
    """Commits are commits, and nothing is in it."""
    yield
    scene.finish()


def made(what: str) -> list[Any]:
    """Two operators correct one deposit, or two workers book what one correction has freed."""
    scene.begin()
    wrong, right = place(), place(name="Ben Roux")
    seq = wire(wrong)
    if what == "corrected":
        return [
            ProposeCorrection(**who, number=wrong, payment=seq, right_minor=0, why=WHY)
            for who in (MAKER, OTHER)
        ]
    correct(wrong, seq, 500_000, right)
    corrected = state(wrong).n - 1
    paid = Paid("transfer", 500_000, "EUR", f"wire-{wrong}", clock.now())
    worker = {"by": "maker", "via": "worker", "person": "worker"}
    return [RebookDeposit(**worker, number=right, was=wrong, corrected=corrected, paid=paid)] * 2


def times(what: str) -> int:
    """How often the money moved."""
    side = {"corrected": "credit", "booked": "debit"}[what]
    return sum(getattr(each, side) == "bank-unmatched" for each in models.Entry.objects.all())


GUARDS = (LOCK, LENGTH, PLACE, CLAIM)


@pytest.mark.parametrize("what", ["corrected", "booked"])
@pytest.mark.parametrize("guard", ["", *GUARDS])
def test_two_at_once(what: str, guard: str, empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    guards_off.constraints_off(monkeypatch, guards_off.dropped(but=guard))
    hands = made(what)
    guards_off.all_off(monkeypatch, but=guard)
    meet(monkeypatch, KEPT_AWAY_SECONDS if guard == LOCK else 30)
    answers = together(lambda n: bare_door(hands[n]), 2)
    errors = [each for each in answers if isinstance(each, Exception)]
    assert times(what) == (1 if guard else 2)
    if guard in (LENGTH, PLACE, CLAIM):
        assert [type(each) for each in errors] == [writing.Lost if guard == LENGTH else IntegrityError]


@pytest.mark.parametrize("what", ["corrected", "booked"])
def test_two_at_once_with_every_guard(what: str, empty: None) -> None:
    hands = made(what)
    together(lambda n: own_door(hands[n]), 2)
    assert times(what) == 1
    assert list(rebuild.differences()) == []
