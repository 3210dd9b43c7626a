"""Changing the log's key: the new one and the old one sign for each other, in an act; and handing the book over.

    keys/log.next      the new key, from before anything is said of it until it is in use
    keys/log.HASH      a key that was used before; it signs no more

A rotation that was interrupted is gone on with: what was said is not said again.
"""

from pathlib import Path

from django.conf import settings

from earnest.book import clock, door, keys, mode
from earnest.core.commands.open_book import IntroduceKey, RetireKey
from earnest.core.commands.succeed import Succeed, check
from earnest.core.instants import text
from earnest.core.refusals import Refused
from earnest.record.notes import DASH, Signer, open_note
from earnest.record.trust import rotation_body

NEXT = "log.next"


def rotate(why: str = "rotated") -> tuple[str, str]:
    """A new key for the log; (old, new) verifier keys. `why` is a code: rotated, lost, stolen, succession."""
    old, new = keys.current().log_signer, _next()
    if old.vkey == new.vkey:
        return old.vkey, new.vkey
    note = both_sign(rotation_body(mode.origin(), old.verifier, new.verifier, text(clock.now())), old, new)
    door.do_one(IntroduceKey(by="system", via="cli", role="log", vkey=new.vkey, note=note))
    door.do_one(RetireKey(by="system", via="cli", role="log", vkey=old.vkey, why=why))
    _take_over(old, new)
    return old.vkey, new.vkey


def succeed(name: str, kind: str) -> str:
    """Another name, or another company: a new key, an act that both keys signed, every holder told. The note.

    Raises Invalid and Refused; then the key is the one it was.
    """
    check(name, kind)
    was = mode.data().get("maker", mode.origin())
    if was == name:
        raise Refused("succession-same", "%(name)s has the book already.", name=name)
    old = keys.current().log_signer
    rotate("succession")
    new = keys.current().log_signer
    body = (
        f"{mode.origin()}\nsuccession\n{was}\n{name}\n{kind}\n{old.vkey}\n{new.vkey}\n{text(clock.now())}\n"
    )
    note = both_sign(body, old, new)
    door.do_one(Succeed(by="maker", via="cli", was=was, name=name, kind=kind, note=note))
    mode.remember({"maker": name})
    return note


def both_sign(body: str, old: Signer, new: Signer) -> str:
    """A note with both signatures."""
    note = old.sign(body) + f"{DASH}" + new.sign(body).rpartition(f"\n\n{DASH}")[2]
    open_note(note, [old.verifier, new.verifier])
    return note


def _next() -> Signer:
    """The key that is to come; kept before anything is said of it."""
    return Signer(mode.origin(), keys.kept(_folder() / NEXT))


def _take_over(old: Signer, new: Signer) -> None:
    folder, current = _folder(), keys.current()
    keys.kept(folder / "log", old.seed)
    keys.kept(folder / f"log.{old.verifier.id.hex()}", old.seed)
    (folder / NEXT).replace(folder / "log")
    keys.use(keys.Keys(current.origin, current.kek, current.receipt_seed, lambda: new.seed))


def _folder() -> Path:
    path: Path = settings.EARNEST.data / "keys"
    return path
