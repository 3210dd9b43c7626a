"""Read models for lists: raw values, pages by key, and names opened only for the rows that are shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Sum

from earnest.book import chapters, codec, keys, models, rows, sql
from earnest.core import entries
from earnest.core import refund as refunds
from earnest.core.commands.correct_deposit import CORRECTED, REBOOKED
from earnest.core.commands.mark_unclaimed import may_be_marked
from earnest.core.dispute import Dispute
from earnest.core.instants import instant, text
from earnest.core.numbers import parse
from earnest.core.refund import Refund
from earnest.core.refusals import Invalid, Missing
from earnest.core.reservation import LIVING, Correction, Identity, Payment, Reservation

PAGE: Final = 50
#: A holder whose own state is one of these would be told of a slip.
TOLD: Final = ("placed", "confirmed", "paid up")

#: Money may still be expected of one of these.
WAITING: Final = ("placed", "confirmed", "converted")


@dataclass(frozen=True)
class Row:
    """One reservation in a list. `name` is None where it was erased."""

    state: Reservation
    name: str | None

    @property
    def cursor(self) -> str:
        """Where a page that ends here goes on."""
        return f"{text(self.state.placed_at)}~{self.state.number}"


@dataclass(frozen=True)
class Page:
    """Rows, newest first, with the cursors of the pages before and after; "" where there is none."""

    rows: tuple[Row, ...]
    newer: str
    older: str


@dataclass(frozen=True)
class RefundRow:
    """One refund in a list, with whose it is."""

    number: str
    offer: str
    name: str | None
    refund: Refund


@dataclass(frozen=True)
class Refunds:
    """The first of `total` refunds."""

    rows: tuple[RefundRow, ...]
    total: int


@dataclass(frozen=True)
class Owed:
    """What customers are owed in one currency, minor units.

    `deposits` are theirs until delivery; `refunds` are to be paid, `in_transit` was asked of a provider or a
    bank and has not been seen to leave, `unclaimed` could not be paid to anybody.
    """

    currency: str
    deposits: int
    refunds: int
    in_transit: int
    unclaimed: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.deposits + self.refunds + self.in_transit + self.unclaimed


def reservations(
    *, offer: str = "", status: str = "", search: str = "", older: str = "", newer: str = "", size: int = PAGE
) -> Page:
    """A page of reservations, the newest first.

    `search` is a number as people type it, or a whole e-mail address (by its blind index: a part of one finds
    nothing). Raises Invalid for a cursor that is none of ours.
    """
    found = _filtered(offer, status, search)
    backwards = bool(newer) and not older
    if older or newer:
        at, number = _read_cursor(older or newer)
        if backwards:
            found = found.filter(Q(placed_at__gt=at) | Q(placed_at=at, number__gt=number))
        else:
            found = found.filter(Q(placed_at__lt=at) | Q(placed_at=at, number__lt=number))
    order = ("placed_at", "number") if backwards else ("-placed_at", "-number")
    fetched = _rows(found.order_by(*order)[: size + 1])
    more, shown = len(fetched) > size, fetched[:size]
    if backwards:
        shown.reverse()
    before, after = (more, True) if backwards else (bool(older), more)
    return Page(
        tuple(shown),
        newer=shown[0].cursor if shown and before else "",
        older=shown[-1].cursor if shown and after else "",
    )


def states(numbers: Sequence[str]) -> list[Reservation]:
    """The reservations of some numbers, without opening anybody's name; those that do not exist are not there."""
    found = []
    for start in range(0, len(numbers), 500):
        read = sql.rows(
            "SELECT state FROM reservation WHERE number IN %s", list(numbers[start : start + 500])
        )
        found += [codec.decode(Reservation, state, {}) for (state,) in read]
    return found


def waiting_for_money(most: int) -> list[Reservation]:
    """The newest living reservations that may still be paid for, with their holders' names and accounts."""
    found = models.Reservation.objects.filter(status__in=WAITING).order_by("-placed_at", "-number")
    read = list(found.values("subject_id", "state", "identity", "bank")[:most])
    secrets = rows.load_keys([bytes(row["subject_id"]) for row in read], keys.current().unwrap)
    return [
        rows.read_reservation(
            {**row, "contact": None}, bytes(row["subject_id"]), secrets[bytes(row["subject_id"])]
        )
        for row in read
    ]


