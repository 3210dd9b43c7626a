"""What a text adds to a refund is owed by itself, once the principal has left."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from earnest.book.law_files import packaged
from earnest.core.commands.owe_by_law import OweByLaw
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.entries import from_text
from earnest.core.refund import Refund
from earnest.core.rights.law import Law, Period
from tests.core.driver import MAKER, OTHER, WORKER, Case, at


def founding(residence: str = "FR") -> Case:
    """5,000 and 45,000 paid in 2018, an account known for years; nothing cancelled yet."""
    case = Case(now=at(2018, 6, 15, 17, 20)).place(residence=residence)
    case.pay(500_000, "transfer")
    case.now = at(2018, 9, 20, 14)
    case.pay(4_500_000, "transfer")
    case.now = at(2021, 3, 22)
    case.account()
    return case


def paid_back(case: Case, when: datetime) -> None:
    """Every refund that is owed leaves by hand."""
    case.now = when
    for refund in case.held.refunds:
        if refund.status == "owed":
            case.do(RequestRefund(**MAKER, number="N", refund=refund.n))
            sent = {
                "number": "N",
                "refund": refund.n,
                "attempt": 1,
                "outcome": "sent",
                "happened_at": case.now,
            }
            case.do(ReportRefund(**OTHER, **sent, reference=f"OUT-{refund.n}"))


def owe(case: Case, refund: int) -> list[str]:
    return case.do(OweByLaw(**WORKER, number="N", refund=refund))


def heads(case: Case) -> list[tuple[str, int, date | None]]:
    return [(each.head, each.amount_minor, each.accrued_until) for each in case.held.refunds if each.head]


def newest(case: Case) -> Refund:
    return case.held.refunds[-1]


def with_rate(since: date, until: date, percent: str) -> Law:
    law = packaged()
    entered = Period(since, until, dict.fromkeys(("consumer", "other"), Fraction(percent)))
    return replace(
        law, rates={**law.rates, "fr-legal-interest": law.rates["fr-legal-interest"].with_period(entered)}
    )


def test_the_founding_story_in_euros_earns_interest_to_the_cent() -> None:
    case = founding()
    case.now = at(2026, 3, 30, 16, 42)
    assert case.cancel() == ["cancellation.requested", "refund.owed", "refund.owed"]
    paid_back(case, at(2026, 3, 31, 9))
    assert [key for key in case.duties if key.startswith("owe_by_law")] == [
        "owe_by_law/N/1/10",
        "owe_by_law/N/2/13",
    ]
    assert owe(case, 1) == ["refund.owed"] and owe(case, 2) == ["refund.owed"]
    day = date(2026, 3, 31)
    assert heads(case) == [("interest", 180_639, day), ("interest", 1_583_143, day)]
    (moved,) = from_text(case.acts[-1].text("entries"))
    assert (moved.debit, moved.credit, moved.amount_minor) == ("interest", "customer/KEY/refund", 1_583_143)
    assert case.acts[-1].text("law_rule") == "fr-l214-2" and case.acts[-1].text("law") == packaged().digest
    # The principal is as it was, and asked again nothing more is owed.
    assert case.held.deposits() == {} and owe(case, 1) == owe(case, 2) == []
    paid_back(case, at(2026, 3, 31, 11))
    assert newest(case).status == "sent" and case.held.owed_back() == {}


def test_a_refund_that_comes_back_and_leaves_later_earns_the_days_between() -> None:
    case = founding()
    case.now = at(2026, 3, 30)
    case.cancel()
    paid_back(case, at(2026, 3, 31))
    owe(case, 2)
    back = {
        "number": "N",
        "refund": 2,
        "attempt": 1,
        "outcome": "returned",
        "happened_at": case.now,
        "why": "AM04",
    }
    case.do(ReportRefund(**OTHER, **back))
    assert owe(case, 2) == []  # It is here again: nothing has left.
    case.now = at(2026, 4, 10)
    case.do(RequestRefund(**MAKER, number="N", refund=2))
    again = {
        "number": "N",
        "refund": 2,
        "attempt": 2,
        "outcome": "sent",
        "happened_at": case.now,
        "reference": "R",
    }
    case.do(ReportRefund(**OTHER, **again))
    owe(case, 2)
    # 10 days of 6.67 % on 45,000.
    assert newest(case).amount_minor == 8_223 and newest(case).accrued_until == date(2026, 4, 10)


def test_without_a_rate_the_known_part_is_owed_and_the_rest_when_it_was_entered() -> None:
    case = founding()
    case.now = at(2026, 7, 30)
    case.cancel()
    paid_back(case, at(2026, 7, 31))
    owe(case, 1)
    known = newest(case)
    assert known.head == "interest" and known.accrued_until == date(2026, 6, 30)
    assert owe(case, 1) == []
    case.law = with_rate(date(2026, 7, 1), date(2026, 12, 31), "7.30")
    owe(case, 1)
    # 31 days of 7.30 % on 5,000: 31.00.
    assert newest(case).accrued_until == date(2026, 7, 31)
    assert abs(newest(case).amount_minor - 3_100) <= 1


def test_a_refund_past_the_law_s_limit_costs_the_surcharge_besides() -> None:
    case = founding()
    case.now = at(2025, 3, 3)
    case.cancel()
    paid_back(case, at(2025, 4, 22))  # The limit was 17 March: 36 days late.
    owe(case, 1)
    assert [(head, minor) for head, minor, _ in heads(case) if head == "surcharge"] == [
        ("surcharge", 100_000)
    ]


def test_a_law_that_adds_nothing_asks_for_nothing() -> None:
    case = founding("US")
    case.now = at(2026, 3, 30)
    case.cancel()
    paid_back(case, at(2026, 3, 31))
    assert [key for key in case.duties if key.startswith("owe_by_law")] == []
    assert owe(case, 1) == [] and heads(case) == []


def test_a_refund_that_has_not_left_earns_nothing_yet() -> None:
    case = founding()
    case.now = at(2026, 3, 30)
    case.cancel()
    assert owe(case, 1) == []
