"""Our own account, from the one line of `EARNEST_BANK_ACCOUNT`."""

from django.conf import settings

from earnest.core import payee
from earnest.core.payment_order import Payer
from earnest.core.refusals import Refused


def payer() -> Payer:
    """The account that refunds are paid from. Raises Refused where the setting names none that could pay."""
    try:
        found = payee.read(settings.EARNEST.bank_account)
    except ValueError:
        found = None
    if found is None:
        raise Refused(
            "no-own-account",
            "EARNEST_BANK_ACCOUNT has no account to pay from: it is one line, such as “Boatyard, IBAN FR76…, BIC …”.",
        )
    return Payer(found.name, found.iban, found.bic)
