"""The portal, the API, the console and the worker end one reservation at one moment: through the real pages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from earnest.api import keys
from earnest.book import clock, door, duties, links, models, reads, rebuild
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp
from earnest.core.offer import Instalment
from tests import scene
from tests.book import guards_off
from tests.book.conftest import real_database as real_database
from tests.book.test_group_commit import together
from tests.book.test_races import meet
from tests.scene import pay, place, state

ENDINGS = ("cancellation.requested", "maker.gave_up")
Hand = Callable[[], Any]


@pytest.fixture
def empty(real_database: str) -> Iterator[None]:
    """Commits are commits, and nothing is in it."""
    yield
    scene.finish()


def hands() -> tuple[str, list[Hand]]:
    """One paid reservation, and four who are about to end it, each with the page before them."""
    scene.begin()
    scene.offer("kayak", plan=(Instalment(1, 500_000, "card", 0),), variants=scene.TERMS["variants"][:1])
    number = place(slug="kayak")
    pay(number)
    once = {"once": "a-key-that-is-long-enough"}

    portal = Client()
    portal.get(f"/link/{links.make('portal', number)}/")
    api = Client(headers={"authorization": f"Bearer {keys.make('tests', ['reservations:cancel'], 'ana')}"})
    console = Client()
    console.force_login(User.objects.create_user("ana", is_staff=True))
    door.do_one(ProposeGiveUp(**scene.MAKER, slug="kayak", why="The mould cracked."))
    found = reads.offer("kayak").offer.giveups[-1]
    if found.status == "proposed":
        door.do_one(ConfirmGiveUp(**scene.OTHER, slug="kayak", giveup=found.seq))
    duty = next(each for each in duties.claim(clock.now(), "tests", 99) if each.kind == "give_up")
    return number, [
        lambda: portal.post(f"/my/{number}/cancel/", once),
        lambda: api.post(f"/api/v1/reservations/{number}/cancel", "{}", content_type="application/json"),
        lambda: console.post(
            f"/console/reservations/{number}/give-up/", {**once, "quantity": 1, "why": "Late."}
        ),
        lambda: duties.run(duty),
    ]


def endings(number: str) -> list[str]:
    """As the table has them: with the guards out several acts stand at one place, and no chain can be read."""
    found = models.Act.objects.filter(subject__number=number, type__in=ENDINGS)
    return list(found.values_list("type", flat=True))


def owed() -> int:
    """How often the deposit went over to what is owed back."""
    return sum(each.debit.endswith("/deposit") for each in models.Entry.objects.all())


def test_without_guards_all_four_end_it_and_it_is_owed_four_times(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    guards_off.constraints_off(monkeypatch, guards_off.dropped())
    number, pressed = hands()
    guards_off.all_off(monkeypatch)
    guards_off.bare(monkeypatch)
    meet(monkeypatch, many=4)
    together(lambda n: pressed[n](), 4)
    assert sorted(endings(number)) == ["cancellation.requested"] * 2 + ["maker.gave_up"] * 2
    assert owed() == 4


def test_all_four_at_once_end_it_once(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    number, pressed = hands()
    monkeypatch.setattr(door, "_committer", guards_off.Apart(retried))
    answers = together(lambda n: pressed[n](), 4)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    # Nobody is told of a failure: it has ended, whoever was first.
    assert [answer.status_code for answer in answers if answer is not None] == [302, 200, 302]
    assert len(endings(number)) == 1 and owed() == 1
    assert [refund.amount_minor for refund in state(number).refunds] == [500_000]
    assert models.Duty.objects.filter(kind="refund").count() == 1
    assert models.Duty.objects.get(kind="give_up").state == "done"
    assert list(rebuild.differences()) == []


def retried(requests: Any) -> list[Any]:
    """As each server process commits: in a turn of its own, and tried again where it lost a race."""
    return door.batch.Committer(door.write).submit(requests)
