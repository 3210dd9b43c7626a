"""What an operator fills in where a holder has died, or where somebody follows by law."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from earnest.core.commands.heirs import PROOFS, RIGHTS, TELLERS
from earnest.web.console import fields, words
from earnest.web.forms import countries


class DiedForm(forms.Form):
    """Who said so, and how they know."""

    told_by = forms.ChoiceField(
        label=lazy("Who told you"), choices=[(code, words.TELLERS[code]) for code in TELLERS]
    )
    why = fields.Text(3, label=lazy("What they said, and what you saw"), max_length=2000)


class LivesForm(forms.Form):
    """Why the report was wrong."""

    why = fields.Text(3, label=lazy("How you know"), max_length=2000)


class SuccessorForm(forms.Form):
    """Who follows, and the papers."""

    right = forms.ChoiceField(
        label=lazy("By what right"), choices=[(code, words.RIGHTS[code]) for code in RIGHTS]
    )
    proof = forms.ChoiceField(
        label=lazy("Proof that you saw"), choices=[(code, words.PROOFS[code]) for code in PROOFS]
    )
    seen = fields.Text(
        3,
        label=lazy("What it says"),
        max_length=2000,
        help_text=lazy(
            "Who made it, on which day, its number, whom it names. Of several heirs: that this one acts for all."
        ),
    )
    name = forms.CharField(label=lazy("Name of who follows"), max_length=200)
    email = forms.EmailField(
        label=lazy("Their e-mail"),
        max_length=254,
        help_text=lazy("All links go there: take it from the papers or from them in person."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    residence = forms.ChoiceField(label=lazy("Country where they live"))
    language = forms.ChoiceField(
        label=lazy("Language of our mails"), choices=(("en", "English"), ("fr", "Français"))
    )
    company = forms.BooleanField(label=lazy("It is a company"), required=False)
    vat_number = forms.CharField(label=lazy("VAT number"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["residence"].choices = countries((get_language() or "en")[:2])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A VAT number is a company's."""
        data = super().clean() or {}
        data["vat_number"] = data.get("vat_number", "") if data.get("company") else ""
        return data


class ConfirmForm(forms.Form):
    """The naming that this operator looked at."""

    named = forms.IntegerField(widget=forms.HiddenInput)
