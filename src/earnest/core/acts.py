"""The vocabulary: every kind of act that can happen, in one literal table.

An act's name, fields and meaning are hashed, signed and published, so a row is never changed: what must differ
is a new version, a new row. `docs/acts.md` is printed from this table and a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

#: Classes of personal data; each has its own key per person, and erasing is destroying that key.
#: `money` also holds the terms of the contract, which bookkeeping law keeps.
CLASSES: Final = ("identity", "contact", "bank", "money", "text")

#: Who an act can be said by. Who exactly, and through which door, are the fields `person` and `via`.
SPEAKERS: Final = ("customer", "maker", "provider", "bank", "court", "system")

type_ = type
Value = str | int | bool | list[object] | dict[str, object]


class Erased:
    """Stands where a value was whose key has been destroyed."""

    _only: "Erased | None" = None

    def __new__(cls) -> "Erased":
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "ERASED"

    def __bool__(self) -> bool:
        return False


ERASED: Final = Erased()


class Cite(NamedTuple):
    """Points at an act of another subject: the offer version that was shown, the slip that was told."""

    kind: str
    number: str
    seq: int


@dataclass(frozen=True)
class Act:
    """Something that happened to one subject, for ever. `seq` counts from 0; `at` is when it was committed."""

    seq: int
    at: datetime
    type: str
    version: int
    by: str
    fields: Mapping[str, "Value | Erased"]
    cites: tuple[Cite, ...] = ()

    def get(self, name: str) -> "Value | Erased | None":
        """The field's value, ERASED, or None where the act does not carry it."""
        return self.fields.get(name)

    def text(self, name: str) -> str:
        """A field that is never erased while it is needed. Raises KeyError or TypeError otherwise."""
        value = self.fields[name]
        if not isinstance(value, str):
            raise TypeError(f"{self.type}.{name} is {value!r}, not text")
        return value

    def int(self, name: str) -> int:
        """As `text`, for whole numbers."""
        value = self.fields[name]
        if not isinstance(value, int):
            raise TypeError(f"{self.type}.{name} is {value!r}, not a whole number")
        return value


class Field(NamedTuple):
    """One field: its kind of value, the class of personal data it belongs to, and whether it must be there."""

    name: str
    kind: str
    cls: str
    required: bool = True


@dataclass(frozen=True)
class ActType:
    """One row of the table."""

    type: str
    subject: str
    by: tuple[str, ...]
    fields: tuple[Field, ...]
    version: int = 1
    cites: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, if the row has one."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in reversed(self.fields)}


_KINDS: Final[dict[str, tuple[type_, ...]]] = {
    "text": (str,),
    "code": (str,),
    "instant": (str,),
    "date": (str,),
    "hash": (str,),
    "int": (int,),
    "minor": (int,),
    "bool": (bool,),
    "list": (list,),
    "map": (dict,),
}


def _fields(cls: str, described: str) -> tuple[Field, ...]:
    """`"name:kind name?:kind"` -> fields of one class; a question mark makes one optional."""
    rows = []
    for part in described.split():
        name, kind = part.split(":")
        if kind not in _KINDS:
            raise ValueError(f"unknown kind {kind}")
        rows.append(Field(name.rstrip("?"), kind, cls, not name.endswith("?")))
    return tuple(rows)


def money(described: str) -> tuple[Field, ...]:
    """Fields kept as long as bookkeeping law asks: sums and the terms of the contract."""
    return _fields("money", described)


def identity(described: str) -> tuple[Field, ...]:
    """Fields that say who a person is."""
    return _fields("identity", described)


def contact(described: str) -> tuple[Field, ...]:
    """Fields by which a person is reached."""
    return _fields("contact", described)


def bank(described: str) -> tuple[Field, ...]:
    """Fields of a bank account."""
    return _fields("bank", described)


def free(described: str) -> tuple[Field, ...]:
    """Free text, which may name anybody."""
    return _fields("text", described)


#: Through which door, and who exactly (`holder:0`, `operator:ana`, `worker`); on every act.
_WHO = money("via:code person?:text")
_MOVES = money("entries:text")
_REFUND = money("refund:int")

