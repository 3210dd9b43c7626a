"""Three acts, and the fourth."""

from datetime import date

from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.slip_promise import SlipPromise, TellSlip
from earnest.core.offer import Window
from tests.core.driver import MAKER, OTHER, STRIPE, WORKER, Case, at


def test_the_founding_story() -> None:
    case = Case(now=at(2018, 6, 15, 17, 20)).place(residence="US")
    assert case.pay(500_000) == ["deposit.received", "reservation.confirmed"]

    case.now = at(2018, 9, 20, 14)
    assert case.pay(4_500_000, "transfer") == ["deposit.received"]
    assert case.held.status == "paid up"

    case.now = at(2021, 3, 22)
    later = Window(date(2023, 1, 1), date(2023, 12, 31))
    assert case.do(SlipPromise(**MAKER, slug="car", window=later, why="Crash tests.")) == [
        "offer.revised",
        "promise.slipped",
    ]
    assert case.do(TellSlip(**WORKER, number="N", slip=case.offer.slips[0].seq)) == ["promise.told"]
    assert (case.held.bound.end, case.held.promised.end) == (date(2020, 12, 31), date(2023, 12, 31))
    assert case.account() == ["account.confirmed"]

    case.now = at(2026, 3, 30, 16, 42)
    assert case.cancel() == ["cancellation.requested", "refund.owed", "refund.owed"]
    assert [refund.due_at for refund in case.held.refunds] == [at(2026, 3, 31, 16, 42)] * 2

    case.now = at(2026, 3, 30, 17, 42)
    case.do(RequestRefund(**WORKER, number="N", refund=1))
    dead = ReportRefund(
        **STRIPE, number="N", refund=1, attempt=1, outcome="refused", why="expired", happened_at=case.now
    )
    assert case.do(dead) == ["refund.refused", "refund.owed"]
    assert case.held.refunds[0].route == "hand"

    case.now = at(2026, 3, 31, 9)
    for refund in case.held.refunds:
        case.do(RequestRefund(**MAKER, number="N", refund=refund.n))
        case.do(
            ReportRefund(
                **OTHER,
                number="N",
                refund=refund.n,
                attempt=case.held.refunds[refund.n - 1].attempt,
                outcome="sent",
                reference=f"WIRE-{refund.n}",
                happened_at=case.now,
            )
        )
    assert [refund.status for refund in case.held.refunds] == ["sent", "sent"]
    assert all(refund.sent_at and refund.sent_at < refund.due_at for refund in case.held.refunds)
    assert case.held.owed_back() == {} and case.held.deposits() == {}
    assert case.counters.total == 0
