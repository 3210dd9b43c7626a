"""A book that was restored from an old backup gets back what the log has and it has not.

Acts come from a mirror (an auditor's folder), up to a checkpoint that our own key signed; they are taken only if the
whole mirror replays, and only if this book's log is its beginning. A mirror has no values: those come from stories,
whose every value is held against its digest. A reservation whose values are not all there is closed until they are.
What was erased since the backup is erased again, and no older story brings it back.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F

from earnest.audit.mirror import framed
from earnest.book import (
    chapters,
    clock,
    codec,
    export,
    forgetting,
    holders,
    keys,
    log,
    mode,
    models,
    numbering,
    publish,
    reads,
    rebuild,
    rows,
    signed_then,
    stamped_then,
)
from earnest.book.chapters import name_in_record
from earnest.book.logkeys import LogKeys
from earnest.book.pages import Pages
from earnest.book.signed_then import Copies, NotReadable, Unusable
from earnest.book.stamped_then import Told
from earnest.core import entries
from earnest.core import offer as offers
from earnest.core.acts import CLASSES, ERASURES, field_class
from earnest.core.commands.base import Counters, Ref
from earnest.core.commands.correct_deposit import corrected
from earnest.core.instants import instant
from earnest.core.offer import Offer
from earnest.core.reservation import Contact, Reservation, contact_of
from earnest.record import chain, checkpoint, merkle
from earnest.record.canonical import b64, strict_json
from earnest.record.checkpoint import Checkpoint, read_seal
from earnest.record.replay import SEAL, DoesNotHold, Replay
from earnest.record.verify import Unreadable, verify_story

LOST = "lost"
#: Sees of every holder what the contract is, and nothing that is a person's.
NOBODY = -1


class Recovered(NamedTuple):
    """How much came back; `incomplete` are reservations whose values are not all there.

    `unnamed` counts the seals that name more beside the checkpoint before them than anything at hand has.
    """

    acts: int
    seals: int
    values: int
    stamps: int
    unnamed: int
    incomplete: list[str]


def recover(mirror: Path | None, note: Path | None, stories: Sequence[Path]) -> Recovered:
    """Take acts from a mirror and values from stories. Raises Unusable, OSError; then nothing was written."""
    told = [_story(path) for path in stories]
    beside = stamped_then.told_by(file for each in told for file in _with_linked(each))
    with transaction.atomic():
        changes = [change for each in told for change in each.get("rotations", ())]
        log_ = _from_mirror(mirror, note, changes, beside) if mirror is not None else _FromLog()
        stamps = log_.stamps + stamped_then.keep_told(beside)
        forgetting.again()
        values = sum(_values(file) for each in told for file in _with_linked(each))
        forgetting.again()
        _fold()
    publish.catch_up()
    return Recovered(log_.acts, log_.seals, values, stamps, log_.unnamed, incomplete())


def incomplete() -> list[str]:
    """Subjects that have acts which their state does not know: their values are still missing."""
    behind = models.Subject.objects.filter(kind="reservation").exclude(reservation__n=F("n"))
    unknown = models.Subject.objects.filter(kind=LOST)
    return sorted([*behind.values_list("number", flat=True), *unknown.values_list("number", flat=True)])


# --- acts


class _FromLog(NamedTuple):
    """What came back of the log itself, as in `Recovered`."""

    acts: int = 0
    seals: int = 0
    stamps: int = 0
    unnamed: int = 0


def _from_mirror(mirror: Path, note: Path | None, changes: Sequence[str], beside: Told) -> _FromLog:
    logs = LogKeys(changes)
    written = signed_then.text_of(note or publish.folder() / "checkpoint")
    point = signed_then.opened(written, logs)
    leaves = list(framed(mirror / "leaves"))[: point.size]
    replay = Replay(anchor=lambda no: None)
    try:
        replay.feed(leaves)
        replay.check_root(point.size, point.root)
    except DoesNotHold as error:
        raise Unusable(f"The mirror does not hold: {error}.") from None
    own = log.latest()
    size = own.size if own else 0
    if size > len(leaves):
        raise Unusable(
            f"This book has {size} leaves, and the checkpoint only {len(leaves)}: nothing is lost."
        )
    if log.leaves(0, size) != leaves[:size]:
        raise Unusable("This book's log is not the beginning of the mirror's: these are two logs.")
    copies = Copies(logs, mirror, leaves, written, beside)
    found = _FromLog(stamps=signed_then.keep_beside(own.no, copies.since(own)) if own else 0)
    group: list[bytes] = []
    for leaf in leaves[size:]:
        if leaf.startswith(SEAL):
            more = _take_seal(leaf, group, copies)
            found = _FromLog(*map(sum, zip(found, more, strict=True)))
            group = []
        else:
            group.append(leaf)
    return found


def _take_seal(seal_leaf: bytes, group: Sequence[bytes], copies: Copies) -> _FromLog:
    """The acts of one seal, and the seal."""
    own, seal, key_before = log.latest(), read_seal(seal_leaf), copies.keys.newest()
    size = own.size if own else 0
    rows_, moved, made = [], {}, 0
    for leaf in group:
        act, is_new = _take_act(leaf)
        rows_.append(act)
        made += is_new
        moved[bytes(act.subject_id)] = (act.seq + 1, bytes(act.head))
    tiles, pages = log.Tiles(), Pages()
    pages.update(moved)
    hashes = [*(chain.leaf_hash(leaf) for leaf in group), chain.leaf_hash(seal_leaf)]
    changed = log.appended(tiles, size, hashes)
    size += len(hashes)
    point = Checkpoint(mode.origin(), size, merkle.root(size, tiles.node))
    copy = copies.of(seal.no, point, _keys_of_the_time(copies.keys, seal.no, key_before))
    cosigned, stamped = anchored = signed_then.anchored(own, seal)
    models.LogSeal.objects.create(
        no=seal.no,
        size=size,
        at=instant(seal.at),
        leaf=seal_leaf,
        map_root=seal.map,
        note=copy.signed,
        anchor_cosignatures=cosigned,
        anchor_stamps=stamped,
    )
    first = size - len(hashes)
    models.LogLeaf.objects.bulk_create(
        [models.LogLeaf(idx=first + place, seal_id=seal.no, act=act) for place, act in enumerate(rows_)]
        + [models.LogLeaf(idx=size - 1, seal_id=seal.no, act=None)]
    )
    log.save(tiles, changed, pages, moved)
    stamps = signed_then.keep_beside(seal.no, copy)
    unnamed = own is not None and checkpoint.anchor_of(*own.as_anchor(*anchored)) != seal.anchor
    return _FromLog(made, 1, stamps, int(unnamed))


def _keys_of_the_time(logs: LogKeys, no: int, before: str) -> list[str]:
    """Who may have signed a seal: the key that its acts name last, or the one that was the log's till then."""
    secrets = logs.secrets()
    for act in logs.silent():
        _seal_again(act, logs.said(bytes(act.leaf), secrets), secrets)
    newest = logs.newest()
    if not newest:
        raise Unusable(
            f"The log's key was changed before seal {no}, and what to is not known here: put keys/log and all "
            "keys/log.* back into the data folder, or bring a story from after the change (--story)."
        )
    return list(dict.fromkeys((newest, before or newest)))


