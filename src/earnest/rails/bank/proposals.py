"""For whom an unmatched credit may be: what a person is shown before they decide."""

from collections.abc import Sequence
from typing import Final

from earnest.book import lists
from earnest.book.credits import Credit
from earnest.core import matching
from earnest.core.matching import Proposal
from earnest.rails.bank.lists import Alike, expected, waiting_for

#: So many of the newest reservations that wait for money are looked through for names, accounts and amounts.
WAITING_MAX: Final = 5000


def alike() -> Alike:
    """The reservations that wait for money, to be looked through for many credits."""
    return Alike(waiting_for(state) for state in lists.waiting_for_money(WAITING_MAX))


def of(credits: Sequence[Credit], waiting: Alike) -> list[tuple[Proposal, ...]]:
    """For each credit its proposals, the strongest first."""
    asked = [matching.Credit(c.amount_minor, c.currency, c.words, c.name, c.iban) for c in credits]
    found = [matching.sought(each) for each in asked]
    known = expected({key for words in found for key in matching.wanted(words)})
    near = expected({key for words in found for key in matching.wanted_near(words, known)})
    answers = []
    for each, words in zip(asked, found, strict=True):
        written = matching.written(each, words, {**near, **known})
        numbers = {proposal.number for proposal in written}
        others = tuple(p for p in matching.ranked(each, waiting.to(each)) if p.number not in numbers)
        answers.append(sorted((*written, *others), key=lambda p: list(matching.WHYS).index(p.why)))
    return [tuple(each[: matching.PROPOSALS_MAX]) for each in answers]