def count(*, offer: str = "", status: str = "", search: str = "") -> int:
    """How many reservations `reservations` pages through."""
    return _filtered(offer, status, search).count()


def by_status(offer: str = "") -> dict[str, int]:
    """How many reservations stand at each status."""
    found = _filtered(offer, "", "").values("status").annotate(n=Count("subject_id"))
    return {row["status"]: row["n"] for row in found}


def waiting(offer: str) -> int:
    """How many holders a slip of the offer would be told to."""
    return models.Reservation.objects.filter(offer__slug=offer, status__in=TOLD).count()


def living_by_offer() -> dict[str, tuple[int, int]]:
    """Offer -> (reservations, places) that still wait."""
    found = (
        models.Reservation.objects.filter(status__in=LIVING)
        .values("offer__slug")
        .annotate(n=Count("subject_id"), places=Sum("quantity"))
    )
    return {row["offer__slug"]: (row["n"], row["places"]) for row in found}


def open_refunds(most: int = 200) -> Refunds:
    """Refunds that are debts, the most urgent first."""
    found = _with_refunds(_owing(), refunds.OPEN)
    return _named(
        sorted(found, key=lambda each: (each.refund.due_at, each.state.number, each.refund.n)), most
    )


def open_unnamed() -> list[RefundRow]:
    """As `open_refunds`, all of them, without opening anybody's name."""
    found = _with_refunds(_owing(), refunds.OPEN)
    rows_found = [RefundRow(each.state.number, each.state.offer, None, each.refund) for each in found]
    return sorted(rows_found, key=lambda each: (each.refund.due_at, each.number, each.refund.n))


def corrections() -> list[tuple[str, Correction]]:
    """(number, correction of a deposit) of those that wait for a second operator, the oldest first."""
    proposed = models.Act.objects.filter(type="correction.proposed").values("subject")
    found = models.Reservation.objects.filter(subject__in=proposed).values_list("number", "state")
    waiting = [
        (number, each)
        for number, state in found
        for each in codec.decode(Reservation, state, {}).corrections
        if each.status == "proposed"
    ]
    return sorted(waiting, key=lambda each: (each[1].at, each[0]))


def standing(number: str, rail: str, reference: str) -> tuple[Reservation, Payment] | None:
    """The payment of a reference as it stands now, on the reservation that took it first or where corrections have
    brought it; None where one said that it never came."""
    for state in states([number, *_rebooked_from(number)]):
        found = [each for each in state.payments if (each.rail, each.reference) == (rail, reference)]
        names = [f"{state.number}/{each.seq}" for each in found]
        corrected = models.Claim.objects.filter(rail=CORRECTED, reference__in=names)
        wrong = set(corrected.values_list("reference", flat=True))
        for name, payment in zip(names, found, strict=True):
            if name not in wrong:
                return state, payment
    return None


def _rebooked_from(number: str) -> list[str]:
    """The reservations to which corrections have brought deposits of this one, directly or by one another."""
    found: dict[str, None] = {}
    behind = [number]
    while behind:
        claims = models.Claim.objects.filter(rail=REBOOKED, reference__startswith=f"{behind.pop()}/")
        fresh = {each for each in claims.values_list("subject__number", flat=True) if each not in found}
        found |= dict.fromkeys(sorted(fresh))
        behind += fresh
    return [each for each in found if each != number]


@dataclass(frozen=True)
class Unclaimed:
    """Money that nobody claims: what was marked so, and what may be, because it has waited a year for an account.

    `ledger` is what stands on the account `unclaimed`, minor units by currency: the sum of what was marked.
    """

    marked: tuple[RefundRow, ...]
    ripe: tuple[RefundRow, ...]
    ledger: Mapping[str, int]


