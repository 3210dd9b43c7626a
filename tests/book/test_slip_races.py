"""Two links of one slip pressed at one moment: shown with the guards off, then stopped by each alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError

from earnest.book import door, models, rebuild, writing
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.refusals import Refused
from tests import scene
from tests.book.guards_off import BEHIND, FLOOR, PLACE, constraints_off, length_off, triggers_off
from tests.book.test_group_commit import together
from tests.book.test_races import KEPT_AWAY_SECONDS, bare_door, lock_off, meet, own_door
from tests.scene import pay, place, slip, state, types, work

#: Two different links of one mail, and the same one twice.
PAIRS = [("accept", "cancel"), ("cancel", "accept"), ("accept", "accept"), ("cancel", "cancel")]
pairs = pytest.mark.parametrize("pair", PAIRS, ids="-".join)
Pair = tuple[str, str]


@pytest.fixture
def empty(real_database: str) -> Iterator[None]:
    """A database in which commits are commits, and nothing in it yet."""
    yield
    scene.finish()


def told() -> str:
    """A reservation whose holder was told of a slip, and has not answered."""
    scene.begin()
    number = place()
    pay(number)
    work()
    slip()
    work()
    return number


def press(number: str, pair: Pair, ask: Any) -> list[Any]:
    """Both links at once, as the buttons of two open pages send them."""
    telling = state(number).told[-1].slip
    wishes = [
        AnswerSlip(**scene.HOLDER, number=number, slip=telling, answer=each, newest=True) for each in pair
    ]
    return together(lambda n: ask(wishes[n]), 2)


def errors(answers: list[Any]) -> list[Exception]:
    return [each for each in answers if isinstance(each, Exception)]


def answered() -> int:
    return models.Act.objects.filter(type="promise.answered").count()


@pairs
def test_without_guards_both_answers_stand(pair: Pair, empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    constraints_off(monkeypatch, [PLACE, FLOOR])
    number = told()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    length_off(monkeypatch)
    meet(monkeypatch)
    assert not errors(press(number, pair, bare_door))
    assert answered() == 2


def test_the_floor_alone_stops_money_that_would_go_back_twice(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off(monkeypatch, [PLACE])
    number = told()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    length_off(monkeypatch)
    meet(monkeypatch)
    found = errors(press(number, ("cancel", "cancel"), bare_door))
    assert [type(error) for error in found] == [IntegrityError] and "balance_floor" in str(found[0])
    assert answered() == 1


@pairs
def test_the_lock_alone_leaves_one(pair: Pair, empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    constraints_off(monkeypatch, [PLACE])
    number = told()
    triggers_off(BEHIND)
    length_off(monkeypatch)
    met = meet(monkeypatch, KEPT_AWAY_SECONDS)
    answers = press(number, pair, bare_door)
    assert met.broken and answered() == 1
    check_the_other(pair, answers)


@pairs
def test_the_length_of_the_chain_alone_leaves_one(
    pair: Pair, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints_off(monkeypatch, [PLACE])
    number = told()
    triggers_off(BEHIND)
    lock_off(monkeypatch)
    meet(monkeypatch)
    found = errors(press(number, pair, bare_door))
    assert [type(error) for error in found] == [writing.Lost] and answered() == 1


@pairs
def test_as_it_is_exactly_one_answer_stands_and_the_other_is_told_so(pair: Pair, empty: None) -> None:
    number = told()
    answers = press(number, pair, own_door)
    check_the_other(pair, answers)
    now = state(number)
    said = now.told[-1].answer
    assert answered() == 1 and said in pair
    # What stands is carried out, whole, and what does not has left nothing.
    assert types(number).count("cancellation.requested") == (said == "cancel")
    assert now.status == ("cancelled" if said == "cancel" else "confirmed")
    assert now.owed_back() == ({"EUR": 500_000} if said == "cancel" else {})
    assert not list(rebuild.differences())


def check_the_other(pair: Pair, answers: list[Any]) -> None:
    """The same twice is one answer; another one is refused."""
    if pair[0] == pair[1]:
        assert sum(isinstance(each, door.Nothing) for each in answers) == 1 and not errors(answers)
    else:
        (refused,) = errors(answers)
        assert isinstance(refused, Refused) and refused.code in ("slip-answered", "not-living")
