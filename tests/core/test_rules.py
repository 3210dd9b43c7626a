"""The rules of business, one behaviour each."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.book.law_files import packaged
from earnest.core import accounts
from earnest.core.commands.amend import AcceptVersion
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.ask_deposit import AskDeposit
from earnest.core.commands.convert import Convert, Deliver
from earnest.core.commands.erase import Erase
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.mark_unclaimed import MarkUnclaimed
from earnest.core.commands.paid_twice import GiveBack
from earnest.core.commands.pause_offer import SetOfferStatus
from earnest.core.commands.refund import EndHold, RequestRefund
from earnest.core.commands.release import Release
from earnest.core.commands.report_refund import NEVER_BEGUN, ReportRefund
from earnest.core.commands.revise_offer import ReviseOffer
from earnest.core.commands.slip_promise import SlipPromise, TellSlip, terms_of
from earnest.core.commands.take_back import TakeBack
from earnest.core.money import exponent, major, parse_amount
from earnest.core.offer import Instalment, Window
from earnest.core.refusals import Invalid, Refusal, Refused
from earnest.core.rights.deadlines import Contract, Limit, refund_limit
from tests.core.driver import HOLDER, MAKER, OTHER, STRIPE, TERMS, WORKER, Case, at, opened


def report(case: Case, outcome: str, refund: int = 1, attempt: int = 1, **who: Any) -> list[str]:
    given = {"reference": "REF", "why": "because", **STRIPE, **who}
    command = ReportRefund(
        number="N", refund=refund, attempt=attempt, outcome=outcome, happened_at=case.now, **given
    )
    return case.do(command)


def requested(case: Case, n: int = 1, **who: Any) -> list[str]:
    return case.do(RequestRefund(**(who or MAKER), number="N", refund=n))


def code(case: Case, command: Any) -> str:
    with pytest.raises(Refusal) as caught:
        case.do(command)
    return caught.value.code


# --- money as people write it


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("5000", "USD", 500_000),
        ("5,000.00", "USD", 500_000),
        ("5 000,00", "EUR", 500_000),
        ("5.000,5", "EUR", 500_050),
        ("5\u202f000,00", "EUR", 500_000),
        ("1,234,567.89", "USD", 123_456_789),
        ("5,000", "USD", 500_000),
        ("0,5", "EUR", 50),
        ("5000", "JPY", 5000),
        ("1.234", "JPY", 1234),
        ("12.5", "KWD", 12_500),
    ],
)
def test_amounts_are_read(written: str, currency: str, minor: int) -> None:
    assert parse_amount(written, currency) == minor


@pytest.mark.parametrize(
    ("written", "currency"),
    [("", "EUR"), ("-5", "EUR"), ("0", "EUR"), ("5.001", "JPY2"), ("1.2.3", "EUR"), ("5,0,0", "EUR"), ("5,000", "KWD"),
     ("five", "EUR"), ("1e3", "EUR"), ("10000000000000000", "EUR"), ("5.005", "USD1")],
)  # fmt: skip
def test_amounts_that_could_mean_two_things_are_refused(written: str, currency: str) -> None:
    with pytest.raises(Invalid):
        parse_amount(written, currency)


@given(st.integers(1, 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_plain_text_of_an_amount_reads_back(minor: int, currency: str) -> None:
    text = major(minor, currency)
    if exponent(currency) == 3:
        assert int(text.replace(".", "")) == minor
    else:
        assert parse_amount(text, currency) == minor


# --- accounts


@pytest.mark.parametrize(
    "iban", ["FR14 2004 1010 0505 0001 3M02 606", "DE89370400440532013000", "gb29 nwbk 6016 1331 9268 19"]
)
def test_ibans_are_read_as_people_write_them(iban: str) -> None:
    assert accounts.check_iban(iban) == iban.replace(" ", "").upper()


@pytest.mark.parametrize(
    "iban", ["FR1420041010050500013M02607", "DE8937040044053201300", "XX00", "", "FR" + "1" * 25]
)
def test_ibans_with_a_slip_are_refused(iban: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_iban(iban)


def test_routing_numbers_have_their_check() -> None:
    assert accounts.check_aba("021000021") == "021000021"
    for bad in ("021000022", "000000000", "02100002", "abcdefghi"):
        with pytest.raises(Invalid):
            accounts.check_aba(bad)


def test_names_match_whatever_their_accents_and_order() -> None:
    assert accounts.same_name("Zoë O'Neil-Père", "PERE ONEIL ZOE") is False
    assert accounts.same_name("Zoë O'Neil-Père", "pere, o neil zoe")
    assert not accounts.same_name("Ada Moreau", "Ada Morel") and not accounts.same_name("", "")


# --- placing


def test_nobody_gets_a_place_that_is_not_there() -> None:
    case = Case().place(2)
    case.state = None
    case.acts = []
    assert code_of_place(case, 2) == "too-few-left"
    case.place(1)
    case.state = None
    case.acts = []
    assert code_of_place(case, 1) == "sold-out"
    assert case.counters.queue_last == 2


def code_of_place(case: Case, quantity: int) -> str:
    with pytest.raises(Refusal) as caught:
        case.place(quantity)
    return caught.value.code


def test_a_paused_or_closed_offer_takes_nobody() -> None:
    for status, expected in (("paused", "offer-paused"), ("closed", "offer-closed")):
        case = Case()
        case.do(SetOfferStatus(**MAKER, slug="car", status=status))
        assert code_of_place(case, 1) == expected


def test_a_card_place_is_held_half_an_hour_and_lapses_by_itself() -> None:
    case = Case().place()
    assert code(case, Lapse(**WORKER, number="N")) == "hold-runs"
    case.later(minutes=30)
    assert case.do(Lapse(**WORKER, number="N")) == ["reservation.lapsed"]
    assert (case.held.status, case.counters.total) == ("lapsed", 0)
    assert case.do(Lapse(**WORKER, number="N")) == []


def test_a_confirmed_place_never_lapses_without_an_operator() -> None:
    case = Case().place()
    case.pay()
    case.later(days=4000)
    assert case.do(Lapse(**WORKER, number="N")) == []
    assert "reservation.lapsed" in case.do(Lapse(**MAKER, number="N"))
    assert case.held.owed_back() == {"USD": 500_000}


def test_the_payment_page_is_asked_for_once_and_holds_the_place_once_more() -> None:
    case = Case().place()
    case.later(minutes=20)
    assert case.do(AskDeposit(**HOLDER, number="N")) == ["deposit.asked"]
    held = case.held.hold_until
    assert held == case.now + timedelta(minutes=31)
    assert case.do(AskDeposit(**HOLDER, number="N")) == []
    case.later(minutes=40)
    case.do(AskDeposit(**HOLDER, number="N"))
    assert case.held.hold_until == held


# --- money


def test_a_part_of_the_first_deposit_does_not_confirm() -> None:
    case = Case().place()
    assert case.pay(499_999) == ["deposit.received"]
    assert case.pay(1) == ["deposit.received", "reservation.confirmed"]


def test_the_same_payment_said_twice_came_once() -> None:
    case = Case().place()
    case.pay(reference="pi_1")
    assert case.pay(reference="pi_1") == []


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_and_less_are_no_payment(minor: int) -> None:
    case = Case().place()
    with pytest.raises(Invalid):
        case.pay(minor)
    assert case.held.payments == ()


def test_too_much_goes_straight_back() -> None:
    case = Case().place()
    case.pay(6_000_000, "transfer")
    assert case.held.owed_back() == {"USD": 1_000_000}
    assert case.held.status == "paid up"


def test_another_currency_is_owed_back_in_that_currency() -> None:
    case = Case().place()
    case.pay(500_000, currency="EUR")
    assert (case.held.status, case.held.owed_back()) == ("placed", {"EUR": 500_000})


def test_money_for_a_dead_reservation_goes_back_unless_the_place_is_free_and_wanted() -> None:
    case = Case().place().later(minutes=31)
    case.do(Lapse(**WORKER, number="N"))
    case.pay()
    assert case.held.owed_back() == {"USD": 500_000}
    assert case.do(TakeBack(**HOLDER, number="N")) == ["cancellation.taken_back"]
    assert (case.held.status, case.held.owed_back(), case.counters.total) == ("confirmed", {}, 1)


def test_a_lapsed_place_that_somebody_else_has_is_gone() -> None:
    case = Case(offer=opened(TERMS.__class__(**{**vars(TERMS), "capacity": 1}))).place().later(minutes=31)
    case.do(Lapse(**WORKER, number="N"))
    case.pay()
    case.counters = case.counters.take("one", 1)
    assert code(case, TakeBack(**HOLDER, number="N")) == "place-gone"
    assert case.held.owed_back() == {"USD": 500_000}


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2_000_000))
def test_cancelling_part_gives_back_its_share_and_a_broken_cent_to_the_customer(
    quantity: int, gone: int, minor: int
) -> None:
    case = Case().place(quantity)
    case.pay(minor)
    if gone > quantity:
        return
    case.cancel(gone)
    back = case.held.owed_back().get("USD", 0)
    assert 0 <= back - minor * gone / quantity < 1
    assert case.held.quantity == quantity - gone
    if case.held.quantity:
        case.cancel()
    assert case.held.owed_back().get("USD", 0) == minor


# --- cancelling and taking back


def test_cancelling_is_never_refused_while_it_lives_and_once_is_enough() -> None:
    for prepare in (lambda c: None, lambda c: c.pay(), lambda c: c.pay(5_000_000)):
        case = Case().place()
        prepare(case)
        assert case.cancel()[0] == "cancellation.requested"
        assert case.cancel() == []


def test_nothing_paid_frees_the_place_at_once() -> None:
    case = Case().place()
    assert case.cancel() == ["cancellation.requested", "reservation.released"]
    assert case.counters.total == 0
    assert code(case, TakeBack(**HOLDER, number="N")) == "not-paid"


def test_the_place_is_kept_until_the_refund_has_left_or_a_day_is_over() -> None:
    case = Case().place()
    case.pay()
    case.cancel()
    assert case.counters.total == 1
    assert code(case, Release(**WORKER, number="N", cause=3)) == "place-kept"
    case.later(hours=24)
    assert case.do(Release(**WORKER, number="N", cause=3)) == ["reservation.released"]
    assert case.counters.total == 0
    assert case.do(TakeBack(**HOLDER, number="N")) == ["cancellation.taken_back"]
    assert case.counters.total == 1


def test_nothing_is_taken_back_once_the_refund_is_on_its_way() -> None:
    case = Case().place()
    case.pay()
    case.cancel()
    requested(case)
    assert code(case, TakeBack(**HOLDER, number="N")) == "refund-left"


def test_what_the_maker_ended_the_customer_cannot_take_back() -> None:
    case = Case().place()
    case.pay()
    case.cancel(**MAKER)
    assert code(case, TakeBack(**HOLDER, number="N")) == "maker-ended"


# --- refunds


def owed_by_bank(days_before: int = 4, **account: Any) -> Case:
    """A transfer of 5,000 is owed back, with an account confirmed so many days before."""
    case = Case().place()
    case.pay(500_000, "transfer")
    if account.pop("given", True):
        case.account(**account)
    case.later(days=days_before)
    case.cancel()
    return case


def test_an_account_confirmed_three_days_before_is_paid_at_once() -> None:
    assert owed_by_bank(4).held.refunds[0].status == "owed"


def test_a_newer_account_for_a_large_sum_is_held_two_days() -> None:
    case = owed_by_bank(1)
    refund = case.held.refunds[0]
    assert (refund.status, refund.why, refund.until) == ("waiting", "hold", case.now + timedelta(hours=48))
    assert code(case, EndHold(**WORKER, number="N", refund=1)) == "hold-runs"
    case.later(hours=48)
    assert case.do(EndHold(**WORKER, number="N", refund=1)) == ["refund.owed"]


def test_a_first_account_in_the_holders_name_under_the_limit_is_paid_at_once() -> None:
    for minor, holder, expected in (
        (100_000, "Ada Moreau", "owed"),
        (100_001, "Ada Moreau", "waiting"),
        (100_000, "Somebody Else", "waiting"),
    ):
        case = Case().place()
        case.pay(minor, "transfer")
        case.account(holder=holder)
        case.cancel()
        assert case.held.refunds[0].status == expected


def test_a_hold_never_goes_past_the_legal_deadline() -> None:
    case = Case().place()
    case.pay(500_000, "transfer")
    case.cancel()
    legal = case.held.refunds[0].legal_due_at
    case.now = legal - timedelta(hours=5)
    case.account()
    assert case.held.refunds[0].until == legal


def test_without_an_account_it_waits_and_goes_on_by_itself() -> None:
    case = owed_by_bank(given=False)
    assert (case.held.refunds[0].status, case.held.refunds[0].why) == ("waiting", "account")
    assert "refund.owed" in case.account()


def test_the_clock_runs_anew_once_the_customer_has_said_where_to_pay() -> None:
    case = owed_by_bank(given=False)
    promised = case.held.refunds[0].due_at
    case.later(days=5)
    case.account()
    assert promised < case.now
    assert case.held.refunds[0].due_at == case.now + timedelta(hours=24)


def test_a_card_that_refuses_does_not_move_the_deadline() -> None:
    case = Case().place()
    case.account()
    case.pay()
    case.later(days=4)
    case.cancel()
    promised = case.held.refunds[0].due_at
    requested(case)
    case.later(hours=1)
    report(case, "refused")
    assert case.held.refunds[0].due_at == promised


def test_what_the_provider_never_began_is_asked_of_the_card_again() -> None:
    case = Case().place()
    case.pay()
    case.cancel()
    case.later(hours=1)
    requested(case, **WORKER)
    report(case, "unknown")
    assert report(case, "refused", why=NEVER_BEGUN) == ["refund.refused", "refund.owed"]
    assert (case.held.refunds[0].status, case.held.refunds[0].route) == ("owed", "card")
    assert requested(case, **WORKER) == ["refund.requested"]
    assert case.held.refunds[0].attempt == 2


def test_an_account_that_sent_it_back_is_not_tried_again() -> None:
    case = owed_by_bank()
    requested(case)
    report(case, "sent", **OTHER)
    assert report(case, "returned", **OTHER) == ["refund.returned", "refund.corrected", "refund.held"]
    assert case.held.refunds[0].why == "account"
    case.account(iban="FR1420041010050500013M02606")
    assert case.held.refunds[0].account == 2


def test_paying_by_hand_needs_two_people() -> None:
    case = owed_by_bank()
    requested(case)
    with pytest.raises(Refused, match="Another operator"):
        report(case, "sent", **MAKER)
    assert "refund.sent" in report(case, "sent", **OTHER)


def test_old_news_and_double_news_change_nothing() -> None:
    case = Case().place()
    case.pay()
    case.cancel()
    requested(case)
    assert report(case, "sent", attempt=0) == []
    report(case, "sent")
    for outcome in ("sent", "pending", "unknown"):
        assert report(case, outcome) == []
    assert report(case, "arrived") == ["refund.arrived"]
    assert report(case, "arrived") == []


def test_what_waits_for_the_customer_can_still_leave_or_fail() -> None:
    for outcome, status in (("sent", "sent"), ("refused", "waiting")):
        case = Case().place()
        case.pay()
        case.cancel()
        requested(case)
        assert report(case, "action") == ["refund.held"]
        report(case, outcome)
        assert case.held.refunds[0].status == status


def test_a_refund_is_asked_for_once() -> None:
    case = Case().place()
    case.pay()
    case.cancel()
    assert code(case, RequestRefund(**WORKER, number="N", refund=1)) == "refund-too-early"
    case.later(hours=1)
    requested(case, **WORKER)
    assert code(case, RequestRefund(**WORKER, number="N", refund=1)) == "refund-not-owed"


def test_what_nobody_claims_stays_owed_and_opens_again() -> None:
    case = owed_by_bank(given=False)
    assert code(case, MarkUnclaimed(**MAKER, number="N", refund=1)) == "not-unclaimed"
    case.later(days=366)
    assert case.do(MarkUnclaimed(**MAKER, number="N", refund=1)) == ["refund.unclaimed"]
    assert case.do(MarkUnclaimed(**MAKER, number="N", refund=1)) == []
    assert case.held.owed_back() == {"USD": 500_000}
    assert "refund.owed" in case.account()
    assert case.held.refunds[0].status in ("owed", "waiting")


def test_the_law_limits_how_long_a_refund_may_take() -> None:
    friday = at(2026, 3, 27, 12)
    limits = {
        residence: refund_limit(packaged(), Contract(residence, date(2018, 6, 15)), friday)
        for residence in ("FR", "US", "GB", "BR")
    }
    assert limits["FR"] == Limit(friday + timedelta(days=14), "fr-l221-24")
    assert limits["US"] == Limit(at(2026, 4, 7, 12), "us-ftc-435-refund")
    assert limits["GB"] == Limit(friday + timedelta(days=14), "uk-ccr-34")
    assert limits["BR"] == Limit(friday + timedelta(days=14), "house-refund-14")
    thanksgiving = refund_limit(packaged(), Contract("US", date(2018, 6, 15)), at(2026, 11, 20, 12))
    assert thanksgiving.at == at(2026, 12, 2, 12)  # 26 November is no working day


# --- offers, slips, versions


def test_a_later_window_is_a_slip_and_a_slip_needs_a_reason() -> None:
    case = Case()
    later = Window(date(2021, 1, 1), date(2021, 12, 31))
    assert code(case, ReviseOffer(**MAKER, slug="car", terms=_with(case, window=later))) == "offer-later"
    assert code(case, SlipPromise(**MAKER, slug="car", window=later, why=" ")) == "why"
    assert (
        code(case, SlipPromise(**MAKER, slug="car", window=case.offer.current.window, why="x")) == "not-later"
    )


def _with(case: Case, **changed: Any) -> Any:
    return TERMS.__class__(**{**vars(terms_of(case.offer)), **changed})


def test_only_those_who_were_promised_something_else_are_told_and_once() -> None:
    case = Case().place()
    later = Window(date(2021, 1, 1), date(2021, 12, 31))
    case.do(SlipPromise(**MAKER, slug="car", window=later, why="Late."))
    slip = case.offer.slips[0].seq
    assert case.do(TellSlip(**WORKER, number="N", slip=slip)) == ["promise.told"]
    assert case.do(TellSlip(**WORKER, number="N", slip=slip)) == []
    assert case.do(AnswerSlip(**HOLDER, number="N", slip=slip, answer="accept")) == ["promise.answered"]
    newcomer = Case(offer=case.offer).place()
    assert newcomer.do(TellSlip(**WORKER, number="N", slip=slip)) == []


def test_a_holder_is_bound_to_what_they_saw_until_they_accept_another() -> None:
    case = Case().place()
    cheaper = (case.offer.current.variants[0].__class__("one", "One", 20_000_000),)
    case.do(ReviseOffer(**MAKER, slug="car", terms=_with(case, variants=cheaper)))
    assert case.held.price_minor == 25_000_000
    assert case.do(AcceptVersion(**HOLDER, number="N", version=2)) == ["reservation.amended"]
    assert case.held.price_minor == 20_000_000


def test_an_offer_never_shrinks_below_what_is_taken() -> None:
    case = Case().place(2)
    assert code(case, ReviseOffer(**MAKER, slug="car", terms=_with(case, capacity=1))) == "offer-taken"


# --- sale, delivery, erasure


def test_a_sale_takes_the_deposits_and_a_cancellation_after_it_gives_them_back() -> None:
    case = Case().place()
    assert code(case, Convert(**MAKER, number="N", sale="S-1")) == "not-confirmed"
    case.pay(5_000_000, "transfer")
    case.do(Convert(**MAKER, number="N", sale="S-1"))
    assert case.held.status == "converted"
    case.cancel()
    assert case.held.owed_back() == {"USD": 5_000_000}


def test_a_confirmed_place_becomes_a_sale_and_the_rest_of_the_price_can_come() -> None:
    case = Case().place()
    case.pay(500_000)
    assert case.do(Convert(**MAKER, number="N", sale="S-1")) == ["reservation.converted"]
    assert case.held.rest_minor() == 24_500_000
    case.pay(24_600_000, "transfer")
    assert case.held.rest_minor() == 0
    assert case.held.owed_back() == {"USD": 100_000}


def test_what_was_paid_over_a_price_that_fell_goes_back_at_the_sale() -> None:
    case = Case().place()
    case.pay(5_000_000, "transfer")
    cheaper = (case.offer.current.variants[0].__class__("one", "One", 4_000_000),)
    plan = (case.offer.current.plan[0],)
    case.do(ReviseOffer(**MAKER, slug="car", terms=_with(case, variants=cheaper, plan=plan)))
    case.do(AcceptVersion(**HOLDER, number="N", version=2))
    case.do(Convert(**MAKER, number="N", sale="S-1"))
    assert (case.held.rest_minor(), case.held.owed_back()) == (0, {"USD": 1_000_000})
    assert [refund.source for refund in case.held.refunds] == ["sales"]


def test_what_was_delivered_is_returned_by_another_way() -> None:
    case = Case().place()
    case.pay(5_000_000, "transfer")
    case.do(Convert(**MAKER, number="N", sale="S-1"))
    case.do(Deliver(**MAKER, number="N", happened_at=case.now))
    with pytest.raises(Refused, match="delivered"):
        case.cancel()


def test_nothing_is_erased_while_it_is_needed_and_money_never_before_its_time() -> None:
    case = Case().place()
    for cls in ("identity", "contact", "bank", "text"):
        assert code(case, Erase(**MAKER, number="N", cls=cls)) == "still-needed"
    case.cancel()
    with pytest.raises(Refused, match="2028-12-31"):
        case.do(Erase(**MAKER, number="N", cls="money"))
    assert case.do(Erase(**MAKER, number="N", cls="identity")) == ["erasure.done"]
    assert case.do(Erase(**MAKER, number="N", cls="identity")) == []
    assert case.acts[-1].fields["erased"] == {"0": ["name"]}


# --- paid twice


def give_back(case: Case, payment: int, why: str = "She paid twice.") -> list[str]:
    return case.do(GiveBack(**MAKER, number="N", payment=payment, why=why))


def told_of_two(case: Case) -> bool:
    return any(key.startswith("mail/N/paid_twice/") for key in case.duties)


def test_the_same_amount_twice_within_a_week_is_told_and_can_be_given_back() -> None:
    case = Case().place()
    case.pay(reference="one")
    assert not told_of_two(case)
    case.later(days=3).pay(rail="transfer", reference="two")
    assert told_of_two(case) and case.held.status == "confirmed" and not case.held.refunds
    first, second = (each.seq for each in case.held.payments)
    with pytest.raises(Refused):
        give_back(case, first)
    with pytest.raises(Invalid):
        give_back(case, second, " ")
    assert give_back(case, second)[:2] == ["deposit.given_back", "refund.owed"]
    assert (case.held.status, case.held.deposits()) == ("confirmed", {"USD": 500_000})
    [refund] = case.held.refunds
    assert (refund.payment, refund.amount_minor, refund.status) == (second, 500_000, "waiting")
    with pytest.raises(Refused):
        give_back(case, second)


def test_what_was_asked_for_or_came_long_after_or_goes_back_is_not_taken_for_twice() -> None:
    later = Case().place()
    later.pay(reference="one")
    later.later(days=8).pay(rail="transfer", reference="two")
    equal = (Instalment(1, 500_000, "card", 0), Instalment(2, 500_000, "transfer", 100))
    asked = Case(offer=opened(replace(TERMS, plan=equal))).place()
    asked.pay(reference="one")
    asked.pay(rail="transfer", reference="two")
    halves = Case().place()
    halves.pay(250_000, reference="one")
    halves.pay(250_000, reference="two")
    over = Case(offer=opened(replace(TERMS, plan=equal[:1]))).place()
    over.pay(reference="one")
    over.pay(reference="two")
    assert [told_of_two(each) for each in (later, asked, halves, over)] == [False] * 4
    assert over.held.owed_back() == {"USD": 500_000}
