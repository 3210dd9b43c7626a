"""Two operators make the file at one moment: shown with every guard off, then stopped by each alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError

from earnest.book import clock, door, rebuild
from earnest.book.loading import Loader
from earnest.core import payment_order as orders
from earnest.core import refund as refunds
from earnest.core.commands import order_transfers
from earnest.core.commands.base import NOTHING
from earnest.core.commands.order_transfers import RequestTransfer
from earnest.core.commands.refund import RequestRefund
from earnest.core.payment_order import Order, Transfer
from earnest.core.refusals import Refused
from earnest.rails.bank import paying
from tests import scene
from tests.book.conftest import real_database as real_database
from tests.book.databases import environment
from tests.book.guards_off import chain_length_off
from tests.book.test_group_commit import together
from tests.book.test_races import lock_off, meet
from tests.outside.orders import ACCOUNT, ANA, BEN, asked, due, paid, standing

PAYING = Path(__file__).with_name("paying_process.py")


@pytest.fixture
def book(real_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[clock.ManualClock]:
    monkeypatch.setattr(settings, "EARNEST", replace(settings.EARNEST, bank_account=ACCOUNT))
    yield scene.begin()
    scene.finish()


@pytest.fixture
def hands(book: clock.ManualClock) -> tuple[list[paying.Due], list[str]]:
    """What two operators have before them: one looked before the second refund was due, the other after."""
    numbers = [paid(100_000, name) for name in ("Ada Moreau", "Bo Lee")]
    due(book, numbers[0])
    before = paying.due()
    scene.cancel(numbers[1])
    book.advance(timedelta(hours=1))
    return [before, paying.due()], numbers


def paid_by(numbers: list[str]) -> list[int]:
    """In how many released orders each refund is."""
    found = [each for each in paying.newest() if each.status == orders.RELEASED]
    return [sum(number in {t.number for t in each.transfers} for each in found) for number in numbers]


def an_order(found: paying.Due) -> Order:
    day = paying.banking_day(clock.now())
    payer = paying.own_account.payer()
    transfers: tuple[Transfer, ...] = found.transfers
    return Order(found.number, "", payer, "EUR", day, transfers, "", clock.now())


def bare(found: paying.Due) -> Any:
    """One transaction and no second try: a race that was lost is seen."""
    return door.write_together([tuple(asked(an_order(found)))])[0]


@pytest.mark.parametrize("many", [2, 4])
def test_each_refund_is_in_one_order(hands: tuple[list[paying.Due], list[str]], many: int) -> None:
    found, numbers = hands
    answers = together(lambda n: paying.make(found[n % 2], (ANA, BEN)[n % 2]), many)
    made = [each for each in answers if isinstance(each, Order)]
    refused = {each.code for each in answers if isinstance(each, Refused)}
    assert len(made) == 1 and len(refused) >= 1, answers
    assert refused <= {"refund-not-owed", "order-released"}
    assert paid_by(numbers) == [1, 0 if len(made[0].transfers) == 1 else 1]
    # Whoever lost looks again, and pays what is left.
    rest = paying.due()
    if rest.transfers:
        paying.make(rest, BEN)
    assert paid_by(numbers) == [1, 1]
    assert [standing(each)[:2] for each in numbers] == [("requested", 1)] * 2
    assert list(rebuild.differences()) == []


def test_where_the_asking_is_no_part_of_the_order_one_refund_is_in_two_files(
    hands: tuple[list[paying.Due], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is for: a list that was read, and a file made of it. The bank would see two files, and pay twice."""
    found, numbers = hands
    monkeypatch.setattr(RequestTransfer, "decide", lambda self, world: NOTHING)
    lock_off(monkeypatch)
    meet(monkeypatch)
    answers = together(lambda n: bare(found[n]), 2)
    assert [type(each) for each in answers] == [list, list], answers
    assert paid_by(numbers) == [2, 1]


