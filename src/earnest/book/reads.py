"""What faces may look at: states, acts, places in the queue, receipts. Nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Sum

from earnest.book import chapters, codec, holders, keys, mode, models, rows, sql
from earnest.core.acts import Act
from earnest.core.commands.base import Claim, Counters, Ref
from earnest.core.numbers import parse
from earnest.core.offer import Offer
from earnest.core.refusals import Missing
from earnest.core.reservation import LIVING, Reservation
from earnest.record.receipt import sign_receipt

_RESERVATION = "SELECT subject_id, state, identity, contact, bank FROM reservation WHERE number = %s"


@dataclass(frozen=True)
class ActRead:
    """An act with its exact leaf, its place in the chain, and the disclosures that are still there."""

    act: Act
    leaf: bytes
    leaf_hash: bytes
    head: bytes
    openings: Mapping[str, str]


class Written(NamedTuple):
    """An act as it is written: its exact leaf with the disclosures that are still there, unread; its place in the
    log, the seal that took it there and the leaves of the log then, None before one did."""

    leaf: bytes
    openings: Mapping[str, str]
    place: int | None
    seal: int | None
    size: int | None


@dataclass(frozen=True)
class OfferRead:
    """An offer with how much of it is taken."""

    offer: Offer
    counters: Counters

    @property
    def left(self) -> int:
        """Places that nobody has, over all variants."""
        return max(0, self.offer.current.capacity - self.counters.total)

    def left_of(self, code: str) -> int:
        """Places of one variant that nobody has."""
        variant = self.offer.current.variant(code)
        if variant is None:
            return 0
        if variant.capacity is None:
            return self.left
        return max(0, min(self.left, variant.capacity - self.counters.taken.get(code, 0)))


@dataclass(frozen=True)
class Position:
    """A place in the queue: the number given once, living places before it, and living places in all."""

    number: int
    ahead: int
    living: int


def reservation(number: str) -> Reservation:
    """A reservation by its number, as it is written or typed. Raises Missing."""
    found = sql.one(_RESERVATION, parse(number) or "")
    if found is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    row = dict(zip(("subject_id", "state", *rows.SEALED_PARTS), found, strict=True))
    key = bytes(row["subject_id"])
    secrets = rows.load_keys([key], keys.current().unwrap)
    return rows.read_reservation(row, key, secrets[key])


def cited(number: str) -> tuple[str, bool]:
    """(offer, whether another maker took the book over) of a reservation, without its keys. Raises Missing."""
    found = sql.one("SELECT state FROM reservation WHERE number = %s", number)
    if found is None:
        raise Missing("no-reservation", "There is no reservation of that number.")
    state = codec.decode(Reservation, found[0], {})
    return state.offer, bool(state.successions)


def offer(slug: str) -> OfferRead:
    """An offer by its name in addresses. Raises Missing."""
    found = _offers(slug=slug)
    if not found:
        raise Missing("no-offer", "There is no offer of that name.")
    return found[0]


def offers() -> list[OfferRead]:
    """All offers, the oldest first."""
    return sorted(_offers(), key=lambda read: (read.offer.opened_at, read.offer.slug))


def acts(kind: str, number: str, holder: int | None = None) -> list[ActRead]:
    """All acts of a subject, in their order; open as far as `holder` may see, None for the maker. Raises Missing."""
    key = chapters.key_of(mode.origin(), Ref(kind, number))
    secrets = rows.load_keys([key], keys.current().unwrap)
    if key not in secrets:
        raise Missing("no-reservation", "There is no reservation of that number.")
    return acts_of(key, secrets[key] if holder is None else secrets[key].for_eyes_of(holder))


def acts_of(key: bytes, secrets: chapters.Ring, since: int = 0) -> list[ActRead]:
    """As `acts`, for a subject whose keys are at hand; from act `since` on."""
    opened = _opened({key: secrets}, "AND a.seq >= %s", since)
    return [
        ActRead(
            chapters.read_back(bytes(leaf), opened.get((key, seq), {})),
            bytes(leaf),
            bytes(leaf_hash),
            bytes(head),
            opened.get((key, seq), {}),
        )
        for seq, leaf, leaf_hash, head in sql.rows(
            "SELECT seq, leaf, leaf_hash, head FROM act WHERE subject_id = %s AND seq >= %s ORDER BY seq",
            key,
            since,
        )
    ]


def reading_written(
    keys_: Sequence[bytes], eyes: Mapping[bytes, int]
) -> sql.Reader[dict[bytes, list[Written]]]:
    """All acts of several subjects as they are written, by the subjects' keys. A subject without acts is left out.

    `eyes`: for which of its holders a subject is opened, if not for the maker. Who else is named in what comes with it
    (others of whom the same offer tells) is then withheld.
    """
    secrets, sealed, leaves = yield from sql.beside(
        rows.reading_keys(keys_, keys.current().unwrap),
        _asking(_ask_opens(keys_)),
        _asking(
            sql.ask(
                "SELECT a.subject_id, a.seq, a.leaf, l.idx, l.seal_id, s.size FROM act a "
                "LEFT JOIN log_leaf l ON l.act_id = a.id LEFT JOIN log_seal s ON s.no = l.seal_id "
                "WHERE a.subject_id IN %s ORDER BY a.seq",
                list(keys_),
            )
        ),
    )
    if eyes:
        secrets = {
            key: ring.for_eyes_of(eyes[key]) if key in eyes else ring.without("identity")
            for key, ring in secrets.items()
        }
    opened = _open(secrets, sealed)
    found: dict[bytes, list[Written]] = {}
    for subject, seq, leaf, *place in leaves:
        key = bytes(subject)
        found.setdefault(key, []).append(Written(bytes(leaf), opened.get((key, seq), {}), *place))
    return found


def _asking(asked: sql.Asked) -> sql.Reader[sql.Rows]:
    (found,) = yield [asked]
    return found


def _opened(
    secrets: Mapping[bytes, chapters.Ring], only: str = "", *parameters: Any
) -> dict[tuple[bytes, int], dict[str, str]]:
    """By subject and act: name -> disclosure, as far as the subjects' keys are there; `only` of some acts `a`."""
    return _open(secrets, sql.run_asked(_ask_opens(list(secrets), only, *parameters)))


