"""The form with which somebody reserves."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from earnest.book.reads import OfferRead
from earnest.core.commands.place import MAX_QUANTITY, Place
from earnest.post.words import money
from earnest.web.forms import PublicForm, countries

KINDS = (("person", _("for myself")), ("company", _("for a company")))


class VariantSelect(forms.RadioSelect):
    """What is sold out is shown and cannot be chosen; who sends it all the same is told so by the core."""

    sold_out: frozenset[str] = frozenset()

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One choice."""
        option = super().create_option(*args, **kwargs)
        if str(option["value"]) in self.sold_out:
            option["attrs"]["disabled"] = True
        return option


class ReserveForm(PublicForm):
    """What a reservation needs to know; the rules are the core's."""

    variant = forms.ChoiceField(label=_("Which one"), widget=VariantSelect)
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
            (each.code, self._named(each.code, each.name, money(each.price_minor, version.currency)))
            for each in version.variants
        ]
        gone = frozenset(each.code for each in version.variants if not read.left_of(each.code))
        self.fields["variant"].widget.sold_out = gone
        self.fields["residence"].choices = countries((get_language() or "en")[:2])  # type: ignore[attr-defined]
        self.describe()

    def _named(self, code: str, name: str, price: str) -> str:
        return f"{name}, {price}" if self.read.left_of(code) else f"{name}, {price} – {_('sold out')}"

    def renew(self, once: str) -> None:
        """The page's own fields as a fresh page has them, so that what was typed can be sent again."""
        fresh = QueryDict(mutable=True)
        fresh.update(self.data)
        fresh["version"], fresh["once"] = str(self.read.offer.current.version), once
        self.data = fresh

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
