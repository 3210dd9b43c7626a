"""The new promised window, and the reason that every holder will read."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from earnest.core.offer import Window
from earnest.web.console import fields


class SlipForm(forms.Form):
    """Checked here for what can be seen without the book; the core decides."""

    window_from = fields.Day(label=lazy("New window, from"))
    until = fields.Day(label=lazy("until"))
    why = fields.Text(3, label=lazy("The reason, as every holder will read it"), max_length=2000)

    def __init__(self, *args: Any, was: Window, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = was

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("window_from"), data.get("until")
        if start and end and end < start:
            self.add_error("until", _("The promised window ends before it begins."))
        elif start and end and (end < self.was.end or Window(start, end) == self.was):
            self.add_error("until", _("The window promised now is not later than the one before."))
        return data

    def window(self) -> Window:
        """The new window, once the form is valid."""
        return Window(self.cleaned_data["window_from"], self.cleaned_data["until"])
