"""Two operators confirm one proposal at one moment: shown with the guards off, then stopped by each alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError

from earnest.book import door, models, reads, writing
from earnest.core.commands.give_up import ConfirmGiveUp, ProposeGiveUp, WithdrawGiveUp
from tests import scene
from tests.book.guards_off import BEHIND, PLACE, constraints_off, length_off, triggers_off
from tests.book.test_group_commit import together
from tests.book.test_races import KEPT_AWAY_SECONDS, bare_door, lock_off, meet, own_door
from tests.scene import pay, place, state, types, work

CARLA: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:carla"}


@pytest.fixture
def empty(real_database: str) -> Iterator[None]:
    """A database in which commits are commits, and nothing in it yet."""
    yield
    scene.finish()


def proposed() -> int:
    """A proposal of Ana's that waits."""
    scene.begin()
    for name in ("Ada Moreau", "Ben Roux"):
        number = place(name=name)
        pay(number)
        pay(number, 4_500_000, "transfer")
    door.do_one(ProposeGiveUp(**scene.MAKER, slug="boat", why="The yard has burnt down."))
    return reads.offer("boat").offer.giveups[-1].seq


def confirm(seq: int, ask: Any) -> list[Any]:
    """Ben and Carla press the button."""
    hands = [ConfirmGiveUp(**who, slug="boat", giveup=seq) for who in (scene.OTHER, CARLA)]
    return together(lambda n: ask(hands[n]), 2)


def confirmations() -> int:
    return models.Act.objects.filter(type="giveup.confirmed").count()


def test_without_guards_two_confirmations_stand_in_the_book(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off(monkeypatch, [PLACE])
    seq = proposed()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    length_off(monkeypatch)
    meet(monkeypatch)
    assert not [each for each in confirm(seq, bare_door) if isinstance(each, Exception)]
    assert confirmations() == 2


def test_the_lock_alone_stops_the_second(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    constraints_off(monkeypatch, [PLACE])
    seq = proposed()
    triggers_off(BEHIND)
    length_off(monkeypatch)
    met = meet(monkeypatch, KEPT_AWAY_SECONDS)
    answers = confirm(seq, bare_door)
    assert met.broken and confirmations() == 1
    assert sum(isinstance(each, door.Nothing) for each in answers) == 1


def test_the_length_of_the_chain_alone_stops_the_second(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    constraints_off(monkeypatch, [PLACE])
    seq = proposed()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    meet(monkeypatch)
    errors = [each for each in confirm(seq, bare_door) if isinstance(each, Exception)]
    assert [type(error) for error in errors] == [writing.Lost] and confirmations() == 1


def test_one_act_at_one_place_of_the_chain_alone_stops_the_second(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = proposed()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    length_off(monkeypatch)
    meet(monkeypatch)
    errors = [each for each in confirm(seq, bare_door) if isinstance(each, Exception)]
    assert [type(error) for error in errors] == [IntegrityError] and confirmations() == 1
    assert "act_once" in str(errors[0]) or "act.subject_id, act.seq" in str(errors[0])


@pytest.mark.parametrize("ask", [door.do_one, own_door])
def test_confirmed_and_withdrawn_at_once_is_one_of_both(empty: None, ask: Any) -> None:
    seq = proposed()
    hands = [
        ConfirmGiveUp(**scene.OTHER, slug="boat", giveup=seq),
        WithdrawGiveUp(**scene.MAKER, slug="boat", giveup=seq),
        ConfirmGiveUp(**CARLA, slug="boat", giveup=seq),
        WithdrawGiveUp(**CARLA, slug="boat", giveup=seq),
    ]
    together(lambda n: ask(hands[n]), 4)
    said = models.Act.objects.filter(type__in=("giveup.confirmed", "giveup.withdrawn"))
    assert said.count() == 1
    work()
    numbers = models.Reservation.objects.values_list("number", flat=True)
    ended = confirmations()
    assert [types(number).count("maker.gave_up") for number in numbers] == [ended] * 2
    assert [len(state(number).refunds) for number in numbers] == [2 * ended] * 2
