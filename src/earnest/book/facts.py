"""What the law is asked about a reservation of the book, and on which day: gathered from its acts."""

from datetime import date, datetime

from earnest.book import law, reads
from earnest.core.rights.answer import answer
from earnest.core.rights.answers import Rights
from earnest.core.rights.days import today
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.gather import as_of, facts_of


def of(number: str) -> Facts:
    """The facts of a reservation by its number. Raises Missing."""
    state = reads.reservation(number)
    acts = [each.act for each in reads.acts("reservation", state.number)]
    return facts_of(state, reads.offer(state.offer).offer, acts)


def rights(number: str, on: date | datetime) -> tuple[Facts, Rights]:
    """What the law gives for a reservation on a day, or at an instant, with the facts that it looked at."""
    facts = of(number)
    days = today(facts, on) if isinstance(on, datetime) else Today(on, on)
    facts = as_of(facts, days.duties)
    return facts, answer(law.current(), facts, days)
