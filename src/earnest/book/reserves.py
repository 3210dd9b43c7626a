"""The statement of what is owed to customers against what is held, at a checkpoint of the log, and its proofs."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from earnest.book import (
    chapters,
    door,
    export,
    holdings,
    keys,
    log,
    mode,
    publish,
    reads,
    recovery,
    rows,
    sql,
    sumfile,
)
from earnest.book.holdings import Holdings
from earnest.core.acts import ERASED, Act
from earnest.core.commands.base import Ref
from earnest.core.commands.state_reserves import RESERVES, StateReserves, grouped
from earnest.core.instants import text
from earnest.core.refusals import Missing, Refused
from earnest.record import merkle, sumtree
from earnest.record.canonical import b64
from earnest.record.checkpoint import parse_checkpoint, write_proof
from earnest.record.notes import Verifier, signatures_of
from earnest.record.reserves import Statement, build_proof, of_fields, sign_statement
from earnest.record.sumtree import BadSum, Node

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stated:
    """A statement that was made: the act, and what it says."""

    read: reads.ActRead
    statement: Statement

    @property
    def act(self) -> Act:
        """The act that made it."""
        return self.read.act

    @property
    def note(self) -> str:
        """It, signed by the key of the book's receipts; derived again byte for byte."""
        return sign_statement(keys.current().receipt_signer, self.statement)


# --- the statement


def point() -> log.Point:
    """The newest checkpoint. Raises Refused where there is none."""
    newest = log.latest()
    if newest is None:
        raise Refused("no-log", "This book has no log yet; `./earnest seal` begins it.")
    return newest


def made_of(held: Holdings, at: log.Point) -> tuple[Statement, list[list[Node]]]:
    """The statement of a checkpoint, and the levels of its tree. Raises Refused where it cannot be stated."""
    if not held.balances:
        raise Refused("no-money", "No money has moved up to this checkpoint, so there is nothing to state.")
    try:
        levels = sumtree.levels(sumtree.padded(_seed(at.no), held.leaves(), len(held.currencies)))
    except BadSum as error:
        raise Refused("sum", "What is owed cannot be added up: %(why)s.", why=str(error)) from None
    head = parse_checkpoint(at.body)
    accounts = grouped(held.balances)
    made = Statement(
        mode.origin(), at.no, head.size, head.root, text(at.at), levels[-1][0].hash, len(levels) - 1, accounts
    )
    return made, levels


def state(by: dict[str, Any]) -> Stated:
    """State the reserves at the newest checkpoint, once. Raises Refused."""
    if recovery.incomplete() or _entries_unknown():
        raise Refused(
            "incomplete",
            "Acts came back without their values, so not all that is owed is known; bring their stories first.",
        )
    at = point()
    made, levels = made_of(holdings.up_to(at.no), at)
    door.do_one(StateReserves(**by, **made.fields()))
    found = stated()[0]
    if found.statement == made:
        sumfile.write(_path(made), levels)
    publish.put(publish.folder() / "reserves" / str(found.statement.seal), found.note.encode())
    return found


def _entries_unknown() -> bool:
    """Whether an act of a bank or a provider came back from a mirror without its values, and so without its entries.

    Nobody's data is erased there, so each of them has its values otherwise.
    """
    lost = (
        "SELECT 1 FROM subject s JOIN act a ON a.subject_id = s.key LEFT JOIN act_open o ON o.act_id = a.id "
        "WHERE s.kind IN %s AND o.act_id IS NULL LIMIT 1"
    )
    return sql.one(lost, ["bank", "provider"]) is not None


def stated(most: int = 1) -> list[Stated]:
    """The statements that were made, the newest first; those that came back without their values are passed over."""
    key = chapters.key_of(mode.origin(), RESERVES)
    row = sql.one("SELECT n FROM subject WHERE key = %s", key)
    if row is None:
        return []
    secrets = rows.load_keys([key], keys.current().unwrap)[key]
    found = reads.acts_of(key, secrets, since=max(0, row[0] - most))
    whole = [read for read in reversed(found) if ERASED not in read.act.fields.values()]
    return [Stated(read, of_fields(mode.origin(), read.act.fields)) for read in whole]


