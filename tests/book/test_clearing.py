"""What stands on a clearing account longer than its term is an alarm with an owner."""

from datetime import timedelta

import pytest

from earnest.book import check, clearing, clock, door, ledger, lists, models, slices
from earnest.core.bank_entry import BankEntry
from earnest.core.commands.book_entry import KeepUnmatched
from earnest.core.commands.correct_deposit import ProposeCorrection
from earnest.core.commands.provider_movement import BookMovement, Movement
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.settle_credit import AssignCredit, DropReturn, ExplainCredit, ReturnCredit
from earnest.post import clearing_alarms
from earnest.rails.bank import unmatched
from tests import scene
from tests.scene import pay, place, state, work

book = scene.book

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("closed", [False, True])
def test_what_stands_longer_than_its_term_is_told_and_newer_money_is_not(
    book: clock.ManualClock, closed: bool
) -> None:
    pay(place())
    book.advance(timedelta(days=14))
    pay(place(name="Ben Ode"), 700_000)
    if closed:
        slices.close(book.now())
    assert clearing.overdue(book.now()) == []
    book.advance(timedelta(days=1))
    assert clearing.overdue(book.now()) == [clearing.Overdue("card-clearing", "EUR", 500_000, 14, "finance")]


def test_what_went_out_was_what_came_in_first(book: clock.ManualClock) -> None:
    """Of two payments the older one went back; what is left is the younger one's, and late when that is."""
    first = place()
    pay(first)
    book.advance(timedelta(days=10))
    scene.cancel(first)
    pay(place(name="Ben Ode"), 700_000)
    door.do_one(RequestRefund(by="maker", via="console", person="operator:ana", number=first, refund=1))
    door.do_one(
        ReportRefund(
            by="provider",
            via="stripe",
            number=first,
            refund=1,
            attempt=1,
            outcome="sent",
            reference="re_1",
            happened_at=book.now(),
        )
    )
    assert ledger.balances()["card-clearing", "EUR"] == 700_000
    book.advance(timedelta(days=14))
    assert clearing.overdue(book.now()) == []
    book.advance(timedelta(days=1))
    assert clearing.overdue(book.now()) == [clearing.Overdue("card-clearing", "EUR", 700_000, 14, "finance")]


def paid_out(n: int, minor: int, kind: str = "payout") -> None:
    """A payout, or one that came back."""
    movement = Movement(kind, f"txn_{kind}_{n}", minor, "EUR", scene.START, f"po_{n}")
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=movement))


OURS = "370400440532013000"


def credit(minor: int, reference: str) -> int:
    """Money that a statement tells of and that names nobody; its act."""
    entry = BankEntry((reference * 32,), (reference * 32,), minor, "EUR", clock.now(), reference)
    outcome = door.do_one(KeepUnmatched(by="bank", via="statement", account=OURS, entry=entry))
    assert isinstance(outcome, door.Done)
    return outcome.acts[-1].seq


def explain(seq: int) -> None:
    door.do_one(
        ExplainCredit(**scene.MAKER, account=OURS, credit=seq, source="payout-in-transit", why="It is.")
    )


def assign(seq: int, *shares: tuple[str, int], taken: bool = True) -> None:
    door.do_one(AssignCredit(**scene.MAKER, account=OURS, credit=seq, shares=shares, why="They wrote."))
    if taken:
        unmatched.take_now(OURS, seq)


def unmatched_items() -> list[tuple[str, int]]:
    return sorted((each.name, each.minor) for each in clearing._named("bank-unmatched"))


