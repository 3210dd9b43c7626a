"""What a deposit should have been that was booked wrongly."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.book import reads
from earnest.core.money import major
from earnest.core.refusals import Missing
from earnest.core.reservation import Payment
from earnest.web.console import fields
from earnest.web.sentences import sentence


class CorrectionForm(forms.Form):
    """Checked here for what can be seen of the form; the core decides."""

    amount = fields.Amount(
        label=lazy("Amount that came in truth"), help_text=lazy("0 where nothing came at all.")
    )
    to = forms.CharField(
        label=lazy("Reservation that it is of"),
        help_text=lazy("Empty: this one."),
        max_length=20,
        required=False,
    )
    why = fields.Text(3, label=lazy("Reason, as the customer will read it"), max_length=2000)

    def __init__(self, *args: Any, payment: Payment, by_bank: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self.initial["amount"] = major(payment.amount_minor, payment.currency)
        if by_bank:
            self.fields["amount"].disabled = True
            self.fields["amount"].help_text = _("The bank's own statement has this sum.")
            self.fields["to"].required = True
            self.fields["to"].help_text = ""

    def clean_to(self) -> str:
        """The number as it is given out, of a reservation that is there."""
        written = self.cleaned_data["to"].strip()
        try:
            return reads.reservation(written).number if written else ""
        except Missing as missing:
            raise forms.ValidationError(sentence(missing)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        nothing = str(data.get("amount", "")).strip() == "0"
        self.right_minor = 0 if nothing else fields.minor(self, "amount", self.payment.currency)
        if nothing and data.get("to"):
            self.add_error("amount", _("What is booked to another reservation has an amount."))
        return data