def _ask_opens(keys_: Sequence[bytes], only: str = "", *parameters: Any) -> sql.Asked:
    return sql.ask(
        "SELECT a.subject_id, a.seq, a.type, o.cls, o.sealed FROM act a JOIN act_open o ON o.act_id = a.id "  # noqa: S608
        f"WHERE a.subject_id IN %s {only}",
        list(keys_),
        *parameters,
    )


def _open(
    secrets: Mapping[bytes, chapters.Ring], sealed: sql.Rows
) -> dict[tuple[bytes, int], dict[str, str]]:
    changed = {key: holders.changes(key) for key, ring in secrets.items() if ring.holder}
    opened: dict[tuple[bytes, int], dict[str, str]] = {}
    for subject, seq, kind, cls, ciphertext in sealed:
        key = bytes(subject)
        ring = secrets.get(key, chapters.Ring())
        if kind in holders.OF_ANOTHER and cls != "money" and ring.for_a_holder:
            continue
        theirs = ring.of(holders.holder_at(changed.get(key, ()), seq))
        lines = chapters.open_lines(theirs, cls, key, seq, bytes(ciphertext))
        opened.setdefault((key, seq), {}).update(lines)
    return opened


def acts_at(key: bytes, secrets: chapters.Ring, seqs: Sequence[int]) -> dict[int, Act]:
    """Some acts of a subject by sequence number; those that do not exist are not there."""
    wanted = list(seqs)
    opened = _opened({key: secrets}, "AND a.seq IN %s", wanted)
    leaves = sql.rows("SELECT seq, leaf FROM act WHERE subject_id = %s AND seq IN %s", key, wanted)
    return {seq: chapters.read_back(bytes(leaf), opened.get((key, seq), {})) for seq, leaf in leaves}


def position(state: Reservation) -> Position:
    """Where a reservation stands among those that still wait; a cancellation before it moves it up."""
    waiting = models.Reservation.objects.filter(offer__slug=state.offer, status__in=LIVING)
    total = waiting.aggregate(places=Sum("quantity"))["places"] or 0
    before = waiting.filter(queue_no__lt=state.queue).aggregate(places=Sum("quantity"))["places"] or 0
    return Position(state.queue, before, total)


def receipt(kind: str, number: str, seq: int | None = None) -> str:
    """The signed receipt for a chain up to act `seq` (the newest by default), derived again byte for byte."""
    key = chapters.key_of(mode.origin(), Ref(kind, number))
    found = models.Act.objects.filter(subject=key).order_by("-seq")
    if seq is not None:
        found = found.filter(seq=seq)
    row = found.values_list("seq", "head").first()
    if row is None:
        raise Missing("no-act", "There is no such act.")
    return sign_receipt(keys.current().receipt_signer, mode.origin(), key, row[0], bytes(row[1]))


def claims(rails: Sequence[str], references: Collection[str]) -> dict[Claim, str]:
    """Those references of these rails that are taken, and the number of the subject that took each."""
    wanted, found = sorted(references), {}
    taken = (
        "SELECT c.rail, c.reference, s.number FROM claim c JOIN subject s ON s.key = c.subject_id "
        "WHERE c.rail IN %s AND c.reference IN %s"
    )
    for start in range(0, len(wanted), 1000):
        for rail, reference, number in sql.rows(taken, list(rails), wanted[start : start + 1000]):
            found[Claim(rail, reference)] = number
    return found


def by_email(email: str) -> list[tuple[str, int]]:
    """(number, holder) of each reservation that an address holds, the newest first, then of those it has held."""
    return holders.found_by(keys.current().contact_index(email))


def _offers(slug: str | None = None) -> list[OfferRead]:
    only, given = ("WHERE o.slug = %s", [slug]) if slug is not None else ("", [])
    taken: dict[bytes, dict[str, int]] = {}
    joined = (
        f"SELECT v.offer_id, v.code, v.taken FROM variant v JOIN offer o ON o.subject_id = v.offer_id {only}"  # noqa: S608
    )
    for key, code, places in sql.rows(joined, *given):
        taken.setdefault(bytes(key), {})[code] = places
    found = sql.rows(f"SELECT o.subject_id, o.state, o.queue_last FROM offer o {only}", *given)  # noqa: S608
    return [
        OfferRead(codec.decode(Offer, state, {}), Counters(taken.get(bytes(key), {}), queue_last))
        for key, state, queue_last in found
    ]
