"""Card money where processes die and several hands reach for the same refund, on a database whose commits are real."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection

from earnest.book import clock, duties, models, rebuild
from earnest.book.loading import Loader
from earnest.core.reservation import Reservation
from earnest.rails.stripe import checkout, disputes, events, reconcile, refunds, standing
from earnest.stripe_double.webhooks import signature
from tests import scene
from tests.book.conftest import real_database as real_database
from tests.book.databases import environment
from tests.outside.conftest import SECRET_KEY, WEBHOOK_SECRET, World
from tests.scene import cancel, place, state, types, work

WORKER = Path(__file__).with_name("worker_process.py")
GOOD = "4242424242424242"


@pytest.fixture
def book(real_database: str) -> Iterator[clock.ManualClock]:
    """The book of the other tests, committed."""
    yield scene.begin()
    scene.finish()


@pytest.fixture
def number(world: World) -> str:
    """Paid by card and cancelled an hour ago; nothing of what is due has been done."""
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    world.double.pay(session, GOOD)
    checkout.collect(session)
    cancel(number)
    world.clock.advance(timedelta(hours=1))
    return number


def start(world: World, address: str, folder: Path) -> "subprocess.Popen[str]":
    env = environment(address, folder) | {
        "EARNEST_ORIGIN": "tests.example",
        "EARNEST_STRIPE_SECRET_KEY": SECRET_KEY,
        "EARNEST_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "EARNEST_STRIPE_API_BASE": world.running.url,
        "PYTHONPATH": os.pathsep.join(["src", *sys.path]),
    }
    command = [sys.executable, str(WORKER), world.clock.now().isoformat()]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=WORKER.parents[2])


def killed(worker: "subprocess.Popen[str]") -> bool:
    out, _ = worker.communicate(timeout=60)
    return worker.returncode == -9 and out == ""


def settle(world: World) -> None:
    """Another worker, until nothing is left to ask."""
    for _ in range(6):
        world.clock.advance(timedelta(minutes=40))
        work()


def test_a_worker_killed_after_stripe_did_it_has_refunded_once(
    world: World, number: str, real_database: str, tmp_path: Path
) -> None:
    worker: list[subprocess.Popen[str]] = []

    def kill(event: dict[str, Any]) -> None:
        if event["type"] == "refund.created":
            worker[0].kill()

    world.double.on_event = kill
    worker.append(start(world, real_database, tmp_path))
    assert killed(worker[0])
    assert state(number).refunds[0].status == "requested"
    settle(world)
    made = world.double.store.all("refund")
    assert [each["amount"] for each in made] == [500_000]
    assert state(number).refunds[0].status == "sent"
    assert types(number).count("refund.requested") == types(number).count("refund.sent") == 1
    assert types(number).count("mail.sent") == len({each.key for each in models.Mail.objects.all()})
    assert list(rebuild.differences()) == []


def test_a_worker_killed_before_stripe_heard_of_it_is_asked_anew_once(
    world: World, number: str, real_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker: list[subprocess.Popen[str]] = []
    real = world.double.faults.take

    def take(route: str) -> str:
        if route == "POST /v1/refunds" and worker[0].poll() is None:
            worker[0].kill()
            return "drop_before"
        return real(route)

    monkeypatch.setattr(world.double.faults, "take", take)
    worker.append(start(world, real_database, tmp_path))
    assert killed(worker[0])
    assert state(number).refunds[0].status == "requested"
    settle(world)
    # What the dead worker asked never began; asked anew it was made once.
    assert len(world.double.store.all("refund")) == 1
    assert (state(number).refunds[0].status, state(number).refunds[0].attempt) == ("sent", 2)
    assert list(rebuild.differences()) == []


def together(*asks: Callable[[], Any]) -> list[Any]:
    """All at one moment; what each got, errors too."""
    barrier = Barrier(len(asks))

    def one(ask: Callable[[], Any]) -> Any:
        try:
            barrier.wait(30)
            return ask()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asks)) as threads:
        return list(threads.map(one, asks))


def test_operators_and_workers_reaching_for_one_refund_make_one(world: World, number: str) -> None:
    def by(person: str) -> Callable[[], Any]:
        return lambda: refunds.send_now(number, 1, person)

    def sweep(name: str) -> Callable[[], Any]:
        return lambda: duties.run_due(clock.now(), name)

    together(by("operator:ana"), by("operator:ben"), sweep("one"), sweep("two"))
    settle(world)
    assert len(world.double.store.all("refund")) == 1
    assert state(number).refunds[0].status == "sent"
    assert types(number).count("refund.requested") == 1


def test_one_event_delivered_many_times_at_once_is_taken_once(world: World, number: str) -> None:
    body = json.dumps(world.events[0]).encode()
    header = signature(body, WEBHOOK_SECRET, int(world.clock.now().timestamp()))
    got = together(*[lambda: events.accept(body, header)] * 6)
    assert got == [None] * 6
    assert models.Event.objects.count() == models.Duty.objects.filter(kind="stripe_event").count() == 1


def test_the_browser_and_the_webhook_bring_one_payment_once(world: World) -> None:
    number = place()
    session = checkout.start_checkout(number).rsplit("/", 1)[1]
    paid = world.double.pay(session, GOOD)
    together(
        lambda: checkout.collect(session),
        lambda: checkout.collect(session),
        lambda: checkout.collect_intent(str(paid["payment_intent"])),
    )
    assert types(number).count("deposit.received") == 1
    assert state(number).status == "confirmed"


# --- a dispute and a refund that reach for one payment at once


def open_dispute(world: World) -> str:
    intent = world.double.store.all("intent")[0]
    with world.double.store.lock:
        return str(world.double.disputes.open(intent["latest_charge"])["id"])


def race(world: World, number: str) -> None:
    """Stripe takes the money while two workers refund and a webhook tells of it."""
    reference = open_dispute(world)
    together(
        lambda: duties.run_due(clock.now(), "one"),
        lambda: disputes.follow(reference),
        lambda: duties.run_due(clock.now(), "two"),
    )
    settle(world)


def test_a_dispute_and_a_refund_at_once_pay_once(world: World, number: str) -> None:
    race(world, number)
    assert world.double.store.all("refund") == []
    assert (state(number).refunds[0].status, state(number).refunds[0].why) == ("waiting", "dispute")
    world.double.disputes.decide(state(number).disputes[0].reference, "lost")
    disputes.follow(state(number).disputes[0].reference)
    assert state(number).refunds[0].status == "settled" and state(number).receivables() == {}
    assert list(rebuild.differences()) == []


def test_without_the_guards_the_same_race_pays_by_bank_beside_the_network(
    world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guards are for: nobody asks Stripe first, and nothing holds what is disputed."""
    scene.account(number)
    world.clock.advance(timedelta(days=4))
    monkeypatch.setattr(standing, "look", lambda number, refund: None)
    monkeypatch.setattr(
        refunds,
        "elsewhere",
        lambda number, n: (
            refunds.tell(number, state(number).refunds[n - 1], "refused", why="declined") or True
        ),
    )
    monkeypatch.setattr(Reservation, "disputed", lambda self, payment: None)
    open_dispute(world)
    work()
    world.clock.advance(timedelta(days=3))
    work()
    refund = state(number).refunds[0]
    assert (refund.status, refund.route) == ("owed", "hand")


