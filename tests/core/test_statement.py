"""What a holder is shown of the money."""

from typing import Any

from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.statement import paid_back, plan
from tests.core.driver import MAKER, OTHER, Case, at


def left(case: Case, refund: int) -> None:
    case.do(RequestRefund(**MAKER, number="N", refund=refund))
    said: dict[str, Any] = {
        "number": "N",
        "refund": refund,
        "attempt": 1,
        "outcome": "sent",
        "reference": "R",
    }
    case.do(ReportRefund(**OTHER, **said, happened_at=case.now))


def test_each_part_of_the_plan_has_its_day_and_what_came() -> None:
    case = Case().place()
    case.pay(500_000)
    case.later(days=1).pay(1_000_000, "transfer")
    first, second = plan(case.held)
    assert (first.amount_minor, first.paid_minor, first.due_at) == (500_000, 500_000, at(2018, 6, 15))
    assert first.is_paid
    assert (second.amount_minor, second.paid_minor, second.due_at) == (4_500_000, 1_000_000, at(2018, 9, 23))
    assert not second.is_paid


def test_several_places_ask_for_several_times_as_much() -> None:
    case = Case().place(2)
    case.pay(1_200_000)
    first, second = plan(case.held)
    assert (first.amount_minor, first.paid_minor) == (1_000_000, 1_000_000)
    assert (second.amount_minor, second.paid_minor) == (9_000_000, 200_000)


def test_what_has_ended_shows_the_plan_of_one_place_and_nothing_paid() -> None:
    case = Case().place(2)
    case.pay(1_000_000)
    case.cancel()
    assert [(part.amount_minor, part.paid_minor) for part in plan(case.held)] == [
        (500_000, 0),
        (4_500_000, 0),
    ]


def test_paid_back_is_what_has_left_and_has_not_come_back() -> None:
    case = Case().place()
    case.account()
    case.later(days=5).pay(500_000, "transfer")
    case.pay(4_500_000, "transfer")
    case.cancel()
    assert paid_back(case.held) == {}
    left(case, 1)
    assert paid_back(case.held) == {"USD": 500_000}
    left(case, 2)
    assert paid_back(case.held) == {"USD": 5_000_000}
    back: dict[str, Any] = {
        "number": "N",
        "refund": 1,
        "attempt": 1,
        "outcome": "returned",
        "why": "account-closed",
    }
    case.do(ReportRefund(**OTHER, **back, happened_at=case.now))
    assert paid_back(case.held) == {"USD": 4_500_000}