def test_a_credit_is_an_item_until_each_reservation_has_its_part(book: clock.ManualClock) -> None:
    first, second = place(), place(name="Ben Ode")
    stuck, shared, returned = credit(500_000, "B1"), credit(800_000, "B2"), credit(500_000, "B3")
    assign(shared, (first, 500_000), (second, 300_000))
    assert unmatched_items() == [(f"{OURS}/{stuck}", 500_000), (f"{OURS}/{returned}", 500_000)]
    # Of two equal ones the one that goes is the one that is named, not the one that came first.
    common = {"account": OURS, "credit": returned}
    outcome = door.do_one(ReturnCredit(**scene.MAKER, **common, why="Theirs."))
    assert isinstance(outcome, door.Done)
    assert [each.name for each in clearing._named("refund-in-transit")] == [f"{OURS}/{returned}"]
    dropped = door.do_one(DropReturn(**scene.OTHER, **common, request=outcome.acts[-1].seq))
    assert isinstance(dropped, door.Done)
    assert clearing._named("refund-in-transit") == []
    again = dropped.acts[-1].seq
    assert unmatched_items() == [(f"{OURS}/{stuck}", 500_000), (f"{OURS}/{again}", 500_000)]
    assign(again, (first, 500_000), taken=False)
    book.advance(timedelta(days=6))
    late = [each for each in clearing.overdue(book.now()) if each.account == "bank-unmatched"]
    assert [(each.item, each.amount_minor) for each in late] == [
        (f"{OURS}/{stuck}", 500_000),
        (f"{OURS}/{again}", 500_000),
    ]
    assert check_holds("money")


def check_holds(name: str) -> bool:
    return [found for _, found in check.run([name])] == [[]]


def test_a_correction_is_an_item_until_it_is_booked_where_it_belongs(book: clock.ManualClock) -> None:
    wrong, right, third = place(), place(name="Ben Ode"), place(name="Cleo Faure")
    pay(third)
    for number, minor in ((wrong, 500_000), (third, 200_000)):
        pay(number, minor, "transfer")
        seq = state(number).payments[-1].seq
        given = {"payment": seq, "right_minor": minor, "to": right, "why": "One line too low."}
        door.do_one(ProposeCorrection(**scene.MAKER, number=number, **given))
        if number == wrong:
            assert unmatched_items() == [(wrong, 500_000)]
            work()
            assert unmatched_items() == []
    scene.pass_on(third, "dan@example.org", "Dan Petit")
    assert unmatched_items() == [(third, 200_000)]
    work()
    assert unmatched_items() == [] and check_holds("money")


def test_what_left_an_item_and_never_came_is_found(book: clock.ManualClock) -> None:
    number = place()
    seq = credit(500_000, "B1")
    assign(seq, (number, 500_000))
    # Somebody says by hand that the reservation has taken it once more.
    key = models.Subject.objects.get(number=OURS).key
    models.Claim.objects.create(rail="share", reference=f"{OURS}/{seq}/2/{number}/100", subject_id=key)
    models.Claim.objects.create(rail="taken", reference=f"{OURS}/{seq}/2", subject_id=key)
    found = next(found for _, found in check.run(["money"]))
    assert [each.why for each in found] == [
        f"more has left bank-unmatched of {OURS}/{seq} than came, by 100 EUR"
    ]


def refund_under_way(book: clock.ManualClock, name: str) -> str:
    """A refund that was asked for today."""
    number = place(name=name, slug="many")
    pay(number)
    scene.cancel(number)
    door.do_one(RequestRefund(by="maker", via="console", person="operator:ana", number=number, refund=1))
    return number


def answer(book: clock.ManualClock, number: str) -> None:
    door.do_one(
        ReportRefund(
            by="provider",
            via="stripe",
            number=number,
            refund=1,
            attempt=1,
            outcome="sent",
            reference=f"re_{number}",
            happened_at=book.now(),
        )
    )


