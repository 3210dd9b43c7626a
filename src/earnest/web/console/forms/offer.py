"""Everything that an edit of an offer may change, and where on the page each refusal belongs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.core.commands.open_offer import Terms
from earnest.core.money import major
from earnest.core.offer import Instalment, Offer, Sale, Text, Variant, Window
from earnest.core.refusals import Invalid, Refusal
from earnest.web.console import fields
from earnest.web.sentences import sentence

LANGUAGES: Final = ("en", "fr")
_TEXTS: Final = ("title", "summary", "terms")
CHANNELS: Final = (
    ("distance", lazy("at a distance")),
    ("off-premises", lazy("away from our premises")),
    ("shop", lazy("in a shop")),
)
DEPOSIT_KINDS: Final = (("acompte", "acompte"), ("arrhes", "arrhes"), ("deposit", lazy("deposit")))
DATE_WORTHS: Final = (
    ("firm", lazy("firm date")),
    ("indicative", lazy("indicative date")),
    ("vague", lazy("vague, no day")),
    ("none", lazy("no date")),
)
RAILS: Final = (("card", lazy("card")), ("transfer", lazy("bank transfer")))
MAX_ROWS: Final = 20

#: Where on the page a refusal of the core is shown.
_PLACES: Final[Mapping[str, str]] = {
    "offer-slug": "slug",
    "offer-exists": "slug",
    "currency": "currency",
    "offer-currency": "currency",
    "offer-texts": "title_en",
    "offer-window": "until",
    "offer-later": "until",
    "offer-capacity": "capacity",
    "offer-taken": "capacity",
    "offer-sale": "channel",
    "offer-tax": "tax_rate",
    "offer-date": "date_worth",
    "offer-back": "back",
}
_OF_VARIANTS: Final = ("offer-variants", "offer-variant", "variant-taken", "amount")
_OF_PLAN: Final = ("offer-plan", "offer-plan-sum")


class OfferForm(forms.Form):
    """The offer itself; variants and deposits have rows of their own."""

    slug = forms.CharField(
        label=lazy("Name in addresses"),
        max_length=60,
        help_text=lazy("Small letters, digits and dashes; it cannot be changed later."),
    )
    currency = fields.Currency(label=lazy("Currency"))
    capacity = forms.IntegerField(label=lazy("Places in all"), min_value=1, max_value=10_000_000)
    window_from = fields.Day(label=lazy("Promised from"))
    until = fields.Day(label=lazy("Promised until"))
    timezone = fields.TimeZone(label=lazy("Time zone"), initial="UTC")
    channel = forms.ChoiceField(label=lazy("How it is sold"), choices=CHANNELS)
    deposit_kind = forms.ChoiceField(label=lazy("What the deposit is in law"), choices=DEPOSIT_KINDS)
    tax_rate = fields.Percent(label=lazy("Tax in the price, in per cent"))
    made_to_specification = forms.BooleanField(
        label=lazy("Made to the customer's own specification"), required=False
    )
    date_worth = forms.ChoiceField(
        label=lazy("What the promised date is worth"), choices=DATE_WORTHS, required=False, initial="firm"
    )
    back = fields.Percent(
        label=lazy("What your terms give back, in per cent"),
        help_text=lazy(
            "Of what was paid, to whoever cancels without a right. The law's sum counts where it is higher, "
            "and a cancellation here gives back all of it."
        ),
        required=False,
        initial=100,
    )
    title_en = forms.CharField(label=lazy("Title"), max_length=200, required=False)
    summary_en = fields.Text(2, label=lazy("Summary"), max_length=2000, required=False)
    terms_en = fields.Text(6, label=lazy("Terms"), max_length=50_000, required=False)
    title_fr = forms.CharField(label=lazy("Title"), max_length=200, required=False)
    summary_fr = fields.Text(2, label=lazy("Summary"), max_length=2000, required=False)
    terms_fr = fields.Text(6, label=lazy("Terms"), max_length=50_000, required=False)
    why = forms.CharField(label=lazy("Why this edit"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code in LANGUAGES:
            begun = any(data.get(f"{part}_{code}") for part in _TEXTS)
            for part in ("title", "terms"):
                if begun and not data.get(f"{part}_{code}") and f"{part}_{code}" not in self.errors:
                    self.add_error(f"{part}_{code}", _("A language needs a title and terms."))
        return data

    def texts(self) -> dict[str, Text]:
        """The languages that were filled in."""
        data = self.cleaned_data
        return {
            code: Text(data[f"title_{code}"], data[f"summary_{code}"], data[f"terms_{code}"])
            for code in LANGUAGES
            if data.get(f"title_{code}")
        }


class VariantForm(forms.Form):
    """One thing to choose; an empty row is no variant."""

    code = forms.CharField(label=lazy("Code"), max_length=40)
    name = forms.CharField(label=lazy("Name"), max_length=120)
    price = fields.Amount(label=lazy("Price of one, tax included"))
    capacity = forms.IntegerField(label=lazy("Places of its own"), min_value=0, required=False)


class InstalmentForm(forms.Form):
    """One deposit; an empty row is none."""

    amount = fields.Amount(label=lazy("Amount for one place"))
    rail = forms.ChoiceField(label=lazy("Paid by"), choices=RAILS)
    due_days = forms.IntegerField(label=lazy("Days after placing"), min_value=0, max_value=3650)

    def has_changed(self) -> bool:
        # The choice of rail always has a value, so it says nothing.
        return any(name in self.changed_data for name in ("amount", "due_days"))


_Rows: TypeAlias = "BaseFormSet[Any]"
VariantRows = forms.formset_factory(VariantForm, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS)
InstalmentRows = forms.formset_factory(InstalmentForm, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS)


class Editor:
    """The whole page: `terms` after `is_valid`; `place` puts a refusal at its field."""

    def __init__(self, data: Any = None, offer: Offer | None = None) -> None:
        self.offer = offer
        given = _grown(data) if data is not None else None
        variants, plan, main = _initial(offer)
        self.form = OfferForm(given, initial=main)
        # What was sent is the whole: a row that was emptied is gone, so no row has anything to go back to.
        rows = (variants, plan) if data is None else (None, None)
        self.variants: _Rows = VariantRows(given, initial=rows[0], prefix="variant")
        self.plan: _Rows = InstalmentRows(given, initial=rows[1], prefix="plan")
        if data is None:
            self.variants.extra = max(1, 2 - len(variants))
            self.plan.extra = max(1, 2 - len(plan))
        if offer:
            del self.form.fields["slug"]
            self.form.fields["currency"].disabled = True
        else:
            del self.form.fields["why"]
        self.terms: Terms | None = None

    @property
    def main(self) -> list[forms.BoundField]:
        """The fields of the offer itself."""
        return self._fields("slug", "currency", "capacity", "timezone", "window_from", "until")

    @property
    def sale(self) -> list[forms.BoundField]:
        """The fields that the law asks for."""
        return self._fields(
            "channel", "deposit_kind", "tax_rate", "date_worth", "back", "made_to_specification"
        )

    @property
    def languages(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(name of the language, its fields)."""
        return [
            (get_language_info(code)["name_local"], self._fields(*(f"{part}_{code}" for part in _TEXTS)))
            for code in LANGUAGES
        ]

    @property
    def has_errors(self) -> bool:
        """Whether something is marked somewhere."""
        return self.form.is_bound and not self._without_errors()

    def _fields(self, *names: str) -> list[forms.BoundField]:
        return [self.form[name] for name in names if name in self.form.fields]

    def is_valid(self) -> bool:
        """Whether there are terms that the core accepts; otherwise the errors stand at their fields."""
        good = [part.is_valid() for part in (self.form, self.variants, self.plan)]
        currency = self.form.cleaned_data.get("currency", "")
        variants, plan = self._variants(currency), self._plan(currency)
        if not all(good) or not self._without_errors():
            return False
        data = self.form.cleaned_data
        terms = Terms(
            currency=currency,
            variants=tuple(variants),
            plan=tuple(plan),
            capacity=data["capacity"],
            window=Window(data["window_from"], data["until"]),
            sale=Sale(
                data["channel"],
                data["deposit_kind"],
                data["made_to_specification"],
                fields.basis_points(data["tax_rate"]),
                data["date_worth"] or "firm",
                10_000 if data["back"] is None else fields.basis_points(data["back"]),
            ),
            texts=self.form.texts(),
            timezone=data["timezone"],
        )
        try:
            terms.check()
        except Invalid as refusal:
            self.place(refusal)
            return False
        self.terms = terms
        return True

    def place(self, refusal: Refusal) -> None:
        """Say a refusal where it belongs; what belongs nowhere stands over the form."""
        said = sentence(refusal)
        if refusal.code in _OF_VARIANTS:
            self.variants.non_form_errors().append(said)
        elif refusal.code in _OF_PLAN:
            self.plan.non_form_errors().append(said)
        else:
            at = _PLACES.get(refusal.code)
            self.form.add_error(at if at in self.form.fields else None, said)

    def _without_errors(self) -> bool:
        rows = (*self.variants.forms, *self.plan.forms)
        of_rows = self.variants.non_form_errors() or self.plan.non_form_errors()
        return not self.form.errors and not of_rows and not any(row.errors for row in rows)

    def _variants(self, currency: str) -> list[Variant]:
        found = []
        for row in _filled(self.variants):
            price = fields.minor(row, "price", currency)
            data = row.cleaned_data
            if price is not None and not row.errors:
                found.append(Variant(data["code"], data["name"], price, data["capacity"]))
        return found

    def _plan(self, currency: str) -> list[Instalment]:
        found: list[Instalment] = []
        for row in _filled(self.plan):
            amount = fields.minor(row, "amount", currency)
            data = row.cleaned_data
            if amount is not None and not row.errors:
                found.append(Instalment(len(found) + 1, amount, data["rail"], data["due_days"]))
        return found


