"""Clocks of refunds, pure: when they strike, and what may be called missed."""

from datetime import timedelta

import pytest

from earnest.core.commands.miss_deadline import MissDeadline
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.deadline import HALF, LAW, NEARLY, PROMISE, following, steps, struck
from earnest.core.refusals import Refusal
from tests.core.driver import MAKER, OTHER, WORKER, Case, at

SINCE = at(2026, 3, 2)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def cancelled() -> Case:
    case = Case().place()
    case.pay()
    case.account()
    case.later(days=4).cancel()
    return case


def miss(case: Case, limit: str = PROMISE, refund: int = 1) -> list[str]:
    return case.do(MissDeadline(**WORKER, number="N", refund=refund, limit=limit))


def test_a_clock_strikes_at_half_at_nine_tenths_at_the_promise_and_at_the_laws_limit() -> None:
    found = steps(SINCE, SINCE + DAY, SINCE + 14 * DAY)
    assert [(each.name, each.at - SINCE) for each in found] == [
        (HALF, 12 * HOUR), (NEARLY, DAY * 9 / 10), (PROMISE, DAY), (LAW, 14 * DAY),
    ]  # fmt: skip
    assert struck(found, SINCE) is None and following(found, SINCE) == found[0]
    assert struck(found, SINCE + 12 * HOUR) == found[0]
    assert struck(found, SINCE + 2 * DAY) == found[2] and following(found, SINCE + 14 * DAY) is None


def test_a_promise_that_is_over_leaves_the_laws_limit_alone() -> None:
    assert [each.name for each in steps(SINCE, SINCE - DAY, SINCE + DAY)] == [LAW]
    assert [each.name for each in steps(SINCE, SINCE, SINCE - DAY)] == [LAW]


def test_a_deadline_is_missed_once_and_not_a_second_before_it() -> None:
    case = cancelled()
    due_at = case.held.refunds[0].due_at
    case.now = due_at - timedelta(seconds=1)
    with pytest.raises(Refusal) as caught:
        miss(case)
    assert caught.value.code == "deadline-runs"
    case.now = due_at
    assert miss(case) == ["refund.overdue"]
    assert miss(case) == [] and case.held.refunds[0].missed == (due_at,)
    assert case.held.refunds[0].status == "owed" and case.held.owed_back() == {"USD": 500_000}
    case.now = case.held.refunds[0].legal_due_at
    assert miss(case, LAW) == ["refund.overdue"] and miss(case, LAW) == []
    assert case.acts[-1].text("limit") == LAW


def test_money_that_has_left_is_never_late() -> None:
    case = Case().place()
    case.pay(rail="transfer")
    case.account()
    case.later(days=4).cancel()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    sent = ReportRefund(
        **OTHER, number="N", refund=1, attempt=1, outcome="sent", happened_at=case.now, reference="B-1"
    )
    case.do(sent)
    case.later(days=30)
    assert miss(case) == [] and miss(case, LAW) == []


def test_what_waits_for_its_holder_breaks_no_promise_of_ours_but_the_law_asks_nobody_why() -> None:
    case = Case().place()
    case.pay(rail="transfer")
    case.cancel()
    assert (case.held.refunds[0].status, case.held.refunds[0].why) == ("waiting", "account")
    case.later(days=2)
    assert miss(case) == []
    case.later(days=13)
    assert miss(case, LAW) == ["refund.overdue"]


def test_a_refund_and_a_deadline_that_are_not_there() -> None:
    case = cancelled()
    for limit, refund in ((PROMISE, 2), ("tomorrow", 1)):
        with pytest.raises(Refusal):
            miss(case, limit, refund)


def test_every_time_that_it_is_owed_a_clock_begins() -> None:
    case = cancelled()
    assert [key for key in case.duties if key.startswith("refund_clock")] == [
        f"refund_clock/N/1/{len(case.acts) - 1}"
    ]
    case.later(hours=2)
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    case.do(
        ReportRefund(
            by="provider", via="stripe", number="N", refund=1, attempt=1, outcome="refused",
            happened_at=case.now, why="expired-or-canceled-card",
        )
    )  # fmt: skip
    assert case.held.refunds[0].status == "owed"
    owed = [act.seq for act in case.acts if act.type == "refund.owed"]
    assert [key for key in case.duties if key.startswith("refund_clock")] == [
        f"refund_clock/N/1/{seq}" for seq in owed
    ]