def _take_act(leaf: bytes) -> tuple[models.Act, bool]:
    read = chain.read_leaf(leaf)
    hashed = chain.leaf_hash(leaf)
    there = models.Act.objects.filter(subject=read.subject, seq=read.seq).first()
    if there is not None:
        if bytes(there.leaf_hash) != hashed:
            raise Unusable(f"Act {read.seq + 1} of {b64(read.subject)} was written anew after the backup.")
        return there, False
    head = chain.next_head(read.prev, hashed)
    if read.seq == 0:
        models.Subject.objects.create(key=read.subject, kind=LOST, number=b64(read.subject), n=1, head=head)
    else:
        models.Subject.objects.filter(key=read.subject, n=read.seq).update(n=read.seq + 1, head=head)
    act = models.Act.objects.create(
        subject_id=read.subject,
        seq=read.seq,
        leaf=leaf,
        leaf_hash=hashed,
        head=head,
        type=read.type,
        at=instant(read.at),
        receipt_key="",
    )
    return act, True


# --- values


def _story(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    try:
        report = verify_story(data, clock.now(), export.vkeys()[0])
    except Unreadable as error:
        raise NotReadable(f"{path.name}: {error}") from None
    if not report.ok:
        raise Unusable(f"{path.name} does not hold: {report.errors[0].why}.")
    found: dict[str, Any] = strict_json(data)
    return found


def _with_linked(file: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield file
    for each in file.get("linked", ()):
        yield from _with_linked(each)


def _values(file: dict[str, Any]) -> int:
    """Seal again the values that a story opens and the book has not; how many."""
    ref = _ref(file["number"])
    key = chapters.key_of(mode.origin(), ref)
    models.Subject.objects.filter(key=key, kind=LOST).update(kind=ref.kind, number=ref.number)
    changed = holders.changes(key)
    for holder in range(len(changed) + 1):
        _keys_of(key, holder)
    secrets = rows.ring(key, keys.current().unwrap)
    if ref.kind == "reservation" and forgetting.unknown(key) and not _says_what_went(file):
        secrets = secrets.for_eyes_of(NOBODY)
    count = 0
    for written in (*file["acts"], *file.get("tail", ())):
        read = chain.read_leaf(written["leaf"].encode())
        act = models.Act.objects.filter(subject=key, seq=read.seq).first()
        if act is None or bytes(act.leaf) != written["leaf"].encode():
            continue
        theirs = secrets.of(holders.holder_at(changed, read.seq))
        count += _seal_again(act, written["open"], theirs)
    return count


def _seal_again(act: models.Act, opened: dict[str, str], secrets: chapters.Keys) -> int:
    """Keep the values of an act's classes that are all open, are not here, and are not erased; how many."""
    read, count = chain.read_leaf(bytes(act.leaf)), 0
    for cls, lines in _by_class(read, opened).items():
        known = models.ActOpen.objects.filter(act=act, cls=cls).exists()
        if not known and secrets.get(cls) is not None:
            sealed = chapters.seal_lines(secrets, cls, read.subject, read.seq, lines)
            models.ActOpen.objects.create(act=act, cls=cls, sealed=sealed)
            count += len(lines)
    return count


def _keys_of(key: bytes, holder: int) -> None:
    """Whoever held it has keys; made now where they were lost with the acts."""
    if models.SubjectKey.objects.filter(subject=key, person=holder).exists():
        return
    fresh = holders.fresh_keys()
    wrapped = {cls: keys.current().wrap(key, cls, fresh[cls] or b"") for cls in CLASSES}
    models.SubjectKey.objects.create(subject_id=key, person=holder, **wrapped)


def _says_what_went(file: dict[str, Any]) -> bool:
    """Whether every act of erasure is in the story, with the class that it erased."""
    leaves = [(chain.read_leaf(each["leaf"].encode()), each["open"]) for each in file["acts"]]
    erasures = [opened for leaf, opened in leaves if leaf.type in ERASURES]
    key = chapters.key_of(mode.origin(), _ref(file["number"]))
    known = models.Act.objects.filter(subject=key, type__in=ERASURES).count()
    return len(erasures) >= known and all("class" in opened for opened in erasures)


def _by_class(read: chain.Leaf, opened: dict[str, str]) -> dict[str, list[str]]:
    """Class -> disclosures, of the classes whose every field is open."""
    found: dict[str, list[str]] = {}
    for name in read.sd:
        found.setdefault(field_class(read.type, read.version, name), []).append(opened.get(name, ""))
    return {cls: lines for cls, lines in found.items() if all(lines)}


def _ref(number: str) -> Ref:
    kind, _, name = number.partition("/")
    ref = Ref(kind, name) if name else Ref("reservation", number)
    assert name_in_record(ref) == number
    return ref


# --- states


def _fold() -> None:
    """Bring the state of every subject up to its acts, where their values are all there."""
    for key, kind, number in models.Subject.objects.exclude(kind=LOST).values_list("key", "kind", "number"):
        if kind == "offer" and not models.Offer.objects.filter(subject=key, n=_length(bytes(key))).exists():
            _fold_offer(bytes(key), number)
    behind = models.Subject.objects.filter(kind="reservation").exclude(reservation__n=F("n"))
    for key, number in behind.values_list("key", "number"):
        _fold_reservation(bytes(key), number)
    for slug in models.Offer.objects.values_list("slug", flat=True):
        _count(slug)


def _length(key: bytes) -> int:
    return models.Subject.objects.values_list("n", flat=True).get(key=key)


def _read(key: bytes) -> list[reads.ActRead]:
    return reads.acts_of(key, rows.ring(key, keys.current().unwrap))


def _fold_offer(key: bytes, slug: str) -> None:
    offer: Offer | None = None
    try:
        for read in _read(key):
            offer = offers.fold(offer, read.act, key=rows.key_text(key), slug=slug)
    except (KeyError, TypeError, ValueError, AttributeError):
        return
    if offer is not None:
        state, _ = codec.encode(offer)
        counts = {"capacity": offer.current.capacity, "status": offer.status, "state": state, "n": offer.n}
        if not models.Offer.objects.filter(subject=key).update(**counts):
            models.Offer.objects.create(subject_id=key, slug=slug, taken=0, queue_last=0, **counts)
        for each in offer.current.variants:
            models.Variant.objects.get_or_create(
                offer_id=key, code=each.code, defaults={"capacity": each.capacity, "taken": 0}
            )


def _fold_reservation(key: bytes, number: str) -> None:
    read = _read(key)
    try:
        state = rebuild.folded(key, number, read)
    except (KeyError, TypeError, ValueError, AttributeError):
        return
    secrets = rows.ring(key, keys.current().unwrap)
    loaded = rows.Loaded(key, "reservation", number, state.n, b"", secrets, reservation=state)
    columns = rows.write_reservation(state, loaded) | {"changed_at": clock.now()}
    email = rows.email_of(state)
    columns["contact_index"] = keys.current().contact_index(email) if email else None
    _index_earlier(key, state, read)
    if not models.Reservation.objects.filter(subject=key).update(**columns):
        models.Reservation.objects.create(
            subject_id=key,
            number=number,
            offer_id=chapters.key_of(mode.origin(), Ref("offer", state.offer)),
            variant=state.variant,
            queue_no=state.queue,
            placed_at=state.placed_at,
            **columns,
        )
    _money(key, read, state)


def _index_earlier(key: bytes, state: Reservation, read: Sequence[reads.ActRead]) -> None:
    """Earlier holders are found by their addresses again, as far as they are known."""
    for each in state.earlier:
        contact = contact_of(read[state.span(each.n)[0]].act)
        index = keys.current().contact_index(contact.email) if isinstance(contact, Contact) else None
        models.SubjectKey.objects.filter(subject=key, person=each.n).update(contact_index=index)


def _money(key: bytes, read: list[reads.ActRead], state: Reservation) -> None:
    """Entries and balances as the acts carry them; a payment's reference is taken once, and what came of an asking."""
    sums: dict[tuple[str, str], int] = {}
    for each in read:
        written = each.act.get("entries")
        moves = entries.from_text(written) if isinstance(written, str) else ()
        act = models.Act.objects.get(subject=key, seq=each.act.seq)
        for n, entry in enumerate(moves):
            models.Entry.objects.get_or_create(act=act, n=n, defaults=entry._asdict())
            for account, side in ((entry.credit, entries.CREDIT), (entry.debit, entries.DEBIT)):
                owner = entries.customer_class(account)
                if owner:
                    slot = (owner[1], entry.currency)
                    sums[slot] = sums.get(slot, 0) + entries.signed(account, side, entry.amount_minor)
    for (cls, currency), minor in sums.items():
        there = models.Balance.objects.filter(subject=key, cls=cls, currency=currency)
        if not there.update(amount_minor=minor):
            models.Balance.objects.create(subject_id=key, cls=cls, currency=currency, amount_minor=minor)
    for payment in state.payments:
        models.Claim.objects.get_or_create(
            rail=payment.rail, reference=payment.reference, defaults={"subject_id": key}
        )
    issued: numbering.Issued = {}
    numbering.note(issued, key, state.invoices)
    numbering.remake(issued)
    ended = rebuild.ended(Ref("reservation", state.number), read)
    wrong = [each.act.int("payment") for each in read if each.act.type == "deposit.corrected"]
    for rail, reference in (*ended, *(corrected(state.number, seq) for seq in wrong)):
        models.Claim.objects.get_or_create(rail=rail, reference=reference, defaults={"subject_id": key})


def _count(slug: str) -> None:
    """How much of an offer is taken, from its reservations."""
    taken: dict[str, int] = {}
    last = 0
    found = models.Reservation.objects.filter(offer__slug=slug)
    for variant, holds, queue in found.values_list("variant", "holds", "queue_no"):
        taken[variant] = taken.get(variant, 0) + holds
        last = max(last, queue)
    counters = Counters(taken, last)
    models.Offer.objects.filter(slug=slug).update(taken=counters.total, queue_last=last)
    for code, places in taken.items():
        models.Variant.objects.filter(offer__slug=slug, code=code).update(taken=places)
