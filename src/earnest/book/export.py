"""The story of one subject as a file that anybody can check offline."""

from bisect import bisect_right
from collections.abc import Sequence, Set
from typing import Final

from earnest.book import log, mode, reads, sql
from earnest.book.chapters import key_of, name_in_record
from earnest.book.pages import Pages
from earnest.core.acts import CLASSES, TYPES
from earnest.core.commands.base import Ref
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.record import merkle, submap
from earnest.record.checkpoint import anchor_of, read_seal, write_proof
from earnest.record.story import Group, Place, build_story, redact

KEYS = Ref("keys", "book")
#: Cited where another maker took the book over.
OPERATOR = Ref("operator", "book")
#: Of the acts on `keys/book`: keys are for everybody, and acts that are not sealed yet are signed for by one of them.
PUBLIC: Final = frozenset({"role", "vkey"})
#: Every name that a field has in some act.
FIELDS: Final = frozenset(field.name for row in TYPES.values() for field in row.fields)
#: How often a story is begun again because the sealer came in between.
TRIES = 10


def story(number: str, keep: str | Set[str] = "all", holder: int | None = None) -> bytes:
    """All acts of a reservation with the stories of what they cite. Raises Missing.

    `holder` (0 the first) says for whose eyes it is: what an earlier or a later holder said of themselves is withheld.
    None is the maker's, with everything.

    `keep` says which values are open: `all`, `none`, or names of fields and of classes. It hides values, never an
    act, nor the keys of the book.
    """
    mode.current()
    wanted = parse(number)
    if wanted is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    ref = Ref("reservation", wanted)
    state = reads.reservation(wanted)
    cited = [Ref("offer", state.offer), KEYS, *([OPERATOR] if state.successions else [])]
    written = of(ref, [of(each) for each in cited], holder)
    return reopened(written, keep)


def reopened(written: bytes, keep: str | Set[str]) -> bytes:
    """A story with no other values open than `keep` says."""
    if keep == "all":
        return written
    names = PUBLIC if keep == "none" else PUBLIC | set(keep)

    def opens(kind: str, version: int, name: str) -> bool:
        """A field by its name in whatever act; by its class only where it has that class."""
        return name in names or class_of(kind, version, name) in names

    return redact(written, opens)


def class_of(kind: str, version: int, name: str) -> str:
    """The class of a field of one act; "" for what this version of the program does not know."""
    row = TYPES.get((kind, version))
    field = row.field(name) if row else None
    return field.cls if field else ""


def of(ref: Ref, linked: Sequence[bytes] = (), holder: int | None = None) -> bytes:
    """The story of any subject. Raises Missing."""
    for _ in range(TRIES):
        written = _written(ref, linked, holder)
        if written is not None:
            return written
    raise Refused("busy", "The log is being sealed; please ask again in a moment.")


def kept_from(words: str) -> str | Set[str]:
    """`all`, `none`, or names of fields and classes separated by commas, as people write it. Raises Invalid."""
    if words in ("all", "none"):
        return words
    names = frozenset(name.strip() for name in words.split(",") if name.strip())
    if not names or not all(name.replace("_", "").isalnum() for name in names):
        raise Invalid("open", "Say all, none, or names of fields separated by commas.")
    for name in sorted(names - FIELDS - set(CLASSES)):
        raise Invalid(
            "open",
            "No act has a field %(name)s: say all, none, or names of fields separated by commas.",
            name=name[:40],
        )
    return names


def vkeys() -> tuple[str, list[str], list[str]]:
    """(the log's newest verifier key, all receipt keys, changes of the log's key), from the acts on `keys/book`."""
    logs: list[str] = []
    receipts: list[str] = []
    rotations: list[str] = []
    for read in reads.acts(*KEYS):
        if read.act.type == "keys.introduced":
            (logs if read.act.text("role") == "log" else receipts).append(read.act.text("vkey"))
            note = read.act.get("note")
            if isinstance(note, str):
                rotations.append(note)
    if not logs:
        raise Refused("no-log", "This book has no log yet; `./earnest seal` begins it.")
    return logs[-1], receipts, rotations


def _written(ref: Ref, linked: Sequence[bytes], holder: int | None) -> bytes | None:
    """The story as of the newest seal; None where the sealer moved on while it was read."""
    key = key_of(mode.origin(), ref)
    log_key, receipt_keys, rotations = vkeys()
    sealed = sql.one("SELECT sealed_n, sealed_head FROM subject WHERE key = %s", key)
    if sealed is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    count, point = sealed[0], log.latest()
    acts = [(read.leaf, read.openings) for read in reads.acts(*ref, holder)]
    place, groups = None, []
    if count and point:
        tiles = log.Tiles()
        try:
            path = Pages().path(key)
        except KeyError:
            return None
        if submap.fold_proof(key, count, bytes(sealed[1]), path) != point.map_root:
            return None
        proof = write_proof(
            point.size - 1, merkle.inclusion(point.size - 1, point.size, tiles.node), point.note
        )
        place = Place(path, point.leaf, proof)
        groups = _groups(key, count, tiles)
    tail = acts[count:]
    receipts = [reads.receipt(ref.kind, ref.number, len(acts) - 1)] if tail else []
    return build_story(
        mode.origin(),
        name_in_record(ref),
        [log_key, *receipt_keys],
        acts[:count],
        place=place,
        tail=tail,
        groups=groups,
        receipts=receipts,
        rotations=rotations,
        linked=linked,
    )


def _groups(key: bytes, count: int, tiles: log.Tiles) -> list[Group]:
    """When each act was sealed: its place in the log, and the checkpoints on both sides of it."""
    rows = sql.rows(
        "SELECT a.seq, l.idx, l.seal_id FROM act a JOIN log_leaf l ON l.act_id = a.id "
        "WHERE a.subject_id = %s AND a.seq < %s ORDER BY a.seq",
        key,
        count,
    )
    numbers = sorted({no for _, _, no in rows})
    points = log.points({*numbers, *(no - 1 for no in numbers if no)})
    seals = [no for _, _, no in rows]
    groups = []
    for no in numbers:
        start, end = seals.index(no), bisect_right(seals, no) - 1
        point, before = points[no], points.get(no - 1)
        first, last = rows[start][1], rows[end][1]
        note, stamps = _anchor(point, before)
        groups.append(
            Group(
                start,
                end,
                (first, merkle.inclusion(first, point.size, tiles.node)) if first < last else None,
                write_proof(last, merkle.inclusion(last, point.size, tiles.node), point.note),
                point.leaf,
                merkle.inclusion(point.size - 1, point.size, tiles.node),
                point.stamps,
                note,
                stamps,
            )
        )
    return groups


def _anchor(point: log.Point, before: log.Point | None) -> tuple[str, tuple[bytes, ...]]:
    """The checkpoint before, as the seal names it; nothing where some of what was signed then is lost."""
    if before is None:
        return "", ()
    note, stamps = before.as_anchor(point.anchor_cosignatures, point.anchor_stamps)
    return (note, stamps) if anchor_of(note, stamps) == read_seal(point.leaf).anchor else ("", ())
