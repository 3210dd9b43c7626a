"""What every public form has in common: help and errors that belong to their field, also for those who hear it."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Final

from babel import Locale
from django import forms
from django.utils.functional import Promise

#: In CLDR's list and no country of ISO 3166-1: islands under another code, groups, and places for tests.
_NO_COUNTRY: Final = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


class PublicForm(forms.Form):
    """Names for each field the help and the error that describe it."""

    #: The help under a field, and what browsers fill in by themselves.
    HELP: ClassVar[Mapping[str, str | Promise]] = {}
    AUTOCOMPLETE: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.help_text = str(self.HELP.get(name, ""))
            if name in self.AUTOCOMPLETE:
                field.widget.attrs["autocomplete"] = self.AUTOCOMPLETE[name]

    def describe(self) -> None:
        """Ties help and errors to their inputs; call it when the choices are complete."""
        for name, field in self.fields.items():
            described = [f"{name}-help"] if field.help_text else []
            if self.is_bound and name in self.errors:
                described.append(f"{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

    def lost_something(self) -> bool:
        """What the page itself wrote into the form is missing or not as it wrote it."""
        return any(field.name in self.errors for field in self.hidden_fields())


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """ISO 3166-1 countries with their names in a language, by name, accents aside."""
    named = {str(code): str(name) for code, name in Locale.parse(language).territories.items()}
    codes = [code for code in named if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY]
    return (("", "—"), *sorted(((code, named[code]) for code in codes), key=lambda row: _by_name(row[1])))


def _by_name(name: str) -> str:
    """`Égypte` stands between `Écosse` and `Emirats`, not after `Zimbabwe`."""
    return "".join(
        each for each in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(each)
    )
