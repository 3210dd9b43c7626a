"""A refusal in the reader's language, and the status that it has on the web."""

from django.utils.translation import gettext

from earnest.core.refusals import Forbidden, Invalid, Missing, Refusal


def sentence(refusal: Refusal) -> str:
    """One clear sentence."""
    said = gettext(refusal.sentence)
    return said % refusal.params if refusal.params else said


def status(refusal: Refusal) -> int:
    """404 for what is not there, 422 for what is not well formed, 403, and 409 for what a rule refuses."""
    if isinstance(refusal, Missing):
        return 404
    if isinstance(refusal, Invalid):
        return 422
    if refusal.code in ("stripe-unreachable", "cards-not-set-up", "wrong-stripe-key"):
        return 503
    return 403 if isinstance(refusal, Forbidden) else 409
