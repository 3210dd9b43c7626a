"""Texts as QR codes (ISO/IEC 18004): a receipt gives back its exact text, a transfer what a banking app fills in."""

import io
from typing import Final

import segno

#: Modules of white around a code: what the standard asks for.
QUIET: Final = 4
#: One mask for all, so that the best of eight need not be sought for every mail; any of them is read.
MASK: Final = 3
TRANSFER_VERSION_MAX: Final = 13


def svg(text: str) -> str:
    """As an element of a page; dark on white whatever the page's colours are, because scanners want it so."""
    return _drawn(_code(text))


def transfer(data: str) -> str:
    """As `svg`, for the data of a transfer: error correction M and no more than version 13 (EPC069-12, section 3.2).

    Raises ValueError for data that does not fit.
    """
    code = segno.make(data, error="m", boost_error=False, mask=MASK, micro=False, encoding="utf-8")
    if int(code.version) > TRANSFER_VERSION_MAX:
        raise ValueError("a code for a transfer has at most version 13")
    return _drawn(code)


def _drawn(code: segno.QRCode) -> str:
    out = io.BytesIO()
    code.save(
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
