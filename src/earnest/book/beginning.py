"""The first acts of a book: that it was opened, and the keys that sign its receipts and its log."""

from earnest.book import clock, door, keys, mode
from earnest.core.commands.open_book import IntroduceKey, OpenBook


def begin(origin: str, kind: str, maker: str) -> str:
    """Open the book where it is not open yet; the verifier key of its receipts."""
    if not mode.exists():
        mode.open_book(origin, kind, clock.now(), maker)
    vkey = keys.current().receipt_signer.vkey
    door.do_one(OpenBook(by="maker", via="cli", mode=kind, origin=origin))
    door.do_one(IntroduceKey(by="system", via="cli", role="receipts", vkey=vkey))
    door.do_one(IntroduceKey(by="system", via="cli", role="log", vkey=keys.current().log_signer.vkey))
    return vkey
