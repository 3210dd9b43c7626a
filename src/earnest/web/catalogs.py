"""Message catalogues: `.po` files are written, `.mo` files are made from them when they are older."""

import logging
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

log = logging.getLogger(__name__)


def compile_stale() -> int:
    """Compile what is older than its source; how many were compiled. A folder that cannot be written is said."""
    done = 0
    for folder in settings.LOCALE_PATHS:
        for po in sorted(Path(folder).glob("*/LC_MESSAGES/django.po")):
            mo = po.with_suffix(".mo")
            if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
                continue
            try:
                _compile(po, mo)
                done += 1
            except OSError as error:
                log.warning("the catalogue %s cannot be compiled: %s", po, error)
    return done


def _compile(po: Path, mo: Path) -> None:
    draft = mo.with_suffix(f".mo.{os.getpid()}")
    with po.open("rb") as source, draft.open("wb") as target:
        write_mo(target, read_po(source, locale=po.parts[-3]))
    draft.replace(mo)
