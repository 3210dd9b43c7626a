"""Each cause of a refund, and each step of one, reached for by four hands at one moment: it happens once.

For each it is first shown that it happens four times where no guard is left, then that each guard alone stops it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from earnest.book import door, models, reads, rebuild, writing
from earnest.book.clock import ManualClock
from earnest.core.commands.base import Command
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.give_account import ConfirmAccount
from earnest.core.commands.give_up import ConfirmGiveUp, GiveUpPlace, ProposeGiveUp
from earnest.core.commands.mark_unclaimed import MarkUnclaimed
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refusals import Refusal
from tests import scene
from tests.book import guards_off
from tests.book.guards_off import CLAIM, FLOOR, LENGTH, LOCK, PLACE
from tests.book.test_group_commit import together
from tests.book.test_races import API, CONSOLE, KEPT_AWAY_SECONDS, PORTAL, WORKER, bare_door, meet, own_door
from tests.scene import account, cancel, pay, place, state

WEBHOOK: dict[str, Any] = {"by": "provider", "via": "stripe"}
MAIL: dict[str, Any] = {"by": "customer", "via": "mail", "person": "holder:0"}

Made = tuple[str, list[Command]]


def ended(clock: ManualClock) -> Made:
    """The holder in the portal and over the API, an operator, and the worker that gives up the whole offer."""
    number = place()
    pay(number)
    door.do_one(ProposeGiveUp(**scene.MAKER, slug="boat", why="The yard has burnt down."))
    seq = reads.offer("boat").offer.giveups[-1].seq
    if reads.offer("boat").offer.giveups[-1].status == "proposed":
        door.do_one(ConfirmGiveUp(**scene.OTHER, slug="boat", giveup=seq))
    giveup = GiveUpPlace(by="maker", via="worker", person="worker", number=number, giveup=seq)
    mine = [Cancel(**who, number=number) for who in (PORTAL, API)]
    return number, [*mine, Cancel(**CONSOLE, number=number, gives_up=True), giveup]


def too_much(clock: ManualClock) -> Made:
    """Money for a place that was cancelled is owed back: the browser, the webhook, the hourly look, an operator."""
    number = place()
    pay(number)
    cancel(number)
    paid = Paid("card", 100_000, "EUR", "pi_late", clock.now())
    hands = (WEBHOOK, WEBHOOK, CONSOLE, {"by": "provider", "via": "reconcile"})
    return number, [ReceiveDeposit(**who, number=number, paid=paid) for who in hands]


def asked(clock: ManualClock) -> Made:
    """Two workers and two operators send one refund."""
    number = place()
    pay(number)
    cancel(number)
    clock.advance(timedelta(hours=2))
    return number, [
        RequestRefund(**w, number=number, refund=1) for w in (WORKER, WORKER, CONSOLE, scene.OTHER)
    ]


def answered(clock: ManualClock) -> Made:
    """The answer to the call, the webhook, the worker that asks what came of it, and one that says the contrary."""
    number, hands = asked(clock)
    door.do_one(hands[0])
    said: dict[str, Any] = {"number": number, "refund": 1, "attempt": 1, "happened_at": clock.now()}
    report = [ReportRefund(**WEBHOOK, **said, outcome="sent", reference=f"re_{n}") for n in range(3)]
    return number, [*report, ReportRefund(**WEBHOOK, **said, outcome="refused", why="declined")]


def unclaimed(clock: ManualClock) -> Made:
    """Four operators mark what nobody has claimed for a year."""
    number = place()
    pay(number, rail="transfer")
    cancel(number)
    clock.advance(timedelta(days=366))
    marks = [
        MarkUnclaimed(**{**CONSOLE, "person": f"operator:{n}"}, number=number, refund=1) for n in range(4)
    ]
    return number, list(marks)


def claimed(clock: ManualClock) -> Made:
    """The holder turns up, and presses the link of the mail in four windows."""
    number, marks = unclaimed(clock)
    door.do_one(marks[0])
    account(number, confirmed=False)
    return number, [ConfirmAccount(**who, number=number, account=1) for who in (PORTAL, API, MAIL, PORTAL)]


@dataclass(frozen=True)
class Case:
    """`once` is the account that may move once, and by how much; `guards` stop it, each alone."""

    made: Callable[[ManualClock], Made]
    account: str
    minor: int
    guards: tuple[str, ...]


CASES = {
    "ended": Case(ended, "deposit", 500_000, (LOCK, LENGTH, PLACE, FLOOR)),
    "money too late": Case(too_much, "deposit", 100_000, (LOCK, LENGTH, PLACE, CLAIM)),
    "asked for": Case(asked, "refund", 500_000, (LOCK, LENGTH, PLACE, FLOOR)),
    "answered": Case(answered, "refund-in-transit", 500_000, (LOCK, LENGTH, PLACE, CLAIM)),
    "unclaimed": Case(unclaimed, "refund", 500_000, (LOCK, LENGTH, PLACE, FLOOR)),
    "claimed": Case(claimed, "unclaimed", 500_000, (LOCK, LENGTH, PLACE)),
}
ALONE = [(name, guard) for name, case in CASES.items() for guard in case.guards]


@pytest.fixture
def empty(real_database: str) -> Iterator[None]:
    """Commits are commits, and nothing is in it."""
    yield
    scene.finish()


def moved(case: Case) -> int:
    """How much has left the account, in all."""
    found = models.Entry.objects.all()
    return sum(each.amount_minor for each in found if each.debit.split("/")[-1] == case.account)


def race(case: Case, monkeypatch: pytest.MonkeyPatch, alone: str = "") -> tuple[int, list[Any]]:
    """Four at once with one guard left, or none: how often it happened, and what each got."""
    guards_off.constraints_off(monkeypatch, guards_off.dropped(but=alone))
    clock = scene.begin()
    _, hands = case.made(clock)
    before = moved(case)
    guards_off.all_off(monkeypatch, but=alone)
    meet(monkeypatch, KEPT_AWAY_SECONDS if alone == LOCK else 30, many=4)
    answers = together(lambda n: bare_door(hands[n]), 4)
    return (moved(case) - before) // case.minor, answers


@pytest.mark.parametrize("name", CASES)
def test_without_any_guard_it_happens_four_times(
    name: str, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, answers = race(CASES[name], monkeypatch)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert times == 4


@pytest.mark.parametrize(("name", "guard"), ALONE)
def test_each_guard_alone_stops_the_others(
    name: str, guard: str, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, answers = race(CASES[name], monkeypatch, guard)
    assert times == 1
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    if guard == LOCK:
        assert all(isinstance(error, Refusal) for error in errors)
    else:
        assert len(errors) == 3
        assert {type(error) for error in errors} == {writing.Lost if guard == LENGTH else IntegrityError}


@pytest.mark.parametrize("name", CASES)
def test_with_all_of_them_it_happens_once(name: str, empty: None) -> None:
    case = CASES[name]
    number, hands = case.made(scene.begin())
    before = moved(case)
    answers = together(lambda n: own_door(hands[n]), 4)
    assert moved(case) - before == case.minor
    late = [answer for answer in answers if not isinstance(answer, door.Done | door.Nothing)]
    assert all(isinstance(answer, Refusal) for answer in late), late
    assert len({refund.n for refund in state(number).refunds}) == len(state(number).refunds)
    assert list(rebuild.differences()) == []
