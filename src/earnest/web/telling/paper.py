"""A story on paper: PDF/A-3 with the story's file attached, and the card by which it is shared. Typst sets both.

The same story gives the same bytes: the date in the document is that of its last act.
"""

import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import segno
import typst
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earnest.post import codes
from earnest.post.words import day, moment, window
from earnest.web.telling import fields
from earnest.web.telling.narrative import Narrative, narrative
from earnest.web.telling.page import figures, waited

HERE: Final = Path(__file__).parent
CARD: Final = (1200, 630)


def pdf(story: bytes, language: str, maker: str, verify_url: str, receipt: str = "") -> bytes:
    """The story in `en` or `fr`, with the exact file inside and the receipt, if there is one, as code and text."""
    with translation.override(language):
        told = narrative(story)
        shown = {
            **_shown(told, story, maker, verify_url, language),
            "acts": [_act(each) for each in told.acts],
        }
        promised = _("Promised on %(day)s:")
        shown["promises"] = [
            [promised % {"day": day(each.on)}, window(each.window)] for each in told.promises
        ]
        shown["ended"] = _until(told)
        shown["words"] = _words()
        shown["receipt"] = receipt
    files = {"receipt.svg": codes.svg(receipt).encode()} if receipt else {}
    return _typeset("story.typ", shown, story, verify_url, files, format="pdf", pdf_standards=["a-3b"])


def card(story: bytes, language: str, maker: str, verify_url: str) -> bytes:
    """A PNG of 1200 × 630: how many acts, and where to check them. It never says that they were checked."""
    with translation.override(language):
        told = narrative(story)
        shown = _shown(told, story, maker, verify_url, language)
        n = len(told.acts)
        shown["claim"] = ngettext("%(n)d of %(n)d act. Check it:", "%(n)d of %(n)d acts. Check it:", n) % {
            "n": n
        }
        shown["wait"] = _("%(waited)s of waiting") % {"waited": shown["waited"]}
        # 600 × 315 points at 144 dots an inch.
    return _typeset("card.typ", shown, story, verify_url, {}, format="png", ppi=144.0)


def _shown(told: Narrative, story: bytes, maker: str, verify_url: str, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "maker": maker,
        "number": told.number,
        "title": _("The story of %(number)s") % {"number": told.number},
        "waited": waited(told),
        "began": day(told.began.date()),
        "figures": figures(told),
        "hash": hashlib.sha256(story).hexdigest(),
        "url": verify_url,
        "date": [told.last.year, told.last.month, told.last.day],
        "count": ngettext("%(n)d act", "%(n)d acts", len(told.acts)) % {"n": len(told.acts)},
    }


def _until(told: Narrative) -> str:
    """When the waiting ended, or that it has not."""
    if told.ended:
        return _("The waiting ended on %(day)s.") % {"day": day(told.ended.date())}
    return _("The last act is of %(day)s.") % {"day": day(told.last.date())}


def _act(told: Any) -> dict[str, Any]:
    hidden = []
    if told.withheld:
        hidden.append(_("Withheld: %(names)s") % {"names": fields.listed(told.withheld)})
    erased = _("%(name)s: erased by act %(by)d")
    hidden += [erased % {"name": fields.named(name), "by": by} for name, by in told.erased]
    if not told.sealed:
        hidden.append(_("not sealed yet"))
    return {
        "n": told.n,
        "when": f"{moment(told.at)} · {told.by}",
        "what": told.sentence,
        "hidden": hidden,
        "kind": told.kind,
    }


def _words() -> dict[str, str]:
    return {
        "reserved": _("Reserved"),
        "waited": _("Waited"),
        "promised": _("Promised and actual"),
        "acts": _("The acts"),
        "receipt": _("The receipt"),
        "receipt_use": _(
            "Signed by the maker for all the acts above, in this order. Scan the code at the top, or type this off, "
            "to hold it against any later copy of the story."
        ),
        "check": _("Check it"),
        "how": _(
            "This document holds the story's file. Paper proves nothing: take the file out of it and check it with a "
            "verifier you got elsewhere, or at the address below."
        ),
        "limit": _(
            "A record cannot show what was never written into it: a call, or a letter that nobody logged."
        ),
    }


def _typeset(
    template: str, shown: dict[str, Any], story: bytes, url: str, files: dict[str, bytes], **how: Any
) -> bytes:
    """Typst reads files of one folder only: ours is made for the occasion, and holds no more than it needs."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / template).write_bytes((HERE / template).read_bytes())
        (root / "story.json").write_bytes(story)
        (root / "shown.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        code = io.BytesIO()
        segno.make(url, error="m").save(code, kind="svg", border=0, dark="#20241f")
        for name, data in files.items():
            (root / name).write_bytes(data)
        (root / "code.svg").write_bytes(code.getvalue())
        made = typst.compile(str(root / template), root=folder, **how)
    assert isinstance(made, bytes)
    return made
