"""What a batch writes: acts and their sealed values, entries, balances, state rows, duties, answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, connection

from earnest.book import chapters, codec, duties, erasing, holders, keys, models, sql
from earnest.book.posting import Posting, post
from earnest.book.rows import Loaded, email_of, write_reservation
from earnest.core import entries
from earnest.core.acts import CLASSES, ERASURES, Cite
from earnest.core.commands.base import Counters, Decision, Draft, Ref
from earnest.core.invoice import series_name
from earnest.core.offer import Offer

if TYPE_CHECKING:
    from earnest.book.loading import Loader


#: What acts change of a subject and of a reservation, which the batch has locked.
_SUBJECT: Final = sql.Change("subject", {"key": "bytea"}, {"n": "integer", "head": "bytea"}, {"n": "integer"})
_RESERVATION: Final = sql.Change(
    "reservation",
    {"subject_id": "bytea"},
    {
        "state": "text",
        "status": "text",
        "quantity": "integer",
        "holds": "integer",
        "n": "integer",
        "identity": "bytea",
        "contact": "bytea",
        "bank": "bytea",
        "contact_index": "bytea",
        "changed_at": "timestamptz",
    },
)


class Lost(IntegrityError):
    """A row was not as it had been loaded: somebody else came first, and the batch is tried again."""


class Writer:
    """Collects what the commands of one batch decided, and writes it in a handful of statements."""

    def __init__(self, loader: "Loader") -> None:
        self.loader = loader
        self.linked: list[tuple[Loaded, chapters.Linked]] = []
        self.followed: list[tuple[Loaded, int]] = []
        self.decisions: list[Decision] = []
        self.answered: list[models.Answer] = []

    def append(self, draft: Draft) -> None:
        """Link an act to the end of its subject's chain."""
        subject = self.loader.subject(draft.ref)
        if draft.act.seq != subject.n:
            raise ValueError(f"act {draft.act.seq} cannot follow {subject.n} acts of {draft.ref}")
        cites = [self._leaf_hash(cite) for cite in draft.act.cites]
        if draft.act.type == holders.CHANGED:
            self.followed.append((subject, subject.keys.follow(holders.fresh_keys())))
        linked = chapters.link(subject.key, subject.head, draft.act, cites, subject.keys)
        subject.n += 1
        subject.head = linked.head
        self.linked.append((subject, linked))

    def follow(self, decision: Decision) -> None:
        """Remember what comes with the acts: duties and claims."""
        self.decisions.append(decision)

    def answer(
        self, slot: tuple[str, str, str], body_hash: str, answer: Mapping[str, object], at: datetime
    ) -> None:
        """Remember what is answered under an idempotency key."""
        actor, route, key = slot
        self.answered.append(
            models.Answer(actor=actor, route=route, key=key, body_hash=body_hash, answer=answer, at=at)
        )

    def head_at(self, ref: Ref, seq: int) -> tuple[bytes, bytes]:
        """(subject key, head after act `seq`), of this batch or of the book."""
        key = chapters.key_of(self.loader.origin, ref)
        for subject, linked in self.linked:
            if subject.key == key and linked.act.seq == seq:
                return key, linked.head
        head = models.Act.objects.values_list("head", flat=True).get(subject=key, seq=seq)
        return key, bytes(head)

    def save(self) -> None:
        """Write everything. Raises IntegrityError where the database says no; then nothing is written."""
        if not self.linked:
            return
        self._save_subjects()
        self._save_acts()
        for loaded in self.loader.subjects.values():
            if loaded.changed and loaded.offer:
                self._save_offer(loaded, loaded.offer)
        self._save_reservations()
        self._save_rest()
        self._erase()

    def _leaf_hash(self, cite: Cite) -> bytes:
        key = chapters.key_of(self.loader.origin, Ref(cite.kind, cite.number))
        for subject, linked in self.linked:
            if subject.key == key and linked.act.seq == cite.seq:
                return linked.leaf_hash
        cache = self.__dict__.setdefault("_cited", {})
        if (key, cite.seq) not in cache:
            found = models.Act.objects.values_list("leaf_hash", flat=True).get(subject=key, seq=cite.seq)
            cache[key, cite.seq] = bytes(found)
        hashed: bytes = cache[key, cite.seq]
        return hashed

    def _touched(self) -> list[Loaded]:
        return [loaded for loaded in self.loader.subjects.values() if loaded.changed]

    def _save_subjects(self) -> None:
        new = [loaded for loaded in self._touched() if loaded.is_new]
        sql.insert(
            "subject",
            ("key", "kind", "number", "n", "head"),
            [(each.key, each.kind, each.number, each.n, each.head) for each in new],
        )
        wrap = keys.current().wrap
        held = [(each, 0) for each in new] + self.followed
        sql.insert(
            "subject_key",
            ("subject_id", "person", *CLASSES),
            [
                (
                    each.key,
                    holder,
                    *(wrap(each.key, cls, each.keys.of(holder)[cls] or b"") for cls in CLASSES),
                )
                for each, holder in held
            ],
        )
        for each, holder in self.followed:
            holders.remember(each.key, holder - 1)
        counts = {id(each): 0 for each in self._touched()}
        for subject, _ in self.linked:
            if id(subject) in counts:
                counts[id(subject)] += 1
        moved = [
            (each.key, each.n, each.head, each.n - counts[id(each)])
            for each in self._touched()
            if not each.is_new and counts[id(each)]
        ]
        _change(_SUBJECT, moved)

    def _save_acts(self) -> None:
        signer = keys.current().receipt_signer
        ids = sql.insert_ids(
            "act",
            ("subject_id", "seq", "leaf", "leaf_hash", "head", "type", "at", "receipt_key"),
            [
                (
                    *(subject.key, linked.act.seq, linked.leaf, linked.leaf_hash, linked.head),
                    *(linked.act.type, adapted(linked.act.at), signer.vkey),
                )
                for subject, linked in self.linked
            ],
        )
        sql.insert(
            "act_open",
            ("act_id", "cls", "sealed"),
            [
                (id, cls, sealed)
                for id, (_, linked) in zip(ids, self.linked, strict=True)
                for cls, sealed in linked.opens.items()
            ],
        )
        posted = [
            Posting(id, subject.key, n, entry)
            for id, (subject, linked) in zip(ids, self.linked, strict=True)
            for n, entry in enumerate(entries_of(linked))
        ]
        if not post(posted):
            raise Lost("an account that is not there was to be lowered")

    def _save_offer(self, loaded: Loaded, offer: Offer) -> None:
        counters, before = loaded.counters or Counters({}, 0), loaded.counters_before
        state, _ = codec.encode(offer)
        current = offer.current
        columns = (offer.status, state, current.capacity, counters.total, counters.queue_last, offer.n)
        if before is None:
            models.Offer.objects.create(
                subject_id=loaded.key,
                slug=offer.slug,
                status=offer.status,
                state=state,
                capacity=current.capacity,
                taken=counters.total,
                queue_last=counters.queue_last,
                n=offer.n,
            )
        else:
            _update_each(
                "UPDATE offer SET status = %s, state = %s, capacity = %s, taken = %s, queue_last = %s, n = %s "
                "WHERE subject_id = %s AND taken = %s AND queue_last = %s",
                [(*columns, loaded.key, before.total, before.queue_last)],
            )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO variant (offer_id, code, capacity, taken) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (offer_id, code) DO UPDATE SET capacity = excluded.capacity, taken = excluded.taken",
                [
                    (loaded.key, each.code, each.capacity, counters.taken.get(each.code, 0))
                    for each in current.variants
                ],
            )

    def _save_reservations(self) -> None:
        new: list[models.Reservation] = []
        old: list[tuple[Any, ...]] = []
        index = keys.current().contact_index
        for loaded in self._touched():
            state = loaded.reservation
            if state is None:
                continue
            columns = write_reservation(state, loaded) | {"changed_at": self.loader.now}
            email = email_of(state)
            columns["contact_index"] = index(email) if email else None
            if loaded.is_new:
                offer = chapters.key_of(self.loader.origin, Ref("offer", state.offer))
                new.append(
                    models.Reservation(
                        subject_id=loaded.key,
                        number=state.number,
                        offer_id=offer,
                        variant=state.variant,
                        queue_no=state.queue,
                        placed_at=state.placed_at,
                        **columns,
                    )
                )
            else:
                columns["changed_at"] = adapted(self.loader.now)
                old.append((loaded.key, *(columns[name] for name in _RESERVATION.sets)))
        models.Reservation.objects.bulk_create(new)
        _change(_RESERVATION, old)

    def _save_rest(self) -> None:
        duties.insert([duty for decision in self.decisions for duty in decision.duties])
        sql.insert(
            "claim",
            ("rail", "reference", "subject_id"),
            [
                (rail, reference, draft_key(self.loader, decision))
                for decision in self.decisions
                for rail, reference in (*decision.claims, *decision.ended)
            ],
        )
        models.Answer.objects.bulk_create(self.answered)
        self._save_series()

    def _save_series(self) -> None:
        """Numbers move by compare-and-set, and each is kept with the act that has it: a number is never given twice."""
        before, after = self.loader.series_before, self.loader.series
        _update_each(
            "UPDATE series SET last = %s WHERE name = %s AND last = %s",
            [(last, name, before[name]) for name, last in sorted(after.items()) if last != before[name]],
        )
        issued = [
            (subject, linked.act) for subject, linked in self.linked if linked.act.type == "invoice.issued"
        ]
        sql.insert(
            "invoice",
            ("series_id", "no", "subject_id", "seq"),
            [
                (series_name(act.text("series"), act.int("year")), act.int("no"), subject.key, act.seq)
                for subject, act in issued
            ],
        )

    def _erase(self) -> None:
        """Destroy keys with everything that they covered, in the transaction of the acts that say so."""
        erasing.clear(
            [
                erasing.Gone(subject.key, subject.number, linked.act.text("class"), holders.named(linked.act))
                for subject, linked in self.linked
                if linked.act.type in ERASURES
            ]
        )


def entries_of(linked: chapters.Linked) -> tuple[entries.Entry, ...]:
    """The movements that an act carries."""
    written = linked.act.get("entries")
    return entries.from_text(written) if isinstance(written, str) else ()


def draft_key(loader: "Loader", decision: Decision) -> bytes:
    """The subject whose acts a decision made."""
    return loader.subject(decision.acts[0].ref).key


def adapted(at: datetime) -> Any:
    """An instant as this database takes it in plain SQL."""
    return connection.ops.adapt_datetimefield_value(at)


def _update_each(statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Every row must be found as it was, or somebody came first."""
    if not sql.update_each(statement, rows):
        raise Lost(statement)


def _change(what: sql.Change, rows: list[tuple[Any, ...]]) -> None:
    """Every row must be found as it was, or somebody came first."""
    if not sql.change(what, rows):
        raise Lost(f"a row of {what.table} is not as it was")
