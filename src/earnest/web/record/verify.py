"""`/verify`: a story is checked in the reader's own browser; the page may load nothing and send nothing."""

from datetime import date
from typing import Any, Final

from babel.dates import get_month_names
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import mode
from earnest.core.acts import SPEAKERS
from earnest.core.refusals import Refusal
from earnest.post.words import day, locale
from earnest.record.words import WARNINGS, WORDS
from earnest.record.words_reserves import RESERVES
from earnest.web.console.words import ACTS, say
from earnest.web.policy import policy
from earnest.web.record.policy_file import policy_text
from earnest.web.telling import fields
from earnest.web.telling.narrative import speaker

#: In this order; a story's own page holds all of them.
SCRIPTS: Final = (
    "earnest/verify_base.js",
    "earnest/verify_log.js",
    "earnest/stamp.js",
    "earnest/verify.js",
    "earnest/verify_show.js",
)
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@policy("public")
def page(request: HttpRequest) -> HttpResponse:
    """The page with the verifier's scripts, the maker's own policy, and the words of the reader's language."""
    try:
        proposed = policy_text()
    except Refusal:
        proposed = ""
    language = get_language() or "en"
    shown = {
        "phrases": phrases(language) | {"policy": proposed, "reserves": reserves_words(language)},
        "policy": proposed,
        "origin": mode.origin(),
        "scripts": [*SCRIPTS, "earnest/verify_reserves.js", "earnest/verify_page.js"],
    }
    response = render(request, "record/verify.html", shown)
    response.headers["Content-Security-Policy"] = _CSP
    return response


def reserves_words(language: str) -> dict[str, str]:
    """What `earnestShowReserves` says."""
    spoken = "fr" if language.startswith("fr") else "en"
    return WORDS[spoken] | RESERVES[spoken]


def phrases(language: str) -> dict[str, Any]:
    """What `earnestShow` says."""
    french = language.startswith("fr")
    return {
        "words": WORDS["fr" if french else "en"],
        "warnings": WARNINGS if french else {},
        "columns": [_("Act"), _("Dated (UTC)"), _("Said by"), _("What"), _("Sealed")],
        "acts": {kind: say(ACTS, kind) for kind in ACTS},
        "speakers": {by: speaker(by) for by in SPEAKERS},
        "fields": {name: fields.named(name) for name in fields.NAMES},
        "months": [name for _, name in sorted(get_month_names("wide", locale=locale()).items())],
        "first": day(date(2026, 1, 1)).split()[0],
        "between": _("between {first} and {last}"),
        "until": _("by {last}"),
    }
