"""What every mail says of money and time, in the reader's language."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.utils.translation import get_language

from earnest.core.money import exponent
from earnest.core.offer import Window


def locale() -> str:
    """Babel's locale of the active language."""
    return "fr_FR" if (get_language() or "en").startswith("fr") else "en_GB"


def money(amount_minor: int, currency: str) -> str:
    """`5 000,00 €`, `US$5,000.00`: to the cent."""
    from decimal import Decimal

    return format_currency(Decimal(amount_minor).scaleb(-exponent(currency)), currency, locale=locale())


def day(value: date) -> str:
    """A date in words."""
    return format_date(value, format="long", locale=locale())


def moment(value: datetime) -> str:
    """A date and time, UTC, said to be so."""
    return f"{format_datetime(value, format='d MMMM y, HH:mm', locale=locale())} UTC"


def window(value: Window) -> str:
    """The promised delivery."""
    return f"{day(value.start)} – {day(value.end)}"
