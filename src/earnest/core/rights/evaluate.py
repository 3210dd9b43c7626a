"""One rule, worked out for given facts: its steps in their order, each by its form."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from earnest.core.rights.answers import Ground, Line
from earnest.core.rights.forms import Work, run
from earnest.core.rights.law import Law, Rule, Step


def evaluate(
    law: Law, rule: Rule, facts: Mapping[str, Any], *, told: bool = False, lines: bool = True
) -> Work:
    """The values that a rule gives, how it came to them, and for what it does not give, what is missing.

    `facts` are by the names that the rule asks for: days as `date`, sums as whole minor units. `told` works out only
    what the rule tells (its `tells`); without `lines` nothing is kept of how.
    """
    taken = {name: each.default for name, each in rule.readings.items()}
    work = Work(law, rule, {**taken, **facts}, keeps_lines=lines)
    for step in steps_to(rule) if told else rule.steps:
        run(work, step)
    return work


@lru_cache(maxsize=1000)
def steps_to(rule: Rule) -> tuple[Step, ...]:
    """Those steps that lead to what the rule tells."""
    needed = set(rule.tells.values())
    found: list[Step] = []
    for step in reversed(rule.steps):
        if needed.intersection(step.gives.values()):
            needed |= {*_named(step.arguments), *step.when, *step.given, *step.absent}
            found.append(step)
    return tuple(reversed(found))


def _named(value: Any) -> Iterator[str]:
    """Every text in the arguments: whatever may name a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def ground(work: Work, *changes: Line) -> Ground:
    """Why: the rule, its citation and mark, the lines of the computation, and what would change it."""
    rule = work.rule
    readings = {name: str(work.values.get(name) or each.default) for name, each in rule.readings.items()}
    return Ground(rule.id, rule.citation, rule.mark, tuple(work.lines), changes, readings)
