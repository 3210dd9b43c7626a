"""The story of one subject as a file that anybody can check offline."""

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import groupby
from typing import Any, Final

from earnest.book import log, mode, reads, sql
from earnest.book.chapters import key_of, name_in_record, read_back
from earnest.book.pages import Pages
from earnest.core.acts import CLASSES, TYPES, Act
from earnest.core.commands.base import Ref
from earnest.core.numbers import parse
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.record import merkle, submap
from earnest.record.checkpoint import anchor_of, read_seal, write_proof
from earnest.record.story import Group, Place, compose, file_of, redact

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
    offer, told = reads.cited(wanted)
    cited = [Ref("offer", offer), KEYS, *([OPERATOR] if told else [])]
    written = of(ref, cited, holder)
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


def of(ref: Ref, cited: Sequence[Ref] = (), holder: int | None = None) -> bytes:
    """The story of any subject with the stories of others, all as of one seal. Raises Missing.

    `holder` as in `story`, for the subject alone: what it cites is nobody's.
    """
    eyes = {} if holder is None else {key_of(mode.origin(), ref): holder}
    for _ in range(TRIES):
        look = _Look([ref, *cited], eyes)
        linked = [each for each in (look.story(other, ()) for other in cited) if each is not None]
        composed = look.story(ref, linked)
        if composed is not None and len(linked) == len(cited):
            return file_of(composed)
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
    return _vkeys(read.act for read in reads.acts(*KEYS))


def _vkeys(acts: Iterable[Act]) -> tuple[str, list[str], list[str]]:
    logs: list[str] = []
    receipts: list[str] = []
    rotations: list[str] = []
    for act in acts:
        if act.type == "keys.introduced":
            (logs if act.text("role") == "log" else receipts).append(act.text("vkey"))
            note = act.get("note")
            if isinstance(note, str):
                rotations.append(note)
    if not logs:
        raise Refused("no-log", "This book has no log yet; `./earnest seal` begins it.")
    return logs[-1], receipts, rotations


class _Look:
    """One look at the log and at some subjects, from which their stories are written: each thing is read once, and
    for all of them together. Where the sealer moves on meanwhile, what was read does not fit, and `story` says so.
    """

    def __init__(self, refs: Sequence[Ref], eyes: Mapping[bytes, int]) -> None:
        self.origin = mode.origin()
        keys = [key_of(self.origin, ref) for ref in {*refs, KEYS}]
        self.pages, self.tiles = Pages(), log.Tiles()
        self.points: dict[int, log.Point] = {}
        self.paths: dict[tuple[int, int], list[bytes]] = {}
        newest, self.sealed, self.acts = sql.read(
            sql.beside(log.reading_newest(), _reading_sealed(keys), reads.reading_written(keys, eyes))
        )
        introduced = self.acts.get(key_of(self.origin, KEYS), [])
        self.log_key, self.receipt_keys, self.rotations = _vkeys(
            read_back(each.leaf, each.openings) for each in introduced
        )
        if newest:
            self._load_log(newest, [key for key in keys if self.sealed.get(key, (0,))[0]])
        self.point = self.points[newest[0]] if newest else None

    def _load_log(self, newest: tuple[int, int], keys: Sequence[bytes]) -> None:
        """What proofs are made from: checkpoints, tiles, and pages of the map."""
        acts = [act for key in keys for act in self.acts[key] if act.place is not None]
        seals = {act.seal for act in acts if act.seal is not None}
        ends = {size - 1 for size in (newest[1], *(act.size for act in acts)) if size is not None}
        self.points, *_ = sql.read(
            sql.beside(
                log.reading_points({newest[0], *seals, *(no - 1 for no in seals if no)}),
                self.tiles.loading({*(act.place for act in acts if act.place is not None), *ends}),
                self.pages.loading_under(keys),
            )
        )

    def story(self, ref: Ref, linked: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """The object of a story as of this seal; None where the sealer has moved on since. Raises Missing."""
        key = key_of(self.origin, ref)
        if key not in self.acts or key not in self.sealed:
            raise Missing("no-reservation", "There is no reservation of that number.")
        (count, head), acts = self.sealed[key], self.acts[key]
        place = None
        if count:
            place = self._place(self.point, key, count, head) if self.point else None
            if place is None:
                return None
        opened = [(act.leaf, act.openings) for act in acts]
        tail = opened[count:]
        return compose(
            self.origin,
            name_in_record(ref),
            [self.log_key, *self.receipt_keys],
            opened[:count],
            place=place,
            tail=tail,
            groups=self._groups(acts[:count]) if place else [],
            receipts=[reads.receipt(ref.kind, ref.number, len(acts) - 1)] if tail else [],
            rotations=self.rotations,
            linked=linked,
        )

    def _place(self, point: log.Point, key: bytes, count: int, head: bytes) -> Place | None:
        try:
            path = self.pages.path(key)
        except KeyError:
            return None
        if submap.fold_proof(key, count, head, path) != point.map_root:
            return None
        return Place(path, point.leaf, self._proof(point.size - 1, point))

    def _groups(self, acts: Sequence[reads.Written]) -> list[Group]:
        """When each act was sealed: its place in the log, and the checkpoints on both sides of it."""
        groups, start = [], 0
        for no, together in groupby(acts, lambda act: act.seal):
            places = [act.place for act in together]
            first, last = places[0], places[-1]
            assert no is not None and first is not None and last is not None
            point, end = self.points[no], start + len(places) - 1
            note, stamps = _anchor(point, self.points.get(no - 1))
            groups.append(
                Group(
                    start,
                    end,
                    (first, self._path(first, point)) if first < last else None,
                    self._proof(last, point),
                    point.leaf,
                    self._path(point.size - 1, point),
                    point.stamps,
                    note,
                    stamps,
                )
            )
            start = end + 1
        return groups

    def _path(self, index: int, point: log.Point) -> list[bytes]:
        """Worked out once: the newest seal stands over all these stories, and an older one over several acts."""
        at = index, point.size
        if at not in self.paths:
            self.paths[at] = merkle.inclusion(*at, self.tiles.node)
        return self.paths[at]

    def _proof(self, index: int, point: log.Point) -> str:
        return write_proof(index, self._path(index, point), point.note)


def _reading_sealed(keys: Sequence[bytes]) -> sql.Reader[dict[bytes, tuple[int, bytes]]]:
    """How much of each subject is in the log."""
    (found,) = yield [sql.ask("SELECT key, sealed_n, sealed_head FROM subject WHERE key IN %s", list(keys))]
    return {bytes(key): (count, bytes(head or b"")) for key, count, head in found}


def _anchor(point: log.Point, before: log.Point | None) -> tuple[str, tuple[bytes, ...]]:
    """The checkpoint before, as the seal names it; nothing where some of what was signed then is lost."""
    if before is None:
        return "", ()
    note, stamps = before.as_anchor(point.anchor_cosignatures, point.anchor_stamps)
    return (note, stamps) if anchor_of(note, stamps) == read_seal(point.leaf).anchor else ("", ())
