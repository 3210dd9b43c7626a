"""Terms and refusals, as dates: what law keeps is kept to the day, and not a day longer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from earnest.core.commands.convert import Convert, Deliver
from earnest.core.commands.erase import Erase, contract_kept_until
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.restrict import Restrict
from earnest.core.refusals import Refused
from earnest.core.retention import TERMS, over
from tests.core.driver import MAKER, OTHER, Case, at
from tests.core.test_invoicing import case as invoiced
from tests.core.test_invoicing import issue, pay


def delivered() -> Case:
    case = Case().place()
    case.pay(5_000_000, "transfer")
    case.do(Convert(**MAKER, number="N", sale="S-1"))
    case.do(Deliver(**MAKER, number="N", happened_at=case.now))
    return case


def refusal(case: Case, cls: str) -> str:
    with pytest.raises(Refused) as caught:
        case.do(Erase(**MAKER, number="N", cls=cls))
    return str(caught.value)


def test_whose_a_delivered_contract_is_is_kept_ten_years_from_delivery() -> None:
    case = delivered()
    until = contract_kept_until(case.held)
    assert case.held.delivered_at is not None and until is not None
    assert until == case.held.delivered_at.date().replace(year=case.held.delivered_at.year + 10)
    assert until.isoformat() in refusal(case, "identity") and "L213-1" in refusal(case, "identity")
    case.now = at(until.year, until.month, until.day) - timedelta(seconds=1)
    assert until.isoformat() in refusal(case, "identity")
    assert case.do(Erase(**MAKER, number="N", cls="bank")) == ["erasure.done"]
    case.now += timedelta(seconds=1)
    assert case.do(Erase(**MAKER, number="N", cls="identity")) == ["erasure.done"]


def test_a_small_contract_and_a_leap_day() -> None:
    held = delivered().held
    euros = replace(held, currency="EUR", quantity=1)
    assert contract_kept_until(replace(euros, price_minor=11_999)) is None
    assert contract_kept_until(replace(euros, price_minor=12_000)) is not None
    assert contract_kept_until(replace(euros, price_minor=6_000, quantity=2)) is not None
    assert contract_kept_until(replace(held, delivered_at=at(2028, 2, 29))) == date(2038, 3, 1)
    assert contract_kept_until(replace(held, delivered_at=None)) is None


def test_whose_an_invoice_is_is_kept_ten_years_after_its_own() -> None:
    case = invoiced()
    pay(case)
    issue(case)
    case.cancel()
    issue(case)
    case.account()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    said = {"number": "N", "refund": 1, "attempt": 1, "outcome": "sent", "reference": "B-1"}
    case.do(ReportRefund(**OTHER, **said, happened_at=case.now))
    assert case.held.invoices[-1].on.year == 2026
    assert "until 2036-12-31" in refusal(case, "identity")
    case.now = at(2036, 12, 31)
    assert "identity" not in over(case.held, case.acts[-1].at, case.now)
    case.now = at(2037, 1, 1)
    assert "identity" in over(case.held, case.acts[-1].at, case.now)
    assert case.do(Erase(**MAKER, number="N", cls="identity")) == ["erasure.done"]


def test_money_is_never_erased_and_the_reason_is_true_on_each_day() -> None:
    case = Case().place()
    case.cancel()
    year = case.now.year
    case.now = at(year + 10, 12, 31)
    assert f"until {year + 10}-12-31" in refusal(case, "money")
    case.now = at(year + 11, 1, 1)
    assert "books would not add up" in refusal(case, "money")


def test_a_restriction_is_named_with_its_day_and_holds_every_class() -> None:
    case = Case().place()
    case.cancel()
    case.do(Restrict(**MAKER, number="N", why="accuracy"))
    since = case.now
    case.now += timedelta(days=9)
    for cls in ("identity", "contact", "bank", "text", "money"):
        said = refusal(case, cls)
        assert "accuracy" in said and since.date().isoformat() in said and "art. 18" in said
    case.do(Restrict(**MAKER, number="N", why="accuracy", lift=True))
    assert case.do(Erase(**MAKER, number="N", cls="contact")) == ["erasure.done"]


@pytest.mark.parametrize("term", [term for term in TERMS if term.days], ids=lambda term: term.cls)
def test_a_term_ends_to_the_second_and_a_maker_may_set_another(term: object) -> None:
    cls, days = term.cls, term.days  # type: ignore[attr-defined]
    case = Case().place()
    case.cancel()
    last = case.now
    for kept in (days, 3):
        given = {} if kept == days else {cls: kept}
        end = last + timedelta(days=kept)
        assert cls not in over(case.held, last, end - timedelta(seconds=1), given)
        assert cls in over(case.held, last, end, given)


def test_nothing_is_over_of_what_lives_is_owed_is_restricted_or_went_already() -> None:
    living, owed, restricted, gone = Case().place(), Case().place(), Case().place(), Case().place()
    owed.pay()
    for case in (owed, restricted, gone):
        case.cancel()
    restricted.do(Restrict(**MAKER, number="N", why="claim"))
    gone.do(Erase(**MAKER, number="N", cls="contact"))
    last, now = at(2018, 1, 1), at(2090, 1, 1)
    assert [over(case.held, last, now) for case in (living, owed, restricted)] == [[], [], []]
    assert over(gone.held, last, now) == ["bank", "identity", "text"]


def test_the_identity_of_a_contract_outlives_the_five_years() -> None:
    case = delivered()
    assert case.held.delivered_at is not None
    last = case.held.delivered_at
    assert over(case.held, last, last + timedelta(days=3000)) == ["bank", "contact", "text"]
    assert "identity" in over(case.held, last, last + timedelta(days=3653))
