"""What faces may look at: states, acts, places in the queue, receipts. Nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from earnest.book import chapters, codec, keys, mode, models, rows, sql
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


def offer(slug: str) -> OfferRead:
    """An offer by its name in addresses. Raises Missing."""
    found = _offers(slug=slug)
    if not found:
        raise Missing("no-offer", "There is no offer of that name.")
    return found[0]


def offers() -> list[OfferRead]:
    """All offers, the oldest first."""
    return sorted(_offers(), key=lambda read: (read.offer.opened_at, read.offer.slug))


def acts(kind: str, number: str) -> list[ActRead]:
    """All acts of a subject, in their order. Raises Missing."""
    key = chapters.key_of(mode.origin(), Ref(kind, number))
    secrets = rows.load_keys([key], keys.current().unwrap)
    if key not in secrets:
        raise Missing("no-reservation", "There is no reservation of that number.")
    return acts_of(key, secrets[key])


def acts_of(key: bytes, secrets: chapters.Keys, since: int = 0) -> list[ActRead]:
    """As `acts`, for a subject whose keys are at hand; from act `since` on."""
    opened: dict[int, dict[str, str]] = {}
    sealed = models.ActOpen.objects.filter(act__subject=key, act__seq__gte=since).values_list(
        "act_id", "act__seq", "cls", "sealed"
    )
    for pk, seq, cls, ciphertext in sealed:
        lines = chapters.open_lines(secrets, cls, key, seq, bytes(ciphertext))
        opened.setdefault(pk, {}).update(lines)
    found = models.Act.objects.filter(subject=key, seq__gte=since).order_by("seq")
    return [
        ActRead(
            chapters.read_back(bytes(leaf), opened.get(pk, {})),
            bytes(leaf),
            bytes(leaf_hash),
            bytes(head),
            opened.get(pk, {}),
        )
        for pk, leaf, leaf_hash, head in found.values_list("pk", "leaf", "leaf_hash", "head")
    ]


def acts_at(key: bytes, secrets: chapters.Keys, seqs: Sequence[int]) -> dict[int, Act]:
    """Some acts of a subject by sequence number; those that do not exist are not there."""
    wanted = list(seqs)
    opened: dict[int, dict[str, str]] = {}
    sealed = (
        "SELECT a.seq, o.cls, o.sealed FROM act_open o JOIN act a ON a.id = o.act_id "
        "WHERE a.subject_id = %s AND a.seq IN %s"
    )
    for seq, cls, ciphertext in sql.rows(sealed, key, wanted):
        opened.setdefault(seq, {}).update(chapters.open_lines(secrets, cls, key, seq, bytes(ciphertext)))
    leaves = sql.rows("SELECT seq, leaf FROM act WHERE subject_id = %s AND seq IN %s", key, wanted)
    return {seq: chapters.read_back(bytes(leaf), opened.get(seq, {})) for seq, leaf in leaves}


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


def by_email(email: str) -> list[str]:
    """Numbers of the reservations whose holder's address this is, by the blind index; the newest first."""
    index = keys.current().contact_index(email)
    found = models.Reservation.objects.filter(contact_index=index).order_by("-placed_at")
    return list(found.values_list("number", flat=True))


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