def due(now: datetime, days: int) -> bool:
    """Whether so many days have passed since the newest statement; never where they are 0."""
    newest = stated() if days else []
    return bool(days) and (not newest or now - newest[0].act.at >= timedelta(days=days))


def holds(made: Statement) -> bool:
    """Whether the acts up to its seal come to a statement."""
    return made_of(holdings.up_to(made.seal), log.points([made.seal])[made.seal])[0] == made


# --- proofs


def owed_to(number: str, made: Statement) -> dict[str, int]:
    """What a statement counts as owed to a reservation, in minor units a currency."""
    key = chapters.key_of(mode.origin(), Ref("reservation", number))
    return dict(zip(made.currencies, holdings.own(key, made.seal, made.currencies), strict=True))


def proof(number: str, of: Stated) -> bytes | None:
    """The file by which a reservation's holder checks that it is counted; None where nothing was owed to it then.

    Raises Missing where the acts come to another statement.
    """
    key = chapters.key_of(mode.origin(), Ref("reservation", number))
    made = of.statement
    sums = holdings.own(key, made.seal, made.currencies)
    if not any(sums):
        return None
    salted = sumtree.salt(_seed(made.seal), key)
    with _tree(made) as tree:
        place = tree.place(sumtree.leaf(key, salted, sums).hash)
        path = tree.path(place)
    signer = keys.current().receipt_signer
    return build_proof(signer.vkey, of.note, number, (sums, salted), place, path, _in_log(of))


def _in_log(of: Stated) -> dict[str, Any] | None:
    """The act that made a statement, and that the log holds it; None while it waits for a seal."""
    key = chapters.key_of(mode.origin(), RESERVES)
    found = (
        "SELECT l.idx FROM log_leaf l JOIN act a ON a.id = l.act_id WHERE a.subject_id = %s AND a.seq = %s"
    )
    row = sql.one(found, key, of.act.seq)
    newest = log.latest()
    log_key, _, rotations = export.vkeys()
    if row is None or newest is None or row[0] >= newest.size or not _signed_by(newest, log_key):
        return None
    tiles, made = log.Tiles(), of.statement
    path = merkle.inclusion(row[0], newest.size, tiles.node)
    grown = merkle.consistency(made.size, newest.size, tiles.node)
    said: dict[str, Any] = {
        "key": log_key,
        "leaf": of.read.leaf.decode(),
        "open": {name: of.read.openings[name] for name in made.fields()},
        "proof": write_proof(row[0], path, newest.note),
        "grown": [b64(hashed) for hashed in grown],
    }
    return said | ({"rotations": rotations} if rotations else {})


def _signed_by(point: log.Point, vkey: str) -> bool:
    """Whether a checkpoint is the newest key's: between a change of keys and the next seal it is not."""
    key = Verifier.parse(vkey)
    return (key.name, key.id) in {(name, id) for name, id, _ in signatures_of(point.signed)[1]}


@contextmanager
def _tree(made: Statement) -> Iterator[sumfile.Reader]:
    """The tree of a statement, made again from the acts where the file is not there. Raises Missing."""
    path = _path(made)
    file = _good_file(path, made)
    if file is None:
        again, levels = made_of(holdings.up_to(made.seal), log.points([made.seal])[made.seal])
        if again.tree != made.tree:
            logger.error("the acts up to seal %d come to another tree than was stated", made.seal)
            raise Missing("no-statement", "The statement cannot be shown now; please ask again later.")
        sumfile.write(path, levels)
        file = path.open("rb")
    with file:
        yield sumfile.Reader(file, made.depth, len(made.sums))


def _good_file(path: Path, made: Statement) -> BinaryIO | None:
    """The file, open, if it has the statement's root."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    reader = sumfile.Reader(file, made.depth, len(made.sums))
    if os.fstat(file.fileno()).st_size == reader.size and reader.root == Node(made.tree, made.owed):
        return file
    file.close()
    return None


def _path(made: Statement) -> Path:
    folder: Path = settings.EARNEST.data / "reserves"
    return folder / f"{made.seal}.tree"


def _seed(seal: int) -> bytes:
    """The secret of one statement's salts. It is derived from the book's master key and stands in no act: an act's
    values travel in stories, and whoever had the seed could try out who stands beside them."""
    return keys.current().derive(f"reserves/{seal}")
