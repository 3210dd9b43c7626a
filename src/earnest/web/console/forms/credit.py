"""What an operator decides about a credit that named nobody."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.core import entries
from earnest.core.numbers import parse
from earnest.web.console import fields

#: Reservations that one form can divide a credit between.
PARTS: Final = 4
OWN: Final = (
    (entries.PAYOUTS, lazy("a payout of the payment provider")),
    (entries.OWN_FUNDS, lazy("our own money")),
)


class WhyForm(forms.Form):
    """A reason, which is kept with the decision."""

    why = fields.Text(2, label=lazy("Reason"), max_length=2000)


class ExplainForm(WhyForm):
    """It is no customer's."""

    source = forms.ChoiceField(label=lazy("What it is"), choices=OWN)
    field_order = ("source", "why")


class ConfirmForm(forms.Form):
    """The second operator's words: it has left."""

    reference = forms.CharField(label=lazy("The bank's reference"), max_length=140)


class AssignForm(WhyForm):
    """One reservation or several; an amount may be left out where there is one."""

    def __init__(self, *args: Any, amount_minor: int, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole_minor, self.currency = amount_minor, currency
        for n in range(1, PARTS + 1):
            widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"})
            number = forms.CharField(label=_("Reservation"), max_length=20, required=n == 1, widget=widget)
            self.fields[f"number_{n}"] = number
            self.fields[f"amount_{n}"] = fields.Amount(label=_("Amount"), required=False)
        self.order_fields(
            [*(f"{part}_{n}" for n in range(1, PARTS + 1) for part in ("number", "amount")), "why"]
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = [n for n in range(1, PARTS + 1) if data.get(f"number_{n}") or data.get(f"amount_{n}")]
        self.shares = tuple(each for n in given if (each := self._share(n, data, alone=len(given) == 1)))
        return data

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each part, side by side."""
        return [(self[f"number_{n}"], self[f"amount_{n}"]) for n in range(1, PARTS + 1)]

    def _share(self, n: int, data: dict[str, Any], *, alone: bool) -> tuple[str, int] | None:
        number = parse(data.get(f"number_{n}") or "")
        if number is None:
            self.add_error(f"number_{n}", _("This is no reservation number: check it for a slip."))
            return None
        if alone and not data.get(f"amount_{n}"):
            return number, self.whole_minor
        minor = fields.minor(self, f"amount_{n}", self.currency)
        if minor is None:
            if not self.has_error(f"amount_{n}"):
                self.add_error(f"amount_{n}", _("Say how much of it is for this reservation."))
            return None
        return number, minor
