"""Time stamps as they were given then (RFC 3161), for a log whose seals came back.

A seal names the checkpoint before it with the stamps that it had by then: what hashes to that name are the very ones,
whoever kept them. A stamp that no seal names came later, or is of the newest checkpoint; only stories have those, and
a story's stamps are anybody's: they are taken where an authority of the settings gave them, for this very checkpoint.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings

from earnest.audit.kept import STAMP
from earnest.book import log, models
from earnest.core.instants import instant
from earnest.record.checkpoint import read_proof, read_seal
from earnest.record.der import SEQUENCE, NotDer, Reader
from earnest.record.notes import read_base64, signatures_of
from earnest.record.stamp import BadStamp, check_stamp


class Kept(NamedTuple):
    """A stamp that holds: by whom, its exact bytes, and its time (`YYYY-MM-DDTHH:MM:SSZ`)."""

    name: str
    token: bytes
    at: str


class Told(NamedTuple):
    """What stories say was beside checkpoints: by its hash what a seal names; stamps by (seal, text of the note)."""

    anchors: Mapping[bytes, bytes]
    stamps: Mapping[tuple[int, str], Sequence[bytes]]


def told_by(stories: Iterable[Mapping[str, Any]]) -> Told:
    """Of stories that hold."""
    anchors: dict[bytes, bytes] = {}
    stamps: dict[tuple[int, str], list[bytes]] = {}
    for group in (group for story in stories for group in story.get("times", ())):
        if "before" in group:
            named = group["before"].encode() + b"".join(map(read_base64, group.get("before_stamps", ())))
            anchors[hashlib.sha256(named).digest()] = named
        body, _ = signatures_of(read_proof(group["proof"])[2])
        at = (read_seal(group["seal"].encode()).no, body)
        stamps.setdefault(at, []).extend(map(read_base64, group.get("stamps", ())))
    return Told(anchors, stamps)


def named(data: bytes, body: str) -> list[Kept]:
    """The stamps behind the note in what a seal names. Whose authority the settings do not know is kept as well."""
    _, begins, rest = data.partition(STAMP)
    try:
        tokens = [item.raw for item in Reader(begins + rest).all(SEQUENCE)]
    except NotDer:
        return []
    return list(_checked(tokens, body, strangers=True))


def given(tokens: Iterable[bytes], body: str) -> list[Kept]:
    """Of the stamps that anybody gives, those of our authorities."""
    return list(_checked(tokens, body, strangers=False))


def keep(no: int, stamps: Iterable[Kept]) -> int:
    """One of each authority for checkpoint `no`; how many were not here."""
    made = 0
    for each in stamps:
        defaults = {"token": each.token, "at": instant(each.at)}
        made += models.Stamp.objects.get_or_create(seal_id=no, name=each.name, defaults=defaults)[1]
    return made


def keep_told(told: Told) -> int:
    """Stamps of checkpoints that are here, out of stories; how many were not here."""
    points = log.points(no for no, _ in told.stamps)
    return sum(
        keep(no, given(tokens, body))
        for (no, body), tokens in told.stamps.items()
        if no in points and points[no].body == body
    )


def _checked(tokens: Iterable[bytes], body: str, *, strangers: bool) -> Iterator[Kept]:
    """Those that hold for the checkpoint with this text."""
    trusted = {each.name: each.sha256 for each in settings.EARNEST.tsas}
    for token in tokens:
        try:
            name, at = check_stamp(token, body.encode(), trusted)
        except BadStamp:
            continue
        if name is not None or strangers:
            yield Kept(name or f"unset {hashlib.sha256(token).hexdigest()[:16]}", token, at)
