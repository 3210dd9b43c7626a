"""Money is a whole number of a currency's smallest unit; nothing here ever rounds."""

import re
from dataclasses import dataclass

from earnest.core.refusals import Invalid

#: ISO 4217 currencies whose smallest unit is not a hundredth (list of 2024, table A.1).
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}

#: What fits a 64-bit column with room for sums of a whole book.
MAX_MINOR = 10**15


@dataclass(frozen=True)
class Money:
    """`amount_minor` of `currency` (ISO 4217 code)."""

    amount_minor: int
    currency: str


def check_currency(code: str) -> str:
    """The code itself if it looks like ISO 4217. Raises Invalid."""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Invalid("currency", "“%(given)s” is not a currency code such as EUR or USD.", given=code)
    return code


def exponent(currency: str) -> int:
    """Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def major(amount_minor: int, currency: str) -> str:
    """Plain decimal text without grouping: 500000 USD -> `5000.00`."""
    digits = exponent(currency)
    if digits == 0:
        return str(amount_minor)
    whole, rest = divmod(abs(amount_minor), 10**digits)
    return f"{'-' if amount_minor < 0 else ''}{whole}.{rest:0{digits}d}"


def parse_amount(written: str, currency: str) -> int:
    """Minor units from what a person typed: `5000`, `5,000.00`, `5 000,00`, `5.000,00`.

    A lone separator before exactly three digits (`5,000`) groups thousands, except where the currency itself has
    three decimals: there it could mean two things and is refused. Raises Invalid.
    """
    check_currency(currency)
    digits = exponent(currency)
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", written)
    match = re.fullmatch(r"(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*|\d+)(?:([.,])(\d+))?", plain)
    if not match or (match[2] and match[2] == match[3]):
        raise _bad(written)
    if digits == 3 and match[2] and not match[3]:
        raise _bad(written)
    whole, rest = re.sub(r"[.,]", "", match[1]), match[4] or ""
    if len(rest) > digits:
        raise _bad(written)
    amount = int(whole + rest.ljust(digits, "0"))
    if not 0 < amount <= MAX_MINOR:
        raise _bad(written)
    return amount


def _bad(written: str) -> Invalid:
    return Invalid("amount", "“%(given)s” is not an amount such as 5000.00.", given=written[:40])
