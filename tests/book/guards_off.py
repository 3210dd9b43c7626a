"""Taking guards out one by one: what stands between two hands that reach for the same money at one moment."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from django.db import connection

from earnest.book import door, guards, models, sql, writing
from earnest.core.commands.base import Command
from tests.book.test_races import COMPARED as OFFER_COMPARED
from tests.book.test_races import drop, lock_off

#: What makes the chain's UPDATE a compare-and-set.
COMPARED = {"n": "integer"}
#: Triggers that stand behind the others, and would speak before them.
BEHIND = (
    *("subject_no_rewind", "offer_no_silent_change", "offer_change_needs_act"),
    *("reservation_no_silent_change", "reservation_change_needs_act", "act_no_replace"),
)
LOCK, LENGTH, PLACE, FLOOR, CLAIM = "lock", "length of the chain", "place in the chain", "floor", "claim"
_CONSTRAINTS: dict[str, tuple[Any, str]] = {
    PLACE: (models.Act, "act_once"),
    FLOOR: (models.Balance, "balance_floor"),
    CLAIM: (models.Claim, "claim_once"),
}


def constraints_off(monkeypatch: pytest.MonkeyPatch, names: Iterable[str]) -> None:
    """Drop constraints of an empty database. SQLite makes the tables anew for it, which guards do not bear."""
    triggers_off(guards.standing(connection))
    for name in names:
        drop(monkeypatch, *_CONSTRAINTS[name])
    guards.install(connection)


def triggers_off(names: Iterable[str]) -> None:
    """Take these triggers away."""
    with connection.cursor() as cursor:
        for name in set(names) & guards.standing(connection):
            on = "" if connection.vendor == "sqlite" else f" ON {guards.expected('postgresql')[name].table}"
            cursor.execute(f"DROP TRIGGER {name}{on}")


def length_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes last writes its own length of the chain, and its own counters of the offer."""
    update = writing._update_each

    def careless(statement: str, rows: list[tuple[Any, ...]]) -> None:
        if statement.endswith(OFFER_COMPARED):
            statement, rows = statement.removesuffix(OFFER_COMPARED), [row[:-2] for row in rows]
        update(statement, rows)

    monkeypatch.setattr(writing, "_update_each", careless)
    chain_length_off(monkeypatch)


def chain_length_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes last writes its own length of the chain."""
    change = writing._change

    def careless(what: sql.Change, rows: list[tuple[Any, ...]]) -> None:
        if what.was == COMPARED:
            what, rows = what._replace(was={}), [row[:-1] for row in rows]
        change(what, rows)

    monkeypatch.setattr(writing, "_change", careless)


def all_off(monkeypatch: pytest.MonkeyPatch, but: str = "") -> None:
    """Every guard of the code, and the triggers behind; the constraints went before anything was written."""
    triggers_off(BEHIND)
    if but != LOCK:
        lock_off(monkeypatch)
    if but != LENGTH:
        length_off(monkeypatch)


def dropped(but: str = "") -> list[str]:
    """The constraints to drop beforehand."""
    return [name for name in _CONSTRAINTS if name != but]


class Apart:
    """In the place of the committer: each request is a transaction of its own, as if each hand were a process."""

    def __init__(self, write: Callable[..., Any]) -> None:
        self.write = write

    def submit(self, requests: Sequence[door.Request]) -> list[Any]:
        return [outcome for request in requests for outcome in self.write([request])]


def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faces reach the door one by one, and a race that was lost is not tried again."""
    monkeypatch.setattr(door, "_committer", Apart(door.write))


def hands_of(command: type[Command], hands: Sequence[dict[str, Any]], **given: Any) -> list[Command]:
    """The same wish through several doors."""
    return [command(**hand, **given) for hand in hands]
