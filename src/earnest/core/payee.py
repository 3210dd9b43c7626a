"""The maker's own account as settings write it in one line: `NAME, IBAN FR76 …, BIC …`."""

import re
from typing import Final, NamedTuple

from earnest.core.accounts import check_iban
from earnest.core.refusals import Invalid

NAME_MAX: Final = 70
#: ISO 9362: party prefix, country, suffix, and perhaps a branch.
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_LINE: Final = re.compile(
    r"(?P<name>.+?)\s*[,;]\s*(?P<label>IBAN\b)?[:\s]*(?P<iban>[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){8,34})"
    r"(?:\s*[,;]\s*(?:BIC|SWIFT)?[:\s]*(?P<bic>\w+))?\s*",
    re.IGNORECASE,
)


class Payee(NamedTuple):
    """Whom customers transfer to. `iban` without spaces; `bic` may be empty, as within the EEA it need not be known."""

    name: str
    iban: str
    bic: str = ""

    @property
    def grouped(self) -> str:
        """The IBAN as it is printed: in groups of four."""
        return " ".join(self.iban[place : place + 4] for place in range(0, len(self.iban), 4))


def read(line: str) -> Payee | None:
    """The account in a line; None for one without an IBAN, as accounts outside SEPA have.

    Raises ValueError for one whose IBAN or BIC is wrong, or whose name is too long for a transfer.
    """
    match = _LINE.fullmatch(line.strip())
    if match is None:
        if re.search(r"\bIBAN\b", line, re.IGNORECASE):
            raise ValueError("has an IBAN, and is not such as: Boatyard, IBAN FR76 …, BIC ABCDFRPP")
        return None
    try:
        iban = check_iban(match["iban"])
    except Invalid:
        if not match["label"]:
            return None
        raise ValueError("has an IBAN that is not valid: check it for a slip") from None
    bic = (match["bic"] or "").upper()
    if bic and not _BIC.fullmatch(bic):
        raise ValueError("has a BIC that is not valid: it has 8 or 11 letters and digits")
    if len(match["name"]) > NAME_MAX:
        raise ValueError(f"has a name of more than {NAME_MAX} letters, which no transfer takes")
    return Payee(match["name"], iban, bic)