_ROWS: Final = (
    # --- the book itself
    ActType("book.opened", "operator", ("maker", "system"), money("mode:code origin:text")),
    ActType(
        "book.succeeded",
        "operator",
        ("maker",),
        money("was:text name:text kind:code note:text"),
    ),
    ActType("keys.introduced", "keys", ("system",), money("role:code vkey:text")),
    # `note`: signed by the key that was, and by the one that takes over from it.
    ActType("keys.introduced", "keys", ("system",), money("role:code vkey:text note?:text"), version=2),
    ActType("keys.retired", "keys", ("system",), money("role:code vkey:text why:code")),
    # --- the law as this book applies it. `percent` is a list of {category, percent}, per cent a year as decimal text;
    # `corrects` is the act that entered these days before, and entered them wrongly.
    ActType(
        "law.rate_entered",
        "law",
        ("maker",),
        money("rates:code first_day:date last_day:date percent:list reference:text corrects?:int"),
    ),
    # --- a provider of payments: what concerns no single reservation; amounts are signed where they can be
    ActType(
        "fee.charged",
        "provider",
        ("provider",),
        money("transaction:text amount_minor:minor currency:code kind:code happened_at:instant") + _MOVES,
    ),
    ActType(
        "payout.made",
        "provider",
        ("provider",),
        money("transaction:text payout:text amount_minor:minor currency:code arrives?:date")
        + money("happened_at:instant")
        + _MOVES,
    ),
    ActType(
        "payout.returned",
        "provider",
        ("provider",),
        money("transaction:text payout:text amount_minor:minor currency:code happened_at:instant") + _MOVES,
    ),
    ActType(
        "funds.added",
        "provider",
        ("provider",),
        money("transaction:text amount_minor:minor currency:code happened_at:instant") + _MOVES,
    ),
    ActType(
        "currency.exchanged",
        "provider",
        ("provider",),
        money("transaction:text given_minor:minor given:code got_minor:minor got:code happened_at:instant")
        + _MOVES,
    ),
    # --- what is owed to customers against what is held, up to the checkpoint of seal `seal`: its size, its root `log`,
    # when it was made; `tree` is the root of a sum tree of that depth, `sums` the accounts (`record/reserves.py`)
    ActType(
        "reserves.stated",
        "reserves",
        ("maker", "system"),
        money("seal:int size:int log:hash at:instant tree:hash depth:int sums:map"),
    ),
    # --- an account of ours at a bank, as its statements tell it; `entry` is the digest by which one is known again
    ActType(
        "statement.imported",
        "bank",
        ("bank",),
        money("file:hash n:int kind:code statement:text account:text count:int booked_minor:minor")
        + money("opening_minor?:minor closing_minor?:minor currency?:code until?:date"),
    ),
    # `again` is the credit that this was before it was to be sent back, and was not.
    ActType(
        "credit.unmatched",
        "bank",
        ("bank", "maker"),
        money("entry:hash amount_minor:minor currency:code reference:text happened_at:instant")
        + money("returned?:code again?:int")
        + identity("name?:text")
        + bank("iban?:text")
        + free("words?:list")
        + _MOVES,
    ),
    ActType("credit.assigned", "bank", ("bank", "maker"), money("credit:int shares:list") + free("why:text")),
    # It is the maker's own: `account` of the chart is where it came from.
    ActType(
        "credit.explained",
        "bank",
        ("maker",),
        money("credit:int amount_minor:minor currency:code account:code") + free("why:text") + _MOVES,
    ),
    ActType(
        "credit.return_requested",
        "bank",
        ("maker",),
        money("credit:int amount_minor:minor currency:code") + free("why:text") + _MOVES,
    ),
    ActType(
        "credit.returned",
        "bank",
        ("maker",),
        money("credit:int request:int amount_minor:minor currency:code reference:text happened_at:instant")
        + _MOVES,
    ),
    # --- a payment order, refunds in one file for our bank; `transfers` are [end-to-end id, account, amount_minor]
    ActType(
        "order.prepared",
        "order",
        ("maker",),
        money("name:text iban:text bic?:text currency:code count:int total_minor:minor execute_on:date")
        + money("transfers:list"),
    ),
    # `second`: why it took another operator, where it did.
    ActType("order.released", "order", ("maker",), money("second?:code")),
    # A bank's answer to the file (pain.002); what it means for each refund stands there.
    ActType(
        "order.answered",
        "order",
        ("bank",),
        money("file:hash message:text status?:code why?:code refused:int"),
    ),
    ActType("order.withdrawn", "order", ("maker",), free("why:text")),
    # --- a statement by which somebody withdraws from a contract; `contract` and the rest are what they wrote.
    # `outcome`: `carried-out`, `over` (that contract had ended, or was delivered) or `unmatched` (number and address
    # fit nothing); then `seen-to`, by the maker, who says how.
    ActType(
        "withdrawal.stated",
        "withdrawal",
        ("customer",),
        money("language:code") + identity("name:text contract:text") + contact("email:text"),
    ),
    ActType(
        "withdrawal.answered", "withdrawal", ("system", "maker"), money("outcome:code") + free("why?:text")
    ),
    # `number`: the reservation that it reached, whose data it follows when that is erased.
    ActType(
        "withdrawal.answered",
        "withdrawal",
        ("system", "maker"),
        money("outcome:code number?:text") + free("why?:text"),
        version=2,
    ),
    # As `erasure.done`: the key of a class of this statement is destroyed, and with it the fields that are named.
    ActType(
        "withdrawal.erased", "withdrawal", ("maker", "system"), money("class:code ground:code erased:map")
    ),
    # --- an offer's queue, whenever the log is sealed and something moved
    ActType("queue.tallied", "queue", ("system",), money("given:int living:int root:hash")),
    # --- an offer: what its maker did. `sale` has the members of `offer.Sale`; those that came later only where they
    # say something else than what was understood before.
    ActType(
        "offer.opened",
        "offer",
        ("maker",),
        money("version:int currency:code variants:list plan:list capacity:int sale:map timezone:code")
        + money("from:date until:date")
        + money("from:date until:date")
        + free("texts:map"),
    ),
    ActType(
        "offer.revised",
        "offer",
        ("maker",),
        money("version:int currency:code variants:list plan:list capacity:int sale:map timezone:code")
        + money("from:date until:date")
        + money("from:date until:date")
        + free("texts:map why?:text"),
    ),
    ActType("offer.paused", "offer", ("maker",), free("why?:text")),
    ActType("offer.resumed", "offer", ("maker",), free("why?:text")),
    ActType("offer.closed", "offer", ("maker",), free("why?:text")),
    ActType("promise.made", "offer", ("maker",), money("from:date until:date")),
    ActType(
        "promise.slipped",
        "offer",
        ("maker",),
        money("was_from:date was_until:date from:date until:date") + free("why:text"),
    ),
    # Without `from` and `until` there is no new date. `proven_by`: what kind of proof the maker has of the reason.
    ActType(
        "promise.slipped",
        "offer",
        ("maker",),
        money("was_from:date was_until:date from?:date until?:date proven_by:code") + free("why:text"),
        version=2,
    ),
    # Many reservations of an offer are given up at once: all that live, up to a place in the queue, or those named.
    # `totals` is what was held for them when it was proposed: a list of {currency, amount_minor}. `numbers` are other
    # people's: no holder's story opens them.
    ActType(
        "giveup.proposed",
        "offer",
        ("maker",),
        money("reservations:int totals:list upto:int") + identity("numbers?:list") + free("why:text"),
    ),
    ActType("giveup.confirmed", "offer", ("maker",), money("giveup:int reservations:int totals:list")),
    ActType("giveup.withdrawn", "offer", ("maker",), money("giveup:int")),
    # --- a reservation
    ActType(
        "reservation.placed",
        "reservation",
        ("customer", "maker"),
        money("offer:code version:int variant:code quantity:int queue:int hold_until:instant")
        + money("price_minor:minor currency:code tax_rate_bp:int plan:list from:date until:date")
        + money("terms_hash:hash terms_language:code residence:code consumer:bool channel:code")
        + money("deposit_kind:code made_to_specification:bool rail:code")
        + identity("name:text vat_number?:text")
        + contact("email:text language:code"),
        cites="the act of the offer that opened or revised the version shown",
    ),
    ActType("reservation.confirmed", "reservation", ("system",), money("why:code")),
    ActType("reservation.lapsed", "reservation", ("system", "maker"), money("why:code quantity:int")),
    ActType(
        "reservation.amended",
        "reservation",
        ("customer",),
        money("version:int price_minor:minor tax_rate_bp:int plan:list from:date until:date")
        + money("terms_hash:hash terms_language:code"),
        cites="the act of the offer that made the version accepted",
    ),
    # It is offered to somebody else. `means`: what its holder paid may still go back to where it came from.
    ActType(
        "reservation.holder_offered",
        "reservation",
        ("customer",),
        money("until:instant means:bool") + contact("to:text to_language:code"),
    ),
    ActType("reservation.holder_offer_ended", "reservation", ("customer",), money("offered:int why:code")),
    # Sealed under the keys of `holder`, who has it from here on. `offered`: the act of the offer; `means`: both agree.
    ActType(
        "reservation.holder_changed",
        "reservation",
        ("customer",),
        money("offered:int holder:int residence:code consumer:bool means:bool")
        + identity("name:text vat_number?:text")
        + contact("email:text language:code"),
    ),
    # `named`: the act by which an operator said who follows, and `right` by what right; nobody offered it.
    ActType(
        "reservation.holder_changed",
        "reservation",
        ("customer", "maker"),
        money("offered?:int named?:int right?:code holder:int residence:code consumer:bool means:bool")
        + identity("name:text vat_number?:text")
        + contact("email:text language:code"),
        version=2,
    ),
    # `told_by`: bank, relative, notary, authority or other; `refund`: whose return said it.
    ActType(
        "reservation.holder_died",
        "reservation",
        ("provider", "bank", "maker"),
        money("told_by:code refund?:int") + free("why?:text"),
    ),
    # The holder lives. `said`: the act that was wrong.
    ActType("reservation.death_corrected", "reservation", ("maker",), money("said:int") + free("why?:text")),
    # Who follows by law, as one operator has seen it proved; another confirms it by `reservation.holder_changed`.
    ActType(
        "reservation.successor_named",
        "reservation",
        ("maker",),
        money("right:code proof:code residence:code consumer:bool")
        + identity("name:text vat_number?:text")
        + contact("email:text language:code")
        + free("seen:text"),
    ),
    ActType("reservation.released", "reservation", ("system",), money("cause:int quantity:int why:code")),
    ActType("reservation.converted", "reservation", ("maker",), money("sale:text") + _MOVES),
    ActType("reservation.delivered", "reservation", ("maker",), money("happened_at:instant")),
    ActType(
        "promise.told",
        "reservation",
        ("system",),
        money("slip:int was_from:date was_until:date from:date until:date") + free("why:text"),
        cites="the slip",
    ),
    # `choices`: what the holder may answer; `silence`: what saying nothing until `answer_by` means (nothing, consent or
    # cancelled), by `law_rule` of the law whose digest is `law`.
    ActType(
        "promise.told",
        "reservation",
        ("system",),
        money("slip:int was_from:date was_until:date from?:date until?:date")
        + money("choices:list silence:code answer_by?:instant law_rule?:code law?:hash")
        + free("why:text"),
        version=2,
        cites="the slip",
    ),
    ActType("promise.answered", "reservation", ("customer",), money("slip:int answer:code")),
    # `silent`: nobody answered, and this is what that means.
    ActType(
        "promise.answered",
        "reservation",
        ("customer", "system"),
        money("slip:int answer:code silent?:bool"),
        version=2,
    ),
    ActType(
        "deposit.asked",
        "reservation",
        ("customer", "system"),
        money("ask:int instalment:int amount_minor:minor currency:code rail:code due_at:instant")
        + money("hold_until?:instant"),
    ),
    ActType(
        "deposit.received",
        "reservation",
        ("provider", "bank", "maker"),
        money("rail:code amount_minor:minor currency:code reference:text happened_at:instant imported?:bool")
        + _MOVES,
    ),
    # It came twice and was not asked for: it goes back (`refund.owed` says how), and nothing ends.
    ActType(
        "deposit.given_back",
        "reservation",
        ("maker",),
        money("payment:int amount_minor:minor currency:code") + free("why?:text"),
    ),
    ActType(
        "cancellation.requested",
        "reservation",
        ("customer", "maker", "court"),
        money("quantity:int due_at:instant") + free("why?:text"),
    ),
    # `by_right`: where it is said, `withdrawal` (act `cause` received it), `slip` (act `cause` told it) or `resolution`
    # (act `cause` was the formal notice, where one was needed).
    ActType(
        "cancellation.requested",
        "reservation",
        ("customer", "maker", "court", "system"),
        money("quantity:int due_at:instant by_right?:code cause?:int") + free("why?:text"),
        version=2,
    ),
    # Statement `statement` reached this reservation; it counts from when it was made.
    ActType(
        "withdrawal.received",
        "reservation",
        ("customer",),
        money("statement:code stated_at:instant"),
    ),
    # The holder sets the maker an extra time for what was promised for `promised_on`, by `law_rule` of the law whose
    # digest is `law`. `received_on`: when the maker had it; of a paper, as they write it down.
    ActType(
        "notice.received",
        "reservation",
        ("customer", "maker"),
        money("received_on:date promised_on:date extra_time_ends_on:date law_rule:code law:hash"),
    ),
    # A letter of the table `core/letters/kinds.py`, whose figures are those of `dated_on`; it goes to the other side.
    ActType(
        "letter.sent",
        "reservation",
        ("customer", "maker"),
        money("letter:code language:code dated_on:date law:hash"),
    ),
    ActType(
        "maker.gave_up",
        "reservation",
        ("maker",),
        money("quantity:int due_at:instant") + free("why:text"),
    ),
    # `giveup`: the proposal, by its number on the offer, where many were given up at once.
    ActType(
        "maker.gave_up",
        "reservation",
        ("maker",),
        money("quantity:int due_at:instant giveup?:int") + free("why:text"),
        version=2,
        cites="the act of the offer that confirmed it, where many were given up at once",
    ),
    ActType(
        "cancellation.taken_back",
        "reservation",
        ("customer",),
        money("cause:int refunds:list") + _MOVES,
    ),
    ActType(
        "refund.owed",
        "reservation",
        ("system",),
        _REFUND
        + money("amount_minor:minor currency:code payment:int cause:int route:code source:code")
        + money("due_at:instant legal_due_at:instant from_at:instant account?:int entries?:text"),
    ),
    # `why`: why it does not go back the way it came, where that is so from the start.
    ActType(
        "refund.owed",
        "reservation",
        ("system",),
        _REFUND
        + money("amount_minor:minor currency:code payment:int cause:int route:code source:code")
        + money("due_at:instant legal_due_at:instant from_at:instant account?:int entries?:text why?:code"),
        version=2,
    ),
    # `receivable_minor` of it was paid back, by somebody else, beyond what was here.
    ActType(
        "refund.owed",
        "reservation",
        ("system",),
        _REFUND
        + money("amount_minor:minor currency:code payment:int cause:int route:code source:code")
        + money("due_at:instant legal_due_at:instant from_at:instant account?:int receivable_minor?:minor")
        + money("entries?:text why?:code"),
        version=3,
    ),
    # `law`: the digest of rules, rates and calendars as they were; `law_rule`: by which the limit was found, or, where
    # `head` says that it is no principal (`interest`, `surcharge`, `double`), by which it is owed, up to that day.
    ActType(
        "refund.owed",
        "reservation",
        ("system",),
        _REFUND
        + money("amount_minor:minor currency:code payment:int cause:int route:code source:code")
        + money("due_at:instant legal_due_at:instant from_at:instant account?:int receivable_minor?:minor")
        + money("entries?:text why?:code law?:hash law_rule?:code head?:code accrued_until?:date"),
        version=4,
    ),
    ActType(
        "refund.requested",
        "reservation",
        ("system", "maker"),
        _REFUND + money("attempt:int route:code") + _MOVES,
    ),
    # `external`: made by somebody in the provider's own pages, and only heard of here; `reference` is then its name.
    ActType(
        "refund.requested",
        "reservation",
        ("system", "maker", "provider"),
        _REFUND + money("attempt:int route:code external?:bool reference?:text") + _MOVES,
        version=2,
    ),
    # `order`: the payment order that it is in, and the id by which the bank gives it back.
    ActType(
        "refund.requested",
        "reservation",
        ("system", "maker", "provider"),
        _REFUND
        + money("attempt:int route:code external?:bool reference?:text order?:code end_to_end?:text")
        + _MOVES,
        version=3,
    ),
    ActType("refund.unknown", "reservation", ("system",), _REFUND + money("attempt:int why:code")),
    ActType(
        "refund.sent",
        "reservation",
        ("provider", "maker", "bank"),
        _REFUND + money("attempt:int route:code reference:text happened_at:instant") + _MOVES,
    ),
    ActType(
        "refund.refused",
        "reservation",
        ("provider", "maker", "bank", "system"),
        _REFUND + money("attempt:int route:code why:code happened_at:instant") + _MOVES,
    ),
    ActType(
        "refund.arrived",
        "reservation",
        ("provider", "bank", "maker", "customer"),
        _REFUND + money("attempt:int reference?:text happened_at:instant"),
    ),
    ActType(
        "refund.returned",
        "reservation",
        ("provider", "bank", "maker"),
        _REFUND + money("attempt:int route:code why:code happened_at:instant") + _MOVES,
    ),
    ActType("refund.corrected", "reservation", ("system",), _REFUND + money("said:int why:code")),
    ActType(
        "refund.held",
        "reservation",
        ("system", "provider", "maker"),
        _REFUND + money("why:code until?:instant entries?:text"),
    ),
    ActType("refund.unclaimed", "reservation", ("maker",), _REFUND + _MOVES),
    # `limit`: `promise`, our own, or `law`; `due_at` is the deadline that passed while the money was still here.
    ActType("refund.overdue", "reservation", ("system",), _REFUND + money("limit:code due_at:instant")),
    # `against`: an account (the network or the bank has paid it, or the holder owed as much), or the refund `into`
    # which it went. `payment` is the one whose receivable it is set off against.
    ActType(
        "refund.settled",
        "reservation",
        ("system",),
        _REFUND
        + money("amount_minor:minor currency:code against:code")
        + money("dispute?:int payment?:int into?:int entries?:text"),
    ),
    # `deposit_minor` came out of the deposit, `receivable_minor` had been paid back already and is owed by the holder;
    # the rest is told by `refund.settled`.
    ActType(
        "deposit.reversed",
        "reservation",
        ("provider", "bank", "maker"),
        money("payment:int amount_minor:minor currency:code deposit_minor:minor receivable_minor:minor")
        + money("rail:code reference:text why:code happened_at:instant")
        + _MOVES,
    ),
    # A transfer that was booked wrongly: what it should have been, and `moved_to`, the reservation that it is of, where
    # that is another. `right_minor` is zero for money that never came.
    ActType(
        "correction.proposed",
        "reservation",
        ("maker",),
        money("payment:int amount_minor:minor right_minor:minor currency:code moved_to?:text")
        + free("why:text"),
    ),
    ActType("correction.withdrawn", "reservation", ("maker",), money("proposal:int")),
    # As `deposit.reversed`; what of it is of another reservation stands on `bank-unmatched` until it is booked there.
    ActType(
        "deposit.corrected",
        "reservation",
        ("maker",),
        money("payment:int amount_minor:minor currency:code deposit_minor:minor receivable_minor:minor")
        + money("right_minor:minor rail:code reference:text moved_to?:text proposal?:int")
        + free("why:text")
        + _MOVES,
    ),
    ActType(
        "dispute.warned",
        "reservation",
        ("provider",),
        money("dispute:int payment:int reference:text amount_minor:minor currency:code reason:code")
        + money("happened_at:instant"),
    ),
    # Without entries the bank only asks (an inquiry); with them the network has taken the money.
    ActType(
        "dispute.opened",
        "reservation",
        ("provider",),
        money("dispute:int payment:int reference:text amount_minor:minor currency:code reason:code")
        + money("happened_at:instant due_at?:instant entries?:text"),
    ),
    ActType(
        "dispute.answered",
        "reservation",
        ("maker", "provider"),
        money("dispute:int evidence?:hash happened_at:instant"),
    ),
    ActType(
        "dispute.closed",
        "reservation",
        ("provider",),
        money("dispute:int outcome:code deposit_minor?:minor receivable_minor?:minor")
        + money("happened_at:instant entries?:text"),
    ),
    ActType(
        "account.given",
        "reservation",
        ("customer", "maker"),
        money("account:int") + bank("holder:text scheme:code number:text routing?:text country:code"),
    ),
    # Verification of payee: match, close-match, no-match or not-available, as the bank of the holder says.
    ActType("account.verified", "reservation", ("bank",), money("account:int answer:code")),
    ActType(
        "account.confirmed",
        "reservation",
        ("customer",),
        money("account:int channel:code name_matches:bool"),
    ),
    ActType(
        "mail.sent",
        "reservation",
        ("system",),
        money("template:code message_id:text sha256:hash") + contact("to:text"),
    ),
    ActType(
        "maker.succeeded",
        "reservation",
        ("system",),
        money("succession:int was:text name:text kind:code"),
        cites="the act of the book that says so",
    ),
    # Where the holder's invoices are made out to, in the country of residence; of those that are issued from then on.
    ActType(
        "address.given",
        "reservation",
        ("customer", "maker"),
        identity("street:text street_more?:text postcode?:text city:text"),
    ),
    # An invoice or credit note: number `no` of the yearly `series`. `of`: what it corrects or deducts. `rule`: by which
    # tax on a deposit is due when it is received. `sales_tax_minor` (signed) left `sales` for tax.
    ActType(
        "invoice.issued",
        "reservation",
        ("system", "maker"),
        money("series:code year:int no:int on:date gross_minor:minor tax_minor:minor tax_rate_bp:int")
        + money("currency:code quantity:int paid_minor:minor payment?:int of?:list rule?:code")
        + money("deducted_minor?:minor deducted_tax_minor?:minor sales_tax_minor?:minor entries?:text"),
    ),
    ActType("restriction.set", "reservation", ("customer", "maker", "court"), money("why:code")),
    ActType("restriction.lifted", "reservation", ("customer", "maker", "court"), money("why:code")),
    ActType("erasure.done", "reservation", ("customer", "maker"), money("class:code ground:code erased:map")),
    # `holder`: whose, where more than one has held the reservation; 0 is the first.
    ActType(
        "erasure.done",
        "reservation",
        ("customer", "maker"),
        money("class:code ground:code erased:map holder?:int"),
        version=2,
    ),
)

