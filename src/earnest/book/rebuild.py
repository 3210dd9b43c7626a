"""State is the acts, folded: fold everything again and compare it with every row that caches it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from earnest.book import chapters, codec, keys, mode, models, numbering, rows, slices
from earnest.book.reads import ActRead, acts_of
from earnest.core import entries
from earnest.core import offer as offers
from earnest.core import refund as refunds
from earnest.core import reservation as reservations
from earnest.core.acts import ERASURES, Erased
from earnest.core.commands.base import Claim, Ref, asking
from earnest.core.offer import Offer
from earnest.core.reservation import Reservation, customer_accounts
from earnest.record.chain import genesis, leaf_hash, next_head


@dataclass(frozen=True)
class Difference:
    """Something that is not what the acts say."""

    kind: str
    number: str
    what: str


Progress = Callable[[int, int], None]


def differences(progress: Progress = lambda done, total: None) -> Iterator[Difference]:
    """Every difference between the acts and what the book holds; none in a sound book."""
    subjects = models.Subject.objects.order_by("kind", "number").values_list(
        "key", "kind", "number", "n", "head"
    )
    total = subjects.count()
    held: dict[str, dict[str, int]] = {}
    queues: dict[str, list[int]] = {}
    issued: numbering.Issued = {}
    for done, (raw, kind, number, n, head) in enumerate(subjects.iterator()):
        key = bytes(raw)
        secrets = rows.ring(key, keys.current().unwrap)
        try:
            read = acts_of(key, secrets)
            yield from _chain(key, Ref(kind, number), n, bytes(head), read)
            yield from _entries(key, Ref(kind, number), read)
            yield from _askings(key, Ref(kind, number), read)
            yield from _erased(Ref(kind, number), read)
            if kind == "reservation":
                state = folded(key, number, read)
                yield from _reservation(key, state, secrets)
                taken = held.setdefault(state.offer, {})
                taken[state.variant] = taken.get(state.variant, 0) + state.held
                queues.setdefault(state.offer, []).append(state.queue)
                numbering.note(issued, key, state.invoices)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            # The last three: a value is missing that the fold needs, as in a book that was recovered in part.
            yield Difference(kind, number, str(fault))
        progress(done + 1, total)
    yield from _offers(held, queues)
    for series, wrong in numbering.differences(issued):
        yield Difference("series", series, wrong)
    for said in slices.differences():
        yield Difference("ledger", "sums", said)


def folded(key: bytes, number: str, read: list[ActRead]) -> Reservation:
    """A reservation from nothing but its acts."""
    state = None
    for each in read:
        state = reservations.fold(state, each.act, key=rows.key_text(key), number=number)
    if state is None:
        raise ValueError("a reservation without acts")
    return state


def _chain(key: bytes, ref: Ref, n: int, head: bytes, read: list[ActRead]) -> Iterator[Difference]:
    if key != chapters.key_of(mode.origin(), ref):
        yield Difference(*ref, "the key is not that of the number")
    expected = genesis(key)
    for seq, each in enumerate(read):
        hashed = leaf_hash(each.leaf)
        expected = next_head(expected, hashed)
        if each.act.seq != seq or each.leaf_hash != hashed or each.head != expected:
            yield Difference(*ref, f"act {each.act.seq} does not follow the one before it")
            return
    if len(read) != n or expected != head:
        yield Difference(*ref, f"the chain says {len(read)} acts, the subject {n}")


def _entries(key: bytes, ref: Ref, read: list[ActRead]) -> Iterator[Difference]:
    """The rows are the exact text that each act carries, and the balances their sums."""
    said = []
    for each in read:
        written = each.act.get("entries")
        if isinstance(written, str):
            said += [(each.act.seq, n, *entry) for n, entry in enumerate(entries.from_text(written))]
    stored = models.Entry.objects.filter(act__subject=key).order_by("act__seq", "n")
    if said != list(stored.values_list("act__seq", "n", "debit", "credit", "amount_minor", "currency")):
        yield Difference(*ref, "the entries are not those that the acts carry")
    sums: dict[tuple[str, str], int] = {}
    for _, _, debit, credit, minor, currency in said:
        for account, side in ((credit, entries.CREDIT), (debit, entries.DEBIT)):
            owner = entries.customer_class(account)
            if owner:
                change = entries.signed(account, side, minor)
                sums[owner[1], currency] = sums.get((owner[1], currency), 0) + change
    balances = models.Balance.objects.filter(subject=key).values_list("cls", "currency", "amount_minor")
    if {k: v for k, v in sums.items() if v} != {(c, cur): v for c, cur, v in balances if v}:
        yield Difference(*ref, "the balances are not the sums of the entries")


def _askings(key: bytes, ref: Ref, read: list[ActRead]) -> Iterator[Difference]:
    """What something is said to have come of, an act says. Endings from before this was kept are not there."""
    taken = models.Claim.objects.filter(subject=key, rail=asking("", 0).rail)
    if unknown := set(taken.values_list("reference", flat=True)) - {
        each.reference for each in ended(ref, read)
    }:
        yield Difference(*ref, f"{min(unknown)} is said to have ended, and no act says so")


def ended(ref: Ref, read: list[ActRead]) -> list[Claim]:
    """The askings of a reservation that something has come of, by its acts."""
    under_way: dict[int, int] = {}
    found = []
    for each in read:
        if each.act.type == "refund.requested":
            under_way[each.act.int("refund")] = each.act.seq
        elif refunds.ends(each.act) and each.act.int("refund") in under_way:
            found.append(asking(ref.number, under_way.pop(each.act.int("refund"))))
    return found


def _erased(ref: Ref, read: list[ActRead]) -> Iterator[Difference]:
    """A value is gone if and only if an act says that it was erased."""
    said: set[tuple[int, str]] = set()
    for each in read:
        erased = each.act.get("erased") if each.act.type in ERASURES else None
        for seq, names in erased.items() if isinstance(erased, dict) else ():
            said |= {(int(seq), name) for name in (names if isinstance(names, list) else ())}
    for each in read:
        for name, value in each.act.fields.items():
            if isinstance(value, Erased) != ((each.act.seq, name) in said):
                gone = "is gone, and no act says that it was erased"
                there = "was erased, an act says, and is there"
                why = gone if isinstance(value, Erased) else there
                yield Difference(*ref, f"{name} of act {each.act.seq + 1} {why}")


def _reservation(key: bytes, state: Reservation, secrets: chapters.Ring) -> Iterator[Difference]:
    ref = Ref("reservation", state.number)
    fields = ("state", *rows.SEALED_PARTS, "status", "quantity", "holds", "variant", "queue_no", "n")
    row = (
        models.Reservation.objects.filter(subject=key).values(*fields, "offer__slug", "contact_index").first()
    )
    if row is None:
        yield Difference(*ref, "there is no state row")
        return
    if rows.read_reservation(row, key, secrets) != state:
        yield Difference(*ref, "the state row is not what its acts fold to")
    columns = (row["status"], row["quantity"], row["holds"], row["variant"], row["queue_no"], row["n"])
    if columns != (state.status, state.quantity, state.held, state.variant, state.queue, state.n):
        yield Difference(*ref, "a column of the state row is not what its acts fold to")
    email = rows.email_of(state)
    index = keys.current().contact_index(email) if email else None
    if (bytes(row["contact_index"]) if row["contact_index"] else None) != index:
        yield Difference(*ref, "the address index is not that of the holder")
    accounts = models.Balance.objects.filter(subject=key).values_list("cls", "currency", "amount_minor")
    if customer_accounts(state) != {(cls, currency): v for cls, currency, v in accounts if v}:
        yield Difference(*ref, "the ledger does not hold what the reservation says")


def _offers(held: dict[str, dict[str, int]], queues: dict[str, list[int]]) -> Iterator[Difference]:
    fields = ("subject_id", "slug", "state", "status", "capacity", "taken", "queue_last")
    for key, slug, state, status, capacity, taken, queue_last in models.Offer.objects.values_list(*fields):
        ref = Ref("offer", slug)
        secrets = rows.load_keys([bytes(key)], keys.current().unwrap)[bytes(key)]
        offer = None
        for read in acts_of(bytes(key), secrets):
            offer = offers.fold(offer, read.act, key=rows.key_text(bytes(key)), slug=slug)
        if offer is None or codec.decode(Offer, state, {}) != offer or status != offer.status:
            yield Difference(*ref, "the state row is not what its acts fold to")
            continue
        if taken != sum(held.get(slug, {}).values()) or not 0 <= taken <= capacity:
            yield Difference(*ref, f"{taken} places are counted, {sum(held.get(slug, {}).values())} are held")
        variants = models.Variant.objects.filter(offer=key).values_list("code", "taken")
        if any(held.get(slug, {}).get(code, 0) != places for code, places in variants):
            yield Difference(*ref, "the places of a variant are not those that are held")
        if sorted(queues.get(slug, [])) != list(range(1, queue_last + 1)):
            yield Difference(*ref, "the queue numbers are not 1 to the last one given, each once")
