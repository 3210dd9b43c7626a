"""Routes for old money: what a rail still allows at a payment's age, and that no card is tried in vain."""

from datetime import timedelta

import pytest

from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import NEVER_BEGUN, ReportRefund
from earnest.core.rails import ACCOUNT, CARD, LIMITED, LIMITS, NO_LIMIT, TOO_OLD, first, routes
from tests.core.driver import MAKER, STRIPE, Case, with_policy

DAYS = timedelta(days=1)


def paid(rail: str = "card", card_days: int = 0) -> Case:
    case = Case(policy=with_policy(card_refund_days=card_days)).place()
    case.pay(rail=rail)
    return case


def test_a_card_without_a_stated_limit_is_open_and_an_account_is_always_a_way() -> None:
    payment = paid().held.payments[0]
    card, account = routes(payment, payment.happened_at + 3000 * DAYS)
    assert (card.name, card.is_open, card.until, card.why) == (CARD, True, None, NO_LIMIT)
    assert (account.name, account.is_open) == (ACCOUNT, True)


def test_money_that_came_by_transfer_goes_to_an_account() -> None:
    payment = paid("transfer").held.payments[0]
    assert [each.name for each in routes(payment, payment.happened_at)] == [ACCOUNT]


def test_a_limit_holds_to_the_second() -> None:
    payment = paid().held.payments[0]
    until = payment.happened_at + 180 * DAYS
    before, after = (first(payment, until - timedelta(seconds=each), 180) for each in (1, 0))
    assert (before.name, before.until, before.why) == (CARD, until, LIMITED)
    assert after.name == ACCOUNT
    assert routes(payment, until, 180)[1] == (CARD, False, until, TOO_OLD)


@pytest.mark.parametrize(("age", "route", "why"), [(179, "card", None), (180, "hand", TOO_OLD)])
def test_a_refund_of_an_old_payment_goes_straight_to_the_account_route(
    age: int, route: str, why: str | None
) -> None:
    case = paid(card_days=180)
    case.later(days=age).cancel()
    owed = next(act for act in case.acts if act.type == "refund.owed")
    assert (owed.text("route"), owed.get("why")) == (route, why)
    assert case.held.refunds[0].status == ("owed" if route == "card" else "waiting")


def test_a_card_attempt_that_never_began_is_not_begun_again_once_the_payment_is_too_old() -> None:
    case = paid(card_days=180)
    case.later(days=179).cancel()
    case.do(RequestRefund(**MAKER, number="N", refund=1))
    case.later(days=1)
    case.do(
        ReportRefund(
            **STRIPE,
            number="N",
            refund=1,
            attempt=1,
            outcome="refused",
            happened_at=case.now,
            why=NEVER_BEGUN,
        )
    )
    assert (case.held.refunds[0].status, case.held.refunds[0].why) == ("waiting", "account")


def test_each_figure_has_its_source_and_its_mark() -> None:
    for limit in LIMITS.values():
        assert limit.source and limit.confirmed in ("verbatim", "partial", "quoted", "recalled")
        assert limit.days is None or 0 < limit.days <= 400
