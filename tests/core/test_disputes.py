"""Disputes, reversals and refunds that others made: who has the money in the end, and that nothing is paid twice."""

from dataclasses import replace
from typing import Any

import pytest

from earnest.core import dispute, reservation
from earnest.core.acts import Act
from earnest.core.commands.base import Claim, World
from earnest.core.commands.dispute import AnswerDispute, Case, CloseDispute, OpenDispute, WarnOfFraud
from earnest.core.commands.import_refund import ImportRefund
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.commands.provider_movement import BookMovement, Movement
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import NOT_THE_CARD, ReportRefund
from earnest.core.commands.reverse_deposit import ReverseDeposit
from earnest.core.commands.take_back import TakeBack
from earnest.core.entries import from_text
from earnest.core.refusals import Invalid, Missing, Refused
from tests.core.driver import HOLDER, MAKER, OTHER, STRIPE, WORKER, at
from tests.core.driver import Case as Book

HAPPENED = at(2018, 6, 20)


def said(**changed: Any) -> Case:
    given: dict[str, Any] = {
        "reference": "dp_1",
        "paid_reference": "pi_1",
        "amount_minor": 500_000,
        "currency": "USD",
        "reason": "fraudulent",
        "happened_at": HAPPENED,
        "taken": True,
        "due_at": at(2018, 7, 1),
    }
    return Case(**{**given, **changed})


def paid() -> Book:
    book = Book().place()
    book.pay(reference="pi_1")
    return book.later(days=10)


def opened(book: Book, **changed: Any) -> list[str]:
    return book.do(OpenDispute(**STRIPE, number="N", case=said(**changed)))


def closed(book: Book, outcome: str) -> list[str]:
    return book.do(
        CloseDispute(**STRIPE, number="N", reference="dp_1", outcome=outcome, happened_at=HAPPENED)
    )


def request(book: Book, n: int = 1) -> list[str]:
    return book.do(RequestRefund(**WORKER, number="N", refund=n))


def report(book: Book, outcome: str, n: int = 1, **more: Any) -> list[str]:
    refund = book.held.refunds[n - 1]
    given: dict[str, Any] = {"attempt": refund.attempt, "happened_at": book.now, "reference": f"re_{n}"}
    return book.do(ReportRefund(**STRIPE, number="N", refund=n, outcome=outcome, **{**given, **more}))


def outside(book: Book, minor: int, reference: str = "re_out") -> list[str]:
    return book.do(
        ImportRefund(
            **STRIPE,
            number="N",
            paid_reference="pi_1",
            reference=reference,
            amount_minor=minor,
            currency="USD",
        )
    )


def test_an_open_dispute_holds_what_is_owed_and_a_won_one_pays_it() -> None:
    book = paid()
    book.cancel()
    assert opened(book) == ["dispute.opened", "refund.held"]
    assert opened(book) == []
    book.later(hours=2)
    with pytest.raises(Refused, match="cannot be sent"):
        request(book)
    assert closed(book, "won") == ["dispute.closed", "refund.owed"]
    assert closed(book, "won") == []
    assert request(book) == ["refund.requested"]
    assert (book.held.refunds[0].route, book.held.refunds[0].amount_minor) == ("card", 500_000)


def test_what_becomes_owed_while_a_dispute_is_open_is_held_at_once() -> None:
    book = paid()
    opened(book)
    book.cancel()
    assert (book.held.refunds[0].status, book.held.refunds[0].why) == ("waiting", "dispute")


def test_lost_the_network_has_paid_what_was_owed() -> None:
    book = paid()
    book.cancel()
    opened(book)
    assert closed(book, "lost") == ["dispute.closed", "refund.settled"]
    assert book.held.refunds[0].status == "settled"
    assert book.held.owed_back() == {} and book.held.receivables() == {}
    with pytest.raises(Refused, match="on its way"):
        book.do(TakeBack(**HOLDER, number="N"))


def test_lost_without_a_cancellation_takes_the_deposit() -> None:
    book = paid()
    opened(book)
    assert closed(book, "lost") == ["dispute.closed"]
    assert (book.held.paid_minor(), book.held.status) == (0, "confirmed")
    book.cancel()
    assert book.held.refunds == ()