def unclaimed(now: datetime) -> Unclaimed:
    """All of it, the oldest first, with the names that are still known."""
    found = _with_refunds(_owing(), (refunds.UNCLAIMED, refunds.WAITING))
    found = [e for e in found if e.refund.status == refunds.UNCLAIMED or may_be_marked(e.refund, now)]
    found.sort(key=lambda each: (each.refund.owed_at, each.state.number, each.refund.n))
    named = _named(found, len(found)).rows
    marked = tuple(each for each in named if each.refund.status == refunds.UNCLAIMED)
    ripe = tuple(each for each in named if each.refund.status == refunds.WAITING)
    stands = {currency: minor for currency, minor in _liability(entries.UNCLAIMED).items() if minor}
    return Unclaimed(marked, ripe, dict(sorted(stands.items())))


def left_refunds(since: datetime, most: int = 50) -> Refunds:
    """Refunds that have left and are not known to have arrived, the newest first."""
    keys_of = models.Act.objects.filter(type="refund.sent", at__gte=since).values_list(
        "subject_id", flat=True
    )
    found = _with_refunds({bytes(key) for key in keys_of}, (refunds.SENT,))
    return _named(sorted(found, key=lambda each: each.refund.sent_at or since, reverse=True), most)


@dataclass(frozen=True)
class DisputeRow:
    """One dispute, inquiry or warning in a list, with whose payment it is about."""

    number: str
    name: str | None
    dispute: Dispute


def disputes(most: int = 200) -> list[DisputeRow]:
    """All that banks ever asked: the next date first, what has none last."""
    asked = models.Act.objects.filter(type__in=("dispute.opened", "dispute.warned"))
    subjects = {bytes(key) for key in asked.values_list("subject_id", flat=True)}
    found = models.Reservation.objects.filter(subject__in=subjects).values(
        "subject_id", "state", "identity", "contact", "bank"
    )
    secrets = rows.load_keys(subjects, keys.current().unwrap)
    listed = [
        DisputeRow(each.state.number, each.name, dispute)
        for each in (_row(row, secrets[bytes(row["subject_id"])]) for row in found)
        for dispute in each.state.disputes
    ]
    return sorted(
        listed,
        key=lambda each: (
            each.dispute.due_at is None,
            each.dispute.due_at or each.dispute.happened_at,
            each.number,
            each.dispute.n,
        ),
    )[:most]


def refunds_sent_after(day: date) -> list[Refund]:
    """Refunds that left after the end of a day (UTC), as the world tells it; an act may come later than that."""
    since = datetime.combine(day, time(), UTC)
    told = models.Act.objects.filter(type="refund.sent", at__gte=since).values_list("subject_id", flat=True)
    found = _with_refunds({bytes(key) for key in told}, (refunds.SENT, refunds.ARRIVED))
    return [each.refund for each in found if each.refund.sent_at and each.refund.sent_at.date() > day]


def refund_sent_as(reference: str) -> tuple[str, int, int] | None:
    """(number, refund, attempt) of the one refund that was sent under this reference; None for none, or for several."""
    sent = models.Act.objects.filter(type="refund.sent").values("subject")
    written = json.dumps({"reference": reference}, ensure_ascii=False, separators=(",", ":"))[1:-1]
    read = models.Reservation.objects.filter(subject__in=sent, state__contains=written).values_list(
        "state", flat=True
    )
    found = [
        (state.number, refund.n, refund.attempt)
        for state in (codec.decode(Reservation, text, {}) for text in read)
        for refund in state.refunds
        if refund.reference == reference
    ]
    return found[0] if len(found) == 1 else None


def numbers(kind: str, first_act: str, most: int) -> list[str]:
    """Numbers of the subjects of a kind, the newest first, by the act with which they begin."""
    found = models.Act.objects.filter(type=first_act, subject__kind=kind).order_by("-at", "-id")
    return [str(number) for number in found.values_list("subject__number", flat=True)[:most]]


def owed() -> list[Owed]:
    """What is owed to customers in total, by currency; each sum of the ledger alone."""
    sums: dict[str, dict[str, int]] = {}
    balances = models.Balance.objects.values("currency", "cls").annotate(minor=Sum("amount_minor"))
    for row in balances:
        sums.setdefault(row["currency"], {})[row["cls"]] = row["minor"]
    for account in (entries.IN_TRANSIT, entries.UNCLAIMED):
        for currency, minor in _liability(account).items():
            sums.setdefault(currency, {})[account] = minor
    found = [
        Owed(
            currency,
            of.get(entries.DEPOSIT, 0),
            of.get(entries.REFUND, 0),
            of.get(entries.IN_TRANSIT, 0),
            of.get(entries.UNCLAIMED, 0),
        )
        for currency, of in sorted(sums.items())
    ]
    return [each for each in found if each.total]


