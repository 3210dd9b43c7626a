"""How the core says no: one sentence, a stable code, and the kind of no it is."""

from typing import Any


class Refusal(Exception):
    """A command that is not carried out. Nothing was written.

    `sentence` is English with `%(name)s` places and is the key by which the faces translate it; `code` is
    stable (kebab-case) and part of the API.
    """

    def __init__(self, code: str, sentence: str, **params: Any) -> None:
        self.code = code
        self.sentence = sentence
        self.params = params
        super().__init__(code, sentence, params)

    def __str__(self) -> str:
        return self.sentence % self.params if self.params else self.sentence


class Refused(Refusal):
    """A rule of business says no: sold out, too late, not in this state."""


class Invalid(Refusal):
    """What was given is not well formed: an amount, an account, a country."""


class Missing(Refusal):
    """There is no such offer, reservation or refund."""


class Forbidden(Refusal):
    """It exists, and this person may not do this to it."""
