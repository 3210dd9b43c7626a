"""What an operator says about a refund."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as lazy

from earnest.core.commands.heirs import DECEASED
from earnest.web.console import fields

#: Reasons a bank gives, as codes of the record.
REASONS: Final = (
    ("account-closed", lazy("the account is closed")),
    ("account-unknown", lazy("there is no such account")),
    ("name-differs", lazy("the name does not belong to the account")),
    ("refused-by-bank", lazy("the bank refused")),
    ("returned-by-holder", lazy("the holder sent it back")),
    (DECEASED, lazy("the holder has died")),
    ("other", lazy("another reason")),
)


JUST_NOW: Final = lazy("Empty means just now.")


class SentForm(forms.Form):
    """The second operator's words: it has left."""

    reference = forms.CharField(label=lazy("The bank's reference"), max_length=140)
    on = fields.Day(label=lazy("Sent on"), required=False, help_text=JUST_NOW)


class FailedForm(forms.Form):
    """It was refused before it left, or it came back."""

    why = forms.ChoiceField(label=lazy("What the bank says"), choices=REASONS)
    on = fields.Day(label=lazy("On"), required=False, help_text=JUST_NOW)


class ArrivedForm(forms.Form):
    """It has reached the holder."""

    reference = forms.CharField(label=lazy("Reference, if there is one"), max_length=140, required=False)
    on = fields.Day(label=lazy("Arrived on"), required=False, help_text=JUST_NOW)
