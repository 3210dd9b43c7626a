"""Made-up people: names put together by a seeded hash, so that they are the same each time."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_NAMES = {
    "FR": (
        "Camille Élodie Bastien Margaux Théo Solène Rémi Inès Gaspard Lucille Anselme Maëlle Octave Clémence".split(),
        "Vautrin Delmarre Roussillot Chabanel Perrigot Maillefer Quénard Bonnaffé Lescarret Tardivel".split(),
    ),
    "US": (
        "Harriet Wesley Joanna Marcus Delia Everett Nadine Calvin Rosalind Theodore Opal Garrett Lenora Silas".split(),
        "Whitlock Ferrand Okonjo Bellamy Castellane Drummond Hargrove Lindqvist Marchetti Pemberly".split(),
    ),
    "DE": (
        "Annika Lorenz Friederike Matthis Wiebke Joris Helene Konrad Svenja Emil".split(),
        "Brandhuber Eickhoff Falkenried Grabowsky Holtkamp Lindenau Morgenroth Seyfarth".split(),
    ),
    "CH": (
        "Livia Urs Noëmi Beat Ladina Reto Fabienne Luzius".split(),
        "Aeberhard Bärtschi Casutt Derungs Zumthurm Jaccoud Rochat".split(),
    ),
    "GB": (
        "Imogen Alistair Beatrix Rupert Freya Callum Winifred Hamish".split(),
        "Ashdown Birtwhistle Cavanagh Dunmore Fairweather Holloway Penhale".split(),
    ),
    "BE": (
        "Joke Wout Céline Thibault Liesbeth Arnaud".split(),
        "Vandenhove Declercq Lambrechts Piette Goffin".split(),
    ),
}


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    name: str
    email: str
    country: str
    language: str


class Dice:
    """A stream of choices that depends on its name alone."""

    def __init__(self, name: str) -> None:
        self.name = name.encode()
        self.thrown = 0

    def below(self, sides: int) -> int:
        """A whole number from 0 to `sides` - 1."""
        self.thrown += 1
        drawn = hmac.new(self.name, self.thrown.to_bytes(8, "big"), hashlib.sha256).digest()
        return int.from_bytes(drawn[:8], "big") % sides

    def pick(self, choices: tuple[T, ...] | list[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]


def person(dice: Dice, countries: str) -> Person:
    """Somebody from one of the countries (ISO codes separated by spaces)."""
    country = dice.pick(countries.split())
    first, last = (dice.pick(names) for names in _NAMES[country])
    french = country == "FR" or (country in ("BE", "CH") and dice.below(2) == 0)
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    return Person(
        f"{first} {last}", f"{plain}{dice.below(90) + 10}@example.org", country, "fr" if french else "en"
    )
