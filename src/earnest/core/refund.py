"""A refund: a debt to one customer until the money has left, and open again if it comes back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from earnest.core.acts import Act
from earnest.core.changing import replace
from earnest.core.instants import day, instant

OWED, REQUESTED, UNKNOWN, SENT, ARRIVED = "owed", "requested", "unknown", "sent", "arrived"
REFUSED, RETURNED, WAITING = "refused", "returned", "waiting"
UNCLAIMED, TAKEN_BACK, SETTLED = "unclaimed", "taken back", "settled"

#: status -> act -> status; “settled in part” is the act `refund.settled` of less than all of it. Even what
#: arrived can come back, and what nobody claimed is owed; only what was settled or taken back ends.
#: In Stripe's words: pending = requested, requires_action = waiting, succeeded = sent,
#: failed = refused or returned, canceled = refused.
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "": {"refund.owed": OWED},
    OWED: {
        "refund.requested": REQUESTED,
        "refund.held": WAITING,
        "refund.overdue": OWED,
        "refund.settled": SETTLED,
        "settled in part": OWED,
        "cancellation.taken_back": TAKEN_BACK,
    },
    REQUESTED: {
        "refund.unknown": UNKNOWN,
        "refund.sent": SENT,
        "refund.refused": REFUSED,
        "refund.held": WAITING,
        "refund.overdue": REQUESTED,
    },
    UNKNOWN: {
        "refund.sent": SENT,
        "refund.refused": REFUSED,
        "refund.held": WAITING,
        "refund.overdue": UNKNOWN,
    },
    SENT: {"refund.arrived": ARRIVED, "refund.returned": RETURNED, "refund.corrected": SENT},
    ARRIVED: {"refund.returned": RETURNED, "refund.corrected": ARRIVED},
    REFUSED: {
        "refund.owed": OWED,
        "refund.held": WAITING,
        "refund.corrected": REFUSED,
        "refund.settled": SETTLED,
        "settled in part": REFUSED,
    },
    RETURNED: {
        "refund.owed": OWED,
        "refund.held": WAITING,
        "refund.corrected": RETURNED,
        "refund.settled": SETTLED,
        "settled in part": RETURNED,
    },
    WAITING: {
        "refund.owed": OWED,
        "refund.held": WAITING,
        "refund.overdue": WAITING,
        "refund.unclaimed": UNCLAIMED,
        "refund.settled": SETTLED,
        "settled in part": WAITING,
        "cancellation.taken_back": TAKEN_BACK,
    },
    UNCLAIMED: {"refund.owed": OWED},
    TAKEN_BACK: {},
    SETTLED: {},
}

#: Why a refund is held while a network has taken its payment.
DISPUTE: Final = "dispute"
#: Why a refund is held whose holder has died: nobody knows yet whom to pay.
HEIRS: Final = "heirs"
#: Against what a refund is settled that is paid as (a part of) another refund.
INTO: Final = "refund"
#: A part or all of it can be settled by other means than paying.
ON_ACCOUNT: Final = (OWED, WAITING, REFUSED, RETURNED)
#: It was asked for, and nothing has come of it yet.
ASKED_FOR: Final = (REQUESTED, UNKNOWN)
#: The money is still with us, so the customer can still change their mind.
NOT_LEFT: Final = (OWED, WAITING)
#: It is ours to see that the money leaves; what waits, waits for the holder or sits out a hold.
RUNNING: Final = (OWED, REQUESTED, UNKNOWN)
#: It is a debt, wherever it stands.
OPEN: Final = (OWED, REQUESTED, UNKNOWN, WAITING, REFUSED, RETURNED, UNCLAIMED)


@dataclass(frozen=True)
class Refund:
    """One payment, or a part of it, going back. Amounts in minor units of `currency`.

    `payment` and `cause` are the sequence numbers of the deposit and of what caused the refund; `source` is
    the account it was owed from; `due_at` is our promise, `legal_due_at` the law's limit; `from_at` is when
    the worker may send it; `attempt` counts how often it was asked for. `external` was made by somebody in the
    provider's own pages. `settled_minor` of it was settled without paying, and is no part of `amount_minor` any more.
    """

    n: int
    payment: int
    cause: int
    amount_minor: int
    currency: str
    source: str
    status: str
    route: str
    attempt: int
    owed_at: datetime
    due_at: datetime
    legal_due_at: datetime
    from_at: datetime
    account: int | None = None
    why: str = ""
    until: datetime | None = None
    requested_by: str = ""
    sent_at: datetime | None = None
    sent_seq: int | None = None
    arrived_at: datetime | None = None
    reference: str = ""
    #: Deadlines that passed while the money was still here, as acts say it.
    missed: tuple[datetime, ...] = ()
    external: bool = False
    settled_minor: int = 0
    #: The payment order in which it was last asked for; empty where a person paid it by hand.
    order: str = ""
    #: The act by which it is under way, while nothing has come of it. Rows that are older than this field do not have
    #: it, so it is not compared; what came of an asking is compared in the book.
    asked_seq: int | None = field(default=None, compare=False)
    #: What it is of: empty for the principal, `interest`, `surcharge` or `double` for what a text adds; up to that day.
    head: str = ""
    accrued_until: date | None = None
    #: The rule by which it is owed besides the principal; empty for the principal.
    law_rule: str = ""
    #: While it waits for heirs: what it had waited for before, or why it had not arrived; empty where it was owed.
    waited: str = ""

    @property
    def waits_for_heirs(self) -> bool:
        """It is a debt, and nobody knows yet to whom: no delay of the maker's."""
        return (self.status, self.why) == (WAITING, HEIRS)

    @property
    def opened_minor(self) -> int:
        """What it was opened for."""
        return self.amount_minor + self.settled_minor

    @property
    def failed_account(self) -> int | None:
        """The account that could not be paid, while it waits for another; None where none was tried."""
        tried = (self.status, self.why, self.route) == (WAITING, "account", "hand") and self.attempt
        return self.account if tried else None


