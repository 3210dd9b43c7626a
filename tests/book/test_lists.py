"""Lists: pages by key, search, refunds by deadline, and the sums that customers are owed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from earnest.book import clock, door, duties, ids, keys, lists, mode, models
from earnest.core.commands.base import Duty
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.erase import Erase
from earnest.core.commands.lapse import Lapse
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Instalment, Sale, Text, Variant, Window
from earnest.core.refusals import Invalid

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MAKER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ana"}
SYSTEM: dict[str, Any] = {"by": "system", "via": "worker"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def manual() -> Iterator[clock.ManualClock]:
    """A book of its own, on a clock that stands still."""
    hand = clock.ManualClock(START)
    mode.forget()
    with clock.using(hand), ids.using(ids.SeededIds("lists")):
        mode.open_book("lists.example", "test", START)
        keys.use(keys.from_seed("lists.example", "lists"))
        yield hand
    keys.use(None)
    mode.forget()


def open_offer(slug: str = "boat", currency: str = "EUR") -> None:
    terms = Terms(
        currency=currency,
        variants=(Variant("one", "One", 100_000),),
        plan=(Instalment(1, 10_000, "card", 0), Instalment(2, 20_000, "transfer", 30)),
        capacity=500,
        window=Window(date(2027, 1, 1), date(2027, 12, 31)),
        sale=Sale("distance", "acompte", False, 2000),
        texts={"en": Text("Boat", "A boat.", "Terms.")},
    )
    door.do_one(OpenOffer(slug=slug, terms=terms, **MAKER))


def place(name: str = "Ada Moreau", email: str = "ada@example.org", slug: str = "boat") -> str:
    number = ids.number()
    person = {"name": name, "email": email, "residence": "FR", "language": "fr"}
    who = {"by": "customer", "via": "web", "person": "holder:0"}
    door.do_one(Place(number=number, slug=slug, variant="one", quantity=1, **who, **person))  # type: ignore[arg-type]
    return number


def pay(number: str, minor: int = 10_000, rail: str = "card", currency: str = "EUR") -> None:
    paid = Paid(rail, minor, currency, f"ref-{number}-{minor}", clock.now())
    door.do_one(ReceiveDeposit(number=number, paid=paid, **MAKER))


def cancel(number: str) -> None:
    door.do_one(Cancel(number=number, by="customer", via="portal", person="holder:0"))


def numbers(page: lists.Page) -> list[str]:
    return [row.state.number for row in page.rows]


def test_reservations_come_newest_first_with_their_names(manual: clock.ManualClock) -> None:
    open_offer()
    first = place("Ada Moreau")
    manual.advance(timedelta(minutes=1))
    second = place("Bo Ek")
    page = lists.reservations()
    assert [(row.state.number, row.name) for row in page.rows] == [(second, "Bo Ek"), (first, "Ada Moreau")]
    assert (page.newer, page.older) == ("", "")


def test_pages_by_key_show_each_reservation_once_in_both_directions() -> None:
    open_offer()
    # All in one second: the number decides then.
    made = {place(f"Person {n}") for n in range(7)}
    first = lists.reservations(size=3)
    second = lists.reservations(size=3, older=first.older)
    third = lists.reservations(size=3, older=second.older)
    assert sorted(numbers(first) + numbers(second) + numbers(third)) == sorted(made)
    assert (first.newer, third.older) == ("", "")
    back = lists.reservations(size=3, newer=third.newer)
    assert numbers(back) == numbers(second)
    assert numbers(lists.reservations(size=3, newer=back.newer)) == numbers(first)
    assert lists.reservations(size=3, newer=back.newer).newer == ""


def test_a_page_goes_on_where_it_was_though_newer_ones_have_come(manual: clock.ManualClock) -> None:
    open_offer()
    for _ in range(4):
        place()
        manual.advance(timedelta(minutes=1))
    first = lists.reservations(size=2)
    place()
    rest = lists.reservations(size=2, older=first.older)
    assert not set(numbers(first)) & set(numbers(rest))


def test_a_made_up_cursor_is_refused() -> None:
    with pytest.raises(Invalid):
        lists.reservations(older="yesterday~x")


def test_filters_by_offer_and_status() -> None:
    open_offer("boat")
    open_offer("plane")
    boat, plane = place(slug="boat"), place(slug="plane")
    pay(plane)
    assert numbers(lists.reservations(offer="boat")) == [boat]
    assert numbers(lists.reservations(status="confirmed")) == [plane]
    assert lists.by_status() == {"placed": 1, "confirmed": 1}
    assert lists.by_status("boat") == {"placed": 1}
    assert lists.count(offer="plane") == 1


def test_search_by_number_as_it_is_typed_and_by_the_whole_address() -> None:
    open_offer()
    one, other = place(email="ada@example.org"), place(email="bo@example.org")
    typed = one.lower().replace("-", " ")
    assert numbers(lists.reservations(search=typed)) == [one]
    assert numbers(lists.reservations(search=" BO@Example.org ")) == [other]
    assert numbers(lists.reservations(search="bo@")) == []
    assert numbers(lists.reservations(search="Ada Moreau")) == []


def test_a_name_that_was_erased_is_none() -> None:
    open_offer()
    number = place()
    cancel(number)
    door.do_one(Erase(number=number, cls="identity", **MAKER))
    assert lists.reservations().rows[0].name is None


@pytest.mark.parametrize("rows", [2, 20])
def test_a_page_takes_the_same_few_queries_however_many_rows(rows: int) -> None:
    open_offer()
    for _ in range(rows):
        place()
    with CaptureQueriesContext(connection) as queries:
        lists.reservations()
    assert len(queries) == 2


def test_waiting_counts_those_whom_a_slip_is_told_to() -> None:
    open_offer()
    confirmed, gone = place(), place()
    pay(confirmed)
    cancel(gone)
    assert lists.waiting("boat") == 1
    assert lists.living_by_offer() == {"boat": (1, 1)}


def test_open_refunds_by_deadline_the_most_urgent_first(manual: clock.ManualClock) -> None:
    open_offer()
    early, late = place("Early"), place("Late")
    for number in (early, late):
        pay(number)
    cancel(early)
    manual.advance(timedelta(hours=2))
    cancel(late)
    found = lists.open_refunds()
    assert [(row.name, row.refund.amount_minor) for row in found.rows] == [
        ("Early", 10_000),
        ("Late", 10_000),
    ]
    assert found.total == 2
    assert len(lists.open_refunds(most=1).rows) == 1


def test_a_refund_that_was_asked_for_is_open_until_it_is_sent(manual: clock.ManualClock) -> None:
    open_offer()
    number = place()
    pay(number)
    cancel(number)
    manual.advance(timedelta(hours=2))
    door.do_one(RequestRefund(number=number, refund=1, **SYSTEM))
    assert [row.refund.status for row in lists.open_refunds().rows] == ["requested"]
    door.do_one(_report(number, "sent"))
    assert lists.open_refunds().rows == ()
    assert [row.number for row in lists.left_refunds(START).rows] == [number]
    door.do_one(_report(number, "arrived"))
    assert lists.left_refunds(START).rows == ()


def test_a_refund_that_waits_for_an_account_is_open() -> None:
    open_offer()
    number = place()
    pay(number, rail="transfer")
    cancel(number)
    assert [(row.refund.status, row.refund.why) for row in lists.open_refunds().rows] == [
        ("waiting", "account")
    ]


def test_owed_in_total_adds_deposits_refunds_and_what_is_in_transit(manual: clock.ManualClock) -> None:
    open_offer("boat", "EUR")
    open_offer("plane", "USD")
    kept, owed, moving, left = (place() for _ in range(4))
    for number in (kept, owed, moving, left):
        pay(number)
    dollars = place(slug="plane")
    pay(dollars, 5_000, currency="USD")
    for number in (owed, moving, left):
        cancel(number)
    manual.advance(timedelta(hours=2))
    for number in (moving, left):
        door.do_one(RequestRefund(number=number, refund=1, **SYSTEM))
    door.do_one(_report(left, "sent"))
    euros, usd = lists.owed()
    assert euros == lists.Owed("EUR", deposits=10_000, refunds=10_000, in_transit=10_000, unclaimed=0)
    assert euros.total == 30_000
    assert usd == lists.Owed("USD", deposits=5_000, refunds=0, in_transit=0, unclaimed=0)


def test_an_empty_book_owes_nothing() -> None:
    assert lists.owed() == []


def test_alarms_are_the_parked_duties() -> None:
    duties.insert(
        [Duty("mail", "mail/X/placed/0", START, {"number": "X"}), Duty("lapse", "lapse/X/hold", START)]
    )
    models.Duty.objects.filter(kind="mail").update(state="parked", attempts=3, last_error="no route")
    assert lists.alarms() == [
        lists.Alarm("mail", "mail/X/placed/0", "X", 3, "no route", START, {"number": "X"})
    ]
    assert lists.alarm_count() == 1


def test_the_telling_of_a_slip_is_found_by_its_act() -> None:
    open_offer()
    window = Window(date(2028, 1, 1), date(2028, 12, 31))
    done = door.do_one(SlipPromise(slug="boat", window=window, why="The mould broke.", **MAKER))
    assert isinstance(done, door.Done)
    told = lists.telling("boat", done.seq)
    assert told is not None and told.state == "waiting"
    assert lists.telling("boat", 99) is None


def test_mails_of_the_book_and_of_one_reservation_in_pages() -> None:
    open_offer()
    number, other = place(), place()
    by_number = dict(models.Subject.objects.values_list("number", "key"))
    for n in range(3):
        whose = by_number[other if n == 1 else number]
        models.Mail.objects.create(
            key=f"k{n}",
            subject_id=whose,
            template="placed",
            language="fr",
            message_id=f"<{n}@x>",
            made_at=START,
        )
    first = lists.mails(size=2)
    assert [row.number for row in first.rows] == [number, other]
    assert [row.number for row in lists.mails(size=2, older=first.older).rows] == [number]
    assert len(lists.mails(number=number).rows) == 2
    assert lists.mails(number=number).rows[0].erased


def test_a_lapsed_place_waits_no_more(manual: clock.ManualClock) -> None:
    open_offer()
    number = place()
    manual.advance(timedelta(days=1))
    door.do_one(Lapse(number=number, **SYSTEM))
    assert lists.waiting("boat") == 0
    assert lists.count(status="lapsed") == 1


def _report(number: str, outcome: str) -> ReportRefund:
    return ReportRefund(
        number=number,
        refund=1,
        attempt=1,
        outcome=outcome,
        happened_at=clock.now(),
        reference="re_1",
        by="provider",
        via="stripe",
    )
