"""The literal tables: every edge that is meant, and no other."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from earnest.core import acts, refund, reservation
from earnest.core import offer as offers
from earnest.core.acts import ERASED, Act, Erased
from earnest.core.entries import Entry, from_text, to_text
from tests.core.driver import Case, at

VOCABULARY = Path(__file__).with_name("vocabulary.json")
EDGES = {
    ("owed", "requested"),
    ("requested", "sent"),
    ("sent", "arrived"),
    ("requested", "unknown"),
    ("unknown", "sent"),
    ("unknown", "refused"),
    ("requested", "refused"),
    ("sent", "returned"),
    ("arrived", "returned"),
    ("refused", "owed"),
    ("returned", "owed"),
    ("refused", "waiting"),
    ("returned", "waiting"),
    ("waiting", "owed"),
    ("waiting", "unclaimed"),
    ("unclaimed", "owed"),
}
#: Beyond the table of the founding issue: an account that is missing or new, and a change of mind.
MORE = {
    ("", "owed"),
    ("owed", "waiting"),
    ("requested", "waiting"),
    ("unknown", "waiting"),
    ("owed", "taken back"),
    ("waiting", "taken back"),
}
#: What need not be paid any more: the network paid it, the holder owed as much, or another refund paid it.
SETTLED = {(status, "settled") for status in ("owed", "waiting", "refused", "returned")}


def vocabulary() -> list[dict[str, object]]:
    return [
        {
            "type": row.type,
            "version": row.version,
            "subject": row.subject,
            "by": sorted(row.by),
            "fields": [[each.name, each.kind, each.cls, each.required] for each in row.fields],
        }
        for _, row in sorted(acts.TYPES.items())
    ]


def test_the_vocabulary_is_frozen() -> None:
    """What is hashed and signed can never change: a row that differs needs a new version, not a new snapshot."""
    frozen = json.loads(VOCABULARY.read_text())
    now = {(row["type"], row["version"]): row for row in vocabulary()}
    for row in frozen:
        assert now.get((row["type"], row["version"])) == row
    assert len(now) == len(frozen), "a new act joins the snapshot: see docs/adding-an-act.md"


def test_refunds_move_along_the_table_and_nowhere_else() -> None:
    moves = {(before, after) for before, row in refund.TRANSITIONS.items() for after in row.values()}
    assert {(one, other) for one, other in moves if one != other} == EDGES | MORE | SETTLED
    kinds = {act for row in refund.TRANSITIONS.values() for act in row} | {"deposit.received"}
    for status, kind in itertools.product(refund.TRANSITIONS, kinds):
        if kind in refund.TRANSITIONS[status]:
            continue
        with pytest.raises(ValueError, match=kind) as caught:
            refund.move(status, kind)
        assert status in str(caught.value)


def test_reservations_and_offers_refuse_what_is_not_in_the_table() -> None:
    held = Case().place().held
    events = {event for row in reservation.TRANSITIONS.values() for event in row}
    for status, event in itertools.product(reservation.TRANSITIONS, events):
        here = replace(held, status=status)
        if event in reservation.TRANSITIONS[status]:
            assert reservation.event(here, event).status == reservation.TRANSITIONS[status][event]
        else:
            with pytest.raises(ValueError, match=event):
                reservation.event(here, event)
    closed = replace(Case().offer, status=offers.CLOSED)
    with pytest.raises(ValueError, match=r"offer\.resumed"):
        offers.fold(closed, Act(2, at(2020, 1, 1), "offer.resumed", 1, "maker", {}))


def test_an_act_is_held_against_its_row() -> None:
    good = Act(
        0, at(2020, 1, 1), "promise.answered", 1, "customer", {"slip": 3, "answer": "accept", "via": "portal"}
    )
    acts.check(good, "reservation")
    for bad in (
        replace(good, type="promise.forgotten"),
        replace(good, version=3),
        replace(good, by="maker"),
        replace(good, fields={**good.fields, "slip": "3"}),
        replace(good, fields={**good.fields, "slip": True}),
        replace(good, fields={**good.fields, "extra": 1}),
        replace(good, fields={"slip": 3, "via": "portal"}),
    ):
        with pytest.raises(ValueError):
            acts.check(bad, "reservation")
    with pytest.raises(ValueError):
        acts.check(good, "offer")


def test_every_field_has_a_class_and_every_act_says_through_which_door() -> None:
    for row in acts.TYPES.values():
        assert {field.cls for field in row.fields} <= set(acts.CLASSES)
        assert row.field("via")


def test_entries_have_one_text() -> None:
    rows = (Entry("bank", "customer/K/deposit", 5, "EUR"), Entry("customer/K/deposit", "sales", 5, "EUR"))
    assert from_text(to_text(rows)) == rows and from_text("") == ()
    for bad in (
        "bank bank 5 EUR",
        "bank sales 0 EUR",
        "bank sales -5 EUR",
        "bank sales 05 EUR",
        "bank sales 5",
    ):
        with pytest.raises(ValueError):
            from_text(bad)


@pytest.mark.parametrize("cls", ["identity", "contact", "bank", "text"])
def test_every_fold_bears_erased_fields(cls: str) -> None:
    """Folding acts whose values are gone neither fails nor invents; what was known of other classes stays."""
    case = Case().place()
    case.account()
    case.pay()
    case.cancel()
    erased: list[Act] = []
    for act in case.acts:
        fields: dict[str, acts.Value | Erased] = {
            name: ERASED if acts.field_class(act.type, act.version, name) == cls else value
            for name, value in act.fields.items()
        }
        erased.append(replace(act, fields=fields))
    state = None
    for act in erased:
        state = reservation.fold(state, act, key="KEY", number="N")
    assert state is not None
    gone = {
        "identity": state.identity is ERASED,
        "contact": state.contact is ERASED,
        "bank": state.accounts[0].details is ERASED,
        "text": True,
    }
    assert gone[cls]
    assert (state.payments, state.refunds, state.status) == (
        case.held.payments,
        case.held.refunds,
        case.held.status,
    )
