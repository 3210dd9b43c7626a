"""A person's data is erased by class: the key is destroyed, and the act says which fields went."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from earnest.core.acts import CLASSES, Act, Erased, field_class
from earnest.core.commands.base import NOTHING, Chapter, Command, Decision, Ref, World
from earnest.core.instants import text
from earnest.core.refusals import Invalid, Missing, Refused
from earnest.core.reservation import CANCELLED, DELIVERED, LAPSED, Reservation, customer_accounts

#: GDPR art. 17(1): the person asks, or the purpose is over.
GROUNDS: Final = ("asked", "purpose-over")
#: Code de la consommation, art. D213-1 (cents) and D213-2 (years).
CONTRACT_MINOR: Final = 12_000
CONTRACT_YEARS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Erase(Command):
    """`cls` is one of the classes of personal data; `ground` why; `holder` whose (0 the first, None: the present)."""

    number: str
    cls: str
    ground: str = "asked"
    holder: int | None = None
    wants_acts: ClassVar[bool] = True

    def ref(self) -> Ref:
        """The reservation."""
        return Ref("reservation", self.number)

    def decide(self, world: World) -> Decision:
        """Refused while it is needed: the reservation lives, money is owed, or bookkeeping law keeps it."""
        state = world.the_reservation()
        if self.cls not in CLASSES or self.ground not in GROUNDS:
            raise Invalid("class", "A class is one of %(classes)s.", classes=", ".join(CLASSES))
        holder = state.holder if self.holder is None else self.holder
        if not 0 <= holder <= state.holder:
            raise Missing("no-holder", "The reservation has had no such holder.")
        if self.cls in (state.erased if holder == state.holder else state.earlier[holder].erased):
            return NOTHING
        self._check_may(world, state, holder)
        since, until = state.span(holder)
        gone = {str(act.seq): names for act in world.acts[since:until] if (names := names_of(act, self.cls))}
        chapter = Chapter(self, world)
        chapter.say(
            "erasure.done",
            class_=self.cls,
            ground=self.ground,
            erased=gone,
            holder=holder if state.earlier else None,
        )
        if any(since <= each.seq < until for each in state.withdrawals):
            # What they stated when they withdrew goes with it.
            chapter.duty("erase_statements", f"{holder}/{self.cls}", ground=self.ground)
        return chapter.decision()

    def _check_may(self, world: World, state: Reservation, holder: int) -> None:
        if state.restricted:
            since = [act.at for act in world.acts if act.type == "restriction.set"]
            raise Refused(
                "restricted",
                "Nothing of it is erased while it is disputed (%(why)s, since %(since)s; GDPR, art. 18).",
                why=state.restricted,
                since=text(since[-1] if since else world.now),
            )
        if self.cls == "money":
            raise self._kept_money(world, state)
        # Whoever has passed it on has no more part in what goes on.
        alive = state.status not in (LAPSED, CANCELLED, DELIVERED)
        if holder == state.holder and (alive or state.owed_back() or customer_accounts(state)):
            raise Refused(
                "still-needed",
                "The reservation lives or money is owed (%(at)s): this is still needed.",
                at=text(world.now),
            )
        until = contract_kept_until(state) if self.cls == "identity" else None
        if until and world.now.date() < until:
            raise Refused(
                "kept-by-law",
                "The contract is kept until %(until)s, and with it whose it is (Code de la consommation, art. L213-1).",
                until=until.isoformat(),
            )
        invoiced = invoices_kept_until(state, holder) if self.cls == "identity" else None
        if invoiced and world.now.date() <= invoiced:
            raise Refused(
                "kept-by-law",
                "Invoices are kept until %(until)s, and with them whose they are (Code de commerce, art. L123-22).",
                until=invoiced.isoformat(),
            )

    def _kept_money(self, world: World, state: Reservation) -> Refused:
        last = world.acts[-1].at if world.acts else state.placed_at
        until = kept_until(last, world.policy.record_kept_years)
        if world.now.date() <= until:
            return Refused(
                "kept-by-law",
                "Bookkeeping law keeps this until %(until)s (Code de commerce, art. L123-22).",
                until=until.isoformat(),
            )
        return Refused(
            "kept-whole",
            "Sums and terms stay: without the other classes they name nobody, and the books would not add up.",
        )


def names_of(act: Act, cls: str) -> list[str]:
    """The fields of an act that belong to a class and are still known."""
    return sorted(
        name
        for name, value in act.fields.items()
        if not isinstance(value, Erased) and field_class(act.type, act.version, name) == cls
    )


def kept_until(last: datetime, years: int) -> date:
    """The end of the accounting year (a calendar year here) `years` after the last act's."""
    return date(last.year + years, 12, 31)


def invoices_kept_until(state: Reservation, holder: int) -> date | None:
    """The last day on which bookkeeping law asks whose a holder's documents are; None where they have none."""
    years = [each.on.year for each in state.invoices_of(holder)]
    return date(max(years) + CONTRACT_YEARS, 12, 31) if years else None


def contract_kept_until(state: Reservation) -> date | None:
    """Ten years from delivery, for a contract of 120 euros or more; None for what was not delivered.

    Code de la consommation, art. L213-1, D213-1 and D213-2, an obligation in the sense of GDPR art. 17(3)(b). In
    another currency, where the threshold is not known, it is taken as reached.
    """
    if state.delivered_at is None:
        return None
    if state.currency == "EUR" and state.price_minor * state.quantity < CONTRACT_MINOR:
        return None
    delivered = state.delivered_at.date()
    leap_day = (delivered.month, delivered.day) == (2, 29)
    return date(
        delivered.year + CONTRACT_YEARS, 3 if leap_day else delivered.month, 1 if leap_day else delivered.day
    )
