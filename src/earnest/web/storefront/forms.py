"""The form with which somebody reserves."""

from functools import cache
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from earnest.book.reads import OfferRead
from earnest.core.commands.place import MAX_QUANTITY, Place
from earnest.post.words import money

KINDS = (("person", _("for myself")), ("company", _("for a company")))


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """ISO 3166-1 countries with their names in a language, by name."""
    named = {str(code): str(name) for code, name in Locale.parse(language).territories.items()}
    codes = [
        code
        for code in named
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")
    ]
    rows = sorted(((code, named[code]) for code in codes), key=lambda row: row[1])
    return (("", "—"), *rows)


class ReserveForm(forms.Form):
    """What a reservation needs to know; the rules are the core's."""

    variant = forms.ChoiceField(label=_("Which one"), widget=forms.RadioSelect)
    quantity = forms.IntegerField(label=_("How many places"), min_value=1, max_value=MAX_QUANTITY, initial=1)
    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    residence = forms.ChoiceField(label=_("Country where you live"))
    language = forms.ChoiceField(
        label=_("Language of our mails"), choices=(("en", "English"), ("fr", "Français"))
    )
    kind = forms.ChoiceField(
        label=_("You reserve"), choices=KINDS, initial="person", widget=forms.RadioSelect
    )
    vat_number = forms.CharField(label=_("VAT number"), max_length=20, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    #: The help under a field, and what browsers fill in by themselves.
    HELP = {  # noqa: RUF012 - read only
        "email": _("Everything about your reservation is sent here; it is how we know you."),
        "vat_number": _("Only for a company."),
    }
    AUTOCOMPLETE = {"name": "name", "email": "email", "residence": "country"}  # noqa: RUF012

    def __init__(self, read: OfferRead, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read = read
        version = read.offer.current
        self.fields["variant"].choices = [  # type: ignore[attr-defined]
            (each.code, f"{each.name}, {money(each.price_minor, version.currency)}")
            for each in version.variants
            if read.left_of(each.code) > 0
        ]
        self.fields["residence"].choices = countries((get_language() or "en")[:2])  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.help_text = self.HELP.get(name, "")
            described = [f"{name}-help"] if field.help_text else []
            if self.is_bound and name in self.errors:
                described.append(f"{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)
            if name in self.AUTOCOMPLETE:
                field.widget.attrs["autocomplete"] = self.AUTOCOMPLETE[name]

    def command(self, number: str) -> Place:
        """The wish that the form expresses."""
        given = self.cleaned_data
        return Place(
            by="customer",
            via="web",
            person="holder:0",
            number=number,
            slug=self.read.offer.slug,
            variant=given["variant"],
            quantity=given["quantity"],
            name=given["name"],
            email=given["email"],
            residence=given["residence"],
            language=given["language"],
            consumer=given["kind"] == "person",
            vat_number=given["vat_number"] if given["kind"] == "company" else "",
            version=given["version"],
        )
