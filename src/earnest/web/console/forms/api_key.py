"""A key to the API: what it is called, and what it may do."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as lazy

SCOPES: Final = (
    ("reservations:place", lazy("place reservations")),
    ("reservations:read", lazy("read every reservation, with its personal data")),
    ("reservations:cancel", lazy("cancel reservations")),
    ("reservations:import", lazy("bring in reservations that were paid elsewhere")),
    ("record:audit", lazy("read every leaf of the log, to replay it as an auditor")),
)


class ApiKeyForm(forms.Form):
    """The least that it needs is the best."""

    label = forms.CharField(
        label=lazy("Name"), max_length=100, help_text=lazy("By which you will know it: the shop, the script.")
    )
    scopes = forms.MultipleChoiceField(
        label=lazy("What it may do"), choices=SCOPES, widget=forms.CheckboxSelectMultiple
    )
