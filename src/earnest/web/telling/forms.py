"""The forms in which a story is written: for programs, to read, on paper, and to share."""

import json
from typing import Final

from django.conf import settings

from earnest.book import mode, reads
from earnest.core.refusals import Missing
from earnest.web.telling.page import page
from earnest.web.telling.paper import card, pdf

#: By the ending of the file: what it is on the web.
TYPES: Final = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
}


def written(story: bytes, form: str, language: str) -> bytes:
    """A story in one of the forms, in `en` or `fr` where people read it. Raises KeyError for another form."""
    maker, url = mode.data().get("maker", mode.origin()), f"{settings.EARNEST.base_url}/verify/"
    match form:
        case "html":
            return page(story, language, maker)
        case "pdf":
            return pdf(story, language, maker, url, _receipt(story))
        case "png":
            return card(story, language, maker, url)
        case "json":
            return story
    raise KeyError(form)


def _receipt(story: bytes) -> str:
    """Signed for exactly the acts that the file has; "" for what is no reservation of this book."""
    file = json.loads(story)
    count = len(file["acts"]) + len(file.get("tail", ()))
    try:
        return reads.receipt("reservation", file["number"], count - 1)
    except Missing:
        return ""
