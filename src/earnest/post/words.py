"""What every mail says of money and time, in the reader's language."""

from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.core.money import exponent
from earnest.core.offer import Window


def locale() -> str:
    """Babel's locale of the active language."""
    return "fr_FR" if (get_language() or "en").startswith("fr") else "en_GB"


def money(amount_minor: int, currency: str) -> str:
    """`5 000,00 €`, `US$5,000.00`: to the cent."""
    return format_currency(Decimal(amount_minor).scaleb(-exponent(currency)), currency, locale=locale())


def day(value: date) -> str:
    """A date in words."""
    return _ordinal(format_date(value, format="long", locale=locale()))


def moment(value: datetime) -> str:
    """A date and time, UTC, said to be so."""
    return f"{_ordinal(format_datetime(value, format='d MMMM y, HH:mm', locale=locale()))} UTC"


def window(value: Window | None) -> str:
    """The promised delivery; where there is no date, that."""
    if value is None:
        return _("no date at present")
    return f"{day(value.start)} – {day(value.end)}"


def country(code: str) -> str:
    """What people call a country of ISO 3166-1."""
    return str(Locale.parse(locale()).territories.get(code, code))


def _ordinal(said: str) -> str:
    """French says the first of a month as a rank, and no other day."""
    return f"1er{said[1:]}" if said.startswith("1 ") and locale() == "fr_FR" else said
