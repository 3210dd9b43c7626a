"""One rule, worked out for given facts: its steps in their order, each by its form."""

from collections.abc import Mapping
from typing import Any

from earnest.core.rights.answers import Ground, Line
from earnest.core.rights.forms import Work, run
from earnest.core.rights.law import Law, Rule


def evaluate(law: Law, rule: Rule, facts: Mapping[str, Any]) -> Work:
    """The values that a rule gives, how it came to them, and for what it does not give, what is missing.

    `facts` are by the names that the rule asks for: days as `date`, sums as whole minor units.
    """
    work = Work(law, rule, dict(facts))
    for step in rule.steps:
        run(work, step)
    return work


def ground(work: Work, *changes: Line) -> Ground:
    """Why: the rule, its citation and mark, the lines of the computation, and what would change it."""
    rule = work.rule
    readings = {name: str(work.values.get(name) or each.default) for name, each in rule.readings.items()}
    return Ground(rule.id, rule.citation, rule.mark, tuple(work.lines), changes, readings)
