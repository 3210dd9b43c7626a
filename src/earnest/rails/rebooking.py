"""What was booked to the wrong reservation is booked to the right one; until then it stands on `bank-unmatched`."""

from typing import Any, Final

from earnest.book import door, duties
from earnest.core.commands.correct_deposit import RebookDeposit
from earnest.core.commands.receive_deposit import Paid
from earnest.core.instants import instant

_BY_MAKER: Final[dict[str, Any]] = {"by": "maker", "via": "worker", "person": "worker"}


@duties.handles("rebook")
def rebook(duty: duties.Leased) -> None:
    """Once, however often it is tried."""
    given = duty.payload
    paid = Paid(
        "transfer",
        given["amount_minor"],
        given["currency"],
        given["reference"],
        instant(given["happened_at"]),
    )
    command = RebookDeposit(
        **_BY_MAKER, number=given["to"], was=given["number"], corrected=given["corrected"], paid=paid
    )
    door.do_one(command)