def test_lost_after_the_refund_had_left_the_holder_owes_it() -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    report(book, "sent")
    opened(book)
    assert closed(book, "lost") == ["dispute.closed"]
    assert book.held.receivables() == {"USD": 500_000}
    # Should that refund come back after all, it is set off and not paid again.
    assert report(book, "returned", why="declined") == [
        "refund.returned",
        "refund.corrected",
        "refund.settled",
    ]
    assert book.held.receivables() == {} and book.held.owed_back() == {}


def test_lost_while_a_refund_is_on_its_way_counts_it_when_it_is_known() -> None:
    for outcome, receivable in (("sent", {"USD": 500_000}), ("refused", {})):
        book = paid()
        book.cancel()
        book.later(hours=2)
        request(book)
        opened(book)
        closed(book, "lost")
        assert book.held.receivables() == {"USD": 500_000}
        report(book, outcome, why="charge-for-pending-refund-disputed")
        assert book.held.receivables() == receivable and book.held.owed_back() == {}


@pytest.mark.parametrize("why", NOT_THE_CARD)
def test_a_refund_that_failed_because_of_the_dispute_is_held_and_then_goes_to_the_card(why: str) -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    opened(book)
    assert report(book, "refused", why=why) == ["refund.refused", "refund.owed", "refund.held"]
    closed(book, "won")
    assert (book.held.refunds[0].status, book.held.refunds[0].route) == ("owed", "card")


def test_a_dispute_of_a_part_leaves_the_rest_owed() -> None:
    book = paid()
    book.cancel()
    opened(book, amount_minor=200_000)
    assert closed(book, "lost") == ["dispute.closed", "refund.settled", "refund.owed"]
    [refund] = book.held.refunds
    assert (refund.status, refund.amount_minor, refund.settled_minor) == ("owed", 300_000, 200_000)


def test_an_inquiry_takes_nothing_and_holds_nothing_until_it_does() -> None:
    book = paid()
    book.cancel()
    assert opened(book, taken=False) == ["dispute.opened"]
    assert book.held.refunds[0].status == "owed"
    assert opened(book, taken=False) == []
    assert opened(book) == ["dispute.opened", "refund.held"]
    assert [each.status for each in book.held.disputes] == ["open"]


def test_what_was_won_can_be_taken_again() -> None:
    book = paid()
    opened(book)
    closed(book, "won")
    assert opened(book) == ["dispute.opened"]
    closed(book, "lost")
    assert book.held.paid_minor() == 0
    with pytest.raises(Refused):
        closed(book, "won")


def test_an_inquiry_closes_without_money() -> None:
    book = paid()
    opened(book, taken=False)
    assert closed(book, "closed") == ["dispute.closed"]
    assert book.held.disputes[0].status == "closed" and book.held.paid_minor() == 500_000


def test_a_warning_is_only_a_warning() -> None:
    book = paid()
    assert book.do(WarnOfFraud(**STRIPE, number="N", case=said(reference="issfr_1"))) == ["dispute.warned"]
    assert book.do(WarnOfFraud(**STRIPE, number="N", case=said(reference="issfr_1"))) == []
    book.cancel()
    assert book.held.refunds[0].status == "owed"


def test_evidence_is_handed_in_once_and_not_after_the_end() -> None:
    book = paid()
    answer = AnswerDispute(**STRIPE, number="N", reference="dp_1", happened_at=HAPPENED, evidence="ab" * 32)
    with pytest.raises(Missing):
        book.do(answer)
    opened(book)
    assert book.do(answer) == ["dispute.answered"] and book.do(answer) == []
    closed(book, "lost")
    assert book.do(answer) == []


@pytest.mark.parametrize(
    "changed", [{"currency": "EUR"}, {"amount_minor": 500_001}, {"amount_minor": 0}, {"amount_minor": -1}]
)
def test_a_dispute_that_does_not_fit_its_payment_is_refused(changed: dict[str, Any]) -> None:
    book = paid()
    with pytest.raises(Invalid):
        opened(book, **changed)
    with pytest.raises(Missing):
        opened(book, paid_reference="pi_2")


def test_disputes_move_along_their_table_and_nowhere_else() -> None:
    events = {event for row in dispute.TRANSITIONS.values() for event in row}
    for status, row in dispute.TRANSITIONS.items():
        for event in events - row.keys():
            with pytest.raises(ValueError, match=event):
                dispute.move(status, event)


