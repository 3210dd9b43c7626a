"""The new promised window or none, the reason that every holder will read, and what proves it."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.core.offer import Offer, Window
from earnest.web.console import fields

EVIDENCE: Final = (
    ("none", lazy("none to show")),
    ("supplier", lazy("a supplier's letter")),
    ("test-report", lazy("a test report")),
    ("authority", lazy("a letter of an authority")),
    ("photographs", lazy("photographs")),
    ("accounts", lazy("accounts")),
    ("other", lazy("something else")),
)


class SlipForm(forms.Form):
    """Checked here for what can be seen without the book; the core decides."""

    window_from = fields.Day(label=lazy("New window, from"), required=False)
    until = fields.Day(label=lazy("until"), required=False)
    no_date = forms.BooleanField(label=lazy("There is no new date"), required=False)
    why = fields.Text(3, label=lazy("The reason, as every holder will read it"), max_length=2000)
    evidence = forms.ChoiceField(
        label=lazy("What you have to prove it"), choices=EVIDENCE, initial="none", required=False
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was, self.undated = offer.current.window, offer.undated

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("window_from"), data.get("until")
        if data.get("no_date"):
            if start or end:
                self.add_error("no_date", _("Give a new window, or say that there is none; not both."))
            elif self.undated:
                self.add_error("no_date", _("There is no date already, and every holder was told so."))
        elif not self.errors and not (start and end):
            self.add_error("until", _("Give a new window, or say that there is none."))
        elif start and end and end < start:
            self.add_error("until", _("The promised window ends before it begins."))
        elif start and end and (end < self.was.end or (Window(start, end) == self.was and not self.undated)):
            self.add_error("until", _("The window promised now is not later than the one before."))
        return data

    def window(self) -> Window | None:
        """The new window, or None for no date, once the form is valid."""
        if self.cleaned_data.get("no_date"):
            return None
        return Window(self.cleaned_data["window_from"], self.cleaned_data["until"])

    @property
    def kind_of_evidence(self) -> str:
        """The chosen kind; none where nothing was."""
        return self.cleaned_data.get("evidence") or "none"
