"""Payment orders: what an operator says of one, and the file that the bank gave."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.web.console import fields

#: A larger file is for the command line, which tells how far it has come.
BYTES_MAX: Final = 20_000_000


class WithdrawForm(forms.Form):
    """The second operator's words: the bank never had it."""

    why = fields.Text(2, label=lazy("Why, in a few words"), max_length=500)


class AnswerForm(forms.Form):
    """What the bank gave us."""

    file = forms.FileField(
        label=lazy("A file from the bank"),
        help_text=lazy(
            "Its answer to a payment order (pain.002), or a statement (camt.052, 053, 054, MT940)."
        ),
    )

    def clean_file(self) -> Any:
        """Not too large for a page."""
        given = self.cleaned_data["file"]
        if given.size > BYTES_MAX:
            raise forms.ValidationError(
                _("This file is larger than 20 MB: give it to `./earnest bank import` instead.")
            )
        return given
