"""What in an offer a text of law forbids or presumes unfair: said to the maker, and never refused."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from earnest.core.commands.open_offer import Terms
from earnest.core.off_premises import OFF_PREMISES
from earnest.core.offer import Text

INDICATIVE, VAGUE, MONEY_EARLY = "indicative", "vague", "money-early"
#: As the maker says of the date itself.
SAID_INDICATIVE, SAID_VAGUE, NO_DATE = "said-indicative", "said-vague", "no-date"
_SAID: Final = {
    "indicative": (SAID_INDICATIVE, "R212-2 7°"),
    "vague": (SAID_VAGUE, "L216-1"),
    "none": (NO_DATE, "L216-1"),
}
#: A window longer than this says little of when.
VAGUE_DAYS: Final = 92
#: Words that take back what a date says.
_TAKES_BACK: Final = re.compile(
    r"\b(indicati(?:f|fs|ve|ves|vely)|estimated|estimati(?:f|ve)s?|provisional|prévisionnel(?:le)?s?|approximate(?:ly)?|"
    r"approximati(?:f|ve)s?|environ|non[- ]binding|non contractuel(?:le)?s?|sans engagement)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Doubt:
    """One thing: its code, the article, and the words or the number of days that it is about."""

    code: str
    article: str
    about: str = ""


def doubts(terms: Terms) -> list[Doubt]:
    """Of an offer as it would be opened or revised.

    A date that is only indicative is presumed unfair (Code de la consommation R212-2 7°); a date or a period must be
    told before the contract, and where there is none it is 30 days (L111-1 3°, L216-1); off-premises no money is taken
    within seven days (L221-10).
    """
    found = [Doubt(INDICATIVE, "R212-2 7°", word) for word in taken_back(terms.texts.values())]
    if said := _SAID.get(terms.sale.date_worth):
        found.append(Doubt(*said))
    days = (terms.window.end - terms.window.start).days + 1
    if days > VAGUE_DAYS:
        found.append(Doubt(VAGUE, "L216-1", str(days)))
    if terms.sale.channel == OFF_PREMISES and terms.plan:
        found.append(Doubt(MONEY_EARLY, "L221-10"))
    return found


def taken_back(texts: Iterable[Text]) -> list[str]:
    """The words of an offer that take back what its date says."""
    read = " ".join(f"{text.title} {text.summary} {text.terms}" for text in texts)
    return sorted({found.group(0).casefold() for found in _TAKES_BACK.finditer(read)})
