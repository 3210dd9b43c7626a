"""Everybody else: a few hundred reservations in every state, so that no page of the demonstration looks empty."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from earnest.book import clock
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.convert import Convert, Deliver
from earnest.core.commands.take_back import TakeBack
from earnest.demo.offers import at
from earnest.demo.people import Dice, Person, person
from earnest.demo.stage import ANA, GOOD_CARD, Stage

#: Refunds to this card fail some days after they had "succeeded", as the double's card table says.
FAILS_LATER = "4000000000005126"

_IBANS = {
    "FR": "FR76 3000 6000 0112 3456 7890 189",
    "DE": "DE89 3704 0044 0532 0130 00",
    "CH": "CH93 0076 2011 6238 5295 7",
    "GB": "GB29 NWBK 6016 1331 9268 19",
    "BE": "BE68 5390 0754 7034",
}

#: Whose deposits are invoiced; the number of the house differs.
_STREETS = {
    "FR": ("{} rue des Cordiers", "44600", "Saint-Nazaire"),
    "DE": ("Lindenweg {}", "24103", "Kiel"),
    "BE": ("Rue du Canal {}", "4000", "Liège"),
}


@dataclass(frozen=True)
class Group:
    """Some people of one offer: when they reserve, from where, and what becomes of each in turn."""

    slug: str
    variants: tuple[str, ...]
    first: datetime
    last: datetime
    countries: str
    fates: tuple[tuple[str, int], ...]
    deposits: tuple[tuple[str, int, int], ...]  # rail, amount_minor, days after placing


ARIA = (("card", 500_000, 0), ("transfer", 4_500_000, 70))
GROUPS = (
    Group(
        "corvane-aria",
        ("aria", "aria", "aria-founder"),
        at(2017, 11, 16, 15),
        at(2025, 11, 2),
        "US US US GB",
        (("paid", 18), ("first", 5), ("lapsed", 4), ("cancelled long ago", 4), ("no account", 1)),
        ARIA,
    ),
    Group(
        "corvane-aria-europe",
        ("aria", "aria", "aria-founder"),
        at(2017, 11, 17, 8),
        at(2025, 10, 2),
        "FR FR DE BE CH",
        (("paid", 12), ("first", 4), ("lapsed", 3), ("cancelled long ago", 3), ("new account", 1)),
        ARIA,
    ),
    Group(
        "strada-bicycle",
        ("blue", "sand", "raw"),
        at(2024, 9, 3, 11),
        at(2026, 3, 30, 20),
        "FR FR DE GB BE",
        (
            ("paid", 44),
            ("lapsed", 8),
            ("cancelled lately", 2),
            ("cancelled just now", 2),
            ("card failed later", 2),
            ("two, one back", 3),
        ),
        (("card", 40_000, 0),),
    ),
    Group(
        "drivers-chronograph",
        ("steel", "black"),
        at(2025, 3, 10, 10),
        at(2025, 9, 20),
        "CH CH DE FR",
        (("paid", 34), ("first", 6), ("took it back", 3)),
        (("card", 39_000, 0), ("card", 78_000, 110)),
    ),
    Group(
        "camper-kit",
        ("two", "four"),
        at(2025, 6, 2, 12),
        at(2026, 3, 29, 18),
        "FR DE BE",
        (
            ("paid", 14),
            ("lapsed", 3),
            ("late money", 1),
            ("unpaid yet", 2),
            ("to pay by hand", 2),
            ("being paid", 1),
        ),
        (("transfer", 145_000, 4),),
    ),
    Group(
        "the-aria-book",
        ("book", "book", "signed"),
        at(2023, 10, 2, 12),
        at(2024, 8, 1),
        "FR GB US DE",
        (("delivered", 36), ("converted", 3), ("cancelled long ago", 3)),
        (("card", 9_500, 0),),
    ),
)


def plan(stage: Stage, dice: Dice) -> None:
    """Put everybody on the calendar."""
    for group in GROUPS:
        fates = [fate for fate, count in group.fates for _ in range(count)]
        span = int((group.last - group.first).total_seconds()) // len(fates)
        order = sorted(range(len(fates)), key=lambda _: dice.below(1_000_000))
        for place, chosen in enumerate(order):
            when = group.first + timedelta(seconds=place * span + dice.below(max(1, span // 2)))
            _one(stage, dice, group, fates[chosen], when.replace(second=0))


def _one(stage: Stage, dice: Dice, group: Group, fate: str, when: datetime) -> None:
    who = person(dice, group.countries)
    variant = dice.pick(group.variants)
    quantity = 2 if fate == "two, one back" else 1
    minutes = 3 + dice.below(15)

    def begin() -> None:
        number = stage.place(who, group.slug, variant, quantity)
        if who.country in _STREETS:
            street, *town = _STREETS[who.country]
            stage.give_address(number, street.format(1 + sum(number.encode()) % 60), *town)
        if fate not in ("lapsed", "unpaid yet"):
            days = 14 if fate == "late money" else 0
            _pay(stage, group, number, fate, quantity, timedelta(minutes=minutes, days=days))
        follow = _FATES.get(fate)
        if follow:
            follow(stage, who, number, when)

    if fate in ("unpaid yet", "to pay by hand", "being paid"):
        # The first cannot be older than its hold, the others not too young to have been paid.
        when = at(2026, 3, 27, 9, minutes) if fate == "unpaid yet" else min(when, at(2025, 12, 1, 9, minutes))
    stage.at(when, begin)


def _pay(stage: Stage, group: Group, number: str, fate: str, quantity: int, soon: timedelta) -> None:
    deposits = group.deposits[:1] if fate in ("first", "late money") else group.deposits
    card = FAILS_LATER if fate == "card failed later" else GOOD_CARD
    for n, (rail, amount_minor, days) in enumerate(deposits, start=1):
        when = clock.now() + soon + timedelta(days=days)
        if when > at(2026, 3, 31, 11):
            continue
        if rail == "card":
            stage.at(when, partial(stage.pay_by_card, number, amount_minor * quantity, card))
        else:
            stage.at(when, partial(stage.pay_by_transfer, number, amount_minor, f"{number}-{n}"))


def _cancelled_long_ago(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """Refunded within the day, to the card and, where a transfer had come, by hand to an account given then."""
    day = min(when + timedelta(days=200), at(2025, 12, 1))
    stage.at(day, lambda: stage.cancel(number))
    stage.at(day + timedelta(minutes=9), lambda: _account(stage, who, number))
    for days in (1, 3):
        stage.at(day + timedelta(days=days), lambda: stage.pay_back_by_hand(number, f"OUT-{number}"))
        # What the law adds is known by then, and goes out the next day.
        stage.at(day + timedelta(days=days + 1), lambda: stage.pay_back_by_hand(number, f"INT-{number}"))
    stage.at(day + timedelta(days=5), lambda: stage.arrived(number))


def _cancelled_lately(stage: Stage, who: Person, number: str, when: datetime) -> None:
    stage.at(max(at(2026, 3, 30, 9), when + timedelta(days=2)), lambda: stage.cancel(number))


def _cancelled_just_now(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """Within the pause: the refund is owed, and the cancellation can still be taken back."""
    stage.at(at(2026, 3, 31, 11, 20 + sum(number.encode()) % 30), lambda: stage.cancel(number))


def _to_pay_by_hand(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """A transfer came, an account has been known for long: two operators pay it back."""
    stage.at(min(when + timedelta(days=20), at(2026, 3, 20)), lambda: _account(stage, who, number))
    stage.at(at(2026, 3, 30, 14, sum(number.encode()) % 60), lambda: stage.cancel(number))


def _being_paid(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """Ana has prepared it; Ben has not confirmed yet."""
    _to_pay_by_hand(stage, who, number, when)
    stage.at(at(2026, 3, 31, 11, 50), lambda: stage.pay_back_by_hand(number, f"OUT-{number}"))


def _no_account(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """Cancelled, and the part that came by transfer waits to be told where to go."""
    stage.at(at(2026, 3, 29, 13), lambda: stage.cancel(number))


def _new_account(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """An account given only now, for a large sum, is held for two days, and both sides see it."""
    stage.at(at(2026, 3, 30, 18), lambda: stage.cancel(number))
    stage.at(at(2026, 3, 30, 19), lambda: _account(stage, who, number))


def _card_failed_later(stage: Stage, who: Person, number: str, when: datetime) -> None:
    stage.at(max(at(2026, 3, 24, 10), when + timedelta(days=1)), lambda: stage.cancel(number))


def _one_back(stage: Stage, who: Person, number: str, when: datetime) -> None:
    stage.at(min(when + timedelta(days=40), at(2026, 3, 20)), lambda: stage.cancel(number, quantity=1))


def _took_it_back(stage: Stage, who: Person, number: str, when: datetime) -> None:
    day = when + timedelta(days=150)
    back = TakeBack(by="customer", via="portal", person="holder:0", number=number)
    stage.at(day, lambda: stage.cancel(number))
    stage.at(day + timedelta(minutes=31), lambda: stage.customer(back))


def _converted(stage: Stage, who: Person, number: str, when: datetime) -> None:
    sale = Convert(by="maker", via="console", person=ANA, number=number, sale=f"BOOK-{number[:4]}")
    stage.at(at(2024, 9, 16), lambda: stage.customer(sale))


def _delivered(stage: Stage, who: Person, number: str, when: datetime) -> None:
    _converted(stage, who, number, when)

    def hand_over() -> None:
        stage.customer(Deliver(by="maker", via="console", person=ANA, number=number, happened_at=clock.now()))

    stage.at(at(2024, 10, 7), hand_over)


def _agrees(stage: Stage, who: Person, number: str, when: datetime) -> None:
    """Answers every slip that was told, half of them."""

    def answer() -> None:
        for told in stage.state(number).told:
            said = "accept" if sum(number.encode()) % 3 else "refuse"
            command = AnswerSlip(
                by="customer", via="portal", person="holder:0", number=number, slip=told.slip, answer=said
            )
            stage.customer(command)

    if sum(number.encode()) % 2:
        stage.at(at(2026, 3, 1, 12), answer)


def _account(stage: Stage, who: Person, number: str) -> None:
    if who.country == "US":
        stage.give_account(number, who, routing="011401533", account="000987654321")
    else:
        stage.give_account(number, who, iban=_IBANS[who.country])


_FATES: dict[str, Callable[[Stage, Person, str, datetime], None]] = {
    "paid": _agrees,
    "cancelled long ago": _cancelled_long_ago,
    "cancelled lately": _cancelled_lately,
    "cancelled just now": _cancelled_just_now,
    "to pay by hand": _to_pay_by_hand,
    "being paid": _being_paid,
    "no account": _no_account,
    "new account": _new_account,
    "card failed later": _card_failed_later,
    "two, one back": _one_back,
    "took it back": _took_it_back,
    "converted": _converted,
    "delivered": _delivered,
}
