"""`/verify`: a story is checked in the reader's own browser; the page may load nothing and send nothing."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from earnest.book import mode
from earnest.core.refusals import Refusal
from earnest.record.words import WARNINGS, WORDS
from earnest.web.policy import policy
from earnest.web.record.policy_file import policy_text

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
    shown = {
        "phrases": phrases(get_language() or "en") | {"policy": proposed},
        "policy": proposed,
        "origin": mode.origin(),
        "scripts": [*SCRIPTS, "earnest/verify_page.js"],
    }
    response = render(request, "record/verify.html", shown)
    response.headers["Content-Security-Policy"] = _CSP
    return response


def phrases(language: str) -> dict[str, Any]:
    """What `earnestShow` says."""
    french = language.startswith("fr")
    return {
        "words": WORDS["fr" if french else "en"],
        "warnings": WARNINGS if french else {},
        "columns": [_("Act"), _("Dated"), _("Said by"), _("What"), _("Sealed between")],
    }
