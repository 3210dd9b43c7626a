"""What a batch loads: the subjects of its commands under their locks, and the states that the core decides on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db import connection

from earnest.book import chapters, clock, codec, giving_up, holders, keys, law, mode, models, policy, sql
from earnest.book.reads import acts_at, acts_of
from earnest.book.rows import Loaded, key_text, load_keys, read_reservation
from earnest.core.acts import Act
from earnest.core.commands.base import Claim, Command, Counters, Decision, Ref, World
from earnest.core.giveup import Held, Scope, over_limit
from earnest.core.invoice import PREFIXES, series_name
from earnest.core.offer import Offer
from earnest.core.operator import LONG, Register
from earnest.core.refusals import Refused
from earnest.core.reservation import Reservation
from earnest.record.chain import genesis

#: Each looked up in the unique index; for a join PostgreSQL reads every claim of the book.
TAKEN: Final = (
    "SELECT column1, column2, (SELECT subject_id FROM claim WHERE rail = column1 AND reference = column2) "
    "FROM {} AS wanted"
)


class Loader:
    """The subjects of one batch. Nothing here outlives it."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.origin = mode.origin()
        self.now = clock.now()
        self.policy = policy.current()
        self.law = law.current()
        self.subjects: dict[bytes, Loaded] = {}
        self.offer_slugs: dict[str, str] = {}
        self.claimed: dict[Claim, bytes] = {}
        self.series: dict[str, int] = {}
        self.series_before: dict[str, int] = {}

    def load(self) -> None:
        """Lock in key order, then read: what is read is what will still be true at the commit."""
        self._find_offers()
        refs = {command.ref() for command in self.commands}
        refs |= {Ref("offer", slug) for slug in self.offer_slugs.values()}
        refs |= {ref for command in self.commands for ref in command.beside()}
        wanted = {chapters.key_of(self.origin, ref): ref for ref in refs}
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        wanted_rows = f"SELECT key, kind, number, n, head FROM subject WHERE key IN %s ORDER BY key{lock}"  # noqa: S608
        for key, kind, number, n, head in sql.rows(wanted_rows, list(wanted)):
            self.subjects[bytes(key)] = Loaded(bytes(key), kind, number, n, bytes(head), chapters.Ring())
        secrets = load_keys(self.subjects, keys.current().unwrap)
        for key, loaded in self.subjects.items():
            loaded.keys = secrets[key]
        self._read_states()
        self._read_claims()
        if any(command.numbers_documents for command in self.commands):
            self._read_series(lock)

    def subject(self, ref: Ref) -> Loaded:
        """A subject of the batch; one that does not exist yet is made in memory, with fresh keys."""
        key = chapters.key_of(self.origin, ref)
        if key not in self.subjects:
            self.subjects[key] = Loaded(
                key, *ref, 0, genesis(key), chapters.Ring({0: holders.fresh_keys()}), is_new=True
            )
        return self.subjects[key]

    def known(self, ref: Ref) -> Loaded | None:
        """A subject that exists, in the database or by an earlier command of this batch."""
        return self.subjects.get(chapters.key_of(self.origin, ref))

    def world(self, command: Command) -> World:
        """What one command may look at."""
        ref = command.ref()
        found = self.known(ref)
        key = key_text(chapters.key_of(self.origin, ref))
        of: dict[str, Any] = {"law": self.law}
        if found:
            self._check_complete(found)
            of |= {"reservation": found.reservation, "offer": found.offer, "register": found.register}
            of["counters"] = found.counters
        if ref.kind == "reservation" and command.wants_offer:
            slug = getattr(command, "slug", None) or self.offer_slugs.get(ref.number, "")
            offer = self.known(Ref("offer", slug))
            if offer:
                of |= {"offer": offer.offer, "counters": offer.counters}
        if wanted := frozenset(command.claims()):
            of["claimed"] = wanted & self.claimed.keys()
        if command.numbers_documents:
            of["series"] = self.series
        scope = command.scope(found.offer) if found and found.offer else None
        if scope is not None and found:
            changed = [each.reservation for each in self.subjects.values() if each.changed]
            of["held"] = self._held(found, scope, [each for each in changed if each])
        if command.wants_acts and found:
            written = [] if found.is_new else [read.act for read in acts_of(found.key, found.keys)]
            of["acts"] = (*written, *found.pending)
        elif (seqs := command.wanted_acts()) and found:
            of["acts"] = self._acts(found, seqs)
        return World(self.now, key, self.policy, **of)

    def _held(self, found: Loaded, scope: Scope, changed: list[Reservation]) -> Held:
        """What is held for a scope; with what the law adds, where that can matter to who must confirm."""
        held = giving_up.held(found.number, scope, changed)
        if found.offer is None or over_limit(held.sums, self.policy.second_operator_major):
            return held
        added = giving_up.added(self.law, found.offer, scope, self.now.date(), changed)
        return replace(held, added=added)

    def _acts(self, found: Loaded, seqs: Sequence[int]) -> tuple[Act, ...]:
        """Some acts of a subject, of this batch or of the book."""
        pending = {act.seq: act for act in found.pending}
        stored = [seq for seq in seqs if seq not in pending]
        read = {} if found.is_new or not stored else acts_at(found.key, found.keys, stored)
        known = {**pending, **read}
        return tuple(known[seq] for seq in seqs if seq in known)

    def _check_complete(self, found: Loaded) -> None:
        """Acts that came back without their values: nothing is decided on half of what is known."""
        state = found.reservation
        if found.kind == "reservation" and not found.changed and (state.n if state else 0) != found.n:
            raise Refused(
                "incomplete",
                "Acts of this reservation were lost and came back without their values; bring its story.",
            )

    def accept(self, command: Command, decision: Decision) -> None:
        """Let the next command see what this one did."""
        found = self.subject(command.ref())
        found.changed = True
        found.pending += [draft.act for draft in decision.acts if draft.ref == command.ref()]
        found.reservation, found.register = decision.reservation, decision.register
        if decision.reservation and command.ref().kind == "reservation":
            self.offer_slugs[decision.reservation.number] = decision.reservation.offer
        self.series |= decision.series
        for claim in decision.claims:
            self.claimed[claim] = found.key
        if decision.offer is None:
            return
        offer = self.subject(Ref("offer", decision.offer.slug))
        offer.changed = True
        offer.offer = decision.offer
        offer.counters = decision.counters or offer.counters or Counters({}, 0)

    def check_claims(self, command: Command, decision: Decision) -> None:
        """Raises Refused where a payment's reference was taken before, by whatever subject.

        A command must name beforehand what it may take: what it did not name was not read.
        """
        if unread := set(decision.claims).difference(command.claims()):
            raise AssertionError(f"{type(command).__name__} took {unread} without naming it in claims().")
        key = chapters.key_of(self.origin, command.ref())
        for claim in decision.claims:
            taker = self.claimed.get(claim)
            if taker == key:
                raise Refused("payment-known", "This payment was received already.")
            if taker is not None:
                raise Refused("payment-used", "This payment was received for another reservation.")

    def answers(self, wanted: Iterable[Any]) -> dict[tuple[str, str, str], tuple[str, dict[str, Any]]]:
        """What was answered before under these idempotency keys."""
        slots = {each.slot for each in wanted}
        if not slots:
            return {}
        rows = models.Answer.objects.filter(key__in=[slot[2] for slot in slots])
        found = {}
        for actor, route, key, body_hash, answer in rows.values_list(
            "actor", "route", "key", "body_hash", "answer"
        ):
            if (actor, route, key) in slots:
                found[actor, route, key] = (body_hash, answer)
        return found

    def _find_offers(self) -> None:
        """Which offer each command's reservation belongs to; a reservation never changes its offer."""
        numbers = []
        for command in self.commands:
            slug, ref = getattr(command, "slug", None), command.ref()
            if slug and ref.kind == "reservation":
                self.offer_slugs[ref.number] = slug
            elif command.wants_offer and ref.kind == "reservation":
                numbers.append(ref.number)
        if numbers:
            found = sql.rows(
                "SELECT r.number, o.slug FROM reservation r JOIN offer o ON o.subject_id = r.offer_id "
                "WHERE r.number IN %s",
                numbers,
            )
            self.offer_slugs.update((number, slug) for number, slug in found)

    def _read_states(self) -> None:
        by_kind: dict[str, list[bytes]] = {}
        for key, loaded in self.subjects.items():
            by_kind.setdefault(loaded.kind, []).append(key)
        fields = ("subject_id", "state", "identity", "contact", "bank")
        if by_kind.get("reservation"):
            states = f"SELECT {', '.join(fields)} FROM reservation WHERE subject_id IN %s"  # noqa: S608
            for found in sql.rows(states, by_kind["reservation"]):
                loaded = self.subjects[bytes(found[0])]
                row = dict(zip(fields, found, strict=True))
                loaded.reservation = read_reservation(row, loaded.key, loaded.keys)
        if by_kind.get("offer"):
            self._read_offers(by_kind["offer"])
        for kind in ("operator", "keys", "law"):
            for key in by_kind.get(kind, ()):
                self.subjects[key].register = register_of(self.subjects[key])
        for key in by_kind.get("queue", ()):
            self.subjects[key].register = tally_of(self.subjects[key])
        for kind in LONG:
            for key in by_kind.get(kind, ()):
                self.subjects[key].register = Register(n=self.subjects[key].n)

    def _read_offers(self, wanted: list[bytes]) -> None:
        taken: dict[bytes, dict[str, int]] = {}
        variants = "SELECT offer_id, code, taken FROM variant WHERE offer_id IN %s"
        for key, code, places in sql.rows(variants, wanted):
            taken.setdefault(bytes(key), {})[code] = places
        offers = "SELECT subject_id, state, queue_last FROM offer WHERE subject_id IN %s"
        for key, state, queue_last in sql.rows(offers, wanted):
            loaded = self.subjects[bytes(key)]
            loaded.offer = codec.decode(Offer, state, {})
            loaded.counters = Counters(taken.get(bytes(key), {}), queue_last)
            loaded.counters_before = loaded.counters

    def _read_series(self, lock: str) -> None:
        """The series of the year, locked after all subjects in the order of their names: nobody waits in a circle."""
        names = sorted(series_name(series, self.now.year) for series in PREFIXES)
        wanted = f"SELECT name, last FROM series WHERE name IN %s ORDER BY name{lock}"  # noqa: S608
        self.series = dict(sql.rows(wanted, names))
        if missing := [name for name in names if name not in self.series]:
            for name in missing:
                sql.run("INSERT INTO series (name, last) VALUES (%s, 0) ON CONFLICT (name) DO NOTHING", name)
            self.series = dict(sql.rows(wanted, names))
        self.series_before = dict(self.series)

    def _read_claims(self) -> None:
        wanted = {claim for command in self.commands for claim in command.claims()}
        if wanted:
            table, parameters = sql.texts(wanted, 2)
            for rail, reference, key in sql.run_asked(sql.Asked(TAKEN.format(table), parameters)):
                if key is not None:
                    self.claimed[Claim(rail, reference)] = bytes(key)


def register_of(loaded: Loaded) -> Register | None:
    """The book's own subjects are short: they are folded from their acts each time."""
    from earnest.core.operator import fold

    register = None
    for read in acts_of(loaded.key, loaded.keys):
        register = fold(register, read.act)
    return register


def tally_of(loaded: Loaded) -> Register | None:
    """A queue's newest tally says it all, and there is one at every seal: the older ones are not read."""
    from earnest.core.operator import fold

    register = None
    for read in acts_of(loaded.key, loaded.keys, since=loaded.n - 1):
        register = fold(Register(n=loaded.n - 1), read.act)
    return register
