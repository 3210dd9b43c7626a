"""Giving up many, where the law owes more than what was paid: what the preview says is what is then owed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from earnest.book import clock, door, giving_up, reads
from earnest.core.commands.base import Policy
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.offer import Sale
from earnest.rails import giving_up as rails
from tests import scene
from tests.scene import MAKER, OTHER, account, pay, place, state, work


@pytest.fixture(autouse=True)
def book(db: None) -> Iterator[clock.ManualClock]:
    manual = scene.begin()
    scene.offer("punt", sale=Sale("distance", "arrhes", False, 2000))
    scene.offer("skiff", sale=Sale("shop", "deposit", False, 2000))
    yield manual
    scene.finish()


def reserved(slug: str, *sums: int, **who: Any) -> str:
    number = place(slug=slug, **who)
    for minor in sums:
        pay(number, minor, "transfer")
    account(number, who.get("name", "Ada Moreau"))
    return number


def give_up(slug: str) -> None:
    """Proposed, confirmed, ended."""
    door.do_one(ProposeGiveUp(**MAKER, slug=slug, why="The yard has burnt down."))
    proposal = reads.offer(slug).offer.giveups[-1]
    door.do_one(ConfirmGiveUp(**OTHER, slug=slug, giveup=proposal.seq))
    work()


def paid_back(numbers: list[str]) -> None:
    """Every refund that is owed leaves by hand on the same day; then what the law adds is owed."""
    for number in numbers:
        for refund in state(number).refunds:
            door.do_one(RequestRefund(**MAKER, number=number, refund=refund.n))
            sent = {"number": number, "refund": refund.n, "attempt": 1, "outcome": "sent"}
            done = {"happened_at": clock.now(), "reference": f"OUT-{number}-{refund.n}"}
            door.do_one(ReportRefund(**OTHER, **sent, **done))
    work()


def owed(numbers: list[str]) -> dict[tuple[str, str], int]:
    """(head, currency) -> what was opened under it."""
    found: dict[tuple[str, str], int] = {}
    for number in numbers:
        for each in state(number).refunds:
            slot = each.head, each.currency
            found[slot] = found.get(slot, 0) + each.opened_minor
    return found


def limit(monkeypatch: pytest.MonkeyPatch, major: int) -> None:
    monkeypatch.setattr("earnest.book.policy.current", lambda: Policy(second_operator_major=major))


@pytest.mark.parametrize("slug", ["punt", "skiff"])
@pytest.mark.parametrize("days", [5, 130])
def test_what_the_preview_says_is_owed_to_the_cent(slug: str, days: int, book: clock.ManualClock) -> None:
    """Arrhes, and in France what has no name; French interest after three months; a German gets what was paid."""
    numbers = [
        reserved(slug, 500_000, 123_457),
        reserved(slug, 777_779, name="Ben Roux"),
        reserved(slug, 500_000, name="Cleo Bram", residence="DE"),
    ]
    book.advance(timedelta(days=days))
    said = giving_up.preview(slug)
    by_head = {(each.head, each.currency): of.amount_minor for each, of in said.added.items()}
    assert by_head["double", "EUR"] == 500_000 + 123_457 + 777_779
    assert (("interest", "EUR") in by_head) is (days > 92)
    assert said.paid == {"EUR": 1_901_236} and said.totals["EUR"] == 1_901_236 + sum(by_head.values())
    assert {each.article for each in said.added if each.head == "double"} == {
        "Code de la consommation, art. L214-1; Code civil, art. 1590"
    }
    give_up(slug)
    paid_back(numbers)
    assert owed(numbers) == {("", "EUR"): 1_901_236, **by_head}
    assert sum(owed(numbers).values()) == said.totals["EUR"]


def test_an_acompte_gives_back_what_was_paid(book: clock.ManualClock) -> None:
    reserved("boat", 500_000)
    found = giving_up.preview("boat")
    assert found.added == {} and found.totals == found.paid == {"EUR": 500_000}


def test_the_funds_need_what_the_law_adds(book: clock.ManualClock) -> None:
    """The bank has what was paid in, and not as much again."""
    reserved("punt", 500_000)
    (funds,) = rails.funds(giving_up.preview("punt"), ask=False)
    assert (funds.route, funds.needed_minor, funds.short_minor) == ("account", 1_000_000, 500_000)


def test_whoever_paid_by_card_needs_an_account_for_what_the_law_adds(book: clock.ManualClock) -> None:
    number = place(slug="punt")
    pay(number)
    assert giving_up.preview("punt").needs_account == 1
    account(number)
    assert giving_up.preview("punt").needs_account == 0
    pay(place())
    assert giving_up.preview("boat").needs_account == 0


def test_the_limit_of_one_operator_counts_what_the_law_adds(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserved("punt", 500_000)
    reserved("boat", 500_000)
    limit(monkeypatch, 9_999)
    for slug, status in (("punt", "proposed"), ("boat", "confirmed")):
        door.do_one(ProposeGiveUp(**MAKER, slug=slug, why="The yard has burnt down."))
        found = reads.offer(slug).offer.giveups[-1]
        assert (slug, found.status, found.totals) == (slug, status, {"EUR": 500_000})


def test_exactly_the_limit_is_not_above_it(book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    reserved("punt", 500_000)
    limit(monkeypatch, 10_000)
    door.do_one(ProposeGiveUp(**MAKER, slug="punt", why="The yard has burnt down."))
    assert reads.offer("punt").offer.giveups[-1].status == "confirmed"


def test_money_of_the_same_batch_counts_with_what_the_law_adds(
    book: clock.ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place(slug="punt")
    limit(monkeypatch, 9_999)
    paid = Paid("transfer", 500_000, "EUR", "same-batch", clock.now())
    outcomes = door.do(
        [
            door.Request(ReceiveDeposit(**MAKER, number=number, paid=paid)),
            door.Request(ProposeGiveUp(**MAKER, slug="punt", why="The yard has burnt down.")),
        ]
    )
    assert len(outcomes) == 2 and reads.offer("punt").offer.giveups[-1].status == "proposed"