def move(status: str, act_type: str) -> str:
    """The status after an act. Raises ValueError with the state and the act where the table has no edge."""
    try:
        return TRANSITIONS[status][act_type]
    except KeyError:
        raise ValueError(f"a refund that is “{status}” cannot have {act_type}") from None


def ends(act: Act) -> bool:
    """Whether something has come of an asking: it was posted (`refund.sent`), voided (`refund.refused`, or
    `refund.held` by the provider), or expired (refused as never begun)."""
    return act.type in ("refund.sent", "refund.refused") or (
        act.type == "refund.held" and bool(act.get("entries"))
    )


def opened(act: Act) -> Refund:
    """The refund that a first `refund.owed` opens."""
    return _owed(
        Refund(
            n=act.int("refund"),
            payment=act.int("payment"),
            cause=act.int("cause"),
            amount_minor=act.int("amount_minor"),
            currency=act.text("currency"),
            source=act.text("source"),
            status="",
            route="",
            attempt=0,
            owed_at=act.at,
            due_at=act.at,
            legal_due_at=act.at,
            from_at=act.at,
            head=str(act.get("head") or ""),
            accrued_until=day(act.text("accrued_until")) if act.get("accrued_until") else None,
            law_rule=str(act.get("law_rule") or "") if act.get("head") else "",
        ),
        act,
    )


def fold(refund: Refund, act: Act) -> Refund:
    """The refund after one more act of its own. Raises ValueError for what the table does not allow."""
    if act.type == "refund.owed":
        return _owed(refund, act)
    if act.type == "refund.settled":
        return _settled(refund, act)
    refund = replace(refund, status=move(refund.status, act.type))
    if ends(act):
        refund = replace(refund, asked_seq=None)
    match act.type:
        case "refund.requested":
            return _requested(refund, act)
        case "refund.sent":
            return replace(
                refund,
                reference=act.text("reference"),
                sent_at=instant(act.text("happened_at")),
                sent_seq=act.seq,
                why="",
            )
        case "refund.arrived":
            return replace(refund, arrived_at=instant(act.text("happened_at")))
        case "refund.refused":
            return replace(refund, why=act.text("why"), arrived_at=None)
        case "refund.returned":
            # What came back is no longer in its order: an old word of that order's bank says nothing of it.
            return replace(refund, why=act.text("why"), arrived_at=None, order="")
        case "refund.held":
            return _held(refund, act)
        case "refund.overdue":
            return replace(refund, missed=(*refund.missed, instant(act.text("due_at"))))
        case "refund.unknown":
            return replace(refund, why=act.text("why"))
        case "refund.unclaimed":
            return replace(refund, why="")
        case _:
            return refund


def _requested(refund: Refund, act: Act) -> Refund:
    who, reference, order = act.get("person"), act.get("reference"), act.get("order")
    return replace(
        refund,
        attempt=act.int("attempt"),
        route=act.text("route"),
        requested_by=who if isinstance(who, str) else "",
        external=bool(act.get("external")),
        reference=reference if isinstance(reference, str) else "",
        order=order if isinstance(order, str) else "",
        why="",
        until=None,
        asked_seq=act.seq,
    )


def _held(refund: Refund, act: Act) -> Refund:
    until, why = act.get("until"), act.text("why")
    return replace(
        refund,
        why=why,
        until=instant(until) if isinstance(until, str) else None,
        waited=refund.why if why == HEIRS else "",
    )


def _settled(refund: Refund, act: Act) -> Refund:
    minor = act.int("amount_minor")
    if not 0 < minor <= refund.amount_minor:
        raise ValueError(f"{minor} of a refund of {refund.amount_minor} cannot be settled")
    event = act.type if minor == refund.amount_minor else "settled in part"
    return replace(
        refund,
        status=move(refund.status, event),
        amount_minor=refund.amount_minor - minor,
        settled_minor=refund.settled_minor + minor,
    )


def _owed(refund: Refund, act: Act) -> Refund:
    account = act.get("account")
    return replace(
        refund,
        status=move(refund.status, act.type),
        route=act.text("route"),
        due_at=instant(act.text("due_at")),
        legal_due_at=instant(act.text("legal_due_at")),
        from_at=instant(act.text("from_at")),
        account=account if isinstance(account, int) else None,
        why="",
        until=None,
        waited="",
    )
