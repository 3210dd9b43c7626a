"""The sealer: takes what was committed into the log, and signs for all of it at once.

Whoever writes an act only appends to its subject's chain. From time to time one sealer takes all acts that are not in
the log yet, appends their hashes to the tree, brings the map of subjects up to date, appends the seal with the map's
root, and signs the checkpoint. Never two at once: a lease says who, and its number is checked again in the very
transaction that writes, so one that was thought dead writes nothing.
"""

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, connection, transaction

from earnest.book import crash, door, keys, log, mode, models, reads, sql
from earnest.book.pages import Pages, Sealed
from earnest.core.commands.open_book import IntroduceKey
from earnest.core.instants import text
from earnest.core.operator import Register, fold
from earnest.record import chain, checkpoint, merkle
from earnest.record.checkpoint import Checkpoint, Seal, read_seal

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=2)
#: What PostgreSQL is told for one transaction, to find few rows among many.
_FEW: Final = (
    *(
        f"set_config('enable_{way}', 'off', true)"
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
    ),
    "set_config('max_parallel_workers_per_gather', '0', true)",
)
#: A seal takes at most so many acts; what is left is for the next one.
MOST_ACTS: Final = 20_000


class LostLease(RuntimeError):
    """Another sealer has taken over."""


class Held(RuntimeError):
    """Another sealer is at work."""


class Behind(RuntimeError):
    """Somebody has seen more of this log than there is here: this is an old copy, and sealing it would fork the log."""


class WrongKey(RuntimeError):
    """The key that is here is not the log's newest."""


@dataclass(frozen=True)
class Lease:
    """The right to seal, until the book's clock says otherwise."""

    holder: str
    no: int


@dataclass(frozen=True)
class _Waiting:
    """An act that is not in the log yet."""

    id: int
    key: bytes
    seq: int
    leaf_hash: bytes
    head: bytes


def acquire(holder: str, now: datetime) -> Lease:
    """Take the lease, or keep it. Raises Held while another holder's has not run out."""
    models.Sealer.objects.get_or_create(id=1)
    with transaction.atomic():
        row = models.Sealer.objects.select_for_update().get(id=1)
        if row.holder != holder and row.lease_until is not None and row.lease_until > now:
            raise Held(f"{row.holder} seals until {text(row.lease_until)}")
        no = row.lease_no + (row.holder != holder)
        models.Sealer.objects.filter(id=1).update(holder=holder, lease_no=no, lease_until=now + LEASE)
    return Lease(holder, no)


def give_up(holder: str) -> None:
    """Let another one seal at once."""
    models.Sealer.objects.filter(id=1, holder=holder).update(lease_until=None, holder="")


def waiting() -> tuple[int, datetime | None]:
    """How many acts are not in the log, and the time of the oldest."""
    (count, oldest), *_ = _of_waiting("COUNT(*), MIN(a.at)")
    return count, None if oldest is None else sql.moment(oldest)


def _of_waiting(columns: str, more: str = "", *parameters: Any) -> list[tuple[Any, ...]]:
    """What is asked of the acts `a` that are not in the log, in one statement so that it is one moment's view."""
    postgres = connection.vendor == "postgresql"
    # On SQLite a transaction would wait for whoever writes, and this only reads.
    with transaction.atomic() if postgres else nullcontext():
        if postgres:
            # From the few subjects that wait to their acts, through both indexes. How few they are it cannot know from
            # its statistics, and would read all acts that were ever written, with more processes to do it.
            sql.rows(f"SELECT {', '.join(_FEW)}")
        return sql.rows(
            # CROSS JOIN: SQLite begins with the table on its left, and finds those subjects in their own index.
            f"SELECT {columns} FROM subject s CROSS JOIN act a "  # noqa: S608
            f"WHERE s.n > s.sealed_n AND a.subject_id = s.key AND a.seq >= s.sealed_n {more}",
            *parameters,
        )


def seal(lease: Lease, now: datetime) -> log.Point:
    """Seal everything that is committed, now. Raises LostLease; then nothing is written."""
    _introduce_key()
    last = log.latest()
    acts = _take()
    # A clock that was set back dates no seal before the one before it: an auditor would find that for ever.
    at = max(now, last.at) if last else now
    tiles, pages = log.Tiles(), Pages()
    moved = {act.key: (act.seq + 1, act.head) for act in acts}
    pages.update(moved)
    hashes = [act.leaf_hash for act in acts]
    sealed, changed = signed(last, at, tiles, hashes, pages.root(), _subjects(last, acts))
    try:
        _write(lease, now, sealed, acts, tiles, changed, pages, moved)
    except IntegrityError as error:
        raise LostLease(f"another sealer was first: {error}") from error
    crash.here("after-seal")
    return sealed


