"""The story that Earnest was made for, with its fourth act, and its twin in euros."""

from datetime import timedelta
from functools import partial
from typing import Final

from earnest.book import reach
from earnest.core.commands.answer_slip import AnswerSlip
from earnest.core.commands.slip_promise import SlipPromise
from earnest.core.slipping import CANCELLED, WAIT
from earnest.demo import offers
from earnest.demo.offers import at
from earnest.demo.people import Person
from earnest.demo.stage import ANA, Stage

#: This card worked in 2018; the double says what becomes of a refund to it.
DEAD_CARD = "4000000000000341"

HOLDER = Person("Adrian Whitcombe", "adrian.whitcombe@example.org", "US", "en")
TWIN_HOLDER = Person("Mathilde Aubertin", "mathilde.aubertin@example.org", "FR", "fr")


def plan(stage: Stage, slug: str, holder: Person, numbers: dict[str, str], name: str) -> None:
    """Reserved in June 2018, paid in September, told four times to wait, cancelled on 30 March 2026."""

    def reserve() -> None:
        numbers[name] = stage.place(holder, slug, "aria-founder")

    stage.at(at(2018, 6, 15, 17, 20), reserve)
    stage.at(at(2018, 6, 15, 17, 26), lambda: stage.pay_by_card(numbers[name], 500_000, DEAD_CARD))
    stage.at(
        at(2018, 9, 20, 14, 3),
        lambda: stage.pay_by_transfer(numbers[name], 4_500_000, f"WIRE-2018-09-20-{name.upper()}"),
    )
    stage.at(at(2021, 3, 24, 19, 12), lambda: _account(stage, numbers[name], holder))
    stage.at(at(2026, 3, 30, 16, 42), lambda: stage.cancel(numbers[name]))
    stage.at(
        at(2026, 3, 31, 8, 55),
        lambda: stage.pay_back_by_hand(numbers[name], f"OUT-2026-03-31-{name.upper()}"),
    )
    # What the law adds is known when the principal has left, and goes the same way an hour later.
    stage.at(
        at(2026, 3, 31, 10, 30),
        lambda: stage.pay_back_by_hand(numbers[name], f"INT-2026-03-31-{name.upper()}"),
    )


def _account(stage: Stage, number: str, holder: Person) -> None:
    if holder.country == "US":
        stage.give_account(number, holder, routing="021000021", account="000123456789")
    else:
        stage.give_account(number, holder, iban="FR14 2004 1010 0505 0001 3M02 606")


#: So long after a slip most people have read its mail.
ANSWER_AFTER: Final = timedelta(days=3)


def slips(stage: Stage) -> None:
    """Every slip of every offer, on its day, and the answers that the law wants."""
    for planned in offers.ALL:
        for when, window, why in planned.slips:
            command = SlipPromise(
                by="maker", via="console", person=ANA, slug=planned.slug, window=window, why=why
            )
            stage.at(when, partial(stage.customer, command))
            stage.at(when + ANSWER_AFTER, partial(_wait_on, stage, planned.slug))


def _wait_on(stage: Stage, slug: str) -> None:
    """Where the law takes silence for the end (16 CFR 435.2), those who still want theirs have said that they wait."""
    for state in reach.waiting(slug):
        told = state.told[-1] if state.told else None
        if told and told.silence == CANCELLED and not told.answer:
            stage.customer(
                AnswerSlip(
                    by="customer",
                    via="web",
                    person=f"holder:{state.holder}",
                    number=state.number,
                    slip=told.slip,
                    answer=WAIT,
                    newest=True,
                )
            )
