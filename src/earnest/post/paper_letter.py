"""A letter on paper: PDF/A, set by Typst. The same letter gives the same bytes."""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from earnest import seller
from earnest.book import mode
from earnest.post.legal_letters import Spoken
from earnest.post.words import country, day

_TEMPLATE: Final = Path(__file__).parent / "letter.typ"


def pdf(said: Spoken) -> bytes:
    """The letter, from whoever writes it to the other side."""
    maker = seller.load(settings.EARNEST.accounts)
    name = maker.name or str(mode.data().get("maker") or mode.origin())
    with translation.override(said.language):
        ours = [name, *maker.address, *([country(maker.country)] if maker.country else [])]
        theirs = list(said.holder_lines)
        shown: dict[str, Any] = {
            "language": said.language,
            "title": said.title,
            "author": name if said.maker_writes else said.holder or name,
            "from": ours if said.maker_writes else theirs,
            "to": theirs if said.maker_writes else ours,
            "date": [said.on.year, said.on.month, said.on.day],
            "day": day(said.on),
            "about": _("Reservation %(number)s") % {"number": said.number},
            "paragraphs": said.paragraphs,
            "sums": [*said.sums, *((_("Together"), total) for total in said.totals)],
            "totals": len(said.totals),
            "sources_title": _("The texts, and how it was worked out") if said.sources else "",
            "sources": [[each.citation, list(each.lines)] for each in said.sources],
            "signed": name if said.maker_writes else said.holder,
            "note": said.note,
        }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "letter.typ").write_bytes(_TEMPLATE.read_bytes())
        (root / "shown.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
        made = typst.compile(str(root / "letter.typ"), root=folder, format="pdf", pdf_standards=["a-3b"])
    assert isinstance(made, bytes)
    return made