def test_one_refund_that_is_stuck_is_seen_behind_a_steady_flow(book: clock.ManualClock) -> None:
    """Each day one is asked for and answered; first in, first out would take the stuck one for the newest."""
    scene.offer("many", capacity=50)
    stuck = refund_under_way(book, "Ada Moreau")
    for n in range(12):
        under_way = refund_under_way(book, f"N{n} Nom")
        book.advance(timedelta(days=1))
        answer(book, under_way)
    late = [each for each in clearing.overdue(book.now()) if each.account == "refund-in-transit"]
    assert late == [clearing.Overdue("refund-in-transit", "EUR", 500_000, 10, "finance", stuck)]
    answer(book, stuck)
    assert [each for each in clearing.overdue(book.now()) if each.account == "refund-in-transit"] == []


def test_a_payout_is_an_item_by_its_name_and_what_names_none_takes_the_oldest(
    book: clock.ManualClock,
) -> None:
    pay(place(), 500_000)
    for n, minor in ((1, 10_000), (2, 20_000), (3, 30_000)):
        paid_out(n, minor)
        book.advance(timedelta(days=3))
    paid_out(2, 20_000, "returned")
    book.advance(timedelta(days=2))
    late = [each for each in clearing.overdue(book.now()) if each.account == "payout-in-transit"]
    assert [(each.item, each.amount_minor) for each in late] == [("po_1", 10_000)]
    book.advance(timedelta(days=3))
    late = [each for each in clearing.overdue(book.now()) if each.account == "payout-in-transit"]
    assert [(each.item, each.amount_minor) for each in late] == [("po_1", 10_000), ("po_3", 30_000)]
    paid_out(4, 40_000)
    explain(credit(40_000, "B1"))
    late = [each for each in clearing._named("payout-in-transit") if each.minor > 0]
    assert sorted((each.name, each.minor) for each in late) == [
        ("po_1", 10_000),
        ("po_3", 30_000),
        ("po_4", 40_000),
    ]
    # What came to the bank is of that very sum, so it is that payout, whatever has stood longer.
    book.advance(timedelta(days=8))
    late = [each for each in clearing.overdue(book.now()) if each.account == "payout-in-transit"]
    assert [(each.item, each.amount_minor) for each in late] == [("po_1", 10_000), ("po_3", 30_000)]
    items = [
        clearing._Item("a", "EUR", book.now() - timedelta(days=2), 5),
        clearing._Item("b", "EUR", book.now() - timedelta(days=9), 7),
    ]
    clearing._spread(9, items)
    assert [(each.name, each.minor) for each in items] == [("a", 3), ("b", 0)]


def test_each_night_it_becomes_an_alarm_and_when_it_has_left_it_is_over(book: clock.ManualClock) -> None:
    scene.offer("many", capacity=50)
    stuck = refund_under_way(book, "Ada Moreau")
    models.Duty.objects.exclude(kind__startswith="clearing").update(state="done")
    clearing_alarms.arm()
    clearing_alarms.arm()
    assert models.Duty.objects.filter(kind="clearing_sweep", state="waiting").count() == 1
    work()
    assert lists.alarms() == []
    book.advance(timedelta(days=11))
    work()
    assert [(each.number, each.kind) for each in lists.alarms()] == [(stuck, "clearing_late")]
    assert "5000.00 EUR has stood on refund-in-transit for more than 10 days" in lists.alarms()[0].error
    answer(book, stuck)
    models.Duty.objects.exclude(kind__startswith="clearing").update(state="done")
    book.advance(timedelta(days=1))
    work()
    assert lists.alarms() == []


def test_an_alarm_says_what_stands_there_now(book: clock.ManualClock) -> None:
    pay(place(), 500_000)
    clearing_alarms.arm()
    book.advance(timedelta(days=10))
    pay(place(name="Ben Ode"), 700_000)
    for days, minor in ((6, 500_000), (10, 1_200_000)):
        book.advance(timedelta(days=days))
        models.Duty.objects.exclude(kind__startswith="clearing").update(state="done")
        work()
        work()
        [alarm] = lists.alarms(only=clearing_alarms.LATE)
        assert alarm.about["amount_minor"] == minor and f"{minor // 100}.00 EUR" in alarm.error
        assert lists.alarms(but=clearing_alarms.LATE) == []