def signed(
    last: log.Point | None,
    at: datetime,
    tiles: log.Tiles,
    hashes: Sequence[bytes],
    map_root: bytes,
    subjects: int,
) -> tuple[log.Point, set[tuple[int, int]]]:
    """The checkpoint over `hashes` and the seal behind them, and which tiles it changed. Nothing is written."""
    made = Seal(
        no=last.no + 1 if last else 0,
        at=text(at),
        map=map_root,
        subjects=subjects,
        anchor=checkpoint.anchor_of(last.note, last.stamps) if last else checkpoint.NO_ANCHOR,
    )
    leaf = checkpoint.seal_leaf(made)
    size = last.size if last else 0
    changed = log.appended(tiles, size, [*hashes, chain.leaf_hash(leaf)])
    size += len(hashes) + 1
    point = Checkpoint(mode.origin(), size, merkle.root(size, tiles.node))
    note = checkpoint.sign_checkpoint(keys.current().log_signer, point)
    cosignatures, stamps = (len(last.lines), len(last.stamps)) if last else (0, 0)
    return log.Point(made.no, size, at, leaf, map_root, note, (), (), cosignatures, stamps), changed


def _introduce_key() -> None:
    """The log's key is in the log that it signs, from the first seal on."""
    door.do_one(IntroduceKey(by="system", via="seal", role="log", vkey=keys.current().log_signer.vkey))
    newest = keys_register().key("log")
    if newest != keys.current().log_signer.vkey:
        # The key was changed beside us; whoever has the new one reads it, and nobody seals with the old.
        keys.use(None)
        if newest != keys.current().log_signer.vkey:
            raise WrongKey(
                "The log has another key than the one here: was `./earnest record rotate` interrupted?"
            )


def keys_register() -> Register:
    """The keys of the book, from their acts."""
    register = None
    for read in reads.acts("keys", "book"):
        register = fold(register, read.act)
    return register or Register()


def _take() -> list[_Waiting]:
    """What is committed and not in the log, in one statement so that it is one moment's view; chains in order."""
    found = [
        _Waiting(id, bytes(key), seq, bytes(leaf_hash), bytes(head))
        for id, key, seq, leaf_hash, head in _of_waiting(
            # + 0: in memory, and not through all acts by their ids.
            "a.id, a.subject_id, a.seq, a.leaf_hash, a.head",
            "ORDER BY a.id + 0 LIMIT %s",
            MOST_ACTS,
        )
    ]
    after: dict[bytes, int] = {}
    for act in found:
        if after.setdefault(act.key, act.seq) != act.seq:
            raise RuntimeError(f"act {act.seq} of {act.key.hex()} is out of order")
        after[act.key] = act.seq + 1
    return found


def _subjects(last: log.Point | None, acts: Sequence[_Waiting]) -> int:
    """How many subjects the map holds when these acts are in it too: a subject comes with its first act."""
    return (read_seal(last.leaf).subjects if last else 0) + sum(act.seq == 0 for act in acts)


def _write(
    lease: Lease,
    now: datetime,
    sealed: log.Point,
    acts: Sequence[_Waiting],
    tiles: log.Tiles,
    changed: set[tuple[int, int]],
    pages: Pages,
    moved: Sealed,
) -> None:
    with transaction.atomic(durable=True):
        fence(lease, now)
        first = sealed.size - len(acts) - 1
        rows: list[tuple[int, int, int | None]] = [
            (first + place, sealed.no, act.id) for place, act in enumerate(acts)
        ]
        with sql.pipelined():
            keep(sealed)
            sql.put("log_leaf", ("idx", "seal_id", "act_id"), [*rows, (sealed.size - 1, sealed.no, None)])
            log.save(tiles, changed, pages, moved)
        crash.here("before-seal-commit")


def keep(point: log.Point) -> None:
    """Write a checkpoint's row, before those of its leaves."""
    models.LogSeal.objects.create(
        no=point.no,
        size=point.size,
        at=point.at,
        leaf=point.leaf,
        map_root=point.map_root,
        note=point.signed,
        anchor_cosignatures=point.anchor_cosignatures,
        anchor_stamps=point.anchor_stamps,
    )


def fence(lease: Lease, now: datetime) -> None:
    """Within the transaction that writes: it is still this sealer's turn. Raises LostLease."""
    kept = models.Sealer.objects.filter(id=1, lease_no=lease.no, holder=lease.holder)
    if kept.update(lease_until=now + LEASE) != 1:
        raise LostLease(f"another sealer has taken over from {lease.holder}")


def cosigned(point: log.Point, name: str, line: str, at: datetime) -> log.Point:
    """Keep what a witness signed; the same one is kept once."""
    models.Cosignature.objects.get_or_create(seal_id=point.no, name=name, defaults={"line": line, "at": at})
    return replace(point, lines=(*point.lines, line))


def stamped(point: log.Point, name: str, token: bytes, at: datetime) -> log.Point:
    """Keep a time stamp; one of each authority."""
    models.Stamp.objects.get_or_create(seal_id=point.no, name=name, defaults={"token": token, "at": at})
    return replace(point, stamps=(*point.stamps, token))
