"""The log as files that anybody may fetch and mirror: tiles and checkpoints (C2SP tlog-tiles), in the data folder.

    record/checkpoint                     the newest checkpoint with all cosignatures
    record/checkpoints/NUMBER             every one, by the number of its seal
    record/anchors/NUMBER                 what that seal names: the checkpoint before it, with its stamps, as it was
    record/reserves/NUMBER                the statement of reserves at that seal, where one was made
    record/tile/LEVEL/N, …/N.p/WIDTH      hashes; no leaf, and nothing of anybody

They are made from the database and can be made again from it at any time.
"""

import os
from pathlib import Path
from threading import get_ident

from django.conf import settings

from earnest.book import log, models
from earnest.record.checkpoint import anchor_of, read_seal


def folder() -> Path:
    """Where the files are."""
    path: Path = settings.EARNEST.data / "record"
    return path


def publish(point: log.Point, since: int = 0) -> None:
    """Write what changed since the log had `since` leaves; the checkpoint last, when all that it signs is there."""
    for level, first, last, count in _levels(since, point.size):
        rows = models.LogTile.objects.filter(level=level, i__gte=first, i__lte=last)
        for i, data in rows.order_by("i").values_list("i", "data"):
            width = min(log.TILE, count - i * log.TILE)
            put(folder() / tile_name(level, i, width), bytes(data)[: width * log.HASH])
    note = point.note.encode()
    if point.no:
        before, stamps = log.points([point.no - 1])[point.no - 1].as_anchor(
            point.anchor_cosignatures, point.anchor_stamps
        )
        # Of a log that came back, not all that stood beside the one before may be here: then nothing is said of it.
        if anchor_of(before, stamps) == read_seal(point.leaf).anchor:
            put(folder() / "anchors" / str(point.no), before.encode() + b"".join(stamps))
    put(folder() / "checkpoints" / str(point.no), note)
    put(folder() / "checkpoint", note)


def published_size() -> int:
    """How many leaves the published checkpoint has; 0 where there is none."""
    try:
        lines = (folder() / "checkpoint").read_text().split("\n")
    except FileNotFoundError:
        return 0
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 0


def catch_up() -> None:
    """Publish all that the database has and the files lack: after a crash, or in a new data folder."""
    point = log.latest()
    if point is None:
        return
    have = {int(path.name) for path in (folder() / "checkpoints").glob("*") if path.name.isdecimal()}
    for no in sorted(set(range(point.no)) - have):
        older = log.points([no])[no]
        publish(older, older.size)
    publish(point, 0 if not have else min(published_size(), point.size))


def tile_name(level: int, i: int, width: int) -> str:
    """The path of a tile: its index in groups of three digits, `.p/` and the width where it is not full."""
    digits = f"{i:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < log.TILE else "")


def _levels(since: int, size: int) -> list[tuple[int, int, int, int]]:
    """(level, first changed tile, last tile, hashes in the level)."""
    found = []
    level = 0
    while size:
        found.append((level, since // log.TILE, (size - 1) // log.TILE, size))
        level, since, size = level + 1, since // log.TILE, size // log.TILE
    return found


def put(path: Path, data: bytes) -> None:
    """Whole or not at all, for readers too."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    draft.write_bytes(data)
    draft.replace(path)