def _filtered(offer: str, status: str, search: str) -> QuerySet[models.Reservation]:
    found = models.Reservation.objects.all()
    if offer:
        found = found.filter(offer__slug=offer)
    if status:
        found = found.filter(status=status)
    wanted = search.strip()
    if "@" in wanted:
        found = found.filter(contact_index=keys.current().contact_index(wanted))
    elif wanted:
        found = found.filter(number=parse(wanted) or "")
    return found


def _read_cursor(written: str) -> tuple[datetime, str]:
    at, _, number = written.partition("~")
    try:
        return instant(at), number
    except ValueError:
        raise Invalid("cursor", "This page is no longer there; begin with the first.") from None


def _rows(found: QuerySet[models.Reservation]) -> list[Row]:
    read = list(found.values("subject_id", "state", "identity"))
    secrets = rows.load_keys([bytes(row["subject_id"]) for row in read], keys.current().unwrap)
    return [_row(row, secrets[bytes(row["subject_id"])]) for row in read]


def _row(row: Mapping[str, Any], secrets: chapters.Keys) -> Row:
    sealed = {**row, "contact": None, "bank": None}
    state = rows.read_reservation(sealed, bytes(row["subject_id"]), secrets)
    return Row(state, state.identity.name if isinstance(state.identity, Identity) else None)


def _owing() -> set[bytes]:
    """Subjects whose ledger says that a refund is open: owed on their account, in transit, or unclaimed."""
    on_account = models.Balance.objects.filter(cls=entries.REFUND, amount_minor__gt=0)
    found = {bytes(key) for key in on_account.values_list("subject_id", flat=True)}
    for account in (entries.IN_TRANSIT, entries.UNCLAIMED):
        per: dict[bytes, int] = {}
        for side, sign in (("credit", 1), ("debit", -1)):
            moved = models.Entry.objects.filter(**{side: account}).values(key=F("act__subject_id"))
            for row in moved.annotate(minor=Sum("amount_minor")):
                key = bytes(row["key"])
                per[key] = per.get(key, 0) + sign * row["minor"]
        found |= {key for key, minor in per.items() if minor}
    return found


@dataclass(frozen=True)
class _Found:
    """A refund before its holder's name is opened."""

    row: Mapping[str, Any]
    state: Reservation
    refund: Refund


def _with_refunds(subjects: set[bytes], statuses: tuple[str, ...]) -> list[_Found]:
    found = models.Reservation.objects.filter(subject__in=subjects).values("subject_id", "state", "identity")
    return [
        _Found(row, state, refund)
        for row in found
        for state in [codec.decode(Reservation, row["state"], {})]
        for refund in state.refunds
        if refund.status in statuses
    ]


def _named(found: list[_Found], most: int) -> Refunds:
    shown = found[:most]
    secrets = rows.load_keys({bytes(each.row["subject_id"]) for each in shown}, keys.current().unwrap)
    names = [_row(each.row, secrets[bytes(each.row["subject_id"])]).name for each in shown]
    return Refunds(
        tuple(
            RefundRow(each.state.number, each.state.offer, name, each.refund)
            for each, name in zip(shown, names, strict=True)
        ),
        len(found),
    )


def _liability(account: str) -> dict[str, int]:
    """Currency -> what an account of ours owes: credits less debits."""
    moved: dict[str, int] = {}
    for side, sign in (("credit", 1), ("debit", -1)):
        found = models.Entry.objects.filter(**{side: account}).values("currency")
        for row in found.annotate(minor=Sum("amount_minor")):
            moved[row["currency"]] = moved.get(row["currency"], 0) + sign * row["minor"]
    return moved


