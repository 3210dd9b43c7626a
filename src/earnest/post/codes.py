"""A receipt as a QR code (ISO/IEC 18004): scanned, it gives back the receipt's exact text."""

import io
from typing import Final

import segno

#: Modules of white around a code: what the standard asks for.
QUIET: Final = 4
#: One mask for all, so that the best of eight need not be sought for every mail; any of them is read.
MASK: Final = 3


def svg(text: str) -> str:
    """As an element of a page; dark on white whatever the page's colours are, because scanners want it so."""
    out = io.BytesIO()
    _code(text).save(
        out, kind="svg", border=QUIET, dark="#000", light="#fff", xmldecl=False, omitsize=True, svgclass="qr"
    )
    return out.getvalue().decode()


def png(text: str, scale: int = 4) -> bytes:
    """As a picture, `scale` pixels a module; the same bytes for the same text."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=QUIET)
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", mask=MASK, micro=False, encoding="utf-8")