def test_one_line_of_stripes_account_is_booked_once_by_many_at_once(world: World, number: str) -> None:
    got = together(*[lambda: reconcile.reconcile().differences] * 4)
    assert got == [[]] * 4
    fees = models.Act.objects.filter(type="fee.charged").count()
    assert fees == len([each for each in world.double.store.all("transaction") if each["fee"]])
    assert models.Claim.objects.filter(rail="fee").count() == fees


def test_without_the_look_at_claims_the_database_refuses_a_second_booking(
    world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reconcile.reconcile()
    fees = models.Act.objects.filter(type="fee.charged").count()
    monkeypatch.setattr(Loader, "_read_claims", lambda self: None)
    with pytest.raises(IntegrityError):
        reconcile.reconcile()
    assert models.Act.objects.filter(type="fee.charged").count() == fees


def test_a_refund_made_outside_told_by_many_at_once_is_imported_once(world: World, number: str) -> None:
    intent = world.double.store.all("intent")[0]["id"]
    made = world.double.create_refund({"payment_intent": intent, "amount": "100000"})
    together(*[lambda: refunds.follow(made["id"])] * 3, lambda: duties.run_due(clock.now(), "one"))
    settle(world)
    assert [each.amount_minor for each in state(number).refunds if each.external] == [100_000]
    assert sum(each["amount"] for each in world.double.store.all("refund")) == 500_000
    assert state(number).owed_back() == {} and state(number).receivables() == {}
