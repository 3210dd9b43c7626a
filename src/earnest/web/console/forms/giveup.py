"""Which reservations of an offer are given up, and the reason that their holders will read."""

import re
from typing import Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.core.commands.give_up import NAMED_MOST
from earnest.core.numbers import parse
from earnest.web.console import fields

_BETWEEN: Final = re.compile(r"[\s,;]+")


class GiveUpManyForm(forms.Form):
    """Checked here for what can be seen without the book; the core decides."""

    why = fields.Text(3, label=lazy("The reason, as every holder will read it"), max_length=2000)
    numbers = fields.Text(
        3,
        label=lazy("Only these reservations"),
        help_text=lazy(
            "Their numbers, separated by spaces or lines. Empty: the whole offer, which then closes."
        ),
        max_length=20 * NAMED_MOST,
        required=False,
    )

    def clean_numbers(self) -> tuple[str, ...]:
        """The numbers as they are given out, each once."""
        found = []
        for written in filter(None, _BETWEEN.split(self.cleaned_data["numbers"])):
            number = parse(written)
            if number is None:
                raise forms.ValidationError(
                    _("“%(given)s” is no reservation's number.") % {"given": written[:20]}
                )
            found.append(number)
        return tuple(dict.fromkeys(found))
