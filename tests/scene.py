"""A small book for tests, told by commands as everything else is. Import the fixture `book` where it is needed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from earnest.book import beginning, clock, door, duties, ids, keys, mode, reads
from earnest.core.commands.base import Command
from earnest.core.commands.cancel import Cancel
from earnest.core.commands.give_account import ConfirmAccount, GiveAccount
from earnest.core.commands.open_offer import OpenOffer, Terms
from earnest.core.commands.pass_on import ChangeHolder, OfferHolder
from earnest.core.commands.place import Place
from earnest.core.commands.receive_deposit import Paid, ReceiveDeposit
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.offer import Instalment, Sale, Text, Variant, Window
from earnest.core.refusals import Refusal
from earnest.core.reservation import Reservation

ORIGIN = "tests.example"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAKER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ana"}
OTHER: dict[str, Any] = {"by": "maker", "via": "console", "person": "operator:ben"}
HOLDER: dict[str, Any] = {"by": "customer", "via": "portal", "person": "holder:0"}
IBAN = "FR1420041010050500013M02606"
TERMS: dict[str, Any] = {
    "currency": "EUR",
    "variants": (Variant("one", "The one", 10_000_000), Variant("two", "The other", 12_000_000, 2)),
    "plan": (Instalment(1, 500_000, "card", 0), Instalment(2, 4_500_000, "transfer", 100)),
    "capacity": 5,
    "window": Window(date(2027, 1, 1), date(2027, 12, 31)),
    "sale": Sale("distance", "acompte", False, 2000),
    "texts": {
        "en": Text("The boat", "A small boat.", "Terms in English."),
        "fr": Text("Le bateau", "Un petit bateau.", "Conditions en français."),
    },
}


def begin(kind: str = "test", origin: str = ORIGIN) -> clock.ManualClock:
    """Open a book with clock, ids and keys that repeat, and one offer named `boat`."""
    manual = clock.ManualClock(START)
    mode.forget()
    clock.use(manual)
    ids.use(ids.SeededIds("tests"))
    keys.use(keys.from_seed(origin, "tests"))
    beginning.begin(origin, kind, "Boatyard")
    offer()
    return manual


def finish() -> None:
    """Let go of all that `begin` took."""
    clock.use(None)
    ids.use(None)
    keys.use(None)
    mode.forget()


@pytest.fixture
def book(db: None) -> Iterator[clock.ManualClock]:
    """A book that is rolled back afterwards; gives its clock."""
    yield begin()
    finish()


def offer(slug: str = "boat", **changed: Any) -> None:
    """An offer, changed in some of its terms."""
    door.do_one(OpenOffer(**MAKER, slug=slug, terms=Terms(**{**TERMS, **changed})))


def place(quantity: int = 1, *, slug: str = "boat", name: str = "Ada Moreau", **changed: Any) -> str:
    """Somebody reserves; the number."""
    given: dict[str, Any] = {
        "variant": "one",
        "email": f"{name.split()[0].lower()}@example.org",
        "residence": "FR",
        "language": "en",
    }
    number = ids.number()
    door.do_one(
        Place(**HOLDER, number=number, slug=slug, quantity=quantity, name=name, **{**given, **changed})
    )
    return number


def pay(number: str, minor: int = 500_000, rail: str = "card", reference: str = "") -> None:
    """Money comes in."""
    said = reference or f"{rail}/{number}/{minor}"
    by = {"by": "provider", "via": "stripe"} if rail == "card" else MAKER
    door.do_one(ReceiveDeposit(**by, number=number, paid=Paid(rail, minor, "EUR", said, clock.now())))


def holder(number: str) -> dict[str, Any]:
    """Whoever holds it now."""
    return HOLDER | {"person": f"holder:{reads.reservation(number).holder}"}


def account(number: str, name: str = "Ada Moreau", *, confirmed: bool = True) -> None:
    """A bank account is given, and confirmed through the mail."""
    door.do_one(GiveAccount(**holder(number), number=number, holder=name, iban=IBAN))
    if confirmed:
        newest = reads.reservation(number).accounts[-1].n
        door.do_one(ConfirmAccount(**holder(number), number=number, account=newest))


def pass_on(number: str, email: str = "cleo@example.org", name: str = "Cleo Bram") -> None:
    """Whoever holds it gives it to somebody else."""
    door.do_one(OfferHolder(**holder(number), number=number, email=email, language="en"))
    now = reads.reservation(number)
    assert now.passing
    person = HOLDER | {"person": f"holder:{now.holder + 1}"}
    taken = {"offered": now.passing.seq, "name": name, "residence": "BE", "language": "en"}
    door.do_one(ChangeHolder(**person, number=number, **taken))


def cancel(number: str, quantity: int = 0) -> None:
    """The holder cancels."""
    door.do_one(Cancel(**holder(number), number=number, quantity=quantity))


def slip(years: int = 1) -> None:
    """The promise of `boat` moves."""
    was = reads.offer("boat").offer.current.window
    now = Window(was.start + timedelta(days=365 * years), was.end + timedelta(days=365 * years))
    door.do_one(SlipPromise(**MAKER, slug="boat", window=now, why="The mould cracked."))


def work(worker: str = "tests") -> None:
    """Do everything that is due now."""
    while duties.run_due(clock.now(), worker):
        pass


def refused(command: Command) -> Refusal:
    """The refusal that a command meets; a failure where it meets none."""
    try:
        done = door.do_one(command)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"not refused: {done}")


def state(number: str) -> Reservation:
    """As the book has it."""
    return reads.reservation(number)


def types(number: str) -> list[str]:
    """The types of all acts of a reservation."""
    return [read.act.type for read in reads.acts("reservation", number)]
