"""A story as one self-contained page: it tells itself, checks itself, and needs neither server nor network."""

import base64
import hashlib
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earnest.post.words import money
from earnest.web.record.verify import SCRIPTS, phrases
from earnest.web.telling import charts
from earnest.web.telling.narrative import Narrative, narrative

STATIC: Final = Path(__file__).parents[1] / "static"


def page(story: bytes, language: str, maker: str) -> bytes:
    """The page in `en` or `fr`; it holds the exact bytes of the story."""
    with translation.override(language):
        told = narrative(story)
        shown = context(told, story, maker) | {
            "language": language,
            # Our own files, whole: no value of anybody is in them.
            "scripts": [mark_safe((STATIC / each).read_text()) for each in SCRIPTS],  # noqa: S308
            # The acts are told above already: what the check saw of them is folded.
            "phrases": phrases(language) | {"fold": _("The acts as the check saw them")},
            "story": base64.b64encode(story).decode(),
        }
        return render_to_string("telling/story.html", shown).encode()


def context(told: Narrative, story: bytes, maker: str) -> dict[str, Any]:
    """What every form of a story says."""
    return {
        "told": told,
        "maker": maker,
        "waited": waited(told),
        "figures": figures(told),
        "promises": charts.promises(told),
        "money": charts.money(told),
        "hash": hashlib.sha256(story).hexdigest(),
    }


def waited(told: Narrative) -> str:
    """`7 years, 9 months`."""
    years, months = told.waited
    parts = []
    if years:
        parts.append(_whole(ngettext("%(n)d year", "%(n)d years", years) % {"n": years}))
    if months or not years:
        parts.append(_whole(ngettext("%(n)d month", "%(n)d months", months) % {"n": months}))
    return ", ".join(parts)


def _whole(number_and_unit: str) -> str:
    """No line ends between the two."""
    return number_and_unit.replace(" ", "\u00a0")


def figures(told: Narrative) -> list[tuple[str, str]]:
    """The money in words: received, paid back, still held or owed."""
    if not told.money:
        return []
    last = told.money[-1]
    received = max(step.held_minor + step.owed_minor + step.back_minor for step in told.money)
    return [
        (_("Received"), money(received, told.currency)),
        (_("Paid back"), money(last.back_minor, told.currency)),
        (_("Still held or owed"), money(last.held_minor + last.owed_minor, told.currency)),
    ]