def test_a_dispute_that_was_never_opened_does_not_fold() -> None:
    book = paid()
    act = Act(
        book.held.n,
        HAPPENED,
        "dispute.closed",
        1,
        "provider",
        {"dispute": 1, "outcome": "won", "via": "stripe"},
    )
    with pytest.raises(ValueError, match="begin"):
        reservation.fold(book.held, act)
    with pytest.raises(ValueError, match="no dispute 2"):
        reservation.fold(book.held, replace(act, fields={**act.fields, "dispute": 2}))


# --- reversals by a bank


def reversed_(book: Book, minor: int, reference: str = "rv_1") -> list[str]:
    return book.do(
        ReverseDeposit(
            **STRIPE,
            number="N",
            rail="card",
            paid_reference="pi_1",
            reference=reference,
            amount_minor=minor,
            currency="USD",
            why="MD06",
            happened_at=HAPPENED,
        )
    )


def test_a_reversal_takes_the_deposit_then_what_is_owed_then_makes_a_debt() -> None:
    book = paid()
    assert reversed_(book, 200_000) == ["deposit.reversed"]
    book.cancel()
    assert reversed_(book, 100_000, "rv_2") == ["deposit.reversed", "refund.settled"]
    book.later(hours=2)
    request(book)
    report(book, "sent")
    assert reversed_(book, 200_000, "rv_3") == ["deposit.reversed"]
    assert book.held.receivables() == {"USD": 200_000}
    with pytest.raises(Invalid):
        reversed_(book, 500_001, "rv_4")


# --- refunds that somebody made in the provider's own pages


def test_made_outside_before_anything_was_owed_it_comes_out_of_the_deposit() -> None:
    book = paid()
    assert outside(book, 100_000) == ["refund.owed", "refund.requested"]
    report(book, "sent")
    assert book.held.refunds[0].external and book.held.paid_minor() == 400_000
    book.cancel()
    assert [each.amount_minor for each in book.held.refunds] == [100_000, 400_000]


def test_made_outside_it_pays_what_is_owed() -> None:
    book = paid()
    book.cancel()
    assert outside(book, 500_000)[:3] == ["refund.settled", "refund.owed", "refund.requested"]
    report(book, "sent", n=2)
    assert [each.status for each in book.held.refunds] == ["settled", "sent"]
    assert book.held.owed_back() == {}


def test_made_outside_in_part_the_rest_stays_owed() -> None:
    book = paid()
    book.cancel()
    outside(book, 100_000)
    report(book, "sent", n=2)
    assert [(each.status, each.amount_minor) for each in book.held.refunds] == [
        ("owed", 400_000),
        ("sent", 100_000),
    ]
    book.later(hours=2)
    assert request(book) == ["refund.requested"]


def test_made_outside_while_ours_was_on_its_way_nothing_is_paid_twice() -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    outside(book, 100_000)
    assert book.held.receivables() == {"USD": 100_000}
    report(book, "sent", n=2)
    report(book, "refused", why="gone-elsewhere")
    assert (book.held.refunds[0].status, book.held.refunds[0].amount_minor) == ("owed", 400_000)
    assert book.held.receivables() == {}


def test_made_outside_beside_one_that_arrived_the_holder_owes_the_difference() -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    report(book, "sent")
    outside(book, 500_000)
    report(book, "sent", n=2)
    assert book.held.receivables() == {"USD": 500_000}
    assert report(book, "returned", n=2, why="declined")[-1] == "refund.settled"
    assert book.held.receivables() == {} and book.held.owed_back() == {}


def test_one_made_outside_that_fails_is_owed_again() -> None:
    book = paid()
    outside(book, 500_000)
    report(book, "refused", why="declined")
    assert book.held.owed_back() == {"USD": 500_000}


def test_a_refund_that_had_succeeded_can_come_to_wait_for_the_customer() -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    report(book, "sent")
    assert report(book, "action") == ["refund.returned", "refund.corrected", "refund.held"]
    assert report(book, "sent")[:3] == ["refund.owed", "refund.requested", "refund.sent"]


# --- what the provider did with what it holds


def moved(kind: str, minor: int = 500, **more: Any) -> BookMovement:
    movement = Movement(kind, "txn_1", minor, "EUR", HAPPENED, **more)
    return BookMovement(**STRIPE, provider="stripe", movement=movement)


