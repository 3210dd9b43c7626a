"""A changed state is what `dataclasses.replace` makes of it."""

import dataclasses
from functools import cached_property

import pytest

from earnest.core.changing import replace


@dataclasses.dataclass(frozen=True)
class State:
    one: int
    two: tuple[str, ...] = ()

    @cached_property
    def doubled(self) -> int:
        return self.one * 2


def test_a_changed_state_has_the_other_fields_as_they_were() -> None:
    before = State(1, ("a",))
    assert replace(before, one=5) == dataclasses.replace(before, one=5) == State(5, ("a",))
    assert before == State(1, ("a",)) and replace(before) is not before


def test_what_was_worked_out_before_is_worked_out_anew() -> None:
    before = State(1)
    assert before.doubled == 2
    assert replace(before, one=5).doubled == 10


def test_what_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError):
        replace(State(1), three=3)
