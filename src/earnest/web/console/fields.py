"""Form fields of the console: amounts, dates, per cent; each says in one sentence what is wrong with it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _

from earnest.core.money import check_currency, parse_amount
from earnest.core.refusals import Invalid
from earnest.web.sentences import sentence


class Day(forms.DateField):
    """A date, in the browser's own date picker; always `YYYY-MM-DD` on the wire."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, **kwargs)


class Text(forms.CharField):
    """Several lines; CR LF of the browser becomes LF, so that the same words have the same hash."""

    def __init__(self, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Amount(forms.CharField):
    """An amount as people type it; `minor` reads it once the currency is known."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **kwargs)


class Currency(forms.CharField):
    """Three capital letters, ISO 4217."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 4})
        super().__init__(max_length=3, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        try:
            return check_currency(code) if code or self.required else ""
        except Invalid as error:
            raise forms.ValidationError(sentence(error)) from None


class TimeZone(forms.CharField):
    """A zone of the IANA database, such as `Europe/Paris`."""

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        if name not in available_timezones():
            raise forms.ValidationError(_("Give a time zone such as Europe/Paris or America/New_York."))
        return name


class Percent(forms.DecimalField):
    """Per cent with two decimals; `basis_points` is what the core keeps."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(min_value=0, max_value=100, decimal_places=2, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


def basis_points(percent: Decimal) -> int:
    """20 -> 2000; exact, since the field has two decimals."""
    return int(percent * 100)


def minor(form: forms.Form, name: str, currency: str) -> int | None:
    """The amount in a form's field, in minor units; what is wrong with it is said at the field."""
    written = form.cleaned_data.get(name)
    if not written or not currency:
        return None
    try:
        return parse_amount(written, currency)
    except Invalid as error:
        form.add_error(name, sentence(error))
        return None


def instant_of(day: date, now: datetime) -> datetime:
    """When something happened of which only the day is known: noon UTC, that day in nearly every zone.

    On the morning of today it is now, since nothing that is recorded has happened later.
    """
    noon = datetime.combine(day, time(12), UTC)
    return min(noon, now) if day <= now.date() else noon
