"""Field 86 of an MT940: what a bank tells about an entry, in the three ways that banks tell it.

With codes (`166?00GUTSCHRIFT?20EREF+…?21SVWZ+…?31IBAN?32NAME`, the German banks' way), with slashes
(`/IBAN/…/NAME/…/REMI/…/EREF/…`, the Dutch banks' way), or as plain text. Lines are broken anywhere, so codes and
words are found across the break; the free text keeps its lines, for what was a space there was often cut.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from earnest.rails.bank.statement import NOBODY, Party, kept_lines, known


@dataclass(frozen=True)
class Information:
    """What was told; empty where it was not."""

    lines: tuple[str, ...] = ()
    party: Party = NOBODY
    end_to_end: str = ""
    mandate: str = ""
    creditor: str = ""
    returned: bool = False
    return_code: str = ""


#: Words of the SEPA reference lines in ?20 to ?29 (Deutsche Kreditwirtschaft, DFÜ-Abkommen, appendix 3).
_WORDS: Final = tuple(
    "EREF KREF MREF CRED DEBT COAM OAMT SVWZ ABWA ABWE IBAN BIC PURP RREF BREF RETU".split()
)
_WORD: Final = re.compile(rf"(?:^|(?<=[\s+]))({'|'.join(_WORDS)})\+")
#: Slash codes: SWIFT's (ISO 20022 in MT940) and those of ING, ABN AMRO, Rabobank and others.
_SLASHES: Final = tuple(
    "TRTP IBAN BIC NAME REMI EREF ORDP BENM CSID MARF MREF RTRN PREF TRCD ADDR ISDT CNTP ID PURP SVCL OCMT CHGS KREF "
    "ULTC ULTD ULTB INVC IREF PREF RETU RREF SVWZ BUSP TXT OCCY EXCH".split()
)
_SLASH: Final = re.compile("|".join("/(" + r"\n?".join(code) + r")\n?/" for code in _SLASHES))
#: Business transaction codes of returns: a transfer of ours, direct debits of business and of consumers.
_RETURNS: Final = frozenset({"159", "108", "109"})
_REASON: Final = re.compile(r"\b([A-Z]{2}[0-9]{2})\b")


def read(lines: Sequence[str]) -> Information:
    """What a field 86 says, however it says it."""
    joined = "".join(line.rstrip("\r") for line in lines)
    coded = re.match(r"(\d{3})([^\w\s/+])(?=\d\d)", joined)
    if coded:
        return _coded(coded[1], coded[2], joined[coded.end() - 1 :])
    text = "\n".join(lines)
    if _SLASH.search(text):
        return _slashed(text)
    return _worded(list(lines), Information())


def _coded(code: str, mark: str, text: str) -> Information:
    """`?NN` subfields: 20 to 29 and 60 to 63 are the payer's words, 31 the account, 32 and 33 the name."""
    fields = [(int(each[:2]), each[2:]) for each in text.split(mark) if each[:2].isdigit()]
    words = [value for number, value in fields if 20 <= number <= 29 or 60 <= number <= 63]
    account = "".join(value for number, value in fields if number == 31).replace(" ", "").upper()
    name = "".join(value for number, value in fields if number in (32, 33)).strip()
    iban = account if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", account) else ""
    told = _worded(words, Information(party=Party(name, iban), returned=code in _RETURNS))
    if told.returned and not told.return_code:
        found = _REASON.search(" ".join([*told.lines, *(value for number, value in fields if number == 0)]))
        told = replace(told, return_code=found[1] if found else "")
    return told


def _worded(lines: list[str], told: Information) -> Information:
    """`EREF+…`, `SVWZ+…` in free lines; without any such word all of it is free text."""
    text = "\n".join(lines)
    parts: dict[str, str] = {}
    places = [*_WORD.finditer(text)]
    if not places:
        return replace(told, lines=kept_lines(lines))
    for place, following in zip(places, [*places[1:], None], strict=True):
        value = text[place.end() : following.start() if following else len(text)]
        parts.setdefault(place[1], value)
    before = text[: places[0].start()].split("\n")
    whole = {word: value.replace("\n", "").strip() for word, value in parts.items()}
    returned = whole.get("RETU", "") or whole.get("RREF", "")
    reason = _REASON.search(whole.get("RETU", "") or whole.get("SVWZ", ""))
    back = told.returned or bool(returned)
    return replace(
        told,
        lines=kept_lines([*before, *parts.get("SVWZ", "").split("\n")]),
        party=Party(
            told.party.name or whole.get("ABWA", ""), told.party.iban or whole.get("IBAN", "").upper()
        ),
        end_to_end=known(whole.get("EREF", "")),
        mandate=known(whole.get("MREF", "")),
        creditor=known(whole.get("KREF", "")),
        returned=back,
        return_code=reason[1] if back and reason else "",
    )


def _slashed(text: str) -> Information:
    """`/CODE/value/CODE/value`; what stands before the first code is free text too."""
    places = [*_SLASH.finditer(text)]
    parts: dict[str, str] = {}
    for place, following in zip(places, [*places[1:], None], strict=True):
        code = next(group for group in place.groups() if group).replace("\n", "")
        value = text[place.end() : following.start() if following else len(text)]
        parts.setdefault(code, value.strip("\n"))
    whole = {code: value.replace("\n", "").strip("/ ") for code, value in parts.items()}
    remittance = parts.get("REMI", "") or parts.get("SVWZ", "") or parts.get("TXT", "")
    structured = re.match(r"STRD/[A-Z]*/?(?:[A-Z]*/)?(.+)", remittance.replace("\n", ""))
    lines = re.sub(r"^USTD//?", "", remittance).split("\n")
    counterparty = whole.get("CNTP", "").split("/")  # account / BIC / name / city
    iban = (whole.get("IBAN", "") or counterparty[0]).replace(" ", "").upper()
    name = whole.get("NAME", "") or (counterparty[2] if len(counterparty) > 2 else "")
    reason = _REASON.search(whole.get("RTRN", "") or whole.get("RETU", ""))
    return Information(
        lines=kept_lines([*text[: places[0].start()].split("\n"), *lines]),
        party=Party(name or whole.get("ORDP", "") or whole.get("BENM", ""), iban),
        end_to_end=known(whole.get("EREF", "")),
        mandate=known(whole.get("MARF", "") or whole.get("MREF", "")),
        creditor=structured[1].strip("/ ") if structured else "",
        returned="RTRN" in whole or "RETU" in whole,
        return_code=reason[1] if reason else "",
    )
