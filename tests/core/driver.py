"""Runs commands on one reservation in memory: a world in, a decision out; no database, no clock of its own."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from earnest.book.law_files import packaged
from earnest.core import entries
from earnest.core import reservation as reservations
from earnest.core.acts import Act
from earnest.core.commands.base import Command, Counters, Decision, Policy, World
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.offer import Instalment, Offer, Sale, Text, Variant, Window
from earnest.core.reservation import Reservation, customer_accounts
from earnest.core.rights.law import Law

MAKER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ana"}
OTHER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ben"}
HOLDER: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:0"}
STRIPE: dict[str, Any] = {"by": "provider", "via": "stripe"}
WORKER: dict[str, Any] = {"by": "system", "via": "worker"}
TERMS = Terms(
    "USD",
    (Variant("one", "One", 25_000_000),),
    (Instalment(1, 500_000, "card", 0), Instalment(2, 4_500_000, "transfer", 100)),
    3,
    Window(date(2020, 1, 1), date(2020, 12, 31)),
    Sale("distance", "deposit", False, 0),
    {"en": Text("The car", "A car.", "Terms.")},
)


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]


OPENED, PLACED = at(2017, 11, 16), at(2018, 6, 15)


def opened(terms: Terms = TERMS, when: datetime = OPENED) -> Offer:
    made = OpenOffer(**MAKER, slug="car", terms=terms).decide(World(when, "OFFER")).offer
    assert made is not None
    return made


@dataclass
class Case:
    """One reservation and its offer; `now` is moved by hand. Every act is checked against the ledger."""

    now: datetime = PLACED
    offer: Offer = field(default_factory=opened)
    counters: Counters = field(default_factory=lambda: Counters({}, 0))
    state: Reservation | None = None
    acts: list[Act] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)
    series: dict[str, int] = field(default_factory=dict)
    law: Law = field(default_factory=packaged)

    def do(self, command: Command) -> list[str]:
        """The types of the acts that it came to. Raises Refusal."""
        ref = command.ref()
        world = World(
            self.now,
            "OFFER" if ref.kind == "offer" else "KEY",
            self.policy,
            offer=self.offer,
            counters=self.counters,
            reservation=self.state if ref.kind == "reservation" else None,
            acts=tuple(self.acts),
            series=self.series,
            law=self.law,
        )
        decision = command.decide(world)
        if decision.acts:
            self._accept(ref.kind, decision)
        return [draft.act.type for draft in decision.acts]

    def _accept(self, kind: str, decision: Decision) -> None:
        self.offer = decision.offer or self.offer
        self.counters = decision.counters or self.counters
        self.series.update(decision.series)
        self.duties += [duty.key for duty in decision.duties]
        if kind == "reservation":
            assert decision.reservation is not None
            self.state = decision.reservation
            self.acts += [draft.act for draft in decision.acts]
            self.check()

    def check(self) -> None:
        """The ledger holds what the reservation says, never below zero; folding again gives the same."""
        balances: dict[tuple[str, str], int] = {}
        folded = None
        for act in self.acts:
            for entry in entries.from_text(str(act.get("entries") or "")):
                for account, side in ((entry.credit, entries.CREDIT), (entry.debit, entries.DEBIT)):
                    owner = entries.customer_class(account)
                    if owner:
                        slot = (owner[1], entry.currency)
                        change = entries.signed(account, side, entry.amount_minor)
                        balances[slot] = balances.get(slot, 0) + change
                        assert balances[slot] >= 0, (act, balances)
            folded = reservations.fold(folded, act, key="KEY", number="N")
        assert folded == self.state
        assert {slot: minor for slot, minor in balances.items() if minor} == customer_accounts(self.held)

    @property
    def held(self) -> Reservation:
        assert self.state is not None
        return self.state

    def later(self, **delta: int) -> "Case":
        self.now += timedelta(**delta)
        return self

    # --- what people do

    def place(self, quantity: int = 1, **changed: Any) -> "Case":
        given: dict[str, Any] = {
            "number": "N",
            "slug": "car",
            "variant": "one",
            "quantity": quantity,
            "name": "Ada Moreau",
            "email": "ada@example.org",
            "residence": "FR",
            "language": "en",
        }
        self.do(Place(**HOLDER, **{**given, **changed}))
        return self

    def pay(
        self, minor: int = 500_000, rail: str = "card", currency: str = "USD", reference: str = ""
    ) -> list[str]:
        said = reference or f"{rail}-{len(self.acts)}"
        by = STRIPE if rail == "card" else MAKER
        return self.do(ReceiveDeposit(**by, number="N", paid=Paid(rail, minor, currency, said, self.now)))

    def cancel(self, quantity: int = 0, **who: Any) -> list[str]:
        return self.do(Cancel(**{**HOLDER, **who}, number="N", quantity=quantity))

    def account(self, holder: str = "Ada Moreau", iban: str = "DE89370400440532013000") -> list[str]:
        self.do(GiveAccount(**HOLDER, number="N", holder=holder, iban=iban))
        return self.do(ConfirmAccount(**HOLDER, number="N", account=len(self.held.accounts)))


def with_policy(**changed: Any) -> Policy:
    return replace(Policy(), **changed)
