"""Our own account, from the one line of `EARNEST_BANK_ACCOUNT`: name, IBAN, BIC."""

import re

from django.conf import settings

from earnest.core.accounts import check_iban
from earnest.core.payment_order import Payer
from earnest.core.refusals import Invalid, Refused

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,30}\b")
_BIC = re.compile(r"\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b")


def payer() -> Payer:
    """The account that refunds are paid from. Raises Refused where the setting names none that could pay."""
    parts = [part.strip() for part in settings.EARNEST.bank_account.split(",")]
    name, iban, bic = "", "", ""
    for part in parts:
        plain = re.sub(r"^(IBAN|BIC)\b:?\s*", "", part)
        if not iban and _IBAN.fullmatch(plain):
            iban = _checked(plain)
        elif not bic and iban and _BIC.fullmatch(plain):
            bic = plain
        elif not name:
            name = part
    if not name or not iban:
        raise Refused(
            "no-own-account",
            "EARNEST_BANK_ACCOUNT has no account to pay from: it is one line, such as “Boatyard, IBAN FR76…, BIC …”.",
        )
    return Payer(name, iban, bic)


def _checked(written: str) -> str:
    try:
        return check_iban(written)
    except Invalid:
        return ""
