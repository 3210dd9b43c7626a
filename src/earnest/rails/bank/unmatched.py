"""Credits that divide by themselves, and those that a person assigned, reach their reservations: each share once."""

from collections.abc import Sequence
from typing import Any, Final

from earnest.book import clock, door, duties
from earnest.core.commands.settle_credit import AssignCredit, TakeShare
from earnest.core.instants import instant
from earnest.core.refusals import Refused

_BANK: Final[dict[str, Any]] = {"by": "bank", "via": "statement"}


def divide_now(account: str, credit: int) -> None:
    """Divide a credit that divides by itself, without waiting for the worker."""
    duties.run_now(f"divide/{account}/{credit}", clock.now(), "import")


def take_now(account: str, credit: int) -> None:
    """Bring the shares of an assigned credit to their reservations, without waiting for the worker."""
    duties.run_now(f"take_shares/{account}/{credit}", clock.now(), "import")


@duties.handles("divide")
def divide(duty: duties.Leased) -> None:
    """A credit that names several reservations and is exactly what they expect together."""
    said = duty.payload
    shares: Sequence[tuple[str, int]] = said["shares"]
    assigned = AssignCredit(
        **_BANK,
        account=said["account"],
        credit=said["credit"],
        shares=tuple((number, minor) for number, minor in shares),
        why="It names each of them, and is what they expect together.",
    )
    try:
        door.do_one(assigned)
    except Refused as refusal:
        # A person was faster.
        if refusal.code != "credit-settled":
            raise
    take_now(said["account"], said["credit"])


@duties.handles("take_shares")
def take_shares(duty: duties.Leased) -> None:
    """What a credit was assigned to."""
    said = duty.payload
    for n, (number, minor) in enumerate(said["shares"], 1):
        share = TakeShare(
            **_BANK,
            number=number,
            account=said["account"],
            credit=said["credit"],
            n=n,
            amount_minor=minor,
            currency=said["currency"],
            reference=said["reference"],
            happened_at=instant(said["happened_at"]),
        )
        door.do_one(share)
