"""The clock in the worker: who is told at which step, once, whoever dies in between."""

from datetime import timedelta

import pytest

from earnest.book import clock, duties, models, reads, rebuild
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.post import deadlines
from tests import scene
from tests.outside.test_mail import kept, part
from tests.scene import MAKER, OTHER, book, cancel, pay, place, state, types, work

__all__ = ["book"]
HOUR = timedelta(hours=1)


def overdue_by_hand(book: clock.ManualClock, **changed: str) -> str:
    """A refund that operators have to pay, and do not."""
    number = place(**changed)
    pay(number, rail="transfer")
    scene.account(number)
    book.advance(timedelta(days=4))
    cancel(number)
    work()
    return number


def to_operators() -> list[str]:
    return list(models.Mail.objects.filter(subject=None).order_by("id").values_list("template", flat=True))


def pass_time(book: clock.ManualClock, total: timedelta) -> None:
    """Let the time pass as it does: the worker sweeps all along."""
    until = book.now() + total
    while book.now() < until:
        due = duties.next_due()
        book.set(min(until, max(due or until, book.now())))
        work()


def test_at_half_and_at_nine_tenths_the_maker_hears_of_it_and_then_the_holder(
    book: clock.ManualClock,
) -> None:
    number = overdue_by_hand(book, language="fr")
    pass_time(book, 11 * HOUR)
    assert to_operators() == []
    pass_time(book, 2 * HOUR)
    assert to_operators() == ["deadline_half"]
    pass_time(book, 10 * HOUR)
    assert to_operators() == ["deadline_half", "deadline_nine_tenths"]
    assert "refund.overdue" not in types(number)
    pass_time(book, 2 * HOUR)
    assert to_operators() == ["deadline_half", "deadline_nine_tenths", "deadline_promise"]
    assert types(number).count("refund.overdue") == 1
    said = part(kept("refund_overdue"))
    assert "n'est pas fait" in said and "10 mars 2026" not in said
    pass_time(book, timedelta(days=14))
    assert to_operators()[-1] == "deadline_law" and types(number).count("refund.overdue") == 2
    assert len(to_operators()) == 4
    assert list(rebuild.differences()) == []


def test_many_refunds_are_one_mail_that_names_no_person(book: clock.ManualClock) -> None:
    scene.offer("raft", capacity=100)
    numbers = []
    for name in ("Ada Moreau", "Bo Lind", "Cy Roux"):
        number = place(slug="raft", name=name)
        pay(number, rail="transfer")
        scene.account(number, name)
        numbers.append(number)
    book.advance(timedelta(days=4))
    for number in numbers:
        cancel(number)
    pass_time(book, 13 * HOUR)
    assert to_operators() == ["deadline_half"]
    said = part(kept("deadline_half"))
    assert all(number in said for number in numbers) and "Moreau" not in said and "FR14" not in said


def test_a_refund_that_leaves_in_time_is_heard_of_no_more(book: clock.ManualClock) -> None:
    number = overdue_by_hand(book)
    pass_time(book, 13 * HOUR)
    scene.door.do_one(RequestRefund(**MAKER, number=number, refund=1))
    sent = ReportRefund(
        **OTHER, number=number, refund=1, attempt=1, outcome="sent", happened_at=book.now(), reference="B-1"
    )
    scene.door.do_one(sent)
    pass_time(book, timedelta(days=20))
    assert to_operators() == ["deadline_half"] and "refund.overdue" not in types(number)


def test_a_worker_that_was_away_says_the_last_step_once(book: clock.ManualClock) -> None:
    number = overdue_by_hand(book)
    book.advance(timedelta(days=3))
    work()
    book.advance(HOUR)
    work()
    assert to_operators() == ["deadline_promise"]
    assert types(number).count("refund.overdue") == 1


def test_a_worker_that_dies_between_saying_and_noting_says_it_once(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail's duty and the note that it was asked for are one transaction: the guard is taken out, then put back."""
    overdue_by_hand(book)
    book.advance(13 * HOUR)

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(duties, "advance", dies)
        with pytest.raises(SystemExit):
            work()
    asked = models.Duty.objects.filter(kind="tell_operators")
    assert not asked.exists()
    book.advance(HOUR)
    work()
    assert asked.count() == 1


def test_a_clock_that_was_lost_is_found_by_the_nightly_sweep(book: clock.ManualClock) -> None:
    number = overdue_by_hand(book)
    models.Duty.objects.filter(kind="refund_clock").delete()
    deadlines.arm()
    deadlines.arm()
    pass_time(book, timedelta(days=2))
    assert types(number).count("refund.overdue") == 1
    assert models.Duty.objects.filter(kind="refund_sweep", state="waiting").count() == 1


def test_what_waits_for_an_account_is_told_to_the_holder_at_the_laws_limit_as_it_is(
    book: clock.ManualClock,
) -> None:
    number = place()
    pay(number, rail="transfer")
    cancel(number)
    pass_time(book, timedelta(days=13))
    assert to_operators() == [] and "refund.overdue" not in types(number)
    pass_time(book, timedelta(days=2))
    assert types(number).count("refund.overdue") == 1 and to_operators() == ["deadline_law"]
    said = part(kept("refund_overdue"))
    assert "waits for a bank account from you" in said
    assert state(number).refunds[0].missed == (reads.reservation(number).refunds[0].legal_due_at,)
