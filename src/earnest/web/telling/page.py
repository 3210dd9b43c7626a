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
            "phrases": phrases(language),
            "story": base64.b64encode(story).decode(),
        }
        return render_to_string("telling/story.html", shown).encode()


def context(told: Narrative, story: bytes, maker: str) -> dict[str, Any]:
    """What every form of a story says."""
    words = {
        "promised_on": _("promised on {day}"),
        "promises": _("Each window as it was promised, and the day on which the waiting ended"),
        "money": _("What the maker held and what it owed back, over time"),
    }
    return {
        "told": told,
        "maker": maker,
        "waited": waited(told),
        "figures": figures(told),
        # Drawn from numbers and dates; every text in them is escaped where it is put in.
        "promise_chart": mark_safe(charts.promises(told, words)),  # noqa: S308
        "money_chart": mark_safe(charts.money(told, words)),  # noqa: S308
        "hash": hashlib.sha256(story).hexdigest(),
    }


def waited(told: Narrative) -> str:
    """`7 years, 9 months`."""
    years, months = told.waited
    parts = []
    if years:
        parts.append(ngettext("%(n)d year", "%(n)d years", years) % {"n": years})
    if months or not years:
        parts.append(ngettext("%(n)d month", "%(n)d months", months) % {"n": months})
    return ", ".join(parts)


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
