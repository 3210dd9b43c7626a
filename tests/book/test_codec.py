"""States written and read back: equal, the same text each time, and no personal data in it."""

import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.book import codec
from earnest.core.acts import ERASED, Erased
from earnest.core.offer import Offer
from earnest.core.reservation import Reservation

LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    int: st.integers(),
    bool: st.booleans(),
    datetime: st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1)).map(
        lambda at: at.replace(microsecond=0, tzinfo=UTC)
    ),
    date: st.dates(),
    Erased: st.just(ERASED),
    types.NoneType: st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that states use."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in LEAVES:
        return LEAVES[kind]
    if origin in (Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(values(str), values(args[1]), max_size=3)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    parts = {field.name: values(hints[field.name]) for field in fields(kind)}
    return st.builds(kind, **parts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Secret:
    sealed: ClassVar[str] = "bank"
    number: str


@dataclass(frozen=True)
class Person:
    sealed: ClassVar[str] = "identity"
    name: str
    account: Secret | Erased


@dataclass(frozen=True)
class Thing:
    label: str
    person: Person | Erased
    spare: Person | None
    others: tuple[Person, ...] = ()
    flags: Mapping[str, bool] | None = None
    sealed_at: datetime | None = None
    erased: bool = False


AT = datetime(2026, 3, 30, 14, 2, tzinfo=UTC)
ANN = Person("Ann", Secret("FR76"))
BEN = Person("Ben", Secret("DE89"))


def thing(**changes: Any) -> Thing:
    return replace(Thing("boat", ANN, None), **changes)


def back(state: Any) -> Any:
    return codec.decode(type(state), *codec.encode(state))


@pytest.mark.parametrize("kind", [Reservation, Offer, Thing])
@given(data=st.data())
def test_what_is_written_is_read_back(kind: type[Any], data: st.DataObject) -> None:
    state = data.draw(values(kind))
    assert back(state) == state


@given(values(Reservation))
def test_the_text_is_canonical(state: Reservation) -> None:
    text, parts = codec.encode(state)
    assert codec.encode(back(state)) == (text, parts)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_equal_mappings_in_another_order_are_the_same_text() -> None:
    one, other = {"a": True, "b": False}, {"b": False, "a": True}
    assert codec.encode(thing(flags=one)) == codec.encode(thing(flags=other))


def test_personal_parts_leave_only_their_place() -> None:
    text, parts = codec.encode(thing(others=(BEN,)))
    assert not any(word in text for word in ("Ann", "FR76", "Ben", "DE89"))
    assert json.loads(text)["person"] == {"sealed": "identity", "i": 0}
    assert json.loads(text)["others"] == [{"sealed": "identity", "i": 1}]
    assert parts == {
        "identity": [
            {"name": "Ann", "account": {"sealed": "bank", "i": 0}},
            {"name": "Ben", "account": {"sealed": "bank", "i": 1}},
        ],
        "bank": [{"number": "FR76"}, {"number": "DE89"}],
    }


def test_a_class_whose_key_is_gone_reads_as_erased_and_the_others_stay() -> None:
    text, parts = codec.encode(thing())
    no_bank = codec.decode(Thing, text, {**parts, "bank": None})
    assert no_bank == thing(person=Person("Ann", ERASED))
    assert codec.decode(Thing, text, {"bank": parts["bank"]}).person is ERASED


def test_what_is_erased_stays_erased_when_written_again() -> None:
    text, parts = codec.encode(thing(person=ERASED))
    assert parts == {}
    assert codec.decode(Thing, text, {}).person is ERASED


def test_fields_and_keys_named_like_the_placeholders_are_only_names() -> None:
    state = thing(erased=True, sealed_at=AT, flags={"erased": True, "sealed": True})
    assert back(state) == state


def test_an_instant_of_another_zone_is_written_as_utc() -> None:
    paris = timezone(timedelta(hours=2))
    text, _ = codec.encode(thing(sealed_at=datetime(2026, 3, 30, 16, 2, tzinfo=paris)))
    assert json.loads(text)["sealed_at"] == "2026-03-30T14:02:00Z"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        codec.encode(thing(sealed_at=datetime(2026, 3, 30)))


def test_a_row_of_an_older_program_has_defaults_for_new_fields_and_loses_dropped_ones() -> None:
    text, parts = codec.encode(thing())
    row = json.loads(text)
    del row["flags"]
    row["colour"] = "red"
    assert codec.decode(Thing, json.dumps(row), parts) == thing()


@dataclass(frozen=True)
class Loose:
    price: float


@dataclass(frozen=True)
class Either:
    price: int | str


@pytest.mark.parametrize("state", [Loose(1.5), Either(1)])
def test_a_type_that_states_do_not_use_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match="a state cannot hold"):
        codec.encode(state)
