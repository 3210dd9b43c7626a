"""What banking apps read from a payment page: the data of an SCT QR code.

Source: European Payments Council, EPC069-12, “Quick Response Code: Guidelines to Enable the Data Capture for the
Initiation of a SEPA Credit Transfer”, version 2.1, section 3: one element a line, UTF-8, the rest left out at the end.
"""

from typing import Final

from earnest.core.money import major
from earnest.core.payee import Payee

#: Section 3.3: bytes of the whole, and the largest amount, in cents.
BYTES_MAX: Final = 331
AMOUNT_MAX: Final = 99_999_999_999


def data(payee: Payee, amount_minor: int, reference: str) -> str:
    """For `amount_minor` cents of EUR and an ISO 11649 reference. Raises ValueError for what no such code can hold."""
    if not 0 < amount_minor <= AMOUNT_MAX:
        raise ValueError(f"{amount_minor} cents fit no SEPA transfer")
    lines = (
        "BCD",
        "002",  # the version in which the BIC may be left out
        "1",  # UTF-8
        "SCT",
        payee.bic,
        payee.name,
        payee.iban,
        f"EUR{major(amount_minor, 'EUR')}",
        "",  # no purpose
        reference,
    )
    written = "\n".join(lines)
    if len(written.encode()) > BYTES_MAX:
        raise ValueError(f"a code for a transfer holds at most {BYTES_MAX} bytes")
    return written