@pytest.mark.parametrize(
    "command, written",
    [
        (moved("fee"), "provider-fees card-clearing 500 EUR"),
        (moved("fee", -500), "card-clearing provider-fees 500 EUR"),
        (moved("payout", what="po_1"), "payout-in-transit card-clearing 500 EUR"),
        (moved("returned", what="po_1"), "card-clearing payout-in-transit 500 EUR"),
        (moved("added"), "card-clearing payout-in-transit 500 EUR"),
        (
            moved("exchange", -500, got_minor=550, got="USD"),
            "exchange-differences card-clearing 500 EUR\ncard-clearing exchange-differences 550 USD",
        ),
    ],
)
def test_a_movement_of_the_provider_has_its_entries(command: BookMovement, written: str) -> None:
    world = World(at(2018, 7, 1), "KEY")
    [draft] = command.decide(world).acts
    assert draft.act.text("entries") == written and from_text(written)
    assert command.decide(replace(world, claimed=frozenset(command.claims()))).acts == ()
    assert command.claims() == (Claim(command.movement.kind, "txn_1"),)


@pytest.mark.parametrize(
    "command",
    [
        moved("gift"),
        moved("fee", 0),
        moved("payout", -5, what="po_1"),
        moved("exchange", -5, got_minor=-5, got="USD"),
        moved("exchange", -5, got_minor=5, got="EUR"),
    ],
)
def test_what_is_no_movement_is_refused(command: BookMovement) -> None:
    with pytest.raises(Invalid):
        command.decide(World(at(2018, 7, 1), "KEY"))


@pytest.mark.parametrize("by", ["dispute", "reversal"])
def test_what_the_provider_may_still_pay_is_not_settled_by_what_a_bank_took(by: str) -> None:
    book = paid()
    book.cancel()
    book.later(hours=2)
    request(book)
    report(book, "action")
    if by == "dispute":
        opened(book)
        closed(book, "lost")
    else:
        reversed_(book, 500_000)
    assert (book.held.refunds[0].status, book.held.refunds[0].settled_minor) == ("waiting", 0)
    assert book.held.receivables() == {"USD": 500_000}
    report(book, "sent")
    assert book.held.refunds[0].status == "sent" and book.held.receivables() == {"USD": 500_000}


def test_reversals_together_never_take_more_than_came() -> None:
    book = paid()
    reversed_(book, 300_000, "rv_1")
    with pytest.raises(Invalid):
        reversed_(book, 300_000, "rv_2")
    assert reversed_(book, 200_000, "rv_3") == ["deposit.reversed"]
    assert book.held.receivables() == {} and book.held.paid_minor() == 0


def test_what_was_won_and_is_taken_again_is_looked_after_again() -> None:
    book = paid()
    opened(book, due_at=at(2018, 8, 1))
    first = {key for key in book.duties if key.startswith(("mail/N/dispute", "dispute"))}
    closed(book, "won")
    before = len(book.duties)
    opened(book, due_at=at(2018, 9, 1))
    again = {key for key in book.duties[before:] if key.startswith(("mail/N/dispute", "dispute"))}
    assert len(again) == 3 and again.isdisjoint(first)


def _sent_to_an_account() -> Book:
    book = Book().place(quantity=2)
    book.pay(10_000_000, "transfer")
    book.account()
    book.later(days=10)
    book.cancel(quantity=1)
    book.later(hours=60)
    book.do(RequestRefund(**MAKER, number="N", refund=1))
    sent = {"number": "N", "refund": 1, "attempt": 1, "outcome": "sent", "happened_at": book.now}
    book.do(ReportRefund(**OTHER, **sent, reference="X1"))
    return book


def test_a_transfer_that_came_back_is_not_owed_to_an_account_that_is_gone() -> None:
    book = _sent_to_an_account()
    book.do(OfferHolder(**HOLDER, number="N", email="bo@example.org", language="en"))
    passing = book.held.passing
    assert passing
    taken = {"number": "N", "offered": passing.seq, "name": "Bo Lind", "residence": "FR", "language": "en"}
    book.do(ChangeHolder(**HOLDER | {"person": "holder:1"}, **taken))
    back = {"number": "N", "refund": 1, "attempt": 1, "outcome": "returned", "happened_at": book.now}
    book.do(ReportRefund(by="bank", via="bank", **back, why="AM04"))
    assert (book.held.refunds[0].status, book.held.refunds[0].why) == ("waiting", "account")
    assert any("account_needed" in key for key in book.duties)
