"""Refunds that are due by transfer, for tests of what leaves by the bank."""

from datetime import timedelta
from typing import Any

from earnest.book import clock
from earnest.core.commands.order_transfers import PrepareOrder, ReleaseOrder, RequestTransfer
from earnest.core.payment_order import Order
from earnest.rails.bank import paying
from tests import scene

ACCOUNT = "Boatyard & Sons, IBAN FR76 3000 6000 0112 3456 7890 189, BIC AGRIFRPP"
ANA: dict[str, Any] = {"by": "maker", "via": "cli", "person": "operator:ana"}
BEN: dict[str, Any] = {"by": "maker", "via": "cli", "person": "operator:ben"}


def paid(minor: int = 500_000, name: str = "Ada Moreau", **placed: Any) -> str:
    """Somebody who paid by transfer and gave an account; the number."""
    number = scene.place(name=name, **placed)
    scene.pay(number, minor, "transfer")
    scene.account(number, name)
    return number


def due(manual: clock.ManualClock, *numbers: str) -> None:
    """Their accounts are old enough, and they cancel; the time to take it back is over."""
    manual.advance(timedelta(days=4))
    for number in numbers:
        scene.cancel(number)
    manual.advance(timedelta(hours=1))


def make(who: dict[str, Any] = ANA, *, short: bool = False) -> Order:
    """What is due, ordered."""
    return paying.make(paying.due(), who, short=short)


def standing(number: str) -> tuple[str, int, str]:
    """(status, attempt, order) of the first refund of a reservation."""
    refund = scene.state(number).refunds[0]
    return refund.status, refund.attempt, refund.order


def asked(order: Order) -> list[Any]:
    """The commands with which an order is made and released, as `paying.make` gives them to the door."""
    prepare = PrepareOrder(
        **ANA,
        number=order.number,
        payer=order.payer,
        currency=order.currency,
        execute_on=order.execute_on,
        transfers=order.transfers,
    )
    transfers = [RequestTransfer(**ANA, order=order.number, transfer=each) for each in order.transfers]
    return [prepare, ReleaseOrder(**ANA, number=order.number), *transfers]
