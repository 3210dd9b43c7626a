"""Logging in, and choosing a password."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy


class LoginForm(forms.Form):
    """Name and password; which of the two is wrong is never said."""

    name = forms.CharField(
        label=lazy("Name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=lazy("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password, twice."""

    now = forms.CharField(
        label=lazy("Your password now"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=lazy("New password"),
        max_length=1000,
        strip=False,
        help_text=lazy("At least 12 characters; a sentence is good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=lazy("New password, again"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "now" in data and not self.user.check_password(data["now"]):
            self.add_error("now", _("This is not your password."))
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", _("The two are not the same."))
        if "new" in data and data["new"] == data.get("now"):
            self.add_error("new", _("Choose one that you did not have before."))
        elif "new" in data:
            try:
                validate_password(data["new"], self.user)
            except ValidationError as error:
                self.add_error("new", error)
        return data
