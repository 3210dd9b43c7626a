"""What was erased after a backup is erased again in the book that was restored from it, before anybody is served.

A mirror has the act that erased, and not which class: that is a value. But its digest is salted by the key of class
money, which no erasure destroys and the backup has, and there are five classes to try. Where the key is not there
either, the reservation is younger than the backup, and a story has to say it.
"""

from typing import Any

from earnest.book import chapters, erasing, keys, models, rows
from earnest.core.acts import CLASSES
from earnest.record import chain, disclosure

ERASURE = "erasure.done"
_MONEY = "money"


def again() -> int:
    """Erase, in the caller's transaction, whatever an act says was erased; how many acts say it."""
    gone = []
    for act in _acts():
        cls = _class(act)
        if cls is not None:
            gone.append(erasing.Gone(bytes(act.subject_id), act.subject.number, cls))
    erasing.clear(gone)
    return len(gone)


def unknown(key: bytes) -> bool:
    """Whether something of a subject was erased, and nothing here says what: then none of it may come back."""
    return any(_class(act) is None for act in _acts().filter(subject=key))


def _acts() -> Any:
    return models.Act.objects.filter(type=ERASURE).select_related("subject").order_by("subject_id", "seq")


def _class(act: models.Act) -> str | None:
    """The class that an act erased: as it says, or as the digest of what it said shows."""
    key = bytes(act.subject_id)
    secrets = rows.load_keys([key], keys.current().unwrap).get(key, {})
    kept = models.ActOpen.objects.filter(act=act, cls=_MONEY).values_list("sealed", flat=True).first()
    if kept is not None:
        lines = chapters.open_lines(secrets, _MONEY, key, act.seq, bytes(kept))
        said = chapters.read_back(bytes(act.leaf), lines).get("class")
        return said if isinstance(said, str) else None
    secret = secrets.get(_MONEY)
    if secret is None:
        return None
    salt = disclosure.salt(secret, act.seq, "class")
    wanted = chain.read_leaf(bytes(act.leaf)).sd.get("class")
    tried = {disclosure.digest(disclosure.disclosure(salt, "class", cls)): cls for cls in CLASSES}
    return tried.get(wanted or "")
