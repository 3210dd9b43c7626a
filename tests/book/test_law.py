"""Rates that operators enter: they survive a rebuild, are corrected and not doubled, and end what waited for them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from earnest.book import clock, door, duties, facts, law, models, rebuild
from earnest.core.commands.enter_rate import EnterRate
from earnest.core.commands.owe_by_law import OweByLaw
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.operator import EnteredRate
from earnest.core.refusals import Invalid, Refused
from earnest.core.rights.law import BadLaw
from earnest.post import by_law
from tests import scene
from tests.scene import MAKER, OTHER, pay, place, refused, state, work

book = scene.book

pytestmark = pytest.mark.django_db
TABLE = "fr-legal-interest"


def entering(**changed: Any) -> EnterRate:
    given: dict[str, Any] = {
        "rates": TABLE,
        "since": date(2026, 7, 1),
        "until": date(2026, 12, 31),
        "percent": (("consumer", "7.30"), ("other", "2.50")),
        "source": "arrêté of 20 June 2026",
    }
    return EnterRate(**MAKER, **{**given, **changed})


def percent(day: date) -> str:
    return str(float(law.current().rates[TABLE].percent(day, "consumer")))


def test_a_rate_that_was_entered_is_in_the_law_and_survives_a_rebuild(book: clock.ManualClock) -> None:
    before = law.current().digest
    assert before == law.packaged().digest
    door.do_one(entering())
    assert percent(date(2026, 12, 31)) == "7.3" and law.current().digest != before
    assert isinstance(door.do_one(entering()), door.Nothing)
    assert list(rebuild.differences()) == []
    # The act alone: read as another process would.
    law._with_entered.cache_clear()
    assert percent(date(2026, 7, 1)) == "7.3"


def test_a_rate_is_corrected_and_never_doubled(book: clock.ManualClock) -> None:
    door.do_one(entering())
    door.do_one(entering(percent=(("consumer", "7.03"), ("other", "2.50"))))
    assert percent(date(2026, 7, 1)) == "7.03"
    assert isinstance(refused(entering(since=date(2026, 12, 1), until=date(2027, 6, 30))), Refused)
    assert isinstance(refused(entering(since=date(2026, 1, 1), until=date(2026, 6, 30))), Refused)


def test_a_day_with_two_rates_is_no_law(book: clock.ManualClock) -> None:
    """Acts that were written elsewhere, or restored: the engine does not choose between two rates."""
    percent_of = (("consumer", "7.30"), ("other", "2.50"))
    one = EnteredRate(1, TABLE, date(2026, 7, 1), date(2026, 12, 31), percent_of, "arrêté of 20 June 2026")
    other = replace(one, seq=2, since=date(2026, 12, 31), until=date(2027, 6, 30))
    with pytest.raises(BadLaw, match="have a rate already"):
        law.with_rates((one, other))
    assert law.with_rates((one,)).rates[TABLE].period(date(2026, 12, 31))


@pytest.mark.parametrize(
    "changed",
    [
        {"rates": "moon"},
        {"until": date(2026, 6, 30)},
        {"source": "  "},
        {"percent": (("consumer", "7.30"),)},
        {"percent": (("consumer", "7.30"), ("consumer", "7.30"), ("other", "1"))},
        {"percent": (("consumer", "7,30"), ("other", "2.50"))},
        {"percent": (("consumer", "73"), ("other", "2.50"))},
    ],
)
def test_what_is_no_rate_is_refused(book: clock.ManualClock, changed: dict[str, Any]) -> None:
    assert isinstance(refused(entering(**changed)), Invalid)
    assert law.current() is law.packaged()


def test_a_rate_nobody_entered_is_an_alarm_and_then_is_paid(book: clock.ManualClock) -> None:
    number = place()
    pay(number, 500_000, "transfer")
    scene.account(number)
    book.advance(timedelta(days=170))  # 19 August: interest since 2 June, and no rate from 1 July on.
    scene.cancel(number)
    door.do_one(RequestRefund(**MAKER, number=number, refund=1))
    sent = {"number": number, "refund": 1, "attempt": 1, "outcome": "sent", "happened_at": clock.now()}
    door.do_one(ReportRefund(**OTHER, **sent, reference="OUT"))
    work()
    # 28 days of 6.67 % on 5,000.
    assert [(each.head, each.amount_minor) for each in state(number).refunds[1:]] == [("interest", 2_558)]
    alarm = models.Duty.objects.get(kind=by_law.MISSING)
    assert alarm.state == "parked" and "2026-07-01" in alarm.last_error and "finance" in alarm.last_error
    assert facts.rights(number, date(2026, 8, 19))[1].missing[0].first_missing_day == date(2026, 7, 1)
    door.do_one(entering())
    by_law.rate_entered(TABLE)
    work()
    # 50 days more of 7.30 %: 50.00, and what was owed before is not owed again.
    assert [each.amount_minor for each in state(number).refunds[1:]] == [2_558, 5_000]
    assert [row.state for row in models.Duty.objects.filter(kind__in=(by_law.MISSING, by_law.KIND))] == [
        "done"
    ] * 2
    assert duties.next_due() is None or duties.next_due() > clock.now()


def test_interest_that_was_paid_is_shown_as_paid_and_not_as_due(book: clock.ManualClock) -> None:
    number = place()
    pay(number, 500_000, "transfer")
    scene.account(number)
    book.advance(timedelta(days=100))  # Eight days of 6.67 % on 5,000.
    scene.cancel(number)
    sent_back(number, 1)
    assert shown(number) == {"principal": (0, 0), "interest": (731, 0)}
    sent_back(number, 2)
    day = clock.now().date()
    book.advance(timedelta(days=5))
    assert shown(number) == {"principal": (0, 0), "interest": (0, 731)}
    # The law itself is asked again without what was paid, and nothing more is owed.
    assert isinstance(door.do_one(OweByLaw(**scene.MAKER, number=number, refund=1)), door.Nothing)
    # On the day before, nothing had been paid.
    before = facts.rights(number, day - timedelta(days=1))[1].sums
    assert [each.paid_minor for each in before] == [0] * len(before)


def sent_back(number: str, refund: int) -> None:
    door.do_one(RequestRefund(**MAKER, number=number, refund=refund))
    sent = {"number": number, "refund": refund, "attempt": 1, "outcome": "sent", "happened_at": clock.now()}
    door.do_one(ReportRefund(**OTHER, **sent, reference=f"OUT-{refund}"))
    work()


def shown(number: str) -> dict[str, tuple[int, int]]:
    """Head -> (still owed, paid)."""
    found = facts.rights(number, clock.now())[1].sums
    return {each.kind: (each.amount_minor, each.paid_minor) for each in found}