def test_the_length_of_the_chain_alone_stops_it(
    hands: tuple[list[paying.Due], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, numbers = hands
    lock_off(monkeypatch)
    meet(monkeypatch)
    answers = together(lambda n: bare(found[n]), 2)
    assert sorted(type(each).__name__ for each in answers) == ["Lost", "list"]
    assert paid_by(numbers)[0] == 1


def test_the_place_in_the_chain_alone_stops_it(
    hands: tuple[list[paying.Due], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, numbers = hands
    lock_off(monkeypatch)
    chain_length_off(monkeypatch)
    meet(monkeypatch)
    answers = together(lambda n: bare(found[n]), 2)
    errors = [each for each in answers if isinstance(each, Exception)]
    assert len(errors) == 1 and isinstance(errors[0], IntegrityError), answers
    assert paid_by(numbers)[0] == 1


def test_where_the_state_is_not_asked_the_end_to_end_id_and_then_the_balance_stop_it(
    hands: tuple[list[paying.Due], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, numbers = hands
    paying.make(found[0], ANA)
    monkeypatch.setattr(order_transfers, "may_be_sent", lambda state, refund: None)
    monkeypatch.setattr(order_transfers, "_check_as_prepared", lambda number, refund, wanted: None)
    monkeypatch.setitem(refunds.TRANSITIONS[refunds.REQUESTED], "refund.requested", refunds.REQUESTED)
    with pytest.raises(Refused) as refused:
        paying.make(found[1], BEN)
    assert refused.value.code == "payment-known"
    monkeypatch.setattr(Loader, "check_claims", lambda self, command, decision: None)
    with pytest.raises(IntegrityError):
        paying.make(found[1], BEN)
    monkeypatch.setattr(RequestTransfer, "claims", lambda self: ())
    with pytest.raises(IntegrityError, match="balance_floor"):
        paying.make(found[1], BEN)
    assert paid_by(numbers) == [1, 0]


def test_a_release_and_a_payment_by_hand_at_once_pay_once(book: clock.ManualClock) -> None:
    number = paid(100_000)
    due(book, number)
    found = paying.due()
    by_hand = scene.MAKER | {"number": number, "refund": 1}
    answers = together(lambda n: paying.make(found, ANA) if n else door.do_one(RequestRefund(**by_hand)), 2)
    assert sum(isinstance(each, Refused) for each in answers) == 1
    assert [each.code for each in answers if isinstance(each, Refused)] == ["refund-not-owed"]
    assert standing(number)[:2] == ("requested", 1)


@pytest.mark.parametrize(("place", "status"), [("before-commit", "owed"), ("after-commit", "requested")])
def test_a_killed_process_leaves_nothing_or_an_order_whose_file_can_be_printed(
    book: clock.ManualClock, real_database: str, tmp_path: Path, place: str, status: str
) -> None:
    numbers = [paid(100_000, name) for name in ("Ada Moreau", "Bo Lee")]
    due(book, *numbers)
    output = tmp_path / "file.xml"
    env = environment(real_database, tmp_path) | {
        "EARNEST_ORIGIN": "tests.example",
        "EARNEST_BANK_ACCOUNT": ACCOUNT,
        "PYTHONPATH": os.pathsep.join(["src", *sys.path]),
    }
    command = [sys.executable, str(PAYING), book.now().isoformat(), place, str(output)]
    process = subprocess.run(
        command, env=env, capture_output=True, text=True, cwd=PAYING.parents[2], check=False
    )
    assert (process.returncode, process.stdout) == (-9, ""), process.stderr
    assert [standing(each)[0] for each in numbers] == [status] * 2 and not output.exists()
    if status == "owed":
        assert len(paying.make(paying.due(), ANA).transfers) == 2
    (order,) = paying.newest()
    assert b"<NbOfTxs>2</NbOfTxs>" in paying.file_of(order) and paying.due().transfers == ()
    assert list(rebuild.differences()) == []
