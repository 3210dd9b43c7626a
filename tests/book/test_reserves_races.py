"""Operators at two desks, the command line and a sealer state one checkpoint at one moment: it is stated once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earnest.book import door, models, reserves, sealing
from earnest.book.batch import Committer
from earnest.book.clock import ManualClock
from earnest.core.commands.base import Command
from earnest.core.commands.state_reserves import StateReserves
from earnest.core.refusals import Refusal
from tests import scene
from tests.book.test_group_commit import together

SPEAKERS: tuple[dict[str, Any], ...] = (
    scene.MAKER,
    scene.OTHER,
    {"by": "maker", "via": "cli", "person": "operator:cleo"},
    {"by": "system", "via": "seal"},
)


@pytest.fixture
def sealed(real_database: str, settings: Any, tmp_path: Path) -> Iterator[ManualClock]:
    """Money came in and was sealed, in a database where commits are commits."""
    settings.EARNEST = replace(settings.EARNEST, data=tmp_path)
    clock = scene.begin()
    scene.pay(scene.place())
    sealing.seal(sealing.acquire("here", clock.now()), clock.now())
    yield clock
    scene.finish()


def own_door(command: Command) -> door.Done | door.Nothing:
    """A committer for each, as each process has."""
    outcome = Committer(door.write).submit([door.Request(command)])[0]
    assert not isinstance(outcome, Refusal), outcome
    return outcome.sign() if isinstance(outcome, door._Pending) else outcome


def test_without_the_claim_one_checkpoint_is_stated_again_and_again(
    sealed: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "do_one", own_door)
    monkeypatch.setattr(StateReserves, "claims", lambda self: ())
    together(lambda n: reserves.state(SPEAKERS[n]), len(SPEAKERS))
    assert models.Act.objects.filter(type="reserves.stated").count() > 1


def test_with_it_four_state_it_once_and_all_get_the_same(
    sealed: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "do_one", own_door)
    found = together(lambda n: reserves.state(SPEAKERS[n]).note, len(SPEAKERS))
    assert len(set(found)) == 1 and isinstance(found[0], str)
    assert models.Act.objects.filter(type="reserves.stated").count() == 1