def _filled(rows: _Rows) -> list[Any]:
    return [row for row in rows.forms if row.has_changed() and hasattr(row, "cleaned_data")]


def _grown(data: Any) -> Any:
    """The form data with one more empty row where “Add a row” was pressed."""
    add = data.get("add")
    if add not in ("variant", "plan"):
        return data
    data = data.copy()
    name = f"{add}-TOTAL_FORMS"
    before = data.get(name, "")
    data[name] = str(min(int(before) + 1, MAX_ROWS)) if before.isascii() and before.isdigit() else before
    return data


def _initial(offer: Offer | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """What the rows and the form begin with."""
    if offer is None:
        return [], [], {}
    now = offer.current
    variants = [
        {
            "code": each.code,
            "name": each.name,
            "price": major(each.price_minor, now.currency),
            "capacity": each.capacity,
        }
        for each in now.variants
    ]
    plan = [
        {"amount": major(each.amount_minor, now.currency), "rail": each.rail, "due_days": each.due_days}
        for each in now.plan
    ]
    main: dict[str, Any] = {
        "currency": now.currency,
        "capacity": now.capacity,
        "window_from": now.window.start,
        "until": now.window.end,
        "timezone": offer.timezone,
        "channel": now.sale.channel,
        "deposit_kind": now.sale.deposit_kind,
        "tax_rate": Decimal(now.sale.tax_rate_bp) / 100,
        "made_to_specification": now.sale.made_to_specification,
        "date_worth": now.sale.date_worth,
        "back": Decimal(now.sale.back_bp) / 100,
    }
    texts = now.texts if isinstance(now.texts, Mapping) else {}
    for code, text in texts.items():
        main |= {f"title_{code}": text.title, f"summary_{code}": text.summary, f"terms_{code}": text.terms}
    return variants, plan, main
