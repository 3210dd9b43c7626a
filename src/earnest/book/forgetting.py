"""What was erased after a backup is erased again in the book that was restored from it, before anybody is served.

A mirror has the act that erased, and not which class: that is a value. But its digest is salted by the key of class
money, which no erasure destroys and the backup has, and there are five classes to try. Where the key is not there
either, the reservation is younger than the backup, and a story has to say it.
"""

from collections.abc import Iterable
from typing import Any

from earnest.book import chapters, erasing, holders, keys, models, rows
from earnest.core.acts import CLASSES, ERASURES
from earnest.record import chain, disclosure

_MONEY = "money"


def again() -> int:
    """Erase, in the caller's transaction, whatever an act says was erased; how many acts say it."""
    gone = []
    for act in _acts():
        found = _gone(act)
        if found is not None:
            gone.append(found)
    erasing.clear(gone)
    return len(gone)


def unknown(key: bytes) -> bool:
    """Whether something of a subject was erased, and nothing here says what: then none of it may come back."""
    return any(_gone(act) is None for act in _acts().filter(subject=key))


def _acts() -> Any:
    return (
        models.Act.objects.filter(type__in=ERASURES).select_related("subject").order_by("subject_id", "seq")
    )


def _gone(act: models.Act) -> erasing.Gone | None:
    """What an act erased: as it says, or as the digests of what it said show; None where neither is there."""
    key = bytes(act.subject_id)
    changed = holders.changes(key)
    theirs = rows.ring(key, keys.current().unwrap).of(holders.holder_at(changed, act.seq))
    kept = models.ActOpen.objects.filter(act=act, cls=_MONEY).values_list("sealed", flat=True).first()
    if kept is not None:
        read = chapters.read_back(
            bytes(act.leaf), chapters.open_lines(theirs, _MONEY, key, act.seq, bytes(kept))
        )
        cls, holder = read.get("class"), holders.named(read)
    else:
        cls = _tried(theirs, act, "class", CLASSES)
        holder = _tried(theirs, act, "holder", range(len(changed) + 1)) or 0
    return erasing.Gone(key, act.subject.number, cls, holder) if isinstance(cls, str) else None


def _tried(theirs: chapters.Keys, act: models.Act, name: str, values: Iterable[Any]) -> Any:
    """The one of a few values whose digest the leaf has, or None."""
    secret = theirs.get(_MONEY)
    wanted = chain.read_leaf(bytes(act.leaf)).sd.get(name)
    if secret is None or wanted is None:
        return None
    salt = disclosure.salt(secret, act.seq, name)
    tried = {disclosure.digest(disclosure.disclosure(salt, name, each)): each for each in values}
    return tried.get(wanted)