#: (type, version) -> row; the fold reads all versions for ever.
TYPES: Final[dict[tuple[str, int], ActType]] = {
    (row.type, row.version): ActType(row.type, row.subject, row.by, row.fields + _WHO, row.version, row.cites)
    for row in _ROWS
}

#: Acts that destroy the key of a class, and say which fields went.
ERASURES: Final = ("erasure.done", "withdrawal.erased")

#: The version that is written today.
CURRENT: Final[dict[str, int]] = {row.type: max(v for t, v in TYPES if t == row.type) for row in _ROWS}


def field_class(type: str, version: int, name: str) -> str:
    """The class of personal data that a field belongs to. Raises KeyError for a field that does not exist."""
    field = TYPES[type, version].field(name)
    if field is None:
        raise KeyError(f"{type} version {version} has no field {name}")
    return field.cls


def check(act: Act, subject: str) -> None:
    """Hold an act about to be written against its row. Raises ValueError: that is a fault in our code."""
    row = TYPES.get((act.type, act.version))
    if row is None or row.subject != subject:
        raise ValueError(f"no act {act.type} version {act.version} on a subject of kind {subject}")
    if act.by not in row.by:
        raise ValueError(f"{act.type} cannot be said by {act.by}")
    for name, value in act.fields.items():
        field = row.field(name)
        if field is None:
            raise ValueError(f"{act.type} has no field {name}")
        if not isinstance(value, _KINDS[field.kind]) or (field.kind != "bool" and isinstance(value, bool)):
            raise ValueError(f"{act.type}.{name} is not of kind {field.kind}: {value!r}")
    missing = [field.name for field in row.fields if field.required and field.name not in act.fields]
    if missing:
        raise ValueError(f"{act.type} lacks {', '.join(missing)}")