@dataclass(frozen=True)
class Alarm:
    """A duty that was given up: somebody must look. `number` is what it is about, where it says; `about` all of it."""

    kind: str
    key: str
    number: str
    attempts: int
    error: str
    due_at: datetime
    about: Mapping[str, Any]

    @property
    def is_reservation(self) -> bool:
        """Whether `number` is one of a reservation, to be linked to."""
        return parse(self.number) == self.number


def alarms(most: int = 100, *, only: str = "", but: str = "") -> list[Alarm]:
    """Parked duties, the oldest first: `only` of one kind, or of every kind `but` one."""
    found = models.Duty.objects.filter(state="parked").order_by("due_at", "key")
    found = found.filter(kind=only) if only else found.exclude(kind=but)
    return [
        Alarm(kind, key, str(payload.get("number", "")), attempts, error, due_at, payload)
        for kind, key, payload, attempts, error, due_at in found.values_list(
            "kind", "key", "payload", "attempts", "last_error", "due_at"
        )[:most]
    ]


def alarm_count() -> int:
    """How many duties are parked."""
    return models.Duty.objects.filter(state="parked").count()


@dataclass(frozen=True)
class Telling:
    """How far the telling of one slip has come: `state` waiting, done or parked."""

    state: str
    told: int
    payload: Mapping[str, Any]


def telling(offer: str, slip: int) -> Telling | None:
    """Of the slip that is act `slip` of the offer; None where it has no duty."""
    found = (
        models.Duty.objects.filter(key=f"tell_slip/{offer}/{slip}").values_list("state", "payload").first()
    )
    if found is None:
        return None
    state, payload = found
    return Telling(state, int(payload.get("told", 0)), payload)


@dataclass(frozen=True)
class MailRow:
    """One mail of the outbox; what it says is opened only to be shown."""

    id: int
    number: str
    template: str
    language: str
    status: str
    made_at: datetime
    sent_at: datetime | None
    error: str
    erased: bool


@dataclass(frozen=True)
class Mails:
    """A page of the outbox, the newest first; `older` is the cursor of the next, 0 where there is none."""

    rows: tuple[MailRow, ...]
    older: int


def mails(*, number: str = "", older: int = 0, size: int = PAGE) -> Mails:
    """The outbox of the whole book, or of one reservation."""
    found = models.Mail.objects.order_by("-id")
    if number:
        found = found.filter(subject__kind="reservation", subject__number=number)
    if older:
        found = found.filter(id__lt=older)
    shown = tuple(_mail_rows(found, size + 1))
    return Mails(shown[:size], shown[size - 1].id if len(shown) > size else 0)


@dataclass(frozen=True)
class ApiKeyRow:
    """A key to the API, without the key."""

    id: int
    label: str
    prefix: str
    scopes: tuple[str, ...]
    made_by: str
    made_at: datetime
    revoked_at: datetime | None

    @property
    def maker(self) -> str:
        """The operator's name."""
        return self.made_by.removeprefix("operator:")


def api_keys() -> list[ApiKeyRow]:
    """All keys that were ever made, the newest first."""
    found = models.ApiKey.objects.order_by("-made_at", "-id")
    return [
        ApiKeyRow(row[0], row[1], row[2], tuple(row[3]), *row[4:])
        for row in found.values_list("id", "label", "prefix", "scopes", "made_by", "made_at", "revoked_at")
    ]


def act_count() -> int:
    """How many acts the book holds, of all subjects."""
    return models.Act.objects.count()


def mail(pk: int) -> tuple[MailRow, str]:
    """One mail of the outbox, and its key. Raises Missing."""
    found = models.Mail.objects.filter(id=pk)
    rows_found = _mail_rows(found, 1)
    if not rows_found:
        raise Missing("no-mail", "There is no such mail.")
    return rows_found[0], found.values_list("key", flat=True)[0]


def _mail_rows(found: QuerySet[models.Mail], most: int) -> list[MailRow]:
    read = found.annotate(erased=Q(sealed__isnull=True)).values_list(
        "id", "subject__number", "template", "language", "status", "made_at", "sent_at", "error", "erased",
        "subject__kind",
    )  # fmt: skip
    return [
        MailRow(row[0], (row[1] or "") if row[-1] == "reservation" else "", *row[2:-1]) for row in read[:most]
    ]
