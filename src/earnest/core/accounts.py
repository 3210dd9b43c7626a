"""Bank accounts as people give them: an IBAN, or country, account number and routing code."""

import re
import unicodedata
from typing import Final

from earnest.core.refusals import Invalid
from earnest.core.reservation import BankDetails

#: Length of an IBAN by country (SWIFT IBAN registry, release 99).
_IBAN_LENGTHS: Final = {
    code: int(length)
    for code, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 "
        "LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 "
        "RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
}


def check_iban(written: str) -> str:
    """The IBAN without spaces, in capitals. Raises Invalid. ISO 13616: country, length, remainder 1 mod 97."""
    iban = re.sub(r"[\s.-]", "", written).upper()
    good = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", iban) and len(iban) == _IBAN_LENGTHS.get(iban[:2])
    if not good or int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 != 1:
        raise Invalid("iban", "“%(given)s” is not a valid IBAN: check it for a slip.", given=written[:40])
    return iban


def check_aba(written: str) -> str:
    """A US routing number: nine digits, 3·(d1+d4+d7) + 7·(d2+d5+d8) + (d3+d6+d9) divisible by ten."""
    digits = re.sub(r"[\s-]", "", written)
    if not re.fullmatch(r"[0-9]{9}", digits) or digits == "0" * 9:
        raise _bad_routing(written)
    if sum(weight * int(d) for weight, d in zip((3, 7, 1) * 3, digits, strict=True)) % 10:
        raise _bad_routing(written)
    return digits


def bank_details(holder: str, iban: str, country: str, number: str, routing: str) -> BankDetails:
    """An account from what was filled in: `iban`, or `country` with `number` and (where it has one) `routing`.

    Raises Invalid with the first thing that is wrong.
    """
    if not 1 <= len(holder.strip()) <= 140 or not holder.isprintable():
        raise Invalid("account-holder", "Please give the name on the account.")
    if iban.strip():
        checked = check_iban(iban)
        return BankDetails(holder.strip(), "iban", checked, "", checked[:2])
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Invalid("account-country", "Please give an IBAN, or the country of the account.")
    if country in _IBAN_LENGTHS and country not in ("BR", "EG", "PK"):
        raise Invalid("account-iban", "An account in %(country)s is given by its IBAN.", country=country)
    plain = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"[A-Za-z0-9]{4,34}", plain):
        raise Invalid("account-number", "“%(given)s” is not an account number.", given=number[:40])
    if country == "US":
        return BankDetails(holder.strip(), "aba", plain, check_aba(routing), country)
    code = re.sub(r"[\s-]", "", routing).upper()
    if not re.fullmatch(r"[A-Z0-9]{3,15}", code):
        raise _bad_routing(routing)
    return BankDetails(holder.strip(), "other", plain, code, country)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same words, in any order, whatever their accents, case and punctuation."""
    return name_words(one) == name_words(other) != []


def name_words(name: str) -> list[str]:
    """The words of a name without accents, case and punctuation, sorted: equal for what `same_name` calls the same."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return sorted(re.findall(r"\w+", letters))


def _bad_routing(written: str) -> Invalid:
    return Invalid(
        "routing", "“%(given)s” is not a valid routing code: check it for a slip.", given=written[:20]
    )
