"""A statement is made once for each checkpoint, and its accounts stand in their groups."""

import re
from pathlib import Path
from typing import Any

from earnest.core.commands.base import NOTHING, World
from earnest.core.commands.state_reserves import GROUP, GROUPS, StateReserves, grouped
from earnest.core.entries import CHART
from earnest.core.operator import Register
from tests.core.driver import at

SAID: dict[str, Any] = {"seal": 3, "size": 9, "log": "bG9n", "at": "2026-03-31T12:00:00Z", "tree": "dHJlZQ"}


def command() -> StateReserves:
    return StateReserves(by="maker", via="cli", person="operator:ana", depth=1, sums={"EUR": {}}, **SAID)


def test_it_is_an_act_of_a_subject_of_its_own_and_a_claim_on_the_checkpoint() -> None:
    decision = command().decide(World(at(2026, 3, 31), "KEY"))
    (draft,) = decision.acts
    assert (draft.ref.kind, draft.ref.number, draft.act.type) == ("reserves", "book", "reserves.stated")
    assert {name: draft.act.fields[name] for name in SAID} == SAID
    assert decision.claims == command().claims()
    assert decision.register == Register(n=1)


def test_a_checkpoint_that_was_stated_is_not_stated_again() -> None:
    world = World(at(2026, 3, 31), "KEY", claimed=frozenset(command().claims()))
    assert command().decide(world) == NOTHING


def test_every_account_of_the_chart_has_its_group() -> None:
    """A new account must be given one: nothing that is owed to customers is left out by being unknown."""
    assert set(GROUP) == set(CHART)
    assert set(GROUP.values()) == set(GROUPS)
    sides = {"held": {"debit"}, "owed": {"credit"}, "more": {"credit"}, "less": {"debit"}}
    assert {each: {CHART[name].side for name in GROUP if GROUP[name] == each} for each in GROUPS} == sides


def test_the_document_has_the_groups() -> None:
    document = (Path(__file__).parents[2] / "docs" / "reserves.md").read_text()
    for each in GROUPS:
        (row,) = re.findall(rf"^\| {each}[^|]*\| ([^|]*) \|$", document, re.MULTILINE)
        assert set(re.findall(r"`([a-z-]+)`", row)) == {name for name in GROUP if GROUP[name] == each}


def test_held_is_owed_and_more_and_not_less_whatever_stands_on_the_accounts() -> None:
    """One movement between any two accounts leaves it so: that is what double entry gives."""
    for debit in CHART:
        for credit in CHART:
            if debit == credit:
                continue
            signs = {debit: 1 if CHART[debit].side == "debit" else -1}
            signs[credit] = 1 if CHART[credit].side == "credit" else -1
            sums = grouped({(name, "EUR"): 7 * sign for name, sign in signs.items()})["EUR"]
            of = {each: sum(sums[each].values()) for each in GROUPS}
            assert of["held"] == of["owed"] + of["more"] - of["less"], (debit, credit)
