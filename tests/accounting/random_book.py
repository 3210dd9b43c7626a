"""Some years of random business in a small book: deposits, cancellations, refunds by hand and card, sales, fees."""

import random
from collections.abc import Callable
from datetime import timedelta

from earnest.book import clock, door, slices
from earnest.core.commands.convert import Convert, Deliver
from earnest.core.commands.issue_invoices import IssueInvoices
from earnest.core.commands.provider_movement import EXCHANGE, FEE, PAYOUT, BookMovement, Movement
from earnest.core.commands.refund import RequestRefund
from earnest.core.commands.report_refund import ReportRefund
from earnest.core.refund import OWED
from earnest.core.refusals import Refusal
from tests import scene

WAYS = ("place", "place", "pay", "cancel", "sell", "deliver", "provider", "hand", "usd", "close", "documents")


def run(
    manual: clock.ManualClock,
    seed: int,
    steps: int = 60,
    days: int = 25,
    each: Callable[[list[str]], None] = lambda numbers: None,
) -> list[str]:
    """So many steps, each up to so many days after the other, and `each` after every one; the numbers."""
    dice = random.Random(seed)
    scene.offer("yacht", capacity=1000)
    numbers: list[str] = []
    for n in range(steps):
        way = dice.choice(WAYS)
        number = dice.choice(numbers) if numbers else ""
        try:
            if way == "place" or not numbers:
                numbers.append(scene.place(dice.choice((1, 1, 2)), slug="yacht"))
                scene.pay(numbers[-1], dice.choice((500_000, 1_000_000, 777)), reference=f"first-{n}")
            elif way == "pay":
                scene.pay(number, dice.choice((4_500_000, 1)), "transfer", f"more-{n}")
            elif way == "cancel":
                scene.cancel(number)
            elif way == "sell":
                door.do_one(Convert(**scene.MAKER, number=number, sale=f"S-{n}"))
            elif way == "deliver":
                door.do_one(Deliver(**scene.MAKER, number=number, happened_at=manual.now()))
            elif way == "documents":
                door.do_one(IssueInvoices(**scene.MAKER, number=number))
            elif way == "hand":
                _by_hand(number, f"hand-{n}")
            elif way == "close":
                slices.close(manual.now())
            else:
                _provider(way, n, dice)
        except Refusal:
            pass  # a random wish that a rule refuses
        each(numbers)
        manual.advance(timedelta(days=dice.randrange(days), minutes=dice.randrange(600)))
    return numbers


def _provider(way: str, n: int, dice: random.Random) -> None:
    kind = EXCHANGE if way == "usd" else dice.choice((FEE, PAYOUT))
    moved = Movement(kind, f"txn-{n}", dice.randrange(1, 5000), "EUR", clock.now(), "po")
    if kind == EXCHANGE:
        moved = Movement(
            kind, f"txn-{n}", -dice.randrange(1, 5000), "EUR", clock.now(), "", None, 4321, "USD"
        )
    door.do_one(BookMovement(by="provider", via="stripe", provider="stripe", movement=moved))


def _by_hand(number: str, reference: str) -> None:
    for refund in scene.state(number).refunds:
        if refund.status == OWED:
            asked = {"number": number, "refund": refund.n}
            door.do_one(RequestRefund(**scene.MAKER, **asked))
            door.do_one(
                ReportRefund(
                    **scene.OTHER,
                    **asked,
                    attempt=refund.attempt + 1,
                    outcome="sent",
                    happened_at=clock.now(),
                    reference=reference,
                )
            )
