"""The words of buttons that the law writes: one table, for every language, that no translator changes.

`order`: Code de la consommation L221-14 (the contract is void without it: L242-2), Directive 2011/83/EU art. 8(2).
`withdraw` and `confirm_withdrawal`: L221-21 and Directive 2011/83/EU art. 11a, from 19 June 2026, read in others' words
and not in the texts.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Labels:
    """The labels of one language."""

    order: str
    withdraw: str
    confirm_withdrawal: str


LABELS: Final = {
    "en": Labels("Order with obligation to pay", "Withdraw from contract here", "Confirm withdrawal"),
    "fr": Labels(
        "Commande avec obligation de paiement", "Renoncer au contrat ici", "Confirmer la rétractation"
    ),
}


def labels(language: str) -> Labels:
    """Those of a language (`fr`, `fr-FR`), or the English ones."""
    return LABELS.get(language[:2], LABELS["en"])
