"""What was booked to the wrong reservation is booked to the right one; until then it stands on `bank-unmatched`."""

from earnest.book import door, duties
from earnest.core.commands.correct_deposit import RebookDeposit
from earnest.core.commands.receive_deposit import Paid
from earnest.core.instants import instant


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
    # Whoever told of it first told of it: a sum that a bank's statement has is that also where it goes to.
    command = RebookDeposit(
        by=given["by"],
        via="worker",
        person="worker",
        number=given["to"],
        was=given["number"],
        corrected=given["corrected"],
        paid=paid,
    )
    door.do_one(command)
