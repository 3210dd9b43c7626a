"""What an operator fills in on a reservation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as lazy

from earnest.core.acts import CLASSES
from earnest.core.commands.receive_deposit import Paid
from earnest.core.reservation import Payment
from earnest.post.words import day, money
from earnest.web.console import fields

#: What each class of personal data holds, in words.
CLASS_NAMES: Final = {
    "identity": lazy("who the person is"),
    "contact": lazy("how the person is reached"),
    "bank": lazy("bank accounts"),
    "money": lazy("sums and terms"),
    "text": lazy("free text"),
}
GROUNDS: Final = (
    ("asked", lazy("the person asked (GDPR, art. 17(1)(b) or (c))")),
    ("purpose-over", lazy("it is needed no longer (GDPR, art. 17(1)(a))")),
)


class PaymentForm(forms.Form):
    """A transfer that the bank shows."""

    amount = fields.Amount(label=lazy("Amount received"))
    currency = fields.Currency(label=lazy("Currency"))
    reference = forms.CharField(label=lazy("The bank's reference"), max_length=140)
    on = fields.Day(label=lazy("Received on"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.amount_minor = fields.minor(self, "amount", data.get("currency", ""))
        return data

    def paid(self, now: datetime) -> Paid:
        """The payment, once the form is valid."""
        data = self.cleaned_data
        at = fields.instant_of(data["on"], now)
        return Paid("transfer", self.amount_minor or 0, data["currency"], data["reference"], at)


class WhyForm(forms.Form):
    """A reason, for the record."""

    why = fields.Text(3, label=lazy("Reason"), max_length=2000, required=False)


class EndForm(WhyForm):
    """How many of the places end."""

    quantity = forms.IntegerField(label=lazy("Places"), min_value=1)

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].initial = most
        self.fields["quantity"].widget.attrs["max"] = most
        self.order_fields(["quantity", "why"])


class GiveUpForm(EndForm):
    """The maker ends it, and owes the holder a reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = True
        self.fields["why"].label = lazy("Reason, as the customer will read it")


class TwiceForm(WhyForm):
    """Which of the payments that came twice goes back."""

    payment = forms.ChoiceField(label=lazy("Payment"))

    def __init__(self, *args: Any, payments: Sequence[Payment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment"].choices = [  # type: ignore[attr-defined]
            (
                each.seq,
                f"{money(each.amount_minor, each.currency)}, {day(each.happened_at.date())}, {each.reference}",
            )
            for each in payments
        ]
        self.fields["why"].required = True
        self.order_fields(["payment", "why"])


class SaleForm(forms.Form):
    """The reservation becomes a sale."""

    sale = forms.CharField(label=lazy("Number of the order or contract"), max_length=100)


class DeliverForm(forms.Form):
    """It was handed over."""

    on = fields.Day(label=lazy("Delivered on"))


class EraseForm(forms.Form):
    """One class of personal data is destroyed."""

    cls = forms.ChoiceField(
        label=lazy("What is erased"), choices=[(cls, CLASS_NAMES[cls]) for cls in CLASSES]
    )
    ground = forms.ChoiceField(label=lazy("Why"), choices=GROUNDS)


class ConfirmForm(forms.Form):
    """Nothing to fill in; pressing the button is all."""
